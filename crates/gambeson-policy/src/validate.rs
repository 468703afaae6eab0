//! Checking what a person or a program sent, before it is stored or sealed: each error names the field.

use crate::collection::Collection;
use crate::document::Document;
use crate::lists::parse_network;
use crate::runtime::{PortRange, RuntimePolicy, RuntimeRule};
use crate::waas::{ExceptionField, WaasPolicy, WaasRule};

/// Rules in a policy at most.
const RULES: usize = 1000;
/// Entries in a list at most.
const LIST: usize = 2000;
/// Keys in a document at most.
const KEYS: usize = 16;
/// Characters in a name, pattern or path at most.
const TEXT: usize = 4096;

/// A policy that is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct PolicyError {
    /// Where, such as `rules[2].network.whitelistIPs[0]`.
    pub field: String,
    /// What is wrong with it.
    pub problem: String,
}

impl RuntimePolicy {
    /// Whether every field means what it should.
    pub fn validate(&self) -> Result<(), PolicyError> {
        check_rules(self.rules.iter().map(|rule| rule.name.as_str()))?;
        self.rules
            .iter()
            .enumerate()
            .try_for_each(|(index, rule)| check_runtime_rule(rule, &format!("rules[{index}]")))
    }
}

impl WaasPolicy {
    /// Whether every field means what it should.
    pub fn validate(&self) -> Result<(), PolicyError> {
        check_rules(self.rules.iter().map(|rule| rule.name.as_str()))?;
        self.rules
            .iter()
            .enumerate()
            .try_for_each(|(index, rule)| check_waas_rule(rule, &format!("rules[{index}]"), check_pattern))
    }
}

impl Document {
    /// Whether every field is within its limits; what a signature vouches for may still be a mistake of the Console's.
    pub fn validate(&self) -> Result<(), PolicyError> {
        check_list(&self.console, "console", |address: &String| check_length(address))?;
        if self.keys.len() > KEYS {
            return error("keys", format!("{} keys, {KEYS} are possible", self.keys.len()));
        }
        check_text(&self.function, "function")?;
        check_text(&self.region, "region")?;
        if let Some(rule) = &self.policy.runtime {
            check_text(&rule.name, "policy.runtime.name")?;
            check_runtime_rule(rule, "policy.runtime")?;
        }
        if let Some(rule) = &self.policy.waas {
            check_text(&rule.name, "policy.waas.name")?;
            // Compiling the patterns is the engine's part, which leaves out one that is none.
            check_waas_rule(rule, "policy.waas", |_| Ok(()))?;
        }
        Ok(())
    }
}

fn check_rules<'a>(names: impl ExactSizeIterator<Item = &'a str>) -> Result<(), PolicyError> {
    if names.len() > RULES {
        return error("rules", format!("{} rules, {RULES} are possible", names.len()));
    }
    let mut seen = std::collections::HashSet::new();
    for (index, name) in names.enumerate() {
        let field = format!("rules[{index}].name");
        check_text(name, &field)?;
        if name.trim().is_empty() {
            return error(field, "a rule needs a name");
        }
        if !seen.insert(name) {
            return error(field, format!("another rule is called {name:?} too"));
        }
    }
    Ok(())
}

fn check_runtime_rule(rule: &RuntimeRule, at: &str) -> Result<(), PolicyError> {
    check_collections(&rule.collections, at)?;
    for (name, programs) in [("whitelist", &rule.processes.allow), ("blacklist", &rule.processes.deny)] {
        check_list(programs, &format!("{at}.processes.{name}"), check_program)?;
    }
    let network = format!("{at}.network");
    check_list(&rule.network.allow_ips, &format!("{network}.whitelistIPs"), check_network)?;
    check_list(&rule.network.deny_ips, &format!("{network}.blacklistIPs"), check_network)?;
    for (name, ports) in [
        ("whitelistOutboundPorts", &rule.network.allow_outbound_ports),
        ("blacklistOutboundPorts", &rule.network.deny_outbound_ports),
        ("whitelistListeningPorts", &rule.network.allow_listening_ports),
        ("blacklistListeningPorts", &rule.network.deny_listening_ports),
    ] {
        check_list(ports, &format!("{network}.{name}"), check_ports)?;
    }
    for (name, domains) in [("whitelist", &rule.dns.allow), ("blacklist", &rule.dns.deny)] {
        check_list(domains, &format!("{at}.dns.{name}"), check_domain)?;
    }
    for (name, paths) in [("whitelist", &rule.filesystem.allow), ("blacklist", &rule.filesystem.deny)] {
        check_list(paths, &format!("{at}.filesystem.{name}"), check_path)?;
    }
    Ok(())
}

fn check_waas_rule(
    rule: &WaasRule,
    at: &str,
    check_pattern: impl Fn(&ExceptionField) -> Result<(), String>,
) -> Result<(), PolicyError> {
    check_collections(&rule.collections, at)?;
    if rule.applications_spec.len() > LIST {
        return error(format!("{at}.applicationsSpec"), "too many applications");
    }
    for (index, application) in rule.applications_spec.iter().enumerate() {
        let answer = &application.custom_block_response;
        if answer.enabled && !(100..=599).contains(&answer.code) {
            let field = format!("{at}.applicationsSpec[{index}].customBlockResponse.code");
            return error(field, format!("{} is no HTTP status", answer.code));
        }
        for (name, _, protection) in application.protections() {
            let field = format!("{at}.applicationsSpec[{index}].{name}.exceptionFields");
            check_list(&protection.exception_fields, &field, |exception| {
                check_one_of(&exception.location, LOCATIONS)?;
                check_length(&exception.key)?;
                check_pattern(exception)
            })?;
        }
    }
    Ok(())
}

/// A pattern must be one that the engine can compile, so that an exception that somebody wrote also holds.
fn check_pattern(exception: &ExceptionField) -> Result<(), String> {
    if !exception.key_pattern && !exception.value_pattern {
        return Ok(());
    }
    let key = &exception.key;
    regex_lite::Regex::new(key).map(drop).map_err(|error| format!("`{key}` is no pattern: {error}"))
}

/// Where an exception may apply.
const LOCATIONS: &[&str] = &[
    "path",
    "query",
    "queryValues",
    "cookie",
    "UserAgentHeader",
    "header",
    "body",
    "rawBody",
    "XMLPath",
    "JSONPath",
];

fn check_collections(collections: &[Collection], at: &str) -> Result<(), PolicyError> {
    if collections.len() > LIST {
        return error(format!("{at}.collections"), "too many collections");
    }
    for (index, collection) in collections.iter().enumerate() {
        let at = format!("{at}.collections[{index}]");
        check_text(&collection.name, &format!("{at}.name"))?;
        for (name, patterns) in [
            ("functions", &collection.functions),
            ("labels", &collection.labels),
            ("accountIDs", &collection.account_ids),
        ] {
            check_list(patterns, &format!("{at}.{name}"), |pattern: &String| {
                check_filled(pattern.trim_start_matches('-'), "a pattern")
            })?;
        }
    }
    Ok(())
}

fn check_list<T>(
    list: &[T],
    field: &str,
    check: impl Fn(&T) -> Result<(), String>,
) -> Result<(), PolicyError> {
    if list.len() > LIST {
        return error(field, format!("{} entries, {LIST} are possible", list.len()));
    }
    for (index, entry) in list.iter().enumerate() {
        if let Err(problem) = check(entry) {
            return error(format!("{field}[{index}]"), problem);
        }
    }
    Ok(())
}

fn check_program(program: &String) -> Result<(), String> {
    check_filled(program, "a program")?;
    if program.contains('/') && !program.starts_with('/') {
        return Err(format!("{program:?} is neither an absolute path nor a bare name"));
    }
    Ok(())
}

fn check_path(path: &String) -> Result<(), String> {
    check_filled(path, "a path")?;
    if !path.starts_with('/') && !path.starts_with('*') {
        return Err(format!("{path:?} is not an absolute path"));
    }
    // Paths are judged after resolution, where none of these occur: such an entry would never match.
    if path.contains("//") || path.split('/').any(|component| component == "." || component == "..") {
        return Err(format!("{path:?} must be written without `.`, `..` and double slashes"));
    }
    Ok(())
}

/// An address, or a network as `address/bits`.
fn check_network(network: &String) -> Result<(), String> {
    check_length(network)?;
    match parse_network(network) {
        Some(_) => Ok(()),
        None => Err(format!("{network:?} is neither an address nor a network such as 10.0.0.0/8")),
    }
}

/// A name, or a pattern of names.
fn check_domain(domain: &String) -> Result<(), String> {
    check_filled(domain, "a name")?;
    let possible = |byte: u8| byte.is_ascii_alphanumeric() || b".-_*".contains(&byte) || !byte.is_ascii();
    if domain.trim().bytes().all(possible) {
        Ok(())
    } else {
        Err(format!("{domain:?} is no name such as example.com or *.example.com"))
    }
}

fn check_ports(range: &PortRange) -> Result<(), String> {
    if range.start <= range.end { Ok(()) } else { Err(format!("{} is after {}", range.start, range.end)) }
}

fn check_one_of(text: &str, possible: &[&str]) -> Result<(), String> {
    if possible.contains(&text) {
        Ok(())
    } else {
        Err(format!("{text:?} is none of {}", possible.join(", ")))
    }
}

fn check_filled(text: &str, what: &str) -> Result<(), String> {
    check_length(text)?;
    if text.trim().is_empty() { Err(format!("{what} is missing")) } else { Ok(()) }
}

fn check_length(text: &str) -> Result<(), String> {
    if text.len() > TEXT {
        return Err(format!("{} characters, {TEXT} are possible", text.len()));
    }
    if text.contains('\0') { Err("holds a NUL character".to_owned()) } else { Ok(()) }
}

fn check_text(text: &str, field: &str) -> Result<(), PolicyError> {
    check_length(text).or_else(|problem| error(field, problem))
}

fn error<T>(field: impl Into<String>, problem: impl Into<String>) -> Result<T, PolicyError> {
    Err(PolicyError { field: field.into(), problem: problem.into() })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn problem(rule: Value) -> String {
        let policy: RuntimePolicy = serde_json::from_value(json!({ "rules": [rule] })).unwrap();
        policy.validate().unwrap_err().to_string()
    }

    #[test]
    fn the_shipped_policy_is_valid() {
        RuntimePolicy::default_policy().validate().unwrap();
        WaasPolicy::default().validate().unwrap();
    }

    #[test]
    fn an_error_names_the_field() {
        let cases = [
            (json!({ "name": "" }), "rules[0].name"),
            (
                json!({ "name": "x", "processes": { "whitelist": ["bin/x"] } }),
                "rules[0].processes.whitelist[0]",
            ),
            (
                json!({ "name": "x", "network": { "blacklistIPs": ["10.0.0.0/8", "10.0.0.0/33"] } }),
                "rules[0].network.blacklistIPs[1]",
            ),
            (
                json!({ "name": "x", "network": { "whitelistOutboundPorts": [{ "start": 2, "end": 1 }] } }),
                "rules[0].network.whitelistOutboundPorts[0]",
            ),
            (
                json!({ "name": "x", "filesystem": { "blacklist": ["tmp"] } }),
                "rules[0].filesystem.blacklist[0]",
            ),
            (
                json!({ "name": "x", "filesystem": { "whitelist": ["/tmp", "/tmp/../etc"] } }),
                "rules[0].filesystem.whitelist[1]",
            ),
            (json!({ "name": "x", "dns": { "whitelist": ["https://x"] } }), "rules[0].dns.whitelist[0]"),
            (
                json!({ "name": "x", "collections": [{ "functions": ["-"] }] }),
                "rules[0].collections[0].functions[0]",
            ),
        ];
        for (rule, field) in cases {
            let problem = problem(rule);
            assert!(problem.starts_with(&format!("{field}: ")), "{problem} does not name {field}");
        }
    }

    #[test]
    fn two_rules_of_one_name_cannot_be_told_apart_in_audits() {
        let policy: RuntimePolicy =
            serde_json::from_value(json!({ "rules": [{ "name": "x" }, { "name": "x" }] })).unwrap();
        assert_eq!(policy.validate().unwrap_err().field, "rules[1].name");
    }
}
