//! What can be wrong with a request for a layer.

use crate::runtime::Architecture;

/// Why a layer was not built.
#[derive(Debug, thiserror::Error)]
pub enum LayerError {
    /// This binary was built without a Defender for the architecture.
    #[error("this gambeson was built without a Defender for {0}{do_this}", do_this = what_to_do(*.0))]
    NoDefender(Architecture),
    /// The CA text is longer than any set of certificates that a Console needs.
    #[error("the Console's CA is {0} bytes long, more than the {max} allowed", max = crate::ca::MAX_BYTES)]
    CaTooLong(usize),
    /// The CA text is not PEM, or holds something else than certificates.
    #[error("the Console's CA is not a list of PEM certificates: {0}")]
    CaMalformed(String),
    /// The ZIP could not be written.
    #[error("the layer's ZIP could not be written: {0}")]
    Zip(#[from] zip::result::ZipError),
    /// The ZIP could not be written.
    #[error("the layer's ZIP could not be written: {0}")]
    Write(#[from] std::io::Error),
}

fn what_to_do(missing: Architecture) -> &'static str {
    match missing {
        Architecture::X86_64 => ": run `make defender`, then build gambeson again",
        Architecture::Arm64 => {
            ": run `make defender`, which says what it needs for that architecture, then build gambeson again"
        }
    }
}
