//! The Defenders that this binary was built with.

use crate::runtime::Architecture;

mod embedded {
    include!(concat!(env!("OUT_DIR"), "/defenders.rs"));
}

/// `libdefender.so` for an architecture, if there was one when this crate was built.
pub(crate) fn library(architecture: Architecture) -> Option<&'static [u8]> {
    match architecture {
        Architecture::X86_64 => embedded::X86_64,
        Architecture::Arm64 => embedded::ARM64,
    }
}
