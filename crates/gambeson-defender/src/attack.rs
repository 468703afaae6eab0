//! What the decision path can find wrong, and how it is told.

use std::net::SocketAddr;

use gambeson_audit::{AttackType, Kind, Target, message};

/// What is wrong with a call. One byte in the ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Attack {
    /// A program that no list names.
    UnexpectedProcess,
    /// A program that the deny list names.
    DeniedProcess,
    /// A program known to mine crypto-currencies, or one that is told to, or the name of a pool.
    CryptoMiner,
    /// An address that the deny list names.
    DeniedAddress,
    /// An address that no list names.
    UnexpectedAddress,
    DeniedOutboundPort,
    UnexpectedOutboundPort,
    DeniedListeningPort,
    UnexpectedListeningPort,
    /// The metadata service of a cloud.
    CloudMetadata,
    DeniedName,
    UnexpectedName,
    DeniedFile,
    UnexpectedFile,
    /// A hand laid on the Defender.
    Hijack,
}

const ALL: [Attack; 15] = [
    Attack::UnexpectedProcess,
    Attack::DeniedProcess,
    Attack::CryptoMiner,
    Attack::DeniedAddress,
    Attack::UnexpectedAddress,
    Attack::DeniedOutboundPort,
    Attack::UnexpectedOutboundPort,
    Attack::DeniedListeningPort,
    Attack::UnexpectedListeningPort,
    Attack::CloudMetadata,
    Attack::DeniedName,
    Attack::UnexpectedName,
    Attack::DeniedFile,
    Attack::UnexpectedFile,
    Attack::Hijack,
];

/// What is said of a violation.
pub(crate) struct Told {
    pub(crate) kind: Kind,
    pub(crate) attack_type: AttackType,
    pub(crate) message: String,
    pub(crate) target: Target,
    pub(crate) command: Option<String>,
}

impl Attack {
    /// What a byte of the ring stands for; any byte may stand there.
    pub(crate) fn from_byte(byte: u8) -> Option<Self> {
        ALL.into_iter().find(|attack| *attack as u8 == byte)
    }

    /// What is said of it. `program` did it; `what` is the command line of a program, else the target as the decision path
    /// spelled it, if need be with the verb in front.
    pub(crate) fn told(self, program: &str, what: &str) -> Told {
        let attack_type = self.attack_type();
        let mut target = Target::default();
        let (kind, message) = match self {
            Self::UnexpectedProcess | Self::DeniedProcess => {
                (Kind::Processes, message::process(attack_type, program, what))
            }
            Self::CryptoMiner => match what.strip_prefix(LOOKED_UP) {
                Some(name) => {
                    target.domain = Some(name.to_owned());
                    (Kind::Processes, message::mining_pool(program, name))
                }
                None if !what.contains(' ') && what.parse::<SocketAddr>().is_ok() => {
                    target.set_address(what);
                    (Kind::Network, message::network(attack_type, program, what))
                }
                None => (Kind::Processes, message::process(attack_type, program, what)),
            },
            Self::DeniedAddress
            | Self::UnexpectedAddress
            | Self::DeniedOutboundPort
            | Self::UnexpectedOutboundPort
            | Self::DeniedListeningPort
            | Self::UnexpectedListeningPort
            | Self::CloudMetadata => {
                target.set_address(what);
                (Kind::Network, message::network(attack_type, program, what))
            }
            Self::DeniedName | Self::UnexpectedName => {
                target.domain = Some(what.to_owned());
                (Kind::Network, message::dns(attack_type, program, what))
            }
            Self::DeniedFile | Self::UnexpectedFile => {
                let (verb, path) = what.split_once(' ').unwrap_or(("open", what));
                target.filepath = Some(path.to_owned());
                (Kind::Filesystem, message::file(attack_type, program, verb, path))
            }
            Self::Hijack => (Kind::Processes, message::hijack(program, what)),
        };
        let is_program = kind == Kind::Processes && self != Self::Hijack && target.domain.is_none();
        Told { kind, attack_type, message, target, command: is_program.then(|| what.to_owned()) }
    }

    fn attack_type(self) -> AttackType {
        match self {
            Self::UnexpectedProcess => AttackType::UnexpectedProcess,
            Self::DeniedProcess => AttackType::ExplicitlyDeniedProcess,
            Self::CryptoMiner => AttackType::CryptoMinerProcess,
            // The Compute API has one name for both.
            Self::DeniedAddress | Self::UnexpectedAddress => AttackType::ExplicitlyDeniedIp,
            Self::DeniedOutboundPort => AttackType::ExplicitlyDeniedOutboundPort,
            Self::UnexpectedOutboundPort => AttackType::UnexpectedOutboundPort,
            Self::DeniedListeningPort => AttackType::ExplicitlyDeniedListeningPort,
            Self::UnexpectedListeningPort => AttackType::UnexpectedListeningPort,
            Self::CloudMetadata => AttackType::CloudMetadataProbing,
            Self::DeniedName => AttackType::ExplicitlyDeniedDns,
            Self::UnexpectedName => AttackType::DnsQuery,
            Self::DeniedFile => AttackType::ExplicitlyDeniedFile,
            Self::UnexpectedFile => AttackType::RegFileAccess,
            Self::Hijack => AttackType::PolicyHijacked,
        }
    }
}

/// What stands before the name of a mining pool that was looked up.
pub(crate) const LOOKED_UP: &str = "\u{1}";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_attack_is_its_byte() {
        for (index, attack) in ALL.into_iter().enumerate() {
            assert_eq!((attack as usize, Attack::from_byte(index as u8)), (index, Some(attack)));
        }
        assert_eq!(Attack::from_byte(ALL.len() as u8), None);
    }

    #[test]
    fn targets_come_apart() {
        let told = Attack::UnexpectedAddress.told("/bin/x", "[2001:db8::1]:443");
        assert_eq!((told.target.ip.as_deref(), told.target.port), (Some("2001:db8::1"), Some(443)));
        let told = Attack::DeniedFile.told("/bin/x", "write /tmp/a b");
        assert_eq!(told.target.filepath.as_deref(), Some("/tmp/a b"));
        assert_eq!((told.kind, told.command), (Kind::Filesystem, None));
        let told = Attack::CryptoMiner.told("/bin/x", "x -o stratum+tcp://pool");
        assert_eq!(told.command.as_deref(), Some("x -o stratum+tcp://pool"));
        let told = Attack::CryptoMiner.told("/bin/x", "192.0.2.1:14444");
        assert_eq!((told.kind, told.target.port, told.command), (Kind::Network, Some(14_444), None));
        let told = Attack::CryptoMiner.told("/bin/x", "\u{1}nanopool.org");
        assert_eq!(told.target.domain.as_deref(), Some("nanopool.org"));
    }
}
