//! The texts that a person reads in an audit, in one place.

use crate::attack::AttackType;

/// What is said of a program that was started, or was to be.
pub fn process(attack: AttackType, path: &str, command: &str) -> String {
    let why = match attack {
        AttackType::ExplicitlyDeniedProcess => "and is listed as denied",
        AttackType::CryptoMinerProcess => "and is a known crypto-miner, or is told to mine",
        _ => "but is not listed as allowed",
    };
    format!("{path} was launched {why}; command: {command}")
}

/// What is said of the name of a mining pool that was looked up.
pub fn mining_pool(path: &str, name: &str) -> String {
    format!("{path} tried to resolve {name}, a pool for mining crypto-currencies")
}

/// What is said of a connection, or of a socket that was to listen. `target` is the address with its port, or the port.
pub fn network(attack: AttackType, path: &str, target: &str) -> String {
    match attack {
        AttackType::ExplicitlyDeniedListeningPort => {
            format!("{path} tried to listen on {target}, which is listed as denied")
        }
        AttackType::UnexpectedListeningPort => {
            format!("{path} tried to listen on {target}, which is not listed as allowed")
        }
        AttackType::UnexpectedOutboundPort => {
            format!("{path} tried to connect to {target}, whose port is not listed as allowed")
        }
        AttackType::ExplicitlyDeniedOutboundPort => {
            format!("{path} tried to connect to {target}, whose port is listed as denied")
        }
        AttackType::CryptoMinerProcess => {
            format!("{path} tried to connect to {target}, a port of pools for mining crypto-currencies")
        }
        AttackType::CloudMetadataProbing => {
            format!("{path} tried to connect to the cloud's metadata service at {target}")
        }
        _ => format!("{path} tried to connect to {target}, which the rule does not allow"),
    }
}

/// What is said of a name that was looked up.
pub fn dns(attack: AttackType, path: &str, name: &str) -> String {
    match attack {
        AttackType::ExplicitlyDeniedDns => {
            format!("{path} tried to resolve {name}, which is listed as denied")
        }
        _ => format!("{path} tried to resolve {name}, which is not listed as allowed"),
    }
}

/// What is said of a file. `operation` is a verb, such as `write`.
pub fn file(attack: AttackType, path: &str, operation: &str, file: &str) -> String {
    match attack {
        AttackType::ExplicitlyDeniedFile => {
            format!("{path} tried to {operation} {file}, which is listed as denied")
        }
        _ => format!("{path} tried to {operation} {file}, which is not listed as allowed"),
    }
}

/// What is said of a hand laid on the Defender. `operation` names it, such as `mprotect of patched code`.
pub fn hijack(path: &str, operation: &str) -> String {
    format!("{path} tried to switch the Defender off: {operation}")
}

/// What is said of an attack in an event. `field` is where, `fragment` the text that gave it away.
pub fn waas(attack: AttackType, field: &str, fragment: &str) -> String {
    let name = match attack {
        AttackType::Sqli => "SQL injection",
        AttackType::Cmdi => "command injection",
        AttackType::CodeInjection => "code injection",
        AttackType::Xss => "cross-site scripting",
        AttackType::Lfi => "local file inclusion",
        _ => "attack",
    };
    format!("{name} in {field}: {fragment}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_named_with_the_reason_and_its_command_line() {
        let texts = [
            (
                AttackType::UnexpectedProcess,
                "/usr/bin/id was launched but is not listed as allowed; command: id -u",
            ),
            (
                AttackType::ExplicitlyDeniedProcess,
                "/usr/bin/id was launched and is listed as denied; command: id -u",
            ),
            (
                AttackType::CryptoMinerProcess,
                "/usr/bin/id was launched and is a known crypto-miner, or is told to mine; command: id -u",
            ),
        ];
        for (attack, text) in texts {
            assert_eq!(process(attack, "/usr/bin/id", "id -u"), text);
        }
    }

    #[test]
    fn every_other_text_says_who_did_what_and_why_it_is_wrong() {
        use AttackType::*;
        let python = "/var/lang/bin/python3.12";
        let texts = [
            (
                network(ExplicitlyDeniedIp, python, "10.0.0.1:80"),
                "10.0.0.1:80, which the rule does not allow",
            ),
            (
                network(UnexpectedListeningPort, python, "port 8080"),
                "listen on port 8080, which is not listed",
            ),
            (
                network(CloudMetadataProbing, python, "169.254.169.254:80"),
                "metadata service at 169.254.169.254:80",
            ),
            (dns(DnsQuery, python, "evil.example"), "resolve evil.example, which is not listed as allowed"),
            (
                dns(ExplicitlyDeniedDns, python, "evil.example"),
                "resolve evil.example, which is listed as denied",
            ),
            (
                file(ExplicitlyDeniedFile, python, "write", "/tmp/x"),
                "write /tmp/x, which is listed as denied",
            ),
            (
                file(RegFileAccess, python, "delete", "/tmp/x"),
                "delete /tmp/x, which is not listed as allowed",
            ),
            (hijack(python, "mprotect of patched code"), "switch the Defender off: mprotect of patched code"),
        ];
        for (text, ending) in texts {
            assert!(text.starts_with(python) && text.contains(ending), "{text}");
        }
        assert_eq!(waas(Sqli, "query.q", "' or 1=1"), "SQL injection in query.q: ' or 1=1");
    }
}
