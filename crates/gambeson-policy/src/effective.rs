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
        let runtime = runtime.rule_for(function).map(|(_, rule)| RuntimeRule {
            collections: Vec::new(),
            notes: String::new(),
            owner: String::new(),
            modified: String::new(),
            previous_name: String::new(),
            extra: serde_json::Map::new(),
            ..rule.clone()
        });
        let waas = waas.rule_for(function).map(|(_, rule)| WaasRule {
            collections: Vec::new(),
            notes: String::new(),
            extra: serde_json::Map::new(),
            ..rule.clone()
        });
        Self { runtime, waas }
    }
}
