//! Why a use case did not come about; HTTP turns it into a problem in one place.

use actix_web::http::header::{HeaderValue, RETRY_AFTER};
use domain::refusal::Refusal;
use store::{Failure, StoreError};

use crate::http::problem::kinds::{
    ALREADY_DELEGATED, CONFLICT, ERASED, ERASURE_DECIDED, ERASURE_INCOMPLETE, ERASURE_NOT_INDEPENDENT,
    ERASURE_PROPOSED, FORBIDDEN, INTERNAL, INVALID_FIELDS, KEY_REUSED, Kind, NO_ACCOUNT, NOT_A_DEPUTY,
    NOT_FOUND, NOT_SIGNED_IN, PASSWORD_EXPIRED, PROVIDER_AWAY, PURPOSE_REQUIRED, SECOND_FACTOR_ENROLLED,
    SECOND_FACTOR_NOT_ENROLLED, SIGN_IN_LOCKED, SINGLE_SIGN_ON_FAILED, SINGLE_SIGN_ON_OFF, STILL_RUNNING,
    UNAVAILABLE, VERSION_LOST, VERSION_REQUIRED, WRONG_CREDENTIALS, WRONG_SECOND_FACTOR,
};
use crate::http::problem::{FieldError, Problem};

/// Why a use case did not come about.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The domain refuses.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// There is no such thing, or it is not the caller's to know of.
    #[error("not found")]
    NotFound,
    /// `If-Match` names another version than there is now.
    #[error("the version has moved on")]
    VersionLost,
    /// The operation wants an `If-Match`.
    #[error("a version is required")]
    VersionRequired,
    /// The idempotency key was used for another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// The first request with the idempotency key has not ended.
    #[error("the first request with this key is still running")]
    StillRunning,
    /// What is asked for is read for a stated purpose only.
    #[error("a purpose is required")]
    PurposeRequired,
    /// No session, or no longer.
    #[error("not signed in")]
    NotSignedIn,
    /// Wrong name or password, or a disabled account.
    #[error("wrong credentials")]
    WrongCredentials,
    /// The password is right, and older than one may be.
    #[error("the password has expired")]
    PasswordExpired,
    /// Another code than the authenticator shows now, or one that was used.
    #[error("wrong second factor")]
    WrongSecondFactor,
    /// The provider of single sign-on does not vouch for it, or it was not begun here, or too long ago.
    #[error("the single sign-on did not hold")]
    SingleSignOnFailed,
    /// Whom the provider vouches for has no active account, or it is linked to somebody else.
    #[error("no account belongs to the user of single sign-on")]
    NoAccount,
    /// Somebody else's account is linked to the user of single sign-on.
    #[error("linked to another account")]
    AlreadyLinked,
    /// No provider is configured.
    #[error("there is no single sign-on")]
    SingleSignOnOff,
    /// The provider is not reached, or does not answer as one.
    #[error("the provider of single sign-on is away")]
    ProviderAway,
    /// There is an authenticator already.
    #[error("a second factor is set up already")]
    SecondFactorEnrolled,
    /// There is no authenticator, nor is one being set up.
    #[error("no second factor is set up")]
    SecondFactorNotEnrolled,
    /// The caller's role or duties sign in with one.
    #[error("a second factor is required")]
    SecondFactorRequired,
    /// The caller does not stand in for the user, or no longer.
    #[error("not a deputy")]
    NotADeputy,
    /// The deputy has something of the user's in hand for some of the time.
    #[error("already delegated")]
    AlreadyDelegated,
    /// Another proposal to destroy the data of the case waits.
    #[error("an erasure is proposed already")]
    ErasureProposed,
    /// What the journal of the accusation says is not all sealed.
    #[error("the erasure would be incomplete")]
    ErasureIncomplete,
    /// Who decides has whoever proposed it in hand, or that one is in office no more.
    #[error("the two are not independent")]
    ErasureNotIndependent,
    /// The proposal to destroy data was decided before.
    #[error("the erasure is decided already")]
    ErasureDecided,
    /// Too many failed sign-ins, whether or not there is such an account.
    #[error("locked after failed sign-ins")]
    SignInLocked {
        /// In how many seconds it is taken again.
        seconds: u64,
    },
    /// Fields that only the service can judge.
    #[error("{} field(s) are wrong", .0.len())]
    Fields(Vec<FieldError>),
    /// The store did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Something that should not happen; the text is for the log alone.
    #[error("{0}")]
    Internal(String),
}

impl Failure for ServiceError {
    fn as_store_error(&self) -> Option<&StoreError> {
        match self {
            Self::Store(error) => Some(error),
            _ => None,
        }
    }
}

impl From<serde_json::Error> for ServiceError {
    fn from(error: serde_json::Error) -> Self {
        Self::Internal(format!("JSON: {error}"))
    }
}

impl From<ServiceError> for Problem {
    fn from(error: ServiceError) -> Self {
        let kind = match error {
            ServiceError::Refused(refusal) => return refusal.into(),
            ServiceError::Fields(errors) => return Self::fields(errors),
            ServiceError::Store(error) if error.is_passing() => return passing(&error),
            ServiceError::Store(error) => kind_of_store_error(&error),
            ServiceError::NotFound => NOT_FOUND,
            ServiceError::VersionLost => VERSION_LOST,
            ServiceError::VersionRequired => VERSION_REQUIRED,
            ServiceError::PurposeRequired => PURPOSE_REQUIRED,
            ServiceError::KeyReused => KEY_REUSED,
            ServiceError::StillRunning => STILL_RUNNING,
            ServiceError::NotSignedIn => NOT_SIGNED_IN,
            ServiceError::WrongCredentials => WRONG_CREDENTIALS,
            ServiceError::PasswordExpired => PASSWORD_EXPIRED,
            ServiceError::WrongSecondFactor => WRONG_SECOND_FACTOR,
            ServiceError::SingleSignOnFailed => SINGLE_SIGN_ON_FAILED,
            ServiceError::NoAccount => NO_ACCOUNT,
            ServiceError::SingleSignOnOff => SINGLE_SIGN_ON_OFF,
            ServiceError::ProviderAway => PROVIDER_AWAY,
            ServiceError::AlreadyLinked => {
                return Self::new(CONFLICT).detail(
                    "该统一身份认证用户已关联其他账号",
                    "The user of single sign-on is linked to another account",
                );
            }
            ServiceError::SecondFactorRequired => {
                return Self::new(FORBIDDEN).detail(
                    "该角色或职责须使用动态口令登录，不得解除；可另行绑定新的动态口令",
                    "This role or duty signs in with a second factor; set up another in its place instead",
                );
            }
            ServiceError::NotADeputy => NOT_A_DEPUTY,
            ServiceError::AlreadyDelegated => ALREADY_DELEGATED,
            ServiceError::ErasureProposed => ERASURE_PROPOSED,
            ServiceError::ErasureDecided => ERASURE_DECIDED,
            ServiceError::ErasureIncomplete => ERASURE_INCOMPLETE,
            ServiceError::ErasureNotIndependent => ERASURE_NOT_INDEPENDENT,
            ServiceError::SecondFactorEnrolled => SECOND_FACTOR_ENROLLED,
            ServiceError::SecondFactorNotEnrolled => SECOND_FACTOR_NOT_ENROLLED,
            ServiceError::SignInLocked { seconds } => return locked(seconds),
            ServiceError::Internal(cause) => {
                tracing::error!(cause, "an internal error");
                INTERNAL
            }
        };
        Self::new(kind)
    }
}

fn locked(seconds: u64) -> Problem {
    let chinese = format!("请在 {seconds} 秒后再试，或请安全管理员解锁");
    let english = format!("Try again in {seconds} seconds, or ask a security administrator to unlock it");
    Problem::new(SIGN_IN_LOCKED).detail(chinese, english).header(RETRY_AFTER, HeaderValue::from(seconds))
}

/// How long a caller waits before trying again what the database could not do, in seconds.
pub const TRY_AGAIN_AFTER: u16 = 2;

fn passing(error: &StoreError) -> Problem {
    tracing::warn!(%error, "the database could not do it for now");
    let problem = Problem::new(UNAVAILABLE).header(RETRY_AFTER, HeaderValue::from(TRY_AGAIN_AFTER));
    if matches!(error, StoreError::NotConfirmed { .. }) {
        return problem.detail(
            "与数据库的连接在提交时中断，操作可能已经完成；请以同一幂等键重发，不会重复办理",
            "The connection to the database broke during the commit, and the change may have been made: send the \
             request again with the same Idempotency-Key, and it is made once",
        );
    }
    problem
}

/// What the caller learns of the store's failure; the rest is for the log.
fn kind_of_store_error(error: &StoreError) -> Kind {
    match error {
        StoreError::NotFound => NOT_FOUND,
        StoreError::Erased => ERASED,
        StoreError::Conflict { .. } => CONFLICT,
        StoreError::MissingReference => INVALID_FIELDS,
        other => {
            tracing::error!(error = ?other, "the store failed");
            INTERNAL
        }
    }
}
