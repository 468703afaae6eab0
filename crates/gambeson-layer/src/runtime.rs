//! Names of runtime families and architectures.

use std::fmt;
use std::str::FromStr;

/// A runtime family: its versions share one shim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Runtime {
    /// CPython 2.7 and 3.6 to 3.14.
    Python,
    /// Node.js 10 to 24.
    Nodejs,
}

impl Runtime {
    /// The family's name, as in Lambda's runtime names.
    pub fn name(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::Nodejs => "nodejs",
        }
    }
}

impl FromStr for Runtime {
    type Err = UnknownName;

    /// Reads a family (`python`) or one of Lambda's runtime names (`python3.12`, `nodejs20.x`).
    fn from_str(text: &str) -> Result<Self, UnknownName> {
        let unknown = || UnknownName { what: "runtime", name: shorten(text), known: "python…, nodejs…" };
        let (family, version) = match text.find(|c: char| c.is_ascii_digit()) {
            Some(at) => text.split_at(at),
            None => (text, ""),
        };
        let runtime = match family {
            "python" => Self::Python,
            "nodejs" => Self::Nodejs,
            _ => return Err(unknown()),
        };
        let well_formed = match runtime {
            Self::Python => version.split('.').all(is_number),
            Self::Nodejs => version.strip_suffix(".x").is_some_and(is_number),
        };
        if version.is_empty() || well_formed { Ok(runtime) } else { Err(unknown()) }
    }
}

impl fmt::Display for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A processor architecture of Lambda.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Architecture {
    /// 64-bit Intel and AMD.
    X86_64,
    /// 64-bit ARM (Graviton).
    Arm64,
}

impl Architecture {
    /// Lambda's name of it.
    pub fn name(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64",
            Self::Arm64 => "arm64",
        }
    }
}

impl FromStr for Architecture {
    type Err = UnknownName;

    /// Reads Lambda's names and those that compilers use for the same.
    fn from_str(text: &str) -> Result<Self, UnknownName> {
        match text {
            "x86_64" | "amd64" => Ok(Self::X86_64),
            "arm64" | "aarch64" => Ok(Self::Arm64),
            _ => Err(UnknownName { what: "architecture", name: shorten(text), known: "x86_64, arm64" }),
        }
    }
}

impl fmt::Display for Architecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that is none of the known ones.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name:?} is no {what} that has a layer: known are {known}")]
pub struct UnknownName {
    what: &'static str,
    name: String,
    known: &'static str,
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Enough of a name to recognise it: an error must not repeat a megabyte of input.
fn shorten(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_and_lambda_names_are_read() {
        for name in ["python", "python2.7", "python3.12"] {
            assert_eq!(name.parse(), Ok(Runtime::Python), "{name}");
        }
        for name in ["nodejs", "nodejs10.x", "nodejs24.x"] {
            assert_eq!(name.parse(), Ok(Runtime::Nodejs), "{name}");
        }
    }

    #[test]
    fn other_names_are_refused() {
        for name in [
            "",
            "ruby3.3",
            "python3.",
            "python3.x",
            "nodejs20",
            "nodejs20.xx",
            "Python",
            "nodejs.x",
            "../python",
        ] {
            assert!(name.parse::<Runtime>().is_err(), "{name}");
        }
        assert!("i686".parse::<Architecture>().is_err());
    }
}
