//! The one matcher of rules and functions.

use crate::collection::Collection;
use crate::function::FunctionId;

/// Why a rule does not apply to `function`; `None` if it does. A rule without collections applies to all.
pub(crate) fn mismatch(
    disabled: bool,
    collections: &[Collection],
    function: &FunctionId<'_>,
) -> Option<String> {
    if disabled {
        return Some("the rule is disabled".to_owned());
    }
    let mut reasons = Vec::new();
    for collection in collections {
        match collection.mismatch(function) {
            None => return None,
            Some(reason) => reasons.push(format!("collection {}: {reason}", collection.name)),
        }
    }
    (!reasons.is_empty()).then(|| reasons.join("; "))
}
