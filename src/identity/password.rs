//! Passwords: argon2id with OWASP's parameters, never more hashing at a time than there are processors.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

/// OWASP Password Storage Cheat Sheet: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const LEAST_CHARACTERS: usize = 10;
/// More than any person types; a bound on what is hashed.
const MOST_BYTES: usize = 1024;

/// Hashing failed for a reason of the machine's, not the caller's.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// The algorithm refused its parameters or its input.
    #[error("argon2: {0}")]
    Hashing(String),
    /// The thread that hashed is gone.
    #[error("the hashing thread ended")]
    Ended,
}

/// What is wrong with a password that somebody chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WeakPassword {
    /// A stable word for programs.
    pub code: &'static str,
    /// The explanation in English.
    pub english: &'static str,
}

/// Hashes and verifies passwords.
#[derive(Clone)]
pub struct Passwords {
    hasher: Argon2<'static>,
    permits: Arc<Semaphore>,
    /// The hash of nobody's password: verified when there is no such user, so that both take the same time.
    nobody: Arc<str>,
}

impl Passwords {
    /// Prepares for hashing; itself hashes once, which takes some 20 ms.
    ///
    /// # Errors
    /// The machine has no randomness or memory for it.
    pub fn new() -> Result<Self, PasswordError> {
        let params = Params::new(MEMORY_KIB, PASSES, LANES, None)
            .map_err(|error| PasswordError::Hashing(error.to_string()))?;
        let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let nobody = hash(&hasher, &rand::random::<[u8; 32]>())?.into();
        // Half of the processors: each takes 19 MiB, and the other half answers requests meanwhile.
        let permits = std::thread::available_parallelism().map_or(1, |count| count.get().div_ceil(2));
        Ok(Self { hasher, permits: Arc::new(Semaphore::new(permits)), nobody })
    }

    /// The PHC string of a password, with a salt of its own.
    ///
    /// # Errors
    /// The machine has no randomness or memory for it.
    pub async fn hash(&self, password: SecretString) -> Result<String, PasswordError> {
        self.run(move |hasher, _| hash(hasher, password.expose_secret().as_bytes())).await?
    }

    /// Whether the password is the one of the hash; without a hash it is not, after the same time.
    ///
    /// # Errors
    /// The machine has no memory for it.
    pub async fn verify(&self, password: SecretString, phc: Option<String>) -> Result<bool, PasswordError> {
        self.run(move |hasher, nobody| {
            let text = phc.as_deref().unwrap_or(nobody);
            let known = PasswordHash::new(text).map_err(|error| PasswordError::Hashing(error.to_string()))?;
            let matches = hasher.verify_password(password.expose_secret().as_bytes(), &known).is_ok();
            Ok(matches && phc.is_some())
        })
        .await?
    }

    /// Whether the hash was made with other parameters than are used now.
    pub fn is_outdated(&self, phc: &str) -> bool {
        let Ok(known) = PasswordHash::new(phc) else { return true };
        let params = self.hasher.params();
        let is = |name: &str, value: u32| known.params.get_decimal(name) == Some(value);
        let same = is("m", params.m_cost()) && is("t", params.t_cost()) && is("p", params.p_cost());
        !(same && known.algorithm.as_str() == "argon2id" && known.version == Some(Version::V0x13.into()))
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Argon2<'static>, &str) -> T + Send + 'static,
    ) -> Result<T, PasswordError> {
        let Self { hasher, permits, nobody } = self.clone();
        let permit = permits.acquire_owned().await.map_err(|_closed| PasswordError::Ended)?;
        let done = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work(&hasher, &nobody)
        });
        done.await.map_err(|_closed| PasswordError::Ended)
    }
}

fn hash(hasher: &Argon2<'static>, password: &[u8]) -> Result<String, PasswordError> {
    let hashed: PasswordHash =
        hasher.hash_password(password).map_err(|error| PasswordError::Hashing(error.to_string()))?;
    Ok(hashed.to_string())
}

/// Words that everybody tries first at an office like this, in the letters in which they are typed.
const WORDS_OF_THE_OFFICE: [&str; 10] =
    ["daowei", "xinfang", "jubao", "wangge", "petition", "信访", "到位", "网格", "信访局", "政府"];
/// The estimator takes longer than in proportion to what it is given, and judges a longer password by its beginning.
const MOST_ESTIMATED: usize = 64;

/// Whom a password is for: it is easily guessed by whoever knows these.
#[derive(Debug, Clone)]
pub struct Chooser<'a> {
    /// The name to sign in with.
    pub username: &'a str,
    /// The name to show.
    pub display_name: &'a str,
}

/// Checks a password that somebody chose for the account: by its length, and by how many guesses an attacker needs who knows
/// the person, the office and what people usually choose.
///
/// # Errors
/// Fewer than ten characters, the user name itself, longer than any person types, or guessed within some 10^8 attempts.
pub fn check_chosen(chooser: &Chooser<'_>, password: &SecretString) -> Result<(), WeakPassword> {
    let text = password.expose_secret();
    if text.chars().count() < LEAST_CHARACTERS {
        return Err(WeakPassword { code: "password_too_short", english: "At least ten characters" });
    }
    if text.len() > MOST_BYTES {
        return Err(WeakPassword { code: "password_too_long", english: "Longer than any person types" });
    }
    if text.to_lowercase() == chooser.username.to_lowercase() {
        return Err(WeakPassword { code: "password_is_username", english: "Not the user name" });
    }
    let parts = || chooser.username.split(['.', '_', '-']).filter(|part| part.chars().count() > 1);
    let joined: String = parts().collect();
    let names = [chooser.username, chooser.display_name, &joined];
    let known: Vec<&str> = names.into_iter().chain(parts()).chain(WORDS_OF_THE_OFFICE).collect();
    let beginning: Zeroizing<String> = Zeroizing::new(text.chars().take(MOST_ESTIMATED).collect());
    if zxcvbn::zxcvbn(&beginning, &known).score() < zxcvbn::Score::Three {
        return Err(WeakPassword {
            code: "password_too_weak",
            english: "Too easily guessed; a few words that do not belong together are better",
        });
    }
    Ok(())
}

/// A password for somebody who will choose their own: 99 random bits.
pub fn generate() -> SecretString {
    random_groups(4)
}

/// Groups of five random letters that are told apart, with hyphens between them: 24.8 bits each.
pub fn random_groups(count: usize) -> SecretString {
    const LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
    let letter = || LETTERS.get(rand::random_range(0..LETTERS.len())).map_or('x', |byte| char::from(*byte));
    let groups: Vec<String> = (0..count).map(|_| (0..5).map(|_| letter()).collect()).collect();
    groups.join("-").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_of_a_known_user_is_taken() {
        let passwords = Passwords::new().unwrap();
        let phc = passwords.hash("信访工作条例二〇二二".into()).await.unwrap();
        assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{phc}");
        assert!(passwords.verify("信访工作条例二〇二二".into(), Some(phc.clone())).await.unwrap());
        assert!(!passwords.verify("信访工作条例二〇〇五".into(), Some(phc)).await.unwrap());
        assert!(!passwords.verify("信访工作条例二〇二二".into(), None).await.unwrap());
    }

    #[tokio::test]
    async fn a_hash_of_other_parameters_is_told() {
        let passwords = Passwords::new().unwrap();
        let phc = passwords.hash("信访工作条例二〇二二".into()).await.unwrap();
        assert!(!passwords.is_outdated(&phc));
        assert!(passwords.is_outdated(&phc.replace("t=2", "t=1")));
        assert!(passwords.is_outdated(&phc.replace("argon2id", "argon2i")));
        assert!(passwords.is_outdated("nonsense"));
    }

    #[test]
    fn chosen_passwords_have_a_length_and_are_not_easily_guessed() {
        let chooser = Chooser { username: "zhang.weiguo", display_name: "张卫国" };
        let check = |password: &str| check_chosen(&chooser, &password.into()).map_err(|weak| weak.code);
        assert_eq!(check("短密码"), Err("password_too_short"));
        assert_eq!(check("Zhang.WeiGuo"), Err("password_is_username"));
        for weak in [
            "zhangweiguo1",
            "weiguo2022!",
            "daowei1234",
            "xinfang2022",
            "1234567890",
            "qwertyuiop",
            "passw0rd2024",
            "aaaaaaaaaaaaaaaa",
            "信访局信访局2024年",
        ] {
            assert_eq!(check(weak), Err("password_too_weak"), "{weak}");
        }
        for strong in ["correct horse", "信访工作条例二〇二二", "another horse, another staple"] {
            assert_eq!(check(strong), Ok(()), "{strong}");
        }
        assert_eq!(check(&"长".repeat(300)), Err("password_too_weak"));
        assert_eq!(check_chosen(&chooser, &generate()), Ok(()));
    }
}
