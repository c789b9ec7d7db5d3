//! Somebody's authenticator: RFC 6238 with what the API told to set it up with, and nothing else.

use chrono::{DateTime, Utc};
use serde_json::Value;
use totp_rs::Totp;

/// An authenticator that was set up.
pub struct Authenticator(Totp);

impl Authenticator {
    /// As the answer to an enrolment says.
    pub fn of(enrolment: &Value) -> Self {
        let totp = Totp::from_url(enrolment["uri"].as_str().unwrap()).unwrap();
        assert_eq!(totp.secret().to_base32(), enrolment["secret"].as_str().unwrap());
        Self(totp)
    }

    /// What it shows at the moment.
    pub fn at(&self, moment: DateTime<Utc>) -> String {
        self.0.generate(u64::try_from(moment.timestamp()).unwrap()).to_string()
    }

    /// What it does not show within half a day.
    pub fn not_at(&self, moment: DateTime<Utc>) -> String {
        let shown: Vec<String> =
            (-20..20).map(|steps| self.at(moment + chrono::TimeDelta::seconds(30 * steps))).collect();
        (0..).map(|number| format!("{number:06}")).find(|code| !shown.contains(code)).unwrap()
    }
}
