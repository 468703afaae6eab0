//! The serverless WAAS policy, under the Compute API's names.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::collection::Collection;
use crate::effect::Effect;
use crate::function::FunctionId;
use crate::runtime::{is_default, is_false, or_default};

/// An ordered list of rules: the first enabled one that matches a function applies to it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct WaasPolicy {
    /// The Compute API's name of the policy.
    #[serde(rename = "_id", skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// The rules, first match wins.
    #[serde(deserialize_with = "or_default")]
    pub rules: Vec<WaasRule>,
    /// What means nothing here, kept as it came.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// One rule of the WAAS policy.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct WaasRule {
    /// The rule's name, which audits carry.
    pub name: String,
    /// A disabled rule is passed over.
    #[serde(skip_serializing_if = "is_false")]
    pub disabled: bool,
    /// A person's notes.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub notes: String,
    /// Where it applies: any of these.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "or_default")]
    pub collections: Vec<Collection>,
    /// What is inspected; functions have one application.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "or_default")]
    pub applications_spec: Vec<WaasApplication>,
    /// What means nothing for functions, kept as it came.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// The settings of one application.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct WaasApplication {
    /// Identifies the application within the policy.
    #[serde(rename = "appID", skip_serializing_if = "String::is_empty")]
    pub app_id: String,
    /// SQL injection.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "or_default")]
    pub sqli: Protection,
    /// Command injection.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "or_default")]
    pub cmdi: Protection,
    /// Code injection.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "or_default")]
    pub code_injection: Protection,
    /// Cross-site scripting.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "or_default")]
    pub xss: Protection,
    /// Local file inclusion.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "or_default")]
    pub lfi: Protection,
    /// How much of a body is inspected.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "or_default")]
    pub body: Body,
    /// The answer to a prevented event.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "or_default")]
    pub custom_block_response: CustomBlockResponse,
    /// Our own: audits show of an event only the fragment that matched, not the query and not the event.
    #[serde(skip_serializing_if = "is_false")]
    pub redact_events: bool,
    /// What means nothing for functions, kept as it came.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// The settings of one protection.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Protection {
    /// What a finding leads to.
    pub effect: Effect,
    /// Where findings are expected and not reported.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "or_default")]
    pub exception_fields: Vec<ExceptionField>,
    /// What means nothing for functions, kept as it came.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A place in events where findings are expected.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ExceptionField {
    /// `path`, `query`, `queryValues`, `cookie`, `UserAgentHeader`, `header`, `body`, `rawBody`, `XMLPath`, `JSONPath`.
    pub location: String,
    /// The field's name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub key: String,
    /// Whether `key` is a pattern.
    #[serde(skip_serializing_if = "is_false")]
    pub key_pattern: bool,
    /// Whether `key` is a pattern of the value instead of the name.
    #[serde(skip_serializing_if = "is_false")]
    pub value_pattern: bool,
    /// What means nothing for functions, kept as it came.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// How much of a body is inspected.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Body {
    /// Bodies are not inspected.
    #[serde(skip_serializing_if = "is_false")]
    pub skip: bool,
    /// Bytes of a body that are inspected; 0 leaves it to the engine.
    #[serde(skip_serializing_if = "is_default")]
    pub inspection_size_bytes: u64,
    /// What a body beyond that leads to.
    #[serde(skip_serializing_if = "is_default")]
    pub inspection_limit_exceeded_effect: Effect,
    /// What means nothing for functions, kept as it came.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// The answer to a prevented event.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct CustomBlockResponse {
    /// Whether this answer is given instead of the default one.
    #[serde(skip_serializing_if = "is_false")]
    pub enabled: bool,
    /// HTTP status.
    #[serde(skip_serializing_if = "is_default")]
    pub code: u16,
    /// The body.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub body: String,
    /// What means nothing for functions, kept as it came.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl WaasPolicy {
    /// What Gambeson ships: nothing is inspected until a rule is added.
    pub fn default_policy() -> Self {
        Self { id: "serverlessAppFirewall".to_owned(), ..Self::default() }
    }

    /// The rule that applies to `function`, with its place.
    pub fn rule_for(&self, function: &FunctionId<'_>) -> Option<(usize, &WaasRule)> {
        self.rules.iter().enumerate().find(|(_, rule)| rule.mismatch(function).is_none())
    }
}

impl WaasApplication {
    /// The protections: the field's name, what a person calls it, its settings.
    pub fn protections(&self) -> [(&'static str, &'static str, &Protection); 5] {
        [
            ("sqli", "SQL injection", &self.sqli),
            ("cmdi", "command injection", &self.cmdi),
            ("codeInjection", "code injection", &self.code_injection),
            ("xss", "cross-site scripting", &self.xss),
            ("lfi", "local file inclusion", &self.lfi),
        ]
    }
}

impl WaasRule {
    /// Why the rule does not apply to `function`; `None` if it does.
    pub fn mismatch(&self, function: &FunctionId<'_>) -> Option<String> {
        crate::matching::mismatch(self.disabled, &self.collections, function)
    }
}
