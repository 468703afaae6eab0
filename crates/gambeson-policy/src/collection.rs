//! Collections: named scopes of rules.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::function::FunctionId;
use crate::pattern::list_matches;
use crate::runtime::or_default;

/// A named scope. The entries of a field are alternatives, the fields are all required; an empty field means all.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Collection {
    /// The collection's name. The built-in one is `All`.
    pub name: String,
    /// Patterns of function names.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "or_default")]
    pub functions: Vec<String>,
    /// `region:NAME` and `KEY:VALUE`, patterns too.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "or_default")]
    pub labels: Vec<String>,
    /// Accounts.
    #[serde(rename = "accountIDs", skip_serializing_if = "Vec::is_empty", deserialize_with = "or_default")]
    pub account_ids: Vec<String>,
    /// What means nothing for functions, kept as it came.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Collection {
    /// The collection of everything.
    pub fn all() -> Self {
        Self { name: "All".to_owned(), functions: vec!["*".to_owned()], ..Self::default() }
    }

    /// Why `function` is not in this collection; `None` if it is.
    pub fn mismatch(&self, function: &FunctionId<'_>) -> Option<String> {
        if !list_matches(&self.functions, &[function.name.to_owned()]) {
            return Some(format!("function {} is not in {}", function.name, self.functions.join(", ")));
        }
        let mut labels: Vec<String> =
            function.labels.iter().map(|(key, value)| format!("{key}:{value}")).collect();
        labels.push(format!("region:{}", function.region));
        if !list_matches(&self.labels, &labels) {
            return Some(format!("labels {} are not in {}", labels.join(", "), self.labels.join(", ")));
        }
        // A function whose account is not known yet is not kept from its policy.
        if let Some(account) = function.account
            && !list_matches(&self.account_ids, &[account.to_owned()])
        {
            return Some(format!("account {account} is not in {}", self.account_ids.join(", ")));
        }
        None
    }
}
