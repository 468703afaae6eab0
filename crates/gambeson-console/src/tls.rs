//! The Console's certificate. Without one of the operator's, the Console is its own small authority: a root that lives ten years, which
//! layers carry, and a server certificate under it that is made anew when it nears its end or must name another host.

use std::fs;
use std::io;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SanType,
};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use sha2::{Digest, Sha256};
use time::{Duration, OffsetDateTime};

use crate::config::Transport;
use crate::data_dir::{DataDir, DataDirError};

const CA_CERTIFICATE: &str = "console-ca.pem";
const CA_KEY: &str = "console-ca.key";
const CERTIFICATE: &str = "console.pem";
const KEY: &str = "console.key";

const CA_LIFETIME: Duration = Duration::days(3650);
/// Clients may refuse server certificates that are valid for more than 398 days (CA/Browser Forum baseline since 2020).
const LIFETIME: Duration = Duration::days(397);
const RENEW_BEFORE: Duration = Duration::days(30);

/// A ready TLS set-up.
pub(crate) struct Tls {
    pub(crate) config: Arc<ServerConfig>,
    /// SHA-256 of the server certificate, as browsers show it.
    pub(crate) fingerprint: String,
    /// The root that clients need, if it is not a public one.
    pub(crate) ca_pem: Option<String>,
}

/// Why TLS cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file of ours is missing, exposed or damaged.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// A file of the operator's cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file does not hold the PEM blocks that it should.
    #[error("{} holds no usable {what}: {reason}", path.display())]
    Pem {
        /// The file.
        path: PathBuf,
        /// "certificate" or "private key".
        what: &'static str,
        /// What the parser said.
        reason: String,
    },
    /// A name cannot stand in a certificate.
    #[error("`{0}` is neither a DNS name nor an IP address")]
    Name(String),
    /// A certificate cannot be made.
    #[error("cannot make a certificate: {0}")]
    Make(#[from] rcgen::Error),
    /// Certificate and key do not belong together, or rustls does not support them.
    #[error("certificate and key cannot be used: {0}")]
    Unusable(#[from] rustls::Error),
}

/// Sets TLS up as chosen; `None` for plain HTTP.
pub(crate) fn prepare(dir: &DataDir, transport: &Transport) -> Result<Option<Tls>, TlsError> {
    match transport {
        Transport::Plain => Ok(None),
        Transport::Given { certificate, key, ca } => {
            let ca_pem = ca.as_deref().map(ca_of_operator).transpose()?;
            server(certificate, &read(certificate)?, key, &read(key)?, ca_pem).map(Some)
        }
        Transport::SelfSigned { names } => self_signed(dir, names).map(Some),
    }
}

fn ca_of_operator(path: &Path) -> Result<String, TlsError> {
    let bytes = read(path)?;
    certificates(path, &bytes)?;
    String::from_utf8(bytes).map_err(|error| TlsError::Pem {
        path: path.to_owned(),
        what: "certificate",
        reason: error.to_string(),
    })
}

fn self_signed(dir: &DataDir, extra: &[String]) -> Result<Tls, TlsError> {
    let (ca_pem, ca_key) = authority(dir)?;
    let names = names(extra)?;
    let kept = match (dir.read(CERTIFICATE)?, dir.read_secret(KEY)?) {
        (Some(certificate), Some(key)) if still_good(&certificate, &names) => Some((certificate, key)),
        _ => None,
    };
    let (certificate, key) = match kept {
        Some(pair) => pair,
        None => {
            let issuer = Issuer::from_ca_cert_pem(&ca_pem, ca_key)?;
            let key = KeyPair::generate()?;
            let mut params = CertificateParams::default();
            params.distinguished_name.push(DnType::CommonName, "Gambeson Console");
            params.subject_alt_names = names;
            params.not_before = OffsetDateTime::now_utc() - Duration::hours(1);
            params.not_after = OffsetDateTime::now_utc() + LIFETIME;
            params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
            params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
            params.use_authority_key_identifier_extension = true;
            let certificate = params.signed_by(&key, &issuer)?.pem().into_bytes();
            let key = key.serialize_pem().into_bytes();
            dir.write(KEY, &key, true)?;
            dir.write(CERTIFICATE, &certificate, true)?;
            (certificate, key)
        }
    };
    server(&dir.file(CERTIFICATE), &certificate, &dir.file(KEY), &key, Some(ca_pem))
}

/// The root's certificate and key, made if there is neither. One without the other is an error: layers in use trust the old root.
fn authority(dir: &DataDir) -> Result<(String, KeyPair), TlsError> {
    let damaged = |name: &str, reason: String| DataDirError::Damaged { path: dir.file(name), reason };
    match (dir.read(CA_CERTIFICATE)?, dir.read_secret(CA_KEY)?) {
        (Some(certificate), Some(key)) => {
            let certificate =
                String::from_utf8(certificate).map_err(|e| damaged(CA_CERTIFICATE, e.to_string()))?;
            let key = String::from_utf8(key).map_err(|e| damaged(CA_KEY, e.to_string()))?;
            let key = KeyPair::from_pem(&key).map_err(|e| damaged(CA_KEY, e.to_string()))?;
            Ok((certificate, key))
        }
        (None, None) => {
            let key = KeyPair::generate()?;
            let mut params = CertificateParams::default();
            params.distinguished_name.push(DnType::CommonName, "Gambeson Console root");
            params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
            params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
            params.not_before = OffsetDateTime::now_utc() - Duration::hours(1);
            params.not_after = OffsetDateTime::now_utc() + CA_LIFETIME;
            let certificate = params.self_signed(&key)?.pem();
            dir.write(CA_KEY, key.serialize_pem().as_bytes(), false)?;
            dir.write(CA_CERTIFICATE, certificate.as_bytes(), false)?;
            Ok((certificate, key))
        }
        (Some(_), None) => Err(damaged(CA_KEY, "it is missing, its certificate is there".to_owned()).into()),
        (None, Some(_)) => Err(damaged(CA_CERTIFICATE, "it is missing, its key is there".to_owned()).into()),
    }
}

/// localhost, this machine's name and what the operator added, in a fixed order.
fn names(extra: &[String]) -> Result<Vec<SanType>, TlsError> {
    let host = gethostname::gethostname().to_string_lossy().to_lowercase();
    let fixed = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
    let mut names = Vec::new();
    for name in fixed.into_iter().chain(extra.iter().cloned()) {
        let bare = name.trim_start_matches('[').trim_end_matches(']');
        let san = match bare.parse::<IpAddr>() {
            Ok(address) => SanType::IpAddress(address),
            Err(_) if is_dns_name(bare) => {
                SanType::DnsName(bare.to_lowercase().try_into().map_err(|_| TlsError::Name(name.clone()))?)
            }
            Err(_) => return Err(TlsError::Name(name)),
        };
        if !names.contains(&san) {
            names.push(san);
        }
    }
    // Some machines are called things that no certificate may hold; they are still reachable as localhost.
    if is_dns_name(&host)
        && let Ok(host) = host.try_into().map(SanType::DnsName)
        && !names.contains(&host)
    {
        names.push(host);
    }
    Ok(names)
}

fn is_dns_name(name: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    name.len() <= 253 && name.strip_prefix("*.").unwrap_or(name).split('.').all(label)
}

/// Whether the kept certificate covers at least these names and is not about to end.
fn still_good(pem: &[u8], names: &[SanType]) -> bool {
    let Ok(der) = CertificateDer::from_pem_slice(pem) else { return false };
    let Ok((_, certificate)) = x509_parser::parse_x509_certificate(&der) else { return false };
    let end = certificate.validity().not_after.timestamp();
    if end < (OffsetDateTime::now_utc() + RENEW_BEFORE).unix_timestamp() {
        return false;
    }
    let Ok(Some(found)) = certificate.subject_alternative_name() else { return false };
    names.iter().all(|name| {
        found.value.general_names.iter().any(|general| match (general, name) {
            (x509_parser::extensions::GeneralName::DNSName(a), SanType::DnsName(b)) => *a == b.as_str(),
            (x509_parser::extensions::GeneralName::IPAddress(a), SanType::IpAddress(b)) => match b {
                IpAddr::V4(b) => *a == b.octets(),
                IpAddr::V6(b) => *a == b.octets(),
            },
            _ => false,
        })
    })
}

fn server(
    certificate_path: &Path,
    certificate: &[u8],
    key_path: &Path,
    key: &[u8],
    ca_pem: Option<String>,
) -> Result<Tls, TlsError> {
    let chain = certificates(certificate_path, certificate)?;
    let key = PrivateKeyDer::from_pem_slice(key).map_err(|error| TlsError::Pem {
        path: key_path.to_owned(),
        what: "private key",
        reason: error.to_string(),
    })?;
    let fingerprint = fingerprint(&chain[0]);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    // A handshake with a ticket costs a fraction of a full one, and environments come back every interval.
    config.ticketer = rustls::crypto::ring::Ticketer::new()?;
    Ok(Tls { config: Arc::new(config), fingerprint, ca_pem })
}

fn certificates(path: &Path, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let broken = |reason: String| TlsError::Pem { path: path.to_owned(), what: "certificate", reason };
    let chain = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| broken(error.to_string()))?;
    if chain.is_empty() { Err(broken("no PEM block CERTIFICATE in it".to_owned())) } else { Ok(chain) }
}

fn fingerprint(certificate: &CertificateDer<'_>) -> String {
    Sha256::digest(certificate).iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":")
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    fs::read(path).map_err(|source| TlsError::Read { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prepare_with(dir: &DataDir, names: &[&str]) -> Result<Tls, TlsError> {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        prepare(dir, &Transport::SelfSigned { names }).map(|tls| tls.unwrap())
    }

    #[test]
    fn the_certificate_stays_until_it_must_name_another_host_and_the_root_stays_then_too() {
        let place = tempfile::tempdir().unwrap();
        let dir = DataDir::open(place.path()).unwrap();
        let first = prepare_with(&dir, &[]).unwrap();
        let second = prepare_with(&dir, &[]).unwrap();
        assert_eq!(first.fingerprint, second.fingerprint);
        let third = prepare_with(&dir, &["console.example.com", "10.1.2.3"]).unwrap();
        assert_ne!(first.fingerprint, third.fingerprint);
        assert_eq!(first.ca_pem, third.ca_pem);
        // Fewer names than the certificate has are no reason to make another one.
        assert_eq!(prepare_with(&dir, &[]).unwrap().fingerprint, third.fingerprint);
    }

    #[test]
    fn a_wrong_name_and_a_lost_root_key_are_told() {
        let place = tempfile::tempdir().unwrap();
        let dir = DataDir::open(place.path()).unwrap();
        assert!(matches!(prepare_with(&dir, &["no name"]), Err(TlsError::Name(name)) if name == "no name"));
        fs::remove_file(dir.file(CA_KEY)).unwrap();
        let error = prepare_with(&dir, &[]).err().unwrap().to_string();
        assert!(error.contains("console-ca.key") && error.contains("restore"), "{error}");
    }

    #[test]
    fn key_files_are_for_their_owner_only() {
        use std::os::unix::fs::MetadataExt;
        let place = tempfile::tempdir().unwrap();
        let dir = DataDir::open(place.path()).unwrap();
        prepare_with(&dir, &[]).unwrap();
        for name in [CA_KEY, KEY] {
            assert_eq!(fs::metadata(dir.file(name)).unwrap().mode() & 0o777, 0o600, "{name}");
        }
    }
}
