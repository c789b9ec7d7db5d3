//! Access tokens (JWT, HS256, short-lived) and refresh tokens (256 random bits, kept only as their SHA-256).

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use domain::id::{Id, UserId};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::config::Settings;
use crate::config::keys::Keys;

const ISSUER: &str = "daowei";
const AUDIENCE: &str = "daowei-api";

/// Marks identifiers of sessions: the family of refresh tokens that grew from one sign-in.
pub enum OfSession {}
/// The identifier of a session.
pub type SessionId = Id<OfSession>;

/// The token is not ours, was changed, or has expired.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a valid access token")]
pub struct NotAToken;

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: UserId,
    /// The session, so that signing out ends the token before it expires.
    sid: SessionId,
    iat: i64,
    exp: i64,
    jti: String,
}

/// Whom an access token stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bearer {
    /// The account.
    pub user: UserId,
    /// The sign-in that the token comes from.
    pub session: SessionId,
}

/// Issues and reads the tokens of one installation.
pub struct TokenIssuer {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
    /// How long an access token is good.
    pub access_lifetime: Duration,
    /// How long a refresh token is good.
    pub refresh_lifetime: Duration,
}

impl TokenIssuer {
    /// Takes the secret and the lifetimes.
    pub fn new(keys: &Keys, settings: &Settings) -> Self {
        let secret = keys.token.expose_secret();
        // The algorithm is ours to fix: a token's own header never chooses it.
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        // Expiry is judged by our clock, which tests can set; the library reads the machine's.
        validation.validate_exp = false;
        Self {
            encoding: EncodingKey::from_secret(secret),
            decoding: DecodingKey::from_secret(secret),
            validation,
            access_lifetime: settings.access_token_lifetime,
            refresh_lifetime: settings.refresh_token_lifetime,
        }
    }

    /// An access token for the bearer from `now` on.
    ///
    /// # Errors
    /// The signature could not be made.
    pub fn issue(&self, bearer: Bearer, now: DateTime<Utc>) -> Result<String, jsonwebtoken::errors::Error> {
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: bearer.user,
            sid: bearer.session,
            iat: now.timestamp(),
            exp: (now + self.access_lifetime).timestamp(),
            jti: URL_SAFE_NO_PAD.encode(rand::random::<[u8; 16]>()),
        };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.encoding)
    }

    /// Whom the access token stands for.
    ///
    /// # Errors
    /// It is not ours, was changed, or has expired by `now`.
    pub fn read(&self, token: &str, now: DateTime<Utc>) -> Result<Bearer, NotAToken> {
        let read = jsonwebtoken::decode::<Claims>(token, &self.decoding, &self.validation);
        let claims = read.map_err(|_why| NotAToken)?.claims;
        if claims.exp <= now.timestamp() {
            return Err(NotAToken);
        }
        Ok(Bearer { user: claims.sub, session: claims.sid })
    }
}

/// A new refresh token: 256 random bits in base64url.
pub fn new_refresh_token() -> SecretString {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()).into()
}

/// What is kept of a refresh token; its 256 random bits need no slow hash.
pub fn hash_of(refresh_token: &SecretString) -> Vec<u8> {
    Sha256::digest(refresh_token.expose_secret()).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::SecretBox;
    use store::keys::KeyRing;

    fn issuer(secret: &[u8; 32]) -> TokenIssuer {
        #[derive(clap::Parser)]
        struct Alone {
            #[command(flatten)]
            given: crate::config::Given,
        }
        let given = <Alone as clap::Parser>::parse_from(["daowei"]).given;
        let sealing = KeyRing::from_base64("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=").unwrap();
        let keys = Keys { sealing, token: SecretBox::new(Box::new(secret.to_vec())) };
        TokenIssuer::new(&keys, &Settings::check(&given).unwrap())
    }

    #[test]
    fn tokens_end_and_cannot_be_forged() {
        let ours = issuer(&[7; 32]);
        let now: DateTime<Utc> = "2026-03-02T04:00:00Z".parse().unwrap();
        let bearer = Bearer { user: UserId::new(5), session: SessionId::new(6) };
        let token = ours.issue(bearer, now).unwrap();
        assert_eq!(ours.read(&token, now), Ok(bearer));
        assert_eq!(ours.read(&token, now + Duration::from_secs(899)), Ok(bearer));
        assert_eq!(ours.read(&token, now + Duration::from_secs(900)), Err(NotAToken));
        assert_eq!(issuer(&[8; 32]).read(&token, now), Err(NotAToken));
        let payload = token.split('.').nth(1).unwrap();
        let unsigned = format!("{}.{payload}.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#));
        assert_eq!(ours.read(&unsigned, now), Err(NotAToken));
    }
}
