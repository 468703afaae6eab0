//! What remains of both policies for one function.

use serde::{Deserialize, Serialize};

use crate::function::FunctionId;
use crate::runtime::{RuntimePolicy, RuntimeRule};
use crate::waas::{WaasPolicy, WaasRule};

/// The one rule of each policy that applies to a function, without what only people and the Console need.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct EffectivePolicy {
    /// The runtime rule in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runtime: Option<RuntimeRule>,
    /// The WAAS rule in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waas: Option<WaasRule>,
}

impl EffectivePolicy {
    /// The effective policy of `function`.
    pub fn for_function(runtime: &RuntimePolicy, waas: &WaasPolicy, function: &FunctionId<'_>) -> Self {
        Self {
            runtime: runtime.rule_for(function).map(|(_, rule)| enforced(rule)),
            waas: waas.rule_for(function).map(|(_, rule)| inspected(rule)),
        }
    }
}

/// What a Defender needs of a runtime rule: every byte counts in `TW_POLICY`.
fn enforced(rule: &RuntimeRule) -> RuntimeRule {
    let mut rule = RuntimeRule {
        collections: Vec::new(),
        notes: String::new(),
        owner: String::new(),
        modified: String::new(),
        previous_name: String::new(),
        ..rule.clone()
    };
    let network = &mut rule.network;
    for range in [
        &mut network.allow_outbound_ports,
        &mut network.deny_outbound_ports,
        &mut network.allow_listening_ports,
        &mut network.deny_listening_ports,
    ]
    .into_iter()
    .flatten()
    {
        range.extra.clear();
    }
    for extra in [
        &mut rule.extra,
        &mut rule.processes.extra,
        &mut rule.network.extra,
        &mut rule.dns.extra,
        &mut rule.filesystem.extra,
    ] {
        extra.clear();
    }
    rule
}

/// What a Defender needs of a WAAS rule.
fn inspected(rule: &WaasRule) -> WaasRule {
    let mut rule = WaasRule { collections: Vec::new(), notes: String::new(), ..rule.clone() };
    rule.extra.clear();
    for application in &mut rule.applications_spec {
        application.extra.clear();
        application.body.extra.clear();
        application.custom_block_response.extra.clear();
        for protection in [
            &mut application.sqli,
            &mut application.cmdi,
            &mut application.code_injection,
            &mut application.xss,
            &mut application.lfi,
        ] {
            protection.extra.clear();
            protection.exception_fields.iter_mut().for_each(|field| field.extra.clear());
        }
    }
    rule
}
