//! The texts that a person reads in an audit, in one place.

use crate::attack::AttackType;

/// What is said of a program that was started, or was to be.
pub fn process(attack: AttackType, path: &str, command: &str) -> String {
    let why = match attack {
        AttackType::ExplicitlyDeniedProcess => "and is listed as denied",
        AttackType::CryptoMinerProcess => "and is a known crypto-miner",
        _ => "but is not listed as allowed",
    };
    format!("{path} was launched {why}; command: {command}")
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
                "/usr/bin/id was launched and is a known crypto-miner; command: id -u",
            ),
        ];
        for (attack, text) in texts {
            assert_eq!(process(attack, "/usr/bin/id", "id -u"), text);
        }
    }
}
