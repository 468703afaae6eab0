//! The signed text form of a [`Document`]: `TW_POLICY`, and what the Console answers.
//!
//! base64url( version, 1 byte | public key, 32 | Ed25519 signature, 64 | deflate(JSON) ), without padding. The signature is
//! over version and compressed bytes exactly as they stand, and is verified before anything is inflated or parsed.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ed25519_dalek::{Signature, Signer as _, VerifyingKey};
use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_to_vec_with_limit;
use serde::{Deserialize, Serialize};

use crate::document::Document;

/// `TW_POLICY` is at most this long: all of a function's variables share 4 KB.
pub const MAX_TW_POLICY: usize = 2560;
/// A fetched text is at most this long.
pub const MAX_FETCHED: usize = 256 * 1024;
/// A `TW_POLICY` inflates to no more than this.
const MAX_TW_POLICY_JSON: usize = 64 * 1024;
/// A fetched text inflates to no more than this.
const MAX_FETCHED_JSON: usize = 1024 * 1024;

const VERSION: u8 = 1;
const KEY: usize = 32;
const SIGNATURE: usize = 64;
const HEADER: usize = 1 + KEY + SIGNATURE;

/// A key that documents are signed with.
#[derive(Clone)]
pub struct SigningKey(ed25519_dalek::SigningKey);

/// A key that documents are verified with. Written as base64.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey([u8; KEY]);

/// Why a document was not sealed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The text would be too long.
    #[error("the policy takes {length} characters and {limit} are possible; its largest parts are {largest}")]
    TooLong {
        /// How long it would be.
        length: usize,
        /// How long it may be.
        limit: usize,
        /// The largest parts of the effective policy with their sizes as JSON.
        largest: String,
    },
}

/// Why a text was not opened.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Longer than any policy.
    #[error("it has {0} characters, more than a policy may have")]
    TooLong(usize),
    /// Not base64url.
    #[error("it is not base64url text (was it cut or changed when it was copied?)")]
    NotBase64,
    /// Too short to hold a signature.
    #[error("it is cut off")]
    Truncated,
    /// Made by a later Gambeson.
    #[error("it has version {0}, which this Defender does not know: update the layer")]
    FutureVersion(u8),
    /// Not what was signed.
    #[error("its signature is wrong: it was changed, or cut off")]
    BadSignature,
    /// Signed by a key that is not trusted.
    #[error("it is signed by a key that is not known here")]
    UnknownKey,
    /// Signed, but not readable.
    #[error("it cannot be read: {0}")]
    Unreadable(String),
}

impl SigningKey {
    /// The key with these bytes, which must come from a good source of random numbers.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(ed25519_dalek::SigningKey::from_bytes(&bytes))
    }

    /// The key's secret bytes.
    pub fn to_bytes(&self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// The key that verifies what this one signs.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key().to_bytes())
    }
}

impl PublicKey {
    /// The key's bytes.
    pub fn to_bytes(self) -> [u8; 32] {
        self.0
    }

    /// The key with these bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", STANDARD.encode(self.0))
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey(of {:?})", self.public())
    }
}

impl Serialize for PublicKey {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(self.0))
    }
}

impl<'de> Deserialize<'de> for PublicKey {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = STANDARD.decode(&text).map_err(serde::de::Error::custom)?;
        let bytes = bytes.try_into().map_err(|_| serde::de::Error::custom("a key has 32 bytes"))?;
        Ok(Self(bytes))
    }
}

/// Signs `document` for `TW_POLICY`.
pub fn seal(document: &Document, key: &SigningKey) -> Result<String, SealError> {
    seal_within(document, key, MAX_TW_POLICY)
}

/// Signs `document` for an answer of the Console, which has more room.
pub fn seal_unbounded(document: &Document, key: &SigningKey) -> Result<String, SealError> {
    seal_within(document, key, MAX_FETCHED)
}

/// Opens a `TW_POLICY`. The key in front of it must be one that the document itself names: this finds damage, not a
/// forger, who can replace the whole variable anyway.
pub fn open(text: &str) -> Result<Document, OpenError> {
    let (signer, document) = open_within(text, MAX_TW_POLICY, MAX_TW_POLICY_JSON, |_| true)?;
    if document.keys.contains(&signer) { Ok(document) } else { Err(OpenError::UnknownKey) }
}

/// Opens a fetched text, which must be signed by one of `keys`.
pub fn open_trusted(text: &str, keys: &[PublicKey]) -> Result<Document, OpenError> {
    open_within(text, MAX_FETCHED, MAX_FETCHED_JSON, |signer| keys.contains(signer))
        .map(|(_, document)| document)
}

/// Signs bytes that may not be a document at all: for tests of what stands behind the signature.
#[doc(hidden)]
pub fn sign(compressed: &[u8], key: &SigningKey) -> String {
    let signed = [&[VERSION], compressed].concat();
    let signature = key.0.sign(&signed).to_bytes();
    URL_SAFE_NO_PAD.encode([&[VERSION][..], &key.public().0, &signature, compressed].concat())
}

fn seal_within(document: &Document, key: &SigningKey, limit: usize) -> Result<String, SealError> {
    let json = serde_json::to_vec(document).unwrap_or_default();
    let text = sign(&compress_to_vec(&json, 10), key);
    if text.len() > limit {
        return Err(SealError::TooLong { length: text.len(), limit, largest: largest(document) });
    }
    Ok(text)
}

/// The three largest parts of the policy, for a person who has to make it smaller.
fn largest(document: &Document) -> String {
    let value = serde_json::to_value(&document.policy).unwrap_or_default();
    let mut parts = Vec::new();
    for (policy, rule) in value.as_object().into_iter().flatten() {
        for (name, part) in rule.as_object().into_iter().flatten() {
            parts.push((part.to_string().len(), format!("{policy}.{name}")));
        }
    }
    parts.sort_by(|one, other| other.cmp(one));
    let named: Vec<String> =
        parts.iter().take(3).map(|(size, name)| format!("{name} ({size} bytes)")).collect();
    named.join(", ")
}

fn open_within(
    text: &str,
    limit: usize,
    inflated_limit: usize,
    trusted: impl Fn(&PublicKey) -> bool,
) -> Result<(PublicKey, Document), OpenError> {
    if text.len() > limit {
        return Err(OpenError::TooLong(text.len()));
    }
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| OpenError::NotBase64)?;
    match bytes.first() {
        None => return Err(OpenError::Truncated),
        Some(&VERSION) => {}
        Some(&version) => return Err(OpenError::FutureVersion(version)),
    }
    if bytes.len() <= HEADER {
        return Err(OpenError::Truncated);
    }
    let signer = PublicKey(bytes[1..1 + KEY].try_into().map_err(|_| OpenError::Truncated)?);
    if !trusted(&signer) {
        return Err(OpenError::UnknownKey);
    }
    let signature = Signature::from_slice(&bytes[1 + KEY..HEADER]).map_err(|_| OpenError::BadSignature)?;
    let key = VerifyingKey::from_bytes(&signer.0).map_err(|_| OpenError::BadSignature)?;
    let compressed = &bytes[HEADER..];
    let signed = [&bytes[..1], compressed].concat();
    key.verify_strict(&signed, &signature).map_err(|_| OpenError::BadSignature)?;
    let json = decompress_to_vec_with_limit(compressed, inflated_limit)
        .map_err(|error| OpenError::Unreadable(format!("deflate: {:?}", error.status)))?;
    let document: Document =
        serde_json::from_slice(&json).map_err(|error| OpenError::Unreadable(error.to_string()))?;
    document.validate().map_err(|error| OpenError::Unreadable(error.to_string()))?;
    Ok((signer, document))
}
