//! Who is calling: passwords, tokens, and the account behind a request.

mod attempt;
pub mod password;
mod sessions;
mod signed_in;
pub mod token;

pub use attempt::failures_of;
pub use sessions::{Tokens, account_of, change_password, refresh, sign_in, sign_out};
pub use signed_in::{Account, SignedIn};
