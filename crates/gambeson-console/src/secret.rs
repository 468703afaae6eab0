//! Random secrets: how they are made, shown once, and remembered only as a hash.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The SHA-256 of a secret. It is enough for secrets of 256 random bits, which nobody can guess; passwords need argon2.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct SecretHash(pub(crate) [u8; 32]);

/// A new secret of 256 bits as base64url text.
pub(crate) fn generate() -> String {
    URL_SAFE_NO_PAD.encode(random::<32>())
}

/// Bytes from the system's random source.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    // Fails only where the kernel has no random source at all; going on with weak keys would be worse.
    getrandom::fill(&mut bytes).expect("the system has no random source");
    bytes
}

// === impl SecretHash ===

impl SecretHash {
    pub(crate) fn of(secret: &str) -> Self {
        Self(Sha256::digest(secret.as_bytes()).into())
    }

    /// Whether this is the hash of `secret`, in the same time for every wrong one.
    pub(crate) fn matches(&self, secret: &str) -> bool {
        self.0.ct_eq(&Self::of(secret).0).into()
    }

    pub(crate) fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}
