//! The Console's CA: text from outside that goes into other people's functions.

use x509_parser::pem::Pem;
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::error::LayerError;

/// A chain of some certificates has about 2 KB each; this is a company's whole bundle, and still little beside the Defender.
pub(crate) const MAX_BYTES: usize = 128 * 1024;

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// Checks that the text is PEM certificates and nothing else that matters; gives them back without the comments that tools
/// write between them.
pub(crate) fn certificates(text: &str) -> Result<String, LayerError> {
    if text.len() > MAX_BYTES {
        return Err(LayerError::CaTooLong(text.len()));
    }
    let mut kept = String::new();
    let mut block: Option<String> = None;
    for (number, line) in text.lines().map(str::trim_end).enumerate() {
        let malformed = |what: &str| LayerError::CaMalformed(format!("line {}: {what}", number + 1));
        match &mut block {
            None if line == BEGIN => block = Some(format!("{line}\n")),
            // A private key beside the certificate is an easy mistake, and would end up in every function.
            None if line.starts_with("-----BEGIN") => {
                return Err(malformed("something else than a certificate begins"));
            }
            None => {}
            Some(lines) => {
                lines.push_str(line);
                lines.push('\n');
                if line == END {
                    check(lines).map_err(|what| malformed(&what))?;
                    kept.push_str(lines);
                    block = None;
                } else if line.starts_with('-') {
                    return Err(malformed("a certificate is not ended"));
                }
            }
        }
    }
    if block.is_some() {
        return Err(LayerError::CaMalformed("the last certificate is not ended".to_owned()));
    }
    if kept.is_empty() {
        return Err(LayerError::CaMalformed("it holds no certificate".to_owned()));
    }
    Ok(kept)
}

/// Whether a block's content is a certificate, and only that.
fn check(block: &str) -> Result<(), String> {
    let (pem, _) = Pem::read(std::io::Cursor::new(block))
        .map_err(|error| format!("the block that ends here: {error}"))?;
    match X509Certificate::from_der(&pem.contents) {
        Ok(([], _)) => Ok(()),
        Ok(_) => Err("the block that ends here has bytes after its certificate".to_owned()),
        Err(error) => Err(format!("the block that ends here holds no X.509 certificate: {error}")),
    }
}
