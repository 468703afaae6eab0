//! What an operator may choose.

use std::path::PathBuf;
use std::time::Duration;

/// Everything that a Console needs to know to start.
#[derive(Clone, Debug)]
pub struct Config {
    /// The folder for database, keys and certificate.
    pub data_dir: PathBuf,
    /// `sqlite://PATH`; without it `gambeson.db` in the data directory.
    pub database: Option<String>,
    /// How connections are protected.
    pub transport: Transport,
    /// How many audits are kept; older ones are deleted.
    pub keep_audits: u64,
    /// How long a sign-in lasts.
    pub session_lifetime: Duration,
    /// How long the set-up link works.
    pub setup_lifetime: Duration,
}

/// How connections to the Console are protected.
#[derive(Clone, Debug)]
pub enum Transport {
    /// TLS with a certificate of our own, made on first start, valid for these names beside the machine's own.
    SelfSigned {
        /// DNS names or IP addresses.
        names: Vec<String>,
    },
    /// TLS with the operator's certificate.
    Given {
        /// PEM file with the certificate and those between it and its root.
        certificate: PathBuf,
        /// PEM file with the private key.
        key: PathBuf,
        /// PEM file with the root, if it is not a public one: layers then carry it.
        ca: Option<PathBuf>,
    },
    /// No TLS: for development, and only on a loopback address.
    Plain,
}

impl Config {
    /// The defaults, with everything in `data_dir`.
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            database: None,
            transport: Transport::SelfSigned { names: Vec::new() },
            keep_audits: 1_000_000,
            session_lifetime: Duration::from_secs(60 * 60),
            setup_lifetime: Duration::from_secs(24 * 60 * 60),
        }
    }
}
