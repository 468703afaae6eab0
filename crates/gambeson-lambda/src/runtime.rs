//! The names that Lambda gives its runtimes.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A managed runtime, as Lambda names it: `python3.12`, `nodejs20.x`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Runtime {
    /// CPython, by its feature version.
    Python {
        /// 2 or 3.
        major: u8,
        /// The number after the dot.
        minor: u8,
    },
    /// Node.js, by its major version.
    Nodejs {
        /// 10, 12, …
        major: u8,
    },
}

impl Runtime {
    /// Whether the runtime runs Python.
    pub fn is_python(self) -> bool {
        matches!(self, Self::Python { .. })
    }
}

impl fmt::Display for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Python { major, minor } => write!(f, "python{major}.{minor}"),
            Self::Nodejs { major } => write!(f, "nodejs{major}.x"),
        }
    }
}

impl FromStr for Runtime {
    type Err = UnknownRuntime;

    fn from_str(name: &str) -> Result<Self, UnknownRuntime> {
        let unknown = || UnknownRuntime(name.to_owned());
        if let Some(version) = name.strip_prefix("python") {
            let (major, minor) = version.split_once('.').ok_or_else(unknown)?;
            let (major, minor) = (number(major).ok_or_else(unknown)?, number(minor).ok_or_else(unknown)?);
            // 2.7 and 3.6 are the oldest that Lambda ever offered and that the Defender supports.
            match (major, minor) {
                (2, 7) | (3, 6..) => Ok(Self::Python { major, minor }),
                _ => Err(unknown()),
            }
        } else if let Some(version) = name.strip_prefix("nodejs") {
            let major = version.strip_suffix(".x").and_then(number).ok_or_else(unknown)?;
            if major >= 10 { Ok(Self::Nodejs { major }) } else { Err(unknown()) }
        } else {
            Err(unknown())
        }
    }
}

impl TryFrom<String> for Runtime {
    type Error = UnknownRuntime;

    fn try_from(name: String) -> Result<Self, UnknownRuntime> {
        name.parse()
    }
}

impl From<Runtime> for String {
    fn from(runtime: Runtime) -> Self {
        runtime.to_string()
    }
}

/// The text names no runtime that can be run here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no runtime that can be run here: use Lambda's names, python2.7, python3.6 and later, \
     nodejs10.x and later"
)]
pub struct UnknownRuntime(String);

/// A decimal number as it stands in a runtime's name: no sign, no leading zero.
fn number(text: &str) -> Option<u8> {
    let canonical = text.bytes().all(|b| b.is_ascii_digit()) && !(text.len() > 1 && text.starts_with('0'));
    if canonical { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_lambdas_own() {
        for name in ["python2.7", "python3.6", "python3.12", "nodejs10.x", "nodejs24.x"] {
            assert_eq!(name.parse::<Runtime>().expect(name).to_string(), name);
        }
        for name in [
            "",
            "python",
            "python3",
            "python3.5",
            "python2.6",
            "nodejs20",
            "nodejs8.x",
            "python3.+7",
            "python3.07",
            "nodejs20.x ",
            "ruby3.2",
        ] {
            assert!(name.parse::<Runtime>().is_err(), "{name}");
        }
    }
}
