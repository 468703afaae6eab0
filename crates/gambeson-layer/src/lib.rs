#![doc = include_str!("../README.md")]

mod archive;
mod ca;
mod defender;
mod error;
mod runtime;
mod shim;

use sha2::{Digest, Sha256};

pub use error::LayerError;
pub use runtime::{Architecture, Runtime, UnknownName};

/// The name under which a layer is downloaded and written.
pub const FILE_NAME: &str = "twistlock_defender_layer.zip";

/// A finished layer.
#[derive(Clone, Debug)]
pub struct Layer {
    /// The ZIP file.
    pub zip: Vec<u8>,
    /// Its SHA-256, shown on download so that the file can be checked.
    pub sha256: [u8; 32],
}

impl Layer {
    /// The SHA-256 in lower-case hexadecimal.
    pub fn sha256_hex(&self) -> String {
        self.sha256.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Builds the layer for a runtime family and an architecture. `console_ca` is PEM text: the certificates against which the
/// Defender checks the Console, beside the public ones.
pub fn build(
    runtime: Runtime,
    architecture: Architecture,
    console_ca: Option<&str>,
) -> Result<Layer, LayerError> {
    let library = defender::library(architecture).ok_or(LayerError::NoDefender(architecture))?;
    let console_ca = console_ca.map(ca::certificates).transpose()?;

    let mut files: Vec<(&str, &[u8])> = shim::files(runtime).to_vec();
    files.push(("twistlock/libdefender.so", library));
    files.push(("twistlock/LICENSES", licenses().as_bytes()));
    if let Some(pem) = &console_ca {
        files.push(("twistlock/console-ca.pem", pem.as_bytes()));
    }

    let zip = archive::zip(files)?;
    let sha256 = Sha256::digest(&zip).into();
    Ok(Layer { zip, sha256 })
}

/// The licences of everything that is linked into the Defender, as the layer carries them.
pub fn licenses() -> &'static str {
    include_str!("../LICENSES")
}
