//! What a network or file audit is about.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

/// What was to be reached, as far as the audit is about such a thing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Target {
    /// The address that was to be connected to, or listened on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip: Option<String>,
    /// Its port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// The name that was to be resolved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// The file, resolved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filepath: Option<String>,
}

impl Target {
    /// Takes `192.0.2.1:443` apart; another text says nothing.
    pub fn set_address(&mut self, text: &str) {
        if let Ok(address) = text.parse::<SocketAddr>() {
            self.ip = Some(address.ip().to_string());
            self.port = Some(address.port());
        }
    }
}
