//! The serverless runtime policy, under the Compute API's names.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::collection::Collection;
use crate::effect::Effect;
use crate::function::FunctionId;

/// An ordered list of rules: the first enabled one that matches a function applies to it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RuntimePolicy {
    /// The Compute API's name of the policy.
    #[serde(rename = "_id", skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// Kept for the API; there is no learning.
    #[serde(rename = "learningDisabled")]
    pub learning_disabled: bool,
    /// The rules, first match wins.
    #[serde(deserialize_with = "or_default")]
    pub rules: Vec<RuntimeRule>,
    /// What means nothing here, kept as it came.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// One rule of the runtime policy.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct RuntimeRule {
    /// The rule's name, which audits carry.
    pub name: String,
    /// The name before a renaming.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub previous_name: String,
    /// A person's notes.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub notes: String,
    /// Who wrote it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub owner: String,
    /// When it was changed last.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub modified: String,
    /// A disabled rule is passed over.
    #[serde(skip_serializing_if = "is_false")]
    pub disabled: bool,
    /// Where it applies: any of these.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "or_default")]
    pub collections: Vec<Collection>,
    /// Protects the Defender itself.
    #[serde(skip_serializing_if = "is_false")]
    pub advanced_protection: bool,
    /// Whether cloud metadata addresses are denied.
    #[serde(skip_serializing_if = "is_false")]
    pub cloud_metadata_enforcement: bool,
    /// The Processes tab.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "or_default")]
    pub processes: ProcessesRule,
    /// The Networking tab: addresses and ports.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "or_default")]
    pub network: NetworkRule,
    /// The Networking tab: names.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "or_default")]
    pub dns: DnsRule,
    /// The File System tab.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "or_default")]
    pub filesystem: FilesystemRule,
    /// What means nothing for functions, kept as it came.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// The Processes tab.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ProcessesRule {
    /// What a violation leads to.
    pub effect: Effect,
    /// Every program but the main process is a violation unless it is allowed.
    #[serde(skip_serializing_if = "is_false")]
    pub block_all_binaries: bool,
    /// Known crypto-miners are a violation.
    #[serde(skip_serializing_if = "is_false")]
    pub check_crypto_miners: bool,
    /// Programs that are allowed, by absolute path or by name; if there are any, the rest is not.
    #[serde(
        rename = "whitelist",
        alias = "allowedList",
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "or_default"
    )]
    pub allow: Vec<String>,
    /// Programs that are always a violation.
    #[serde(
        rename = "blacklist",
        alias = "deniedList",
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "or_default"
    )]
    pub deny: Vec<String>,
    /// What means nothing for functions, kept as it came.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// Addresses and ports of the Networking tab.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct NetworkRule {
    /// What a violation leads to.
    pub effect: Effect,
    /// Addresses and networks that may be connected to; if there are any, the rest may not.
    #[serde(
        rename = "whitelistIPs",
        alias = "allowedIPs",
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "or_default"
    )]
    pub allow_ips: Vec<String>,
    /// Addresses and networks that may not be connected to.
    #[serde(
        rename = "blacklistIPs",
        alias = "deniedIPs",
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "or_default"
    )]
    pub deny_ips: Vec<String>,
    /// Ports that may be connected to.
    #[serde(
        rename = "whitelistOutboundPorts",
        alias = "allowedOutboundPorts",
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "or_default"
    )]
    pub allow_outbound_ports: Vec<PortRange>,
    /// Ports that may not be connected to.
    #[serde(
        rename = "blacklistOutboundPorts",
        alias = "deniedOutboundPorts",
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "or_default"
    )]
    pub deny_outbound_ports: Vec<PortRange>,
    /// Ports that may be listened on.
    #[serde(
        rename = "whitelistListeningPorts",
        alias = "allowedListeningPorts",
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "or_default"
    )]
    pub allow_listening_ports: Vec<PortRange>,
    /// Ports that may not be listened on.
    #[serde(
        rename = "blacklistListeningPorts",
        alias = "deniedListeningPorts",
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "or_default"
    )]
    pub deny_listening_ports: Vec<PortRange>,
    /// What means nothing for functions, kept as it came.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A range of ports, both ends included.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PortRange {
    /// The first port.
    pub start: u16,
    /// The last port.
    pub end: u16,
    /// Whether the range denies.
    #[serde(skip_serializing_if = "is_false")]
    pub deny: bool,
    /// What means nothing for functions, kept as it came.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// Names of the Networking tab.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DnsRule {
    /// What a violation leads to.
    pub effect: Effect,
    /// Names that may be resolved, `*` allowed; if there are any, the rest may not.
    #[serde(
        rename = "whitelist",
        alias = "allowedList",
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "or_default"
    )]
    pub allow: Vec<String>,
    /// Names that may not be resolved.
    #[serde(
        rename = "blacklist",
        alias = "deniedList",
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "or_default"
    )]
    pub deny: Vec<String>,
    /// What means nothing for functions, kept as it came.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// The File System tab.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct FilesystemRule {
    /// What a violation leads to.
    pub effect: Effect,
    /// Paths that may be changed; if there are any, the rest may not.
    #[serde(
        rename = "whitelist",
        alias = "allowedList",
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "or_default"
    )]
    pub allow: Vec<String>,
    /// Paths that may not be changed.
    #[serde(
        rename = "blacklist",
        alias = "deniedList",
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "or_default"
    )]
    pub deny: Vec<String>,
    /// Whether the lists apply to reading too. An addition of Gambeson's to the Compute API.
    #[serde(skip_serializing_if = "is_false")]
    pub reads: bool,
    /// What means nothing for functions, kept as it came.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl RuntimePolicy {
    /// What Gambeson ships: no function starts a program.
    pub fn default_policy() -> Self {
        let rule = RuntimeRule {
            name: "Default - block all processes except the main process".to_owned(),
            collections: vec![Collection::all()],
            processes: ProcessesRule {
                effect: Effect::Prevent,
                block_all_binaries: true,
                ..ProcessesRule::default()
            },
            ..RuntimeRule::default()
        };
        Self { id: "serverlessRuntime".to_owned(), rules: vec![rule], ..Self::default() }
    }

    /// The rule that applies to `function`, with its place.
    pub fn rule_for(&self, function: &FunctionId<'_>) -> Option<(usize, &RuntimeRule)> {
        self.rules.iter().enumerate().find(|(_, rule)| rule.mismatch(function).is_none())
    }
}

impl RuntimeRule {
    /// Why the rule does not apply to `function`; `None` if it does.
    pub fn mismatch(&self, function: &FunctionId<'_>) -> Option<String> {
        crate::matching::mismatch(self.disabled, &self.collections, function)
    }
}

pub(crate) fn is_false(value: &bool) -> bool {
    !*value
}

pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// The Compute API writes `null` for an empty list and for a tab that was never opened.
pub(crate) fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}
