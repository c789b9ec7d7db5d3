//! Who is calling: passwords, tokens, and the account behind a request.

mod attempt;
pub mod password;
pub mod provider;
pub mod second_factor;
mod sessions;
mod signed_in;
pub mod single_sign_on;
pub mod token;

pub use attempt::unlock;
pub use sessions::{
    ChangeAtSignIn, Origin, SignedInOr, Tokens, account_of, change_password, change_password_at_sign_in,
    end_session, field_refused, refresh, refuse_used_before, sessions_of, sign_in, sign_out,
};
pub use signed_in::{Account, SignedIn};
