//! Passwords: argon2id, a few at a time, off the threads that serve requests.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use crate::error::ApiError;
use crate::secret;

/// Length in characters; ASVS 5, 6.2.1 asks for at least 8 and recommends 15, the system we follow for none.
const MIN: usize = 12;
/// Length in bytes: argon2 would take more, but hashing a megabyte is work that a stranger must not be able to ask for.
const MAX: usize = 1024;
/// Each hash takes 19 MiB of memory and a core for some 20 ms.
const AT_ONCE: usize = 2;
/// Verified when there is no such user, so that both answers take the same time: the parameters are those of a new hash, the rest is noise.
const DECOY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$Z2FtYmVzb24tZGVjb3kuLg$bm9ib2R5IGhhcyB0aGlzIGFzIGl0cyBwYXNzd29yZCE";

/// Hashes and verifies passwords.
pub(crate) struct Passwords {
    slots: Semaphore,
}

/// Why a password is not accepted for a new user.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum UnfitPassword {
    /// Too short.
    #[error("the password has {0} characters, it needs at least {MIN}")]
    Short(usize),
    /// Too long.
    #[error("the password has {0} bytes, at most {MAX} are accepted")]
    Long(usize),
    /// The user name is too long, empty, or has characters that would hide it in a log.
    #[error("a user name has 1 to 128 characters, without blanks at its ends and without control characters")]
    Name,
}

/// Whether a password is fit for a new user. Nothing but the length is asked for: composition rules make passwords worse (NIST SP 800-63B).
pub(crate) fn check_password(password: &str) -> Result<(), UnfitPassword> {
    match password.chars().count() {
        short if short < MIN => Err(UnfitPassword::Short(short)),
        _ if password.len() > MAX => Err(UnfitPassword::Long(password.len())),
        _ => Ok(()),
    }
}

/// Whether a name is fit for a new user.
pub(crate) fn check_user_name(name: &str) -> Result<(), UnfitPassword> {
    let fit = (1..=128).contains(&name.chars().count())
        && name.trim() == name
        && !name.chars().any(char::is_control);
    if fit { Ok(()) } else { Err(UnfitPassword::Name) }
}

impl Passwords {
    pub(crate) fn new() -> Self {
        Self { slots: Semaphore::new(AT_ONCE) }
    }

    pub(crate) async fn hash(&self, password: String) -> Result<String, ApiError> {
        let _slot = self.slots.acquire().await.map_err(ApiError::internal)?;
        spawn_blocking(move || hash(&password)).await.map_err(ApiError::internal)
    }

    /// Whether `password` is the one of this hash; without a hash it takes as long and is false.
    pub(crate) async fn verify(&self, password: String, hash: Option<String>) -> Result<bool, ApiError> {
        if password.len() > MAX {
            return Ok(false);
        }
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| DECOY.to_owned());
        let _slot = self.slots.acquire().await.map_err(ApiError::internal)?;
        let matches = spawn_blocking(move || verify(&password, &hash)).await.map_err(ApiError::internal)?;
        Ok(matches && known)
    }
}

fn hash(password: &str) -> String {
    Argon2::default()
        .hash_password_with_salt(password.as_bytes(), &secret::random::<16>())
        .expect("argon2 takes any password and a salt of 16 bytes")
        .to_string()
}

fn verify(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash)
        .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths() {
        assert_eq!(check_password("short"), Err(UnfitPassword::Short(5)));
        assert_eq!(check_password(&"é".repeat(12)), Ok(()));
        assert_eq!(check_password(&"x".repeat(1025)), Err(UnfitPassword::Long(1025)));
        for (name, fit) in [("ann", true), ("", false), (" ann", false), ("a\nb", false)] {
            assert_eq!(check_user_name(name).is_ok(), fit, "{name:?}");
        }
    }

    #[tokio::test]
    async fn only_the_right_password_of_a_known_user() {
        let passwords = Passwords::new();
        let hash = passwords.hash("correct horse".to_owned()).await.unwrap();
        assert!(hash.starts_with("$argon2id$"));
        assert!(passwords.verify("correct horse".to_owned(), Some(hash.clone())).await.unwrap());
        assert!(!passwords.verify("battery staple".to_owned(), Some(hash)).await.unwrap());
        assert!(!passwords.verify("correct horse".to_owned(), None).await.unwrap());
    }

    #[test]
    fn the_decoy_costs_what_a_hash_costs() {
        let parameters = |hash: &str| hash.split('$').take(4).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(parameters(DECOY), parameters(&hash("any password")));
        assert!(PasswordHash::new(DECOY).is_ok());
    }
}
