//! The signed-in caller: whether the sign-in holds and the directories are as known is asked at every request, so that
//! what an administrator changes counts at once.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use actix_web::http::header::{AUTHORIZATION, HeaderValue, WWW_AUTHENTICATE};
use actix_web::{FromRequest, HttpRequest, dev, web};
use domain::access::{Actor, Staff};
use domain::id::{CaseId, UserId};
use store::delegations::was_given_since;
use store::directory::staff_of;
use store::users::{User, UserOfOrganisation};
use store::{AnyConnection, Instant, StoreError, sessions, users};

use super::token::{NotAToken, SessionId};
use crate::app::App;
use crate::http::problem::Problem;
use crate::http::problem::kinds::{NOT_SIGNED_IN, SECOND_FACTOR_REQUIRED};
use crate::service::ServiceError;
use crate::service::delegations::place_of;
use crate::service::office::Office;
use crate::service::repeatable::KEPT_FOR_GRID_MEMBERS;

/// An account as the rest of the program sees it.
#[derive(Debug, Clone)]
pub struct Account {
    /// What the rules know of the user.
    pub staff: Staff,
    /// The name to sign in with.
    pub username: String,
    /// The name to show.
    pub display_name: String,
    /// The name of the organisation.
    pub organisation_name: String,
}

impl Account {
    /// Reads the account with its organisation; `None` where it is gone or not active.
    ///
    /// # Errors
    /// A row that does not parse, or what the database says.
    pub fn load(connection: &mut AnyConnection, id: UserId) -> Result<Option<Self>, StoreError> {
        users::find_active(connection, id.get())?.map(Self::of).transpose()
    }

    fn of((user, organisation_name): UserOfOrganisation) -> Result<Self, StoreError> {
        let staff = staff_of(&user)?;
        let User { username, display_name, .. } = user;
        Ok(Self { staff, username, display_name, organisation_name })
    }
}

/// The caller, signed in with a bearer token; asking for it in a handler is what protects the handler.
#[derive(Debug, Clone)]
pub struct SignedIn {
    staff: Staff,
    /// The sign-in that the token comes from.
    pub session: SessionId,
    second_factor: bool,
    /// The directories, as they were when the request was let in.
    pub office: Arc<Office>,
    /// The case that the path names, and how many events it had then.
    pub case: Option<(CaseId, u32)>,
}

impl SignedIn {
    /// The caller as the rules know them.
    pub const fn staff(&self) -> &Staff {
        &self.staff
    }

    /// The caller as who gives a command.
    pub fn actor(&self) -> Actor {
        Actor::Staff(self.staff.clone())
    }

    /// The name under which the caller's idempotency keys are kept, whoever's place they are in.
    pub fn caller_key(&self) -> String {
        format!("user:{}", self.staff.acting())
    }

    /// The caller in the place of the user whose deputy they are now.
    ///
    /// # Errors
    /// They are not; the place asks for a second factor, and none was shown.
    pub async fn in_place_of(self, app: &App, principal: UserId) -> Result<Self, Problem> {
        let (deputy, office) = (self.staff.user, Arc::clone(&self.office));
        let at = Instant::from(app.clock.now());
        let place = app
            .store
            .glance(move |connection| place_of(connection, &office.directory, principal, deputy, at));
        self.filling(app, principal, place.await.map_err(ServiceError::Store)?)
    }

    /// As [`SignedIn::in_place_of`], also where they were until lately: then in a place without any duty, in which nothing is done, but
    /// what was done before is answered again.
    ///
    /// # Errors
    /// As [`SignedIn::in_place_of`].
    pub async fn in_place_of_lately(self, app: &App, principal: UserId) -> Result<Self, Problem> {
        let (deputy, office) = (self.staff.user, Arc::clone(&self.office));
        let now = app.clock.now();
        let (at, since) = (Instant::from(now), Instant::from(now - KEPT_FOR_GRID_MEMBERS));
        let place = app.store.glance(move |connection| {
            let place = place_of(connection, &office.directory, principal, deputy, at)?;
            if place.is_some() || !was_given_since(connection, principal.get(), deputy.get(), since)? {
                return Ok::<_, StoreError>(place);
            }
            let principal = office.directory.staff(principal);
            let emptied = |it: &Staff| Staff { duties: BTreeSet::new(), deputy: Some(deputy), ..it.clone() };
            Ok(principal.map(emptied))
        });
        self.filling(app, principal, place.await.map_err(ServiceError::Store)?)
    }

    fn filling(self, app: &App, principal: UserId, place: Option<Staff>) -> Result<Self, Problem> {
        let staff = place.ok_or(ServiceError::NotADeputy)?;
        // Also a part of a place that signs in with more is not filled with less.
        let whole = self.office.directory.staff(principal);
        let asks_for_more = whole.is_some_and(|whole| app.settings.second_factor_for.includes(whole));
        if asks_for_more && !self.second_factor {
            return Err(Problem::new(SECOND_FACTOR_REQUIRED));
        }
        Ok(Self { staff, ..self })
    }
}

impl FromRequest for SignedIn {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        let app = request.app_data::<web::Data<App>>().cloned();
        let token = bearer_token(request);
        let case = request.match_info().get("id").and_then(|id| id.parse().ok());
        Box::pin(async move {
            let missing = || ServiceError::Internal("the application is missing".to_owned());
            let app = app.ok_or_else(missing)?.into_inner();
            let caller = load(&app, token, case).await?;
            tracing::Span::current().record("user", tracing::field::display(caller.staff.user));
            Ok(caller)
        })
    }
}

fn bearer_token(request: &HttpRequest) -> Option<String> {
    let (scheme, token) = request.headers().get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
}

async fn load(app: &Arc<App>, token: Option<String>, case: Option<CaseId>) -> Result<SignedIn, Problem> {
    let now = app.clock.now();
    let Some(token) = token else { return Err(not_signed_in("Bearer")) };
    let bearer = match app.tokens.read(&token, now) {
        Ok(bearer) => bearer,
        // Another process may have begun to sign with another key in this moment.
        Err(NotAToken) if app.tokens.names_another_key(&token) && renewed(app).await? => {
            let read = app.tokens.read(&token, now);
            read.map_err(|NotAToken| not_signed_in("Bearer error=\"invalid_token\""))?
        }
        Err(NotAToken) => return Err(not_signed_in("Bearer error=\"invalid_token\"")),
    };
    let (user, session, at) = (bearer.user.get(), bearer.session.get(), Instant::from(now));
    let number = case.map(CaseId::get);
    let standing =
        move |connection: &mut AnyConnection| sessions::standing(connection, user, session, at, number);
    let standing = app.store.glance(standing);
    let standing = standing.await.map_err(ServiceError::Store)?;
    if app.tokens.version() < standing.directory_version {
        app.renew_token_keys().await?;
    }
    let office = match app.offices.of_version(standing.directory_version) {
        Some(office) => office,
        // Something was changed since this process read the directories.
        None => app.office().await?,
    };
    let staff = office.directory.staff(bearer.user).filter(|_| standing.is_open).cloned();
    // Role and duties may have changed to such as sign in with more than was shown.
    let staff = staff.filter(|staff| bearer.second_factor || !app.settings.second_factor_for.includes(staff));
    let staff = staff.ok_or_else(|| not_signed_in("Bearer error=\"invalid_token\""))?;
    let version = standing.case_version.and_then(|version| u32::try_from(version).ok());
    let (session, second_factor) = (bearer.session, bearer.second_factor);
    Ok(SignedIn { staff, session, second_factor, office, case: case.zip(version) })
}

/// Reads the keys of tokens again if they may have changed since this process read them.
async fn renewed(app: &Arc<App>) -> Result<bool, ServiceError> {
    if !app.tokens.may_look_again(app.clock.now()) {
        return Ok(false);
    }
    let before = app.tokens.version();
    app.renew_token_keys().await?;
    Ok(app.tokens.version() != before)
}

fn not_signed_in(challenge: &'static str) -> Problem {
    Problem::new(NOT_SIGNED_IN).header(WWW_AUTHENTICATE, HeaderValue::from_static(challenge))
}
