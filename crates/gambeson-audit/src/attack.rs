//! What kind of violation an audit reports, under the Compute API's names.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The tab or policy that was violated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Processes tab.
    #[default]
    Processes,
    /// Networking tab.
    Network,
    /// File System tab.
    Filesystem,
    /// WAAS policy.
    Waas,
}

/// What was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AttackType {
    /// A program that the deny list names.
    ExplicitlyDeniedProcess,
    /// A program that no list names.
    #[default]
    UnexpectedProcess,
    /// A program known to mine crypto-currencies.
    CryptoMinerProcess,
    /// The Defender itself was touched.
    PolicyHijacked,
    /// An address that the deny list names, or that no list names.
    #[serde(rename = "explicitlyDeniedIP")]
    ExplicitlyDeniedIp,
    /// A port to listen on that the deny list names.
    ExplicitlyDeniedListeningPort,
    /// A port to connect to that the deny list names.
    ExplicitlyDeniedOutboundPort,
    /// A port to connect to that no list names.
    UnexpectedOutboundPort,
    /// A port to listen on that no list names.
    UnexpectedListeningPort,
    /// A name that the deny list names.
    #[serde(rename = "explicitlyDeniedDNS")]
    ExplicitlyDeniedDns,
    /// A name that no list names.
    DnsQuery,
    /// A cloud metadata address.
    CloudMetadataProbing,
    /// A path that the deny list names.
    ExplicitlyDeniedFile,
    /// A path that no list names.
    RegFileAccess,
    /// SQL injection.
    Sqli,
    /// Command injection.
    Cmdi,
    /// Code injection.
    CodeInjection,
    /// Cross-site scripting.
    Xss,
    /// Local file inclusion.
    Lfi,
    /// An event with more than is inspected.
    InspectionLimitExceeded,
}

impl AttackType {
    /// The technique of MITRE ATT&CK that it is an instance of, under the Compute API's name.
    pub fn technique_name(self) -> &'static str {
        match self {
            Self::ExplicitlyDeniedProcess | Self::UnexpectedProcess => "nativeBinaryExecution",
            Self::CryptoMinerProcess => "resourceHijacking",
            Self::PolicyHijacked => "impairDefences",
            Self::ExplicitlyDeniedIp
            | Self::ExplicitlyDeniedOutboundPort
            | Self::UnexpectedOutboundPort
            | Self::ExplicitlyDeniedListeningPort
            | Self::UnexpectedListeningPort
            | Self::ExplicitlyDeniedDns
            | Self::DnsQuery => "commandAndControlGeneral",
            Self::CloudMetadataProbing => "cloudInstanceMetadataAPI",
            Self::ExplicitlyDeniedFile | Self::RegFileAccess | Self::Lfi => "fileAndDirectoryDiscovery",
            Self::Cmdi | Self::CodeInjection => "applicationExploitRCE",
            Self::Sqli | Self::Xss | Self::InspectionLimitExceeded => "exploitPublicFacingApplication",
        }
    }

    /// The class of OWASP's top ten that a WAAS finding belongs to, under the Compute API's name.
    pub fn owasp(self) -> Option<&'static str> {
        match self {
            Self::Sqli | Self::Cmdi | Self::CodeInjection | Self::Xss => Some("injection"),
            Self::Lfi => Some("brokenAccessControl"),
            _ => None,
        }
    }
}

impl fmt::Display for AttackType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}
