//! What a policy means, said to a person: for `gambeson policy explain` and the log line of a start.

use crate::effect::Effect;
use crate::effective::EffectivePolicy;
use crate::runtime::{PortRange, RuntimeRule};

impl EffectivePolicy {
    /// What is in force, a word or two each, such as `processes: prevent`.
    pub fn in_force(&self) -> Vec<String> {
        let mut parts = Vec::new();
        let mut part = |name: &str, effect: Effect, used: bool| {
            if used && effect != Effect::Disable {
                parts.push(format!("{name}: {effect}"));
            }
        };
        if let Some(rule) = &self.runtime {
            part("processes", rule.processes.effect, judges_processes(rule));
            part("network", rule.network.effect, !outbound(rule).is_empty() || !listening(rule).is_empty());
            part("names", rule.dns.effect, !(rule.dns.allow.is_empty() && rule.dns.deny.is_empty()));
            let files = &rule.filesystem;
            let name = if files.reads { "files, read too" } else { "files" };
            part(name, files.effect, !(files.allow.is_empty() && files.deny.is_empty()));
            part("cloud metadata", rule.metadata_effect(), true);
            part("executable memory", Effect::Prevent, rule.advanced_protection);
        }
        if let Some(application) = self.waas.as_ref().and_then(|rule| rule.applications_spec.first()) {
            for (_, name, protection) in application.protections() {
                part(name, protection.effect, true);
            }
        }
        parts
    }

    /// A sentence for each thing that the runtime rule and the WAAS rule do.
    pub fn in_words(&self) -> Vec<String> {
        let runtime = self.runtime.as_ref().map(runtime_in_words).unwrap_or_default();
        let application = self.waas.as_ref().and_then(|rule| rule.applications_spec.first());
        let inspected = application.into_iter().flat_map(|application| application.protections()).map(
            |(_, name, protection)| {
                let reaction = match protection.effect {
                    Effect::Disable => "not looked for",
                    Effect::Alert => "reported",
                    Effect::Prevent => "reported, and the event does not reach the handler",
                };
                match protection.exception_fields.len() {
                    0 => format!("{name}: {reaction}"),
                    count => format!("{name}: {reaction}; {count} exceptions"),
                }
            },
        );
        runtime.into_iter().chain(inspected).collect()
    }
}

fn runtime_in_words(rule: &RuntimeRule) -> Vec<String> {
    let mut sentences = vec![format!("processes: {}", processes(rule))];
    let mut say = |name: &str, effect: Effect, violations: Vec<String>| {
        if let Some(reaction) = reaction(effect).filter(|_| !violations.is_empty()) {
            sentences.push(format!("{name}: {reaction}: {}", violations.join("; ")));
        }
    };
    say("connections", rule.network.effect, outbound(rule));
    say("listening", rule.network.effect, listening(rule));
    let names = limits("every name", &rule.dns.allow, &rule.dns.deny);
    say("names", rule.dns.effect, names);
    if rule.dns.effect != Effect::Disable && !rule.dns.allow.is_empty() {
        let address = "every address that no resolver gave for an allowed name".to_owned();
        say("connections", rule.dns.effect, vec![address]);
    }
    say("cloud metadata", rule.metadata_effect(), vec!["every connection to it".to_owned()]);
    let files = &rule.filesystem;
    let paths = limits("every path", &files.allow, &files.deny);
    say(if files.reads { "reading and changing files" } else { "changing files" }, files.effect, paths);
    if rule.advanced_protection {
        say("new executable memory", Effect::Prevent, vec!["all of it, in Python".to_owned()]);
    }
    let tampering = "hands laid on the Defender: refused and reported, whatever the rule says";
    sentences.push(tampering.to_owned());
    sentences
}

fn reaction(effect: Effect) -> Option<&'static str> {
    match effect {
        Effect::Disable => None,
        Effect::Alert => Some("reported"),
        Effect::Prevent => Some("refused and reported"),
    }
}

/// What two lists make a violation: what is denied, and everything but what is allowed.
fn limits(everything: &str, allowed: &[String], denied: &[String]) -> Vec<String> {
    let mut violations = Vec::new();
    if !denied.is_empty() {
        violations.push(denied.join(", "));
    }
    if !allowed.is_empty() {
        violations.push(format!("{everything} but {}", allowed.join(", ")));
    }
    violations
}

fn ports(ranges: &[PortRange]) -> Vec<String> {
    let spelled = |range: &PortRange| match range.start == range.end {
        true => range.start.to_string(),
        false => format!("{} to {}", range.start, range.end),
    };
    ranges.iter().map(spelled).collect()
}

fn outbound(rule: &RuntimeRule) -> Vec<String> {
    let network = &rule.network;
    let mut violations = limits("every address", &network.allow_ips, &network.deny_ips);
    let [allowed, denied] = [ports(&network.allow_outbound_ports), ports(&network.deny_outbound_ports)];
    let ports = limits("every one", &allowed, &denied);
    violations.extend(ports.into_iter().map(|ports| format!("ports: {ports}")));
    violations
}

fn listening(rule: &RuntimeRule) -> Vec<String> {
    let network = &rule.network;
    limits("every port", &ports(&network.allow_listening_ports), &ports(&network.deny_listening_ports))
}

impl RuntimeRule {
    /// What becomes of a connection to a cloud's metadata service: the effect of the tab, or it is refused if that has none.
    pub fn metadata_effect(&self) -> Effect {
        match (self.cloud_metadata_enforcement, self.network.effect) {
            (false, _) => Effect::Disable,
            (true, Effect::Disable) => Effect::Prevent,
            (true, effect) => effect,
        }
    }
}

fn judges_processes(rule: &RuntimeRule) -> bool {
    let processes = &rule.processes;
    processes.block_all_binaries
        || processes.check_crypto_miners
        || !processes.allow.is_empty()
        || !processes.deny.is_empty()
}

fn processes(rule: &RuntimeRule) -> String {
    let processes = &rule.processes;
    let Some(reaction) = reaction(processes.effect) else { return "nothing is checked".to_owned() };
    let mut violations = Vec::new();
    if !processes.deny.is_empty() {
        violations.push(processes.deny.join(", "));
    }
    if processes.block_all_binaries || !processes.allow.is_empty() {
        violations.push(match processes.allow.as_slice() {
            [] => "every program but the main process".to_owned(),
            allowed => format!("every program but the main process and {}", allowed.join(", ")),
        });
    }
    if processes.check_crypto_miners {
        violations.push("known crypto-miners, by program, pool and command line".to_owned());
    }
    if violations.is_empty() {
        return "every program may run".to_owned();
    }
    format!("{reaction}: {}", violations.join("; "))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn policy() -> EffectivePolicy {
        serde_json::from_value(json!({
            "runtime": {
                "name": "r", "cloudMetadataEnforcement": true, "advancedProtection": true,
                "processes": { "effect": "prevent", "blockAllBinaries": true },
                "network": { "effect": "alert", "whitelistIPs": ["10.0.0.0/8"],
                             "blacklistOutboundPorts": [{ "start": 1, "end": 9 }, { "start": 25, "end": 25 }] },
                "dns": { "effect": "prevent", "whitelist": ["*.example.com"] },
                "filesystem": { "effect": "prevent", "blacklist": ["/tmp/x"], "reads": true },
            },
            "waas": { "name": "w", "applicationsSpec": [{ "sqli": { "effect": "prevent" } }] },
        }))
        .unwrap()
    }

    #[test]
    fn what_is_in_force_is_said_in_short() {
        assert_eq!(
            policy().in_force(),
            [
                "processes: prevent",
                "network: alert",
                "names: prevent",
                "files, read too: prevent",
                "cloud metadata: alert",
                "executable memory: prevent",
                "SQL injection: prevent",
            ]
        );
        assert!(EffectivePolicy::default().in_force().is_empty());
    }

    #[test]
    fn what_it_means_is_said_in_sentences() {
        let sentences = policy().in_words();
        for sentence in [
            "processes: refused and reported: every program but the main process",
            "connections: reported: every address but 10.0.0.0/8; ports: 1 to 9, 25",
            "names: refused and reported: every name but *.example.com",
            "connections: refused and reported: every address that no resolver gave for an allowed name",
            "reading and changing files: refused and reported: /tmp/x",
            "SQL injection: reported, and the event does not reach the handler",
            "cross-site scripting: not looked for",
        ] {
            assert!(sentences.iter().any(|said| said == sentence), "{sentence} is not in {sentences:#?}");
        }
        assert!(EffectivePolicy::default().in_words().is_empty());
    }
}
