//! What a violation leads to.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a violation of a rule leads to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// Nothing.
    #[default]
    Disable,
    /// An audit.
    Alert,
    /// An audit, and the operation is refused. `block` is another spelling; `ban` of the WAAS policy has no more to act
    /// on in a function than one event.
    #[serde(alias = "block", alias = "ban")]
    Prevent,
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Disable => "disable",
            Self::Alert => "alert",
            Self::Prevent => "prevent",
        })
    }
}
