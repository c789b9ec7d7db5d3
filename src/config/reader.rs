//! Reads each setting's text and collects what is wrong with it.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use chrono::FixedOffset;
use domain::access::{Duty, Role};
use openidconnect::url::{Host, Url};
use openidconnect::{ClientId, ClientSecret, IssuerUrl, RedirectUrl, Scope};
use secrecy::{ExposeSecret, SecretString};
use store::connection::{AddressError, DatabaseUrl};
use store::keys::KeyRing;
use strum::VariantArray;

use super::{Faults, Given, LogFormat, SecondFactorFor, SingleSignOn};

const LEAST_METRICS_TOKEN: usize = 16;

/// Collects the faults; a value that is wrong is replaced by a harmless one, since nothing starts with faults.
#[derive(Default)]
pub struct Reader {
    faults: Vec<String>,
}

impl Reader {
    fn fault(&mut self, name: &str, what: impl std::fmt::Display) {
        self.faults.push(format!("{name}: {what}"));
    }

    pub fn finish<T>(self, settings: T) -> Result<T, Faults> {
        if self.faults.is_empty() { Ok(settings) } else { Err(Faults(self.faults)) }
    }

    pub fn database_url(&mut self, given: Option<&str>, data: &Path) -> DatabaseUrl {
        let embedded = || DatabaseUrl::Sqlite(data.join("daowei.db"));
        let Some(url) = given else { return embedded() };
        url.parse().unwrap_or_else(|error: AddressError| {
            self.fault("database_url", error);
            embedded()
        })
    }

    pub fn replica_url(&mut self, given: Option<&str>, database: Option<&str>) -> Option<DatabaseUrl> {
        let is_server = |url: &str| matches!(url.parse(), Ok(DatabaseUrl::Postgres(_)));
        let replica = given?;
        if !is_server(replica) || !database.is_some_and(is_server) {
            self.fault(
                "database_replica_url",
                "only a PostgreSQL server has a replica; both are postgres://…",
            );
            return None;
        }
        replica.parse().ok()
    }

    pub fn listen(&mut self, text: &str) -> SocketAddr {
        text.parse().unwrap_or_else(|_| {
            self.fault("listen", format!("{text:?} is not an address and port such as 127.0.0.1:8080"));
            SocketAddr::from(([127, 0, 0, 1], 0))
        })
    }

    pub fn worker_count(&mut self, text: &str) -> usize {
        match self.number("workers", text, 0, 1024) {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            count => count,
        }
    }

    pub fn log(&mut self, text: &str) -> String {
        if let Err(error) = tracing_subscriber::EnvFilter::try_new(text) {
            self.fault("log", error);
        }
        text.to_owned()
    }

    pub fn log_format(&mut self, text: &str) -> LogFormat {
        match text {
            "human" => LogFormat::Human,
            "json" => LogFormat::Json,
            _ => {
                self.fault("log_format", format!("{text:?} is neither human nor json"));
                LogFormat::Human
            }
        }
    }

    pub fn time_zone(&mut self, text: &str) -> FixedOffset {
        // The mainland has kept one offset without daylight saving since 1992, so the names need no table.
        let offset = match text {
            "Asia/Shanghai" | "Asia/Urumqi" | "PRC" => "+08:00",
            "UTC" | "Z" => "+00:00",
            other => other,
        };
        offset.parse().unwrap_or_else(|_| {
            self.fault(
                "time_zone",
                format!("{text:?} is neither an offset such as +08:00 nor Asia/Shanghai"),
            );
            FixedOffset::east_opt(0).unwrap_or_else(|| chrono::Offset::fix(&chrono::Utc))
        })
    }

    /// The sealing keys: one key, or a ring of numbered ones.
    pub fn sealing_key(&mut self, given: Option<&SecretString>) -> Option<SecretString> {
        let text = given?;
        if let Err(error) = KeyRing::from_base64(text.expose_secret()) {
            self.fault("key", error);
        }
        Some(text.clone())
    }

    /// What whoever reads the metrics shows: too long to be guessed.
    pub fn metrics_token(&mut self, given: Option<&SecretString>) -> Option<SecretString> {
        let token = given?;
        if token.expose_secret().len() < LEAST_METRICS_TOKEN {
            self.fault("metrics_token", format!("needs {LEAST_METRICS_TOKEN} characters at least"));
        }
        Some(token.clone())
    }

    /// Roles and duties, separated by commas, or `none`.
    pub fn second_factor_for(&mut self, text: &str) -> SecondFactorFor {
        let mut read = SecondFactorFor::default();
        if text.trim() == "none" {
            return read;
        }
        for word in text.split(',').map(str::trim) {
            if let Ok(role) = word.parse() {
                read.roles.insert(role);
            } else if let Ok(duty) = word.parse() {
                read.duties.insert(duty);
            } else {
                let roles = Role::VARIANTS.iter().map(AsRef::as_ref);
                let known: Vec<&str> = roles.chain(Duty::VARIANTS.iter().map(AsRef::as_ref)).collect();
                let known = known.join(", ");
                self.fault(
                    "second_factor_for",
                    format!("{word:?} is neither role nor duty; known are {known}, or none alone"),
                );
            }
        }
        read
    }

    /// The provider of OpenID Connect; none where no issuer is named, and then nothing else of it.
    pub fn single_sign_on(&mut self, given: &Given) -> Option<SingleSignOn> {
        let words = |given: &Option<String>, standing: &str| -> Vec<String> {
            let given = given.as_deref().unwrap_or(standing);
            given.split(',').map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect()
        };
        let Some(issuer) = &given.oidc_issuer else {
            for (name, is_given) in [
                ("oidc_client_id", given.oidc_client_id.is_some()),
                ("oidc_client_secret", given.oidc_client_secret.is_some()),
                ("oidc_redirect_uris", given.oidc_redirect_uris.is_some()),
                ("oidc_username_claim", given.oidc_username_claim.is_some()),
                ("oidc_scopes", given.oidc_scopes.is_some()),
                ("oidc_session_lifetime", given.oidc_session_lifetime.is_some()),
                ("oidc_second_factor_methods", given.oidc_second_factor_methods.is_some()),
            ] {
                if is_given {
                    self.fault(name, "is of a provider that oidc_issuer does not name");
                }
            }
            return None;
        };
        let issuer =
            IssuerUrl::new(issuer.trim().to_owned()).ok().filter(|url| is_safe_address(url.url(), false));
        if issuer.is_none() {
            self.fault(
                "oidc_issuer",
                "is not an address such as https://id.example, which only this machine may go without TLS",
            );
        }
        let client_id = given.oidc_client_id.as_deref().unwrap_or_default().trim().to_owned();
        if client_id.is_empty() {
            self.fault("oidc_client_id", "is required with oidc_issuer");
        }
        let mut redirect_uris = Vec::new();
        for uri in words(&given.oidc_redirect_uris, "") {
            match RedirectUrl::new(uri.clone()) {
                Ok(url) if is_safe_address(url.url(), true) => redirect_uris.push(url),
                _ => self.fault(
                    "oidc_redirect_uris",
                    format!("{uri:?} is not an address such as https://office.example/signed-in"),
                ),
            }
        }
        if redirect_uris.is_empty() {
            self.fault("oidc_redirect_uris", "at least one is required with oidc_issuer");
        }
        let username_claim = given.oidc_username_claim.as_deref().map_or("preferred_username", str::trim);
        if matches!(username_claim, "" | "email") {
            self.fault("oidc_username_claim", "names no claim that can be a user name here, which has no @");
        }
        let second_factor_methods: BTreeSet<String> =
            words(&given.oidc_second_factor_methods, "").into_iter().collect();
        if let Some(method) = second_factor_methods.iter().find(|method| is_first_factor(method)) {
            self.fault("oidc_second_factor_methods", format!("{method:?} is a first factor (RFC 8176)"));
        }
        Some(SingleSignOn {
            issuer: issuer?,
            client_id: ClientId::new(client_id),
            client_secret: given
                .oidc_client_secret
                .as_ref()
                .map(|secret| secret.expose_secret().trim().to_owned())
                .filter(|secret| !secret.is_empty())
                .map(ClientSecret::new),
            redirect_uris,
            username_claim: Some(username_claim.to_owned()).filter(|claim| claim != "none"),
            scopes: words(&given.oidc_scopes, "profile").into_iter().map(Scope::new).collect(),
            session_lifetime: self.time(
                "oidc_session_lifetime",
                given.oidc_session_lifetime.as_deref().unwrap_or("1d"),
                60,
                90 * 86_400,
            ),
            second_factor_methods,
        })
    }

    /// A number from `least` to `most`.
    pub fn number<N>(&mut self, name: &str, text: &str, least: N, most: N) -> N
    where
        N: FromStr + PartialOrd + Copy + std::fmt::Display,
    {
        match text.trim().parse() {
            Ok(number) if least <= number && number <= most => number,
            _ => {
                self.fault(name, format!("{text:?} is not a whole number from {least} to {most}"));
                least
            }
        }
    }

    /// Four whole numbers, separated by commas.
    pub fn four_numbers(&mut self, name: &str, text: &str, least: u16, most: u16) -> [u16; 4] {
        let given: Vec<&str> = text.split(',').collect();
        let Ok(four) = <[&str; 4]>::try_from(given) else {
            self.fault(name, format!("{text:?} is not four numbers separated by commas"));
            return [least; 4];
        };
        four.map(|number| self.number(name, number, least, most))
    }

    pub fn flag(&mut self, name: &str, text: &str) -> bool {
        text.parse().unwrap_or_else(|_| {
            self.fault(name, format!("{text:?} is neither true nor false"));
            false
        })
    }

    /// A length of time such as `90s`, `15m`, `24h` or `14d`, from `least` to `most` seconds.
    pub fn time(&mut self, name: &str, text: &str, least: u64, most: u64) -> Duration {
        let units = [('s', 1), ('m', 60), ('h', 3600), ('d', 86_400)];
        let seconds = units.iter().find_map(|(letter, seconds)| {
            text.strip_suffix(*letter)?.parse::<u64>().ok()?.checked_mul(*seconds)
        });
        match seconds {
            Some(seconds) if (least..=most).contains(&seconds) => Duration::from_secs(seconds),
            _ => {
                self.fault(
                    name,
                    format!("{text:?} is not a time such as 90s, 15m or 14d, from {least}s to {most}s"),
                );
                Duration::from_secs(least)
            }
        }
    }

    pub fn origins(&mut self, text: &str) -> Vec<String> {
        let origins: Vec<_> =
            text.split(',').map(str::trim).filter(|origin| !origin.is_empty()).map(str::to_owned).collect();
        for origin in &origins {
            let authority = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
            if authority.is_none_or(|rest| rest.is_empty() || rest.contains('/')) {
                self.fault(
                    "cors_origins",
                    format!("{origin:?} is not an origin such as https://office.example"),
                );
            }
        }
        origins
    }
}

/// Whether what is sent to the address is read by nobody on the way: over TLS, on this machine, or to an application by its own
/// scheme (RFC 8252).
pub fn is_safe_address(url: &Url, of_application: bool) -> bool {
    let is_here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    let is_plain = url.fragment().is_none() && url.username().is_empty() && url.password().is_none();
    is_plain
        && match url.scheme() {
            "https" => url.has_host(),
            "http" => is_here,
            // A scheme that nobody else can have is a name of a domain, back to front.
            scheme => of_application && scheme.contains('.'),
        }
}

/// Whether somebody who has shown this alone has shown what they know, or nothing at all.
fn is_first_factor(method: &str) -> bool {
    matches!(method, "pwd" | "pin" | "kba" | "user" | "rba" | "geo")
}
