//! A signed-in caller's request on a case: who, which case, under which key and version, in which language.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use actix_web::http::header::{HeaderMap, HeaderName};
use actix_web::{FromRequest, HttpRequest, dev, web};
use domain::access::Actor;
use domain::case::Command;
use domain::id::{CaseId, UserId};
use domain::language::Language;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use utoipa::IntoParams;

use crate::app::App;
use crate::http::answer::Answer;
use crate::http::conditional::Expected;
pub use crate::http::context::language_of;
use crate::http::idempotency::{IdempotencyKey, MaybeKey};
use crate::http::json::{Fingerprint, Payload};
use crate::http::problem::Problem;
use crate::http::problem::kinds::{BAD_HEADER, INTERNAL, NOT_FOUND};
use crate::http::rate::client_address;
use crate::identity::SignedIn;
use crate::service::audit::Client;
use crate::service::cases::{self, Call};

/// The header that names the user in whose place a deputy acts.
pub const ACTING_FOR: HeaderName = HeaderName::from_static("acting-for");

/// The header that makes a request safe to repeat.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub struct KeyHeader {
    /// 1 to 128 visible characters; the same key with the same body is answered again, not done again.
    #[param(rename = "Idempotency-Key", example = "0b8f6a52-6a0e-4f3c-9d55-0d0a3a3c6d11")]
    #[expect(dead_code, reason = "only described; the extractor reads the header")]
    key: Option<String>,
}

/// The path of a case.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub struct CasePath {
    /// The case's identifier.
    #[param(example = "01HZX5TJ4R2QK")]
    #[expect(dead_code, reason = "only described; the extractor reads the path")]
    id: String,
}

/// The number of the instruction or order that the path names after the case.
///
/// # Errors
/// It is none: there is no such address.
pub fn number_of(path: &web::Path<(String, String)>) -> Result<u16, Problem> {
    path.1.parse().ok().ok_or_else(|| Problem::new(NOT_FOUND))
}

/// The header that guards against lost updates.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub struct MatchHeader {
    /// The version that the caller has seen; another one is answered with 412.
    #[param(rename = "If-Match", example = "\"7\"")]
    #[expect(dead_code, reason = "only described; the extractor reads the header")]
    version: Option<String>,
}

/// A signed-in caller with a possible idempotency key.
pub struct Caller {
    /// The application.
    pub app: Arc<App>,
    /// Who calls.
    pub signed_in: SignedIn,
    /// The language of labels.
    pub language: Language,
    /// Who calls, and from where.
    pub client: Client,
    key: Option<IdempotencyKey>,
}

impl FromRequest for Caller {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let key = MaybeKey::from_request(request, payload).into_inner();
        let app = request.app_data::<web::Data<App>>().cloned();
        let signed_in = SignedIn::from_request(request, payload);
        let language = language_of(request);
        let address = app.as_ref().map(|app| client_address(request, app.settings.trusted_proxy_count));
        Box::pin(async move {
            let (app, address) = app.zip(address).ok_or_else(|| Problem::new(INTERNAL))?;
            let signed_in = signed_in.await?;
            let client = Client::at(address, Some(signed_in.staff().user));
            Ok(Self { app: app.into_inner(), signed_in, language, client, key: key?.0 })
        })
    }
}

/// The caller on cases: in their own place, or, with `Acting-For`, in that of the user whose deputy they are. Elsewhere
/// everybody is themselves, above all on their own account.
pub struct CaseCaller(pub Caller);

impl FromRequest for CaseCaller {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let caller = in_place(request, payload, async |signed_in, app, principal| {
            signed_in.in_place_of(&app, principal).await
        });
        Box::pin(async move { Ok(Self(caller.await?)) })
    }
}

/// As [`CaseCaller`], for filings: whoever stood in until lately is answered again what they were answered then, since their phone may
/// not have heard it.
pub struct FilingCaller(pub Caller);

impl FromRequest for FilingCaller {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let caller = in_place(request, payload, async |signed_in, app, principal| {
            signed_in.in_place_of_lately(&app, principal).await
        });
        Box::pin(async move { Ok(Self(caller.await?)) })
    }
}

/// The caller, in the place that the request names if it names one.
fn in_place<Fill>(
    request: &HttpRequest,
    payload: &mut dev::Payload,
    fill: Fill,
) -> impl Future<Output = Result<Caller, Problem>> + use<Fill>
where
    Fill: AsyncFnOnce(SignedIn, Arc<App>, UserId) -> Result<SignedIn, Problem>,
{
    let principal = principal_of(request.headers());
    let caller = Caller::from_request(request, payload);
    async move {
        let mut caller = caller.await?;
        if let Some(principal) = principal? {
            caller.signed_in = fill(caller.signed_in, Arc::clone(&caller.app), principal).await?;
            caller.client.on_behalf_of = Some(principal);
        }
        Ok(caller)
    }
}

fn principal_of(headers: &HeaderMap) -> Result<Option<UserId>, Problem> {
    let mut given = headers.get_all(ACTING_FOR);
    let Some(first) = given.next() else { return Ok(None) };
    let id = first.to_str().ok().filter(|_| given.next().is_none()).and_then(|text| text.parse().ok());
    let malformed = || {
        Problem::new(BAD_HEADER)
            .detail("Acting-For 须为一个用户标识", "Acting-For is the identifier of one user")
    };
    Ok(Some(id.ok_or_else(malformed)?))
}

impl Caller {
    /// The caller as who gives a command.
    pub fn actor(&self) -> Actor {
        self.signed_in.actor()
    }

    /// The name under which the caller's idempotency keys are kept.
    pub fn caller_key(&self) -> String {
        self.signed_in.caller_key()
    }

    /// The same request in another's place is another.
    pub fn fingerprint_in_place(&self, fingerprint: Fingerprint) -> Fingerprint {
        match self.client.on_behalf_of {
            None => fingerprint,
            Some(principal) => {
                let mut hash = Sha256::new();
                hash.update(fingerprint);
                hash.update(principal.get().to_be_bytes());
                hash.finalize().into()
            }
        }
    }

    /// The call for the service.
    pub fn call(self, fingerprint: Fingerprint, expected: Expected) -> (Arc<App>, Call) {
        let fingerprint = self.fingerprint_in_place(fingerprint);
        let call = Call {
            actor: self.signed_in.actor(),
            client: self.client,
            caller_key: self.signed_in.caller_key(),
            key: self.key,
            fingerprint,
            expected,
            language: self.language,
        };
        (self.app, call)
    }
}

/// A signed-in caller's request on a case with its body. The caller is asked for first: who is not signed in learns
/// nothing of what is wrong with the body.
pub struct CaseCall<T> {
    caller: Caller,
    id: CaseId,
    expected: Expected,
    body: Payload<T>,
}

impl<T: DeserializeOwned + 'static> FromRequest for CaseCall<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let id = request.match_info().get("id").and_then(|id| id.parse::<CaseId>().ok());
        let expected = Expected::from_request(request, payload).into_inner();
        let caller = CaseCaller::from_request(request, payload);
        let body = Payload::from_request(request, payload);
        Box::pin(async move {
            let CaseCaller(caller) = caller.await?;
            let id = id.ok_or_else(|| Problem::new(NOT_FOUND))?;
            Ok(Self { caller, id, expected: expected?, body: body.await? })
        })
    }
}

impl<T> CaseCall<T> {
    /// Gives the command that the body makes.
    ///
    /// # Errors
    /// The problem of whatever refuses.
    pub async fn give(self, command: impl FnOnce(T) -> Command) -> Result<Answer, Problem> {
        let Payload { value, fingerprint } = self.body;
        let (app, call) = self.caller.call(fingerprint, self.expected);
        Ok(cases::command(&app, call, self.id, command(value)).await?)
    }
}
