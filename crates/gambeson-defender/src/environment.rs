//! What the function's environment says to the Defender, read once.

use std::ffi::OsString;

/// The variables of design that concern the Defender, and the function they are set on.
#[derive(Clone, Debug)]
pub(crate) struct Environment {
    /// `AWS_LAMBDA_FUNCTION_NAME`.
    pub(crate) function: String,
    /// `AWS_REGION`.
    pub(crate) region: String,
    /// `TW_POLICY`.
    pub(crate) policy: Option<String>,
    /// `TW_CUSTOM_RESPONSE`: the answer to prevented events.
    pub(crate) custom_response: Option<String>,
    /// `TW_DEBUG_ENABLED`: more log lines.
    pub(crate) debug: bool,
    /// `TW_FAIL_CLOSED`: do not run the function if the Defender cannot start.
    pub(crate) fail_closed: bool,
}

impl Environment {
    /// Reads the process's environment.
    pub(crate) fn read() -> Self {
        Self::from(|name| std::env::var_os(name))
    }

    fn from(variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let text = |name: &str| variable(name).map(|value| value.to_string_lossy().trim().to_owned());
        let is_set = |name: &str| {
            text(name).is_some_and(|value| {
                ["true", "1", "yes", "on"].contains(&value.to_ascii_lowercase().as_str())
            })
        };
        Self {
            function: text("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_default(),
            region: text("AWS_REGION").or_else(|| text("AWS_DEFAULT_REGION")).unwrap_or_default(),
            policy: text("TW_POLICY").filter(|value| !value.is_empty()),
            custom_response: text("TW_CUSTOM_RESPONSE").filter(|value| !value.is_empty()),
            debug: is_set("TW_DEBUG_ENABLED"),
            fail_closed: is_set("TW_FAIL_CLOSED"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Environment {
        Environment::from(|name| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn an_empty_environment_has_no_policy() {
        let environment = read(&[("TW_POLICY", "  ")]);
        assert_eq!(environment.policy, None);
        assert!(!environment.fail_closed && !environment.debug);
    }

    #[test]
    fn switches_are_read_as_people_write_them() {
        for (value, expected) in [("true", true), ("TRUE", true), ("1", true), ("false", false), ("", false)]
        {
            assert_eq!(read(&[("TW_FAIL_CLOSED", value)]).fail_closed, expected, "{value}");
        }
    }

    #[test]
    fn a_policy_pasted_with_blanks_is_still_a_policy() {
        assert_eq!(read(&[("TW_POLICY", " AbC\n")]).policy.as_deref(), Some("AbC"));
    }
}
