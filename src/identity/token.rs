//! Access tokens (JWT, EdDSA, short-lived) and refresh tokens (256 random bits, kept only as their SHA-256).

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use domain::id::{Id, UserId};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use quick_cache::sync::Cache;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use store::token_keys::TokenKey;
use utoipa::ToSchema;

use crate::config::Settings;

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
    /// How its owner was recognised (RFC 8176); none in tokens of before there was a choice.
    #[serde(default)]
    amr: Vec<String>,
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
    /// Whether a second factor was shown in it.
    pub second_factor: bool,
    /// Whether it was begun at a provider, without a password.
    pub single_sign_on: bool,
}

/// Says in a token that a password was shown.
const PASSWORD: &str = "pwd";
/// Says in a token that a second factor was shown.
const SECOND_FACTOR: &str = "mfa";

/// So many tokens whose signature was verified are remembered.
const MOST_VERIFIED: usize = 8_192;
/// After a key is retired another process may go on signing with it for a moment.
const GRACE: TimeDelta = TimeDelta::hours(1);
/// What stands before the 32 bytes of an Ed25519 key in PKCS #8 (RFC 8410).
const PKCS8: [u8; 16] = *b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20";

struct Signer {
    kid: String,
    encoding: EncodingKey,
}

struct Verifier {
    kid: String,
    decoding: DecodingKey,
    public_key: [u8; 32],
    /// From then on it is asked no more.
    until: Option<DateTime<Utc>>,
}

/// The keys as the database had them at a version of the directories.
struct KeySet {
    version: i64,
    signer: Signer,
    verifiers: Vec<Verifier>,
}

impl KeySet {
    fn of(version: i64, keys: &[TokenKey], lifetime: TimeDelta) -> Option<Self> {
        let kid = |key: &TokenKey| Id::<OfSession>::new(key.id).to_string();
        // Not the first: identifiers come from clocks, of which one may be behind.
        let newest = keys.iter().find(|key| key.retired_at.is_none())?;
        let der = Zeroizing::new([&PKCS8[..], newest.signing.as_bytes()].concat());
        let verifiers = keys.iter().map(|key| {
            let public_key = key.signing.verifying_key().to_bytes();
            let decoding = DecodingKey::from_ed_der(&public_key);
            let until = key.retired_at.map(|retired| retired + lifetime + GRACE);
            Verifier { kid: kid(key), decoding, public_key, until }
        });
        let signer = Signer { kid: kid(newest), encoding: EncodingKey::from_ed_der(&der) };
        Some(Self { version, signer, verifiers: verifiers.collect() })
    }
}

/// A token whose signature, issuer and audience were found right.
#[derive(Clone, Copy)]
struct Verified {
    bearer: Bearer,
    expires_at: i64,
}

/// A public key as a JSON Web Key (RFC 7517, RFC 8037).
#[derive(Debug, Serialize, ToSchema)]
pub struct PublicKey {
    /// Always `OKP`.
    #[schema(example = "OKP")]
    kty: &'static str,
    /// Always `Ed25519`.
    #[schema(example = "Ed25519")]
    crv: &'static str,
    /// Always `EdDSA`.
    #[schema(example = "EdDSA")]
    alg: &'static str,
    /// Always `sig`.
    #[serde(rename = "use")]
    #[schema(example = "sig")]
    usage: &'static str,
    /// By which a token's header names it.
    #[schema(example = "01HZX5TJ4R2QK")]
    kid: String,
    /// The key, in base64url.
    #[schema(example = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")]
    x: String,
}

/// Issues and reads the tokens of one installation.
pub struct TokenIssuer {
    keys: RwLock<Arc<KeySet>>,
    validation: Validation,
    /// Verifying a signature costs more than reading a case that is known; by SHA-256, so that no token lies in memory.
    verified: Cache<[u8; 32], Verified>,
    /// The second in which an unknown key was last looked for.
    looked_again_at: AtomicI64,
    /// How long an access token is good.
    pub access_lifetime: Duration,
    /// How long a refresh token is good.
    pub refresh_lifetime: Duration,
}

/// There is no key that signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no key to sign access tokens with")]
pub struct NoKey;

impl TokenIssuer {
    /// Takes the keys as they were at that version of the directories, and the lifetimes.
    ///
    /// # Errors
    /// None of the keys signs.
    pub fn new(version: i64, keys: &[TokenKey], settings: &Settings) -> Result<Self, NoKey> {
        // The algorithm is ours to fix: a token's own header never chooses it.
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        // Expiry is judged by our clock, which tests can set; the library reads the machine's.
        validation.validate_exp = false;
        let lifetime = TimeDelta::from_std(settings.access_token_lifetime).unwrap_or(TimeDelta::MAX);
        Ok(Self {
            keys: RwLock::new(Arc::new(KeySet::of(version, keys, lifetime).ok_or(NoKey)?)),
            validation,
            verified: Cache::new(MOST_VERIFIED),
            looked_again_at: AtomicI64::new(i64::MIN),
            access_lifetime: settings.access_token_lifetime,
            refresh_lifetime: settings.refresh_token_lifetime,
        })
    }

    /// Keys that were retired before then have no token left that is good.
    pub fn oldest_retirement(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        now - self.lifetime() - GRACE
    }

    fn lifetime(&self) -> TimeDelta {
        TimeDelta::from_std(self.access_lifetime).unwrap_or(TimeDelta::MAX)
    }

    /// Takes the keys as they are at that version of the directories, unless it knows later ones.
    ///
    /// # Errors
    /// None of them signs; those of before stay.
    pub fn renew(&self, version: i64, keys: &[TokenKey]) -> Result<(), NoKey> {
        let renewed = Arc::new(KeySet::of(version, keys, self.lifetime()).ok_or(NoKey)?);
        let mut known = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        if known.version < version {
            *known = renewed;
            // What was verified under a key that is gone must not outlive it.
            self.verified.clear();
        }
        Ok(())
    }

    /// The version of the directories at which the keys were read.
    pub fn version(&self) -> i64 {
        self.keys().version
    }

    /// Whether a token of an unknown key is a reason to look for one now: at most once a second, because anybody can make such
    /// tokens.
    pub fn may_look_again(&self, now: DateTime<Utc>) -> bool {
        let second = now.timestamp();
        self.looked_again_at.fetch_max(second, Ordering::Relaxed) < second
    }

    fn keys(&self) -> Arc<KeySet> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The public keys under which a token may be good now, the newest first.
    pub fn public_keys(&self, now: DateTime<Utc>) -> Vec<PublicKey> {
        let keys = self.keys();
        let in_use = keys.verifiers.iter().filter(|key| key.until.is_none_or(|until| now < until));
        in_use
            .map(|key| PublicKey {
                kty: "OKP",
                crv: "Ed25519",
                alg: "EdDSA",
                usage: "sig",
                kid: key.kid.clone(),
                x: URL_SAFE_NO_PAD.encode(key.public_key),
            })
            .collect()
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
            amr: methods(bearer),
            iat: now.timestamp(),
            exp: (now + self.access_lifetime).timestamp(),
            jti: URL_SAFE_NO_PAD.encode(rand::random::<[u8; 16]>()),
        };
        let keys = self.keys();
        let header = Header { kid: Some(keys.signer.kid.clone()), ..Header::new(Algorithm::EdDSA) };
        jsonwebtoken::encode(&header, &claims, &keys.signer.encoding)
    }

    /// Whom the access token stands for.
    ///
    /// # Errors
    /// It is not ours, was changed, or has expired by `now`.
    pub fn read(&self, token: &str, now: DateTime<Utc>) -> Result<Bearer, NotAToken> {
        let digest: [u8; 32] = Sha256::digest(token).into();
        let Verified { bearer, expires_at } = match self.verified.get(&digest) {
            Some(verified) => verified,
            None => {
                let verified = self.verify(token, now)?;
                self.verified.insert(digest, verified);
                verified
            }
        };
        if expires_at <= now.timestamp() { Err(NotAToken) } else { Ok(bearer) }
    }

    /// Whether the token names a key that this process does not know.
    pub fn names_another_key(&self, token: &str) -> bool {
        let Ok(header) = jsonwebtoken::decode_header(token) else { return false };
        header.kid.is_some_and(|kid| self.keys().verifiers.iter().all(|key| key.kid != kid))
    }

    fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<Verified, NotAToken> {
        let header = jsonwebtoken::decode_header(token).map_err(|_why| NotAToken)?;
        let keys = self.keys();
        let known = keys.verifiers.iter().find(|key| Some(&key.kid) == header.kid.as_ref());
        let key = known.filter(|key| key.until.is_none_or(|until| now < until)).ok_or(NotAToken)?;
        let read = jsonwebtoken::decode::<Claims>(token, &key.decoding, &self.validation);
        let claims = read.map_err(|_why| NotAToken)?.claims;
        let until = key.until.map_or(i64::MAX, |until| until.timestamp());
        let has = |method: &str| claims.amr.iter().any(|shown| shown == method);
        let bearer = Bearer {
            user: claims.sub,
            session: claims.sid,
            second_factor: has(SECOND_FACTOR),
            single_sign_on: !has(PASSWORD),
        };
        Ok(Verified { bearer, expires_at: claims.exp.min(until) })
    }
}

fn methods(bearer: Bearer) -> Vec<String> {
    let shown = [(!bearer.single_sign_on, PASSWORD), (bearer.second_factor, SECOND_FACTOR)];
    shown.into_iter().filter(|(is_shown, _)| *is_shown).map(|(_, method)| method.to_owned()).collect()
}

/// A new refresh token, or any other secret that is told once: 256 random bits in base64url.
pub fn new_secret() -> SecretString {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()).into()
}

/// What is kept of such a secret; its random bits need no slow hash.
pub fn hash_of(secret: &SecretString) -> Vec<u8> {
    Sha256::digest(secret.expose_secret()).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ed25519_dalek::SigningKey;

    fn key(id: i64, retired_at: Option<DateTime<Utc>>) -> TokenKey {
        let seed = [u8::try_from(id).unwrap(); 32];
        TokenKey { id, signing: SigningKey::from_bytes(&seed), made_at: DateTime::UNIX_EPOCH, retired_at }
    }

    fn issuer(keys: &[TokenKey]) -> TokenIssuer {
        #[derive(clap::Parser)]
        struct Alone {
            #[command(flatten)]
            given: crate::config::Given,
        }
        let given = <Alone as clap::Parser>::parse_from(["daowei"]).given;
        TokenIssuer::new(1, keys, &Settings::check(&given).unwrap()).unwrap()
    }

    /// A token with another header and payload, signed by whoever has the key.
    fn forged(header: &str, payload: &str, signing: &SigningKey) -> String {
        use ed25519_dalek::Signer as _;
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signing.sign(signed.as_bytes()).to_bytes()))
    }

    #[test]
    fn tokens_end_and_cannot_be_forged() {
        let ours = issuer(&[key(7, None)]);
        let now: DateTime<Utc> = "2026-03-02T04:00:00Z".parse().unwrap();
        let bearer = Bearer {
            user: UserId::new(5),
            session: SessionId::new(6),
            second_factor: false,
            single_sign_on: false,
        };
        let token = ours.issue(bearer, now).unwrap();
        for _ in 0..2 {
            assert_eq!(ours.read(&token, now), Ok(bearer));
            assert_eq!(ours.read(&token, now + Duration::from_secs(899)), Ok(bearer));
            assert_eq!(ours.read(&token, now + Duration::from_secs(900)), Err(NotAToken));
        }
        assert_eq!(issuer(&[key(8, None)]).read(&token, now), Err(NotAToken));
        let text = |part: usize| {
            let part = token.split('.').nth(part).unwrap();
            String::from_utf8(URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
        };
        let (header, payload) = (text(0), text(1));
        let ours_key = key(7, None).signing;
        assert_eq!(
            ours.read(&forged(&header, &payload, &ours_key), now),
            Ok(bearer),
            "the forger's tools work"
        );
        let with = |from: &str, to: &str| {
            assert!(payload.contains(from), "{payload}");
            payload.replace(from, to)
        };
        let other_subject = with(&UserId::new(5).to_string(), &UserId::new(9).to_string());
        for (why, token) in [
            ("another key", forged(&header, &payload, &key(8, None).signing)),
            ("another audience", forged(&header, &with(AUDIENCE, "another"), &ours_key)),
            ("another issuer", forged(&header, &with("\"daowei\"", "\"another\""), &ours_key)),
            ("no key named", forged(r#"{"alg":"EdDSA"}"#, &payload, &ours_key)),
            ("an unknown key named", forged(&header.replace("kid\":\"", "kid\":\"x"), &payload, &ours_key)),
            ("another algorithm", forged(&header.replace("EdDSA", "HS256"), &payload, &ours_key)),
            ("no expiry", forged(&header, &payload.replace("\"exp\"", "\"exq\""), &ours_key)),
            (
                "no signature",
                format!(
                    "{}.{}.",
                    URL_SAFE_NO_PAD.encode(header.replace("EdDSA", "none")),
                    token.split('.').nth(1).unwrap()
                ),
            ),
            (
                "a swapped subject",
                format!(
                    "{}.{}.{}",
                    token.split('.').next().unwrap(),
                    URL_SAFE_NO_PAD.encode(other_subject),
                    token.split('.').nth(2).unwrap()
                ),
            ),
        ] {
            assert_eq!(ours.read(&token, now), Err(NotAToken), "{why}");
        }
        // The public key as an HMAC secret: the classic confusion of algorithms.
        let public_key = ours_key.verifying_key().to_bytes();
        let mut confused = Header::new(Algorithm::HS256);
        confused.kid = jsonwebtoken::decode_header(&token).unwrap().kid;
        let claims: serde_json::Value = serde_json::from_str(&payload).unwrap();
        let confused =
            jsonwebtoken::encode(&confused, &claims, &EncodingKey::from_secret(&public_key)).unwrap();
        assert_eq!(ours.read(&confused, now), Err(NotAToken));
    }

    #[test]
    fn a_retired_key_is_asked_until_its_last_token_has_expired() {
        let now: DateTime<Utc> = "2026-03-02T04:00:00Z".parse().unwrap();
        let bearer = Bearer {
            user: UserId::new(5),
            session: SessionId::new(6),
            second_factor: false,
            single_sign_on: false,
        };
        let ours = issuer(&[key(7, None)]);
        let old = ours.issue(bearer, now).unwrap();
        ours.renew(2, &[key(8, None), key(7, Some(now))]).unwrap();
        assert_eq!(ours.read(&old, now), Ok(bearer));
        let new = ours.issue(bearer, now).unwrap();
        assert_ne!(
            jsonwebtoken::decode_header(&new).unwrap().kid,
            jsonwebtoken::decode_header(&old).unwrap().kid
        );
        assert_eq!(ours.public_keys(now).len(), 2);
        assert_eq!(ours.public_keys(now + TimeDelta::hours(2)).len(), 1);
        ours.renew(1, &[key(7, None)]).unwrap();
        assert_eq!(ours.version(), 2, "what was read earlier came later");
        ours.renew(3, &[key(8, None)]).unwrap();
        assert_eq!(ours.read(&old, now), Err(NotAToken), "it was verified before, under a key that is gone");
        assert_eq!(ours.read(&new, now), Ok(bearer));
        // The clock of whoever made the newest key was behind.
        ours.renew(4, &[key(8, Some(now)), key(6, None)]).unwrap();
        assert_eq!(ours.read(&ours.issue(bearer, now).unwrap(), now), Ok(bearer));
        assert_eq!(ours.renew(4, &[key(7, Some(now))]), Err(NoKey));
    }
}
