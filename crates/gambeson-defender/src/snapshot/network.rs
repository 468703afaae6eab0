//! The Networking tab as the decision path reads it.

use std::net::{IpAddr, SocketAddr};

use gambeson_policy::{
    Document, Domains, Effect, MINING_POOLS, MINING_PORTS, Networks, Ports, RuntimeRule, address_bits,
};

use crate::attack::Attack;

/// Addresses, ports and names of the rule in force.
#[derive(Default)]
pub(crate) struct Network {
    effect: Effect,
    allowed: Networks,
    denied: Networks,
    allowed_ports: Ports,
    denied_ports: Ports,
    allowed_listening: Ports,
    denied_listening: Ports,
    /// What becomes of a connection to a cloud's metadata service.
    metadata: Effect,
    names: Names,
    /// What a function needs to run at all, and the Defender to report.
    free: Box<[Destination]>,
    /// The resolvers of the system: asked freely, if what they are asked for may be.
    resolvers: Box<[u128]>,
}

/// Names of the rule in force.
#[derive(Default)]
struct Names {
    effect: Effect,
    allowed: Domains,
    /// Addresses of allowed names that need no resolver.
    in_hosts_file: Networks,
    denied: Domains,
    /// What becomes of looking a mining pool up.
    pools: Effect,
    known_pools: Domains,
    /// The Console's names and its proxy's.
    free: Domains,
    /// The domains that the system's resolver appends to names.
    search: Box<[Box<[u8]>]>,
}

/// An address of either family with a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Destination {
    /// As [`address_bits`] has it.
    pub(crate) address: u128,
    pub(crate) port: u16,
}

/// What a process finds around it, read once before the function's own code runs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Surroundings {
    /// The Runtime API and the X-Ray daemon.
    pub(crate) services: Vec<SocketAddr>,
    /// `/etc/resolv.conf`
    pub(crate) resolvers: Vec<IpAddr>,
    pub(crate) search: Vec<String>,
    /// `/etc/hosts`
    pub(crate) hosts: Vec<(IpAddr, String)>,
}

/// What is wrong with something, and what becomes of it.
pub(crate) type Verdict = Option<(Attack, Effect)>;

/// Port of the name service.
pub(crate) const DNS: u16 = 53;

impl Network {
    pub(super) fn new(rule: &RuntimeRule, document: &Document, surroundings: &Surroundings) -> Self {
        let networks = |list: &[String]| Networks::new(list.iter().map(String::as_str));
        let domains = |list: &[String]| Domains::new(list.iter().map(String::as_str));
        let (network, dns) = (&rule.network, &rule.dns);
        let pools = if rule.processes.check_crypto_miners { rule.processes.effect } else { Effect::Disable };
        let (consoles, mut free) = consoles(document);
        free.extend(surroundings.services.iter().map(|service| Destination::from(*service)));
        let allowed_names = domains(&dns.allow);
        let named: Vec<String> = surroundings
            .hosts
            .iter()
            .filter(|(_, name)| allowed_names.matches(name.to_ascii_lowercase().as_bytes()))
            .map(|(address, _)| address.to_string())
            .collect();
        let names = Names {
            effect: dns.effect,
            allowed: allowed_names,
            in_hosts_file: networks(&named),
            denied: domains(&dns.deny),
            pools,
            known_pools: Domains::new(MINING_POOLS.iter().copied()),
            free: domains(&consoles),
            search: surroundings
                .search
                .iter()
                .map(|domain| domain.to_ascii_lowercase().into_bytes().into())
                .collect(),
        };
        Self {
            effect: network.effect,
            allowed: networks(&network.allow_ips),
            denied: networks(&network.deny_ips),
            allowed_ports: Ports::new(&network.allow_outbound_ports),
            denied_ports: Ports::new(&network.deny_outbound_ports),
            allowed_listening: Ports::new(&network.allow_listening_ports),
            denied_listening: Ports::new(&network.deny_listening_ports),
            metadata: rule.metadata_effect(),
            names,
            free: free.into(),
            resolvers: surroundings.resolvers.iter().map(|address| address_bits(*address)).collect(),
        }
    }

    /// Whether connections are judged.
    pub(crate) fn judges_outbound(&self) -> bool {
        let lists = !self.allowed.is_empty()
            || !self.denied.is_empty()
            || !self.allowed_ports.is_empty()
            || !self.denied_ports.is_empty();
        (self.effect != Effect::Disable && lists) || self.metadata != Effect::Disable || self.judges_names()
    }

    /// Whether sockets that listen are judged.
    pub(crate) fn judges_listening(&self) -> bool {
        self.effect != Effect::Disable
            && !(self.allowed_listening.is_empty() && self.denied_listening.is_empty())
    }

    /// Whether names are judged.
    pub(crate) fn judges_names(&self) -> bool {
        let Names { effect, allowed, denied, pools, .. } = &self.names;
        (*effect != Effect::Disable && !(allowed.is_empty() && denied.is_empty()))
            || *pools != Effect::Disable
    }

    /// Whether an address may be connected to because of the name that led to it.
    pub(crate) fn learns_addresses(&self) -> bool {
        self.names.limits()
    }

    /// Whether this is one of the system's resolvers.
    pub(crate) fn is_resolver(&self, destination: Destination) -> bool {
        destination.port == DNS && self.resolvers.contains(&destination.address)
    }

    /// What is wrong with sending something there. `learned` tells whether the address was an allowed name's.
    pub(crate) fn outbound(&self, to: Destination, learned: impl FnOnce() -> bool) -> Verdict {
        if self.free.contains(&to) {
            return None;
        }
        if self.metadata != Effect::Disable && is_metadata(to.address) {
            return Some((Attack::CloudMetadata, self.metadata));
        }
        if self.is_resolver(to) {
            return None;
        }
        if self.names.pools != Effect::Disable && MINING_PORTS.contains(&to.port) {
            return Some((Attack::CryptoMiner, self.names.pools));
        }
        let by_address = self.effect != Effect::Disable;
        if by_address && self.denied.contains(to.address) {
            return Some((Attack::DeniedAddress, self.effect));
        }
        if by_address && self.denied_ports.contains(to.port) {
            return Some((Attack::DeniedOutboundPort, self.effect));
        }
        let addresses_limit = by_address && !self.allowed.is_empty();
        if addresses_limit || self.names.limits() {
            let listed = (addresses_limit && self.allowed.contains(to.address))
                // What does not leave the sandbox was not looked up; a list of addresses has to name it.
                || (!addresses_limit && is_loopback(to.address))
                || (self.names.limits() && (self.names.in_hosts_file.contains(to.address) || learned()));
            if !listed {
                let effect = if addresses_limit { self.effect } else { self.names.effect };
                return Some((Attack::UnexpectedAddress, effect));
            }
        }
        if by_address && !self.allowed_ports.is_empty() && !self.allowed_ports.contains(to.port) {
            return Some((Attack::UnexpectedOutboundPort, self.effect));
        }
        None
    }

    /// What is wrong with listening on a port.
    pub(crate) fn listening(&self, port: u16) -> Verdict {
        if self.effect == Effect::Disable {
            return None;
        }
        if self.denied_listening.contains(port) {
            return Some((Attack::DeniedListeningPort, self.effect));
        }
        let unexpected = !self.allowed_listening.is_empty() && !self.allowed_listening.contains(port);
        unexpected.then_some((Attack::UnexpectedListeningPort, self.effect))
    }

    /// What is wrong with looking up `name`, which is in lower case.
    pub(crate) fn name(&self, name: &[u8]) -> Verdict {
        let names = &self.names;
        // `example.com.ec2.internal` is what the resolver tries when `example.com` is not found.
        let without = names.search.iter().find_map(|domain| name.strip_suffix(&**domain)?.strip_suffix(b"."));
        let is_in = |list: &Domains| list.matches(name) || without.is_some_and(|name| list.matches(name));
        if is_in(&names.free) {
            return None;
        }
        if names.pools != Effect::Disable && is_in(&names.known_pools) {
            return Some((Attack::CryptoMiner, names.pools));
        }
        if names.effect == Effect::Disable {
            return None;
        }
        if is_in(&names.denied) {
            return Some((Attack::DeniedName, names.effect));
        }
        (names.limits() && !is_in(&names.allowed)).then_some((Attack::UnexpectedName, names.effect))
    }

    /// Whether a mining pool is known by this name, in lower case.
    pub(crate) fn is_pool(&self, name: &[u8]) -> bool {
        self.names.known_pools.matches(name)
    }

    /// What becomes of a message to a resolver that is none.
    pub(crate) fn no_message(&self) -> Verdict {
        self.names.limits().then_some((Attack::UnexpectedName, self.names.effect))
    }
}

impl Names {
    /// Only what is listed may be looked up.
    fn limits(&self) -> bool {
        self.effect != Effect::Disable && !self.allowed.is_empty()
    }
}

impl From<SocketAddr> for Destination {
    fn from(address: SocketAddr) -> Self {
        Self { address: address_bits(address.ip()), port: address.port() }
    }
}

fn is_metadata(address: u128) -> bool {
    const LINK_LOCAL: u128 = 0xffff_0000_0000 | 0xa9fe_0000;
    [LINK_LOCAL | 0xa9fe, LINK_LOCAL | 0xaa02, 0xfd00_0ec2_0000_0000_0000_0000_0000_0254].contains(&address)
}

/// `127.0.0.0/8` and `::1`: neither leaves the sandbox.
fn is_loopback(address: u128) -> bool {
    const IPV4: u128 = 0xffff_0000_0000;
    address == 1 || address >> 24 == (IPV4 | 0x7f00_0000) >> 24
}

/// The Console and its proxy: names, and addresses that are written out.
fn consoles(document: &Document) -> (Vec<String>, Vec<Destination>) {
    let mut names = Vec::new();
    let mut free = Vec::new();
    let proxy = document.proxy.as_ref().map(|proxy| proxy.http_proxy.as_str());
    for address in document.console.iter().map(String::as_str).chain(proxy) {
        let (scheme, rest) = address.split_once("://").unwrap_or(("https", address));
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let authority = authority.rsplit('@').next().unwrap_or_default();
        let default = if scheme == "http" { 80 } else { 443 };
        if let Ok(address) = authority.parse::<SocketAddr>() {
            free.push(address.into());
        } else if let Ok(address) = authority.trim_matches(['[', ']']).parse::<IpAddr>() {
            free.push(SocketAddr::new(address, default).into());
        } else {
            names.push(authority.split(':').next().unwrap_or_default().to_owned());
        }
    }
    names.retain(|name| !name.is_empty() && !name.contains('*'));
    (names, free)
}

#[cfg(test)]
mod tests {
    use gambeson_policy::EffectivePolicy;
    use serde_json::{Value, json};

    use super::*;

    fn network(rule: Value) -> Network {
        let rule: RuntimeRule = serde_json::from_value(rule).unwrap();
        let document = Document {
            console: vec!["https://console.example:8083".to_owned(), "https://192.0.2.9:8083".to_owned()],
            policy: EffectivePolicy { runtime: Some(rule.clone()), waas: None },
            ..Document::default()
        };
        let surroundings = Surroundings {
            services: vec!["127.0.0.1:9001".parse().unwrap()],
            resolvers: vec!["10.0.0.2".parse().unwrap()],
            search: vec!["ec2.internal".to_owned()],
            hosts: vec![("192.0.2.77".parse().unwrap(), "db.example".to_owned())],
        };
        Network::new(&rule, &document, &surroundings)
    }

    fn outbound(network: &Network, to: &str, learned: bool) -> Verdict {
        let to: SocketAddr = to.parse().unwrap();
        network.outbound(to.into(), || learned)
    }

    #[test]
    fn deny_wins_and_an_allow_list_refuses_the_rest() {
        let network = network(json!({ "network": {
            "effect": "prevent", "whitelistIPs": ["10.0.0.0/8"], "blacklistIPs": ["10.9.0.0/16"],
            "whitelistOutboundPorts": [{ "start": 443, "end": 443 }],
            "blacklistOutboundPorts": [{ "start": 25, "end": 25 }],
        } }));
        for (to, expected) in [
            ("10.1.1.1:443", None),
            ("[::ffff:10.1.1.1]:443", None),
            ("10.9.1.1:443", Some(Attack::DeniedAddress)),
            ("10.1.1.1:25", Some(Attack::DeniedOutboundPort)),
            ("10.1.1.1:80", Some(Attack::UnexpectedOutboundPort)),
            ("11.1.1.1:443", Some(Attack::UnexpectedAddress)),
            ("127.0.0.1:443", Some(Attack::UnexpectedAddress)),
            ("127.0.0.1:9001", None),
            ("192.0.2.9:8083", None),
            ("10.0.0.2:53", None),
        ] {
            assert_eq!(outbound(&network, to, false).map(|verdict| verdict.0), expected, "{to}");
        }
    }

    #[test]
    fn with_a_list_of_names_an_address_must_have_come_from_one() {
        let network =
            network(json!({ "dns": { "effect": "prevent", "whitelist": ["*.example.com", "db.example"] } }));
        assert_eq!(outbound(&network, "192.0.2.1:443", true), None);
        let refused = Some((Attack::UnexpectedAddress, Effect::Prevent));
        assert_eq!(outbound(&network, "192.0.2.1:443", false), refused);
        assert_eq!(outbound(&network, "192.0.2.77:443", false), None, "from the hosts file");
        assert_eq!(outbound(&network, "127.0.0.1:80", false), None, "stays in the sandbox");
        for (name, expected) in [
            ("api.example.com", None),
            ("api.example.com.ec2.internal", None),
            ("console.example", None),
            ("evil.example", Some((Attack::UnexpectedName, Effect::Prevent))),
            ("evil.ec2.internal", Some((Attack::UnexpectedName, Effect::Prevent))),
        ] {
            assert_eq!(network.name(name.as_bytes()), expected, "{name}");
        }
    }

    #[test]
    fn a_list_of_denied_names_leaves_addresses_alone() {
        let network = network(json!({ "dns": { "effect": "alert", "blacklist": ["*.evil.example"] } }));
        assert_eq!(outbound(&network, "192.0.2.1:443", false), None);
        assert_eq!(network.name(b"a.evil.example"), Some((Attack::DeniedName, Effect::Alert)));
        assert_eq!(network.name(b"good.example"), None);
        assert!(network.judges_names() && !network.learns_addresses());
    }

    #[test]
    fn the_metadata_services_are_a_switch_of_their_own() {
        let alone = network(json!({ "cloudMetadataEnforcement": true }));
        for to in
            ["169.254.169.254:80", "169.254.170.2:80", "[fd00:ec2::254]:80", "[::ffff:169.254.169.254]:80"]
        {
            assert_eq!(outbound(&alone, to, true), Some((Attack::CloudMetadata, Effect::Prevent)), "{to}");
        }
        assert_eq!(outbound(&alone, "169.254.169.253:80", false), None);
        let alert = network(json!({ "cloudMetadataEnforcement": true, "network": { "effect": "alert" } }));
        assert_eq!(
            outbound(&alert, "169.254.169.254:80", false),
            Some((Attack::CloudMetadata, Effect::Alert))
        );
    }

    #[test]
    fn listening_ports_have_their_own_lists() {
        let network = network(json!({ "network": {
            "effect": "prevent", "whitelistListeningPorts": [{ "start": 8000, "end": 8080 }],
            "blacklistListeningPorts": [{ "start": 8001, "end": 8001 }],
        } }));
        assert_eq!(network.listening(8000), None);
        assert_eq!(network.listening(8001).map(|v| v.0), Some(Attack::DeniedListeningPort));
        assert_eq!(network.listening(4444).map(|v| v.0), Some(Attack::UnexpectedListeningPort));
        assert!(network.judges_listening() && !network.judges_outbound());
    }

    #[test]
    fn mining_pools_are_found_by_name_and_port() {
        let network = network(json!({ "processes": { "effect": "prevent", "checkCryptoMiners": true } }));
        assert_eq!(network.name(b"xmr-eu1.nanopool.org"), Some((Attack::CryptoMiner, Effect::Prevent)));
        assert_eq!(network.name(b"example.com"), None);
        let found = Some((Attack::CryptoMiner, Effect::Prevent));
        assert_eq!(outbound(&network, "192.0.2.1:14444", false), found);
        assert_eq!(outbound(&network, "192.0.2.1:443", false), None);
    }
}
