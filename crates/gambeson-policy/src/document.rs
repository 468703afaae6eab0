//! What `TW_POLICY` carries, and what the Console answers.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::effective::EffectivePolicy;
use crate::envelope::PublicKey;
use crate::pattern;

/// The default time between two questions for the policy.
pub const DEFAULT_INTERVAL_MS: u64 = 120_000;

/// Everything that a Defender is told: the effective policy of one function, and where to go on from there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Document {
    /// Base addresses of the Console.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub console: Vec<String>,
    /// The function it is for: a name or a pattern.
    pub function: String,
    /// The region it is for.
    pub region: String,
    /// The account it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// What the Defender shows the Console.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<Token>,
    /// Keys that later policies may be signed with.
    pub keys: Vec<PublicKey>,
    /// Time between two questions for the policy.
    pub interval_ms: u64,
    /// The way to the Console.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proxy: Option<Proxy>,
    /// Counts the changes of the policy; an older one is never taken.
    pub revision: u64,
    /// When it was signed, in seconds since 1970.
    pub issued: u64,
    /// The policy itself.
    pub policy: EffectivePolicy,
}

/// A Defender's token. Its `Debug` form does not show the secret.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// Names the token.
    pub id: String,
    /// Proves it.
    pub secret: String,
}

/// An HTTP proxy on the way to the Console, under the Compute API's names. Its `Debug` form does not show the password.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Proxy {
    /// The proxy's address.
    pub http_proxy: String,
    /// Hosts that are reached without it, separated by commas.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_proxy: Option<String>,
    /// The user's name there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The user's password there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// The proxy's certificate authority, PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca: Option<String>,
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").field("id", &self.id).finish_non_exhaustive()
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxy").field("http_proxy", &self.http_proxy).finish_non_exhaustive()
    }
}

/// A document was made for another function or region.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is for function {expected:?} in region {expected_region:?}, not for {name:?} in {region:?}")]
pub struct WrongFunction {
    /// The pattern it is for.
    pub expected: String,
    /// The region it is for.
    pub expected_region: String,
    /// The function that asked.
    pub name: String,
    /// The region it runs in.
    pub region: String,
}

impl Document {
    /// Whether it is for this function and region.
    pub fn applies_to(&self, name: &str, region: &str) -> Result<(), WrongFunction> {
        if pattern::matches(&self.function, name) && pattern::matches(&self.region, region) {
            return Ok(());
        }
        Err(WrongFunction {
            expected: self.function.clone(),
            expected_region: self.region.clone(),
            name: name.to_owned(),
            region: region.to_owned(),
        })
    }
}

impl Default for Document {
    fn default() -> Self {
        Self {
            console: Vec::new(),
            function: String::new(),
            region: String::new(),
            account: None,
            token: None,
            keys: Vec::new(),
            interval_ms: DEFAULT_INTERVAL_MS,
            proxy: None,
            revision: 0,
            issued: 0,
            policy: EffectivePolicy::default(),
        }
    }
}
