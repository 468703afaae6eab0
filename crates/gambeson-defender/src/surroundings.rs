//! Reading what a process finds around it: the services of Lambda, the system's resolvers, the hosts file.
//!
//! Read once, before the function's own code runs. In a child the environment is the function's to choose, so nothing is
//! taken from it there.

use std::net::{IpAddr, SocketAddr, ToSocketAddrs};

use crate::snapshot::Surroundings;

/// What glibc reads at most.
const RESOLVERS: usize = 3;

impl Surroundings {
    /// Of the function's own process.
    pub(crate) fn of_function() -> Self {
        let variable = |name: &str| std::env::var(name).unwrap_or_default();
        let services = [variable("AWS_LAMBDA_RUNTIME_API"), variable("AWS_XRAY_DAEMON_ADDRESS")];
        Self { services: services.iter().flat_map(|text| addresses(text)).collect(), ..Self::of_child() }
    }

    /// Of a program that the function started.
    pub(crate) fn of_child() -> Self {
        let file = |path: &str| std::fs::read(path).map(|text| String::from_utf8_lossy(&text).into_owned());
        let (resolvers, search) = resolvers(&file("/etc/resolv.conf").unwrap_or_default());
        let hosts = hosts(&file("/etc/hosts").unwrap_or_default());
        Self { services: Vec::new(), resolvers, search, hosts }
    }
}

/// `127.0.0.1:9001`, `localhost:9001`; X-Ray's may also be `tcp:127.0.0.1:2000 udp:127.0.0.2:2001`.
fn addresses(text: &str) -> Vec<SocketAddr> {
    text.split_whitespace()
        .map(|part| part.trim_start_matches("tcp:").trim_start_matches("udp:"))
        .flat_map(|part| match part.parse() {
            Ok(address) => vec![address],
            // Only a name of the hosts file: nothing is to wait for a resolver here.
            Err(_) if part.starts_with("localhost:") => {
                part.to_socket_addrs().map(Iterator::collect).unwrap_or_default()
            }
            Err(_) => Vec::new(),
        })
        .collect()
}

/// The resolvers and the domains to search; as in glibc, without a resolver it is this host.
fn resolvers(text: &str) -> (Vec<IpAddr>, Vec<String>) {
    let mut found = Vec::new();
    let mut search = Vec::new();
    for line in text.lines() {
        let mut words = line.split_whitespace();
        match words.next() {
            Some("nameserver") => {
                // `fe80::1%eth0`
                let word = words.next().and_then(|word| word.split('%').next()).unwrap_or_default();
                found.extend(word.parse::<IpAddr>());
            }
            Some("search" | "domain") => {
                search = words
                    .map(|word| word.trim_matches('.').to_owned())
                    .filter(|word| !word.is_empty())
                    .collect();
            }
            _ => {}
        }
    }
    found.truncate(RESOLVERS);
    if found.is_empty() {
        found.push(IpAddr::from([127, 0, 0, 1]));
    }
    (found, search)
}

fn hosts(text: &str) -> Vec<(IpAddr, String)> {
    let entry = |line: &str| {
        let mut words = line.split('#').next().unwrap_or_default().split_whitespace().map(str::to_owned);
        let address: Option<IpAddr> = words.next().and_then(|word| word.parse().ok());
        let names: Vec<String> = words.collect();
        names.into_iter().filter_map(move |name| Some((address?, name)))
    };
    text.lines().flat_map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_are_read_as_the_c_library_reads_them() {
        let (found, search) = resolvers(
            "# comment\nnameserver 10.0.0.2\nnameserver fe80::1%eth0\noptions x\nsearch ec2.internal. b\n",
        );
        assert_eq!(found, ["10.0.0.2".parse::<IpAddr>().unwrap(), "fe80::1".parse().unwrap()]);
        assert_eq!(search, ["ec2.internal", "b"]);
        assert_eq!(resolvers("").0, ["127.0.0.1".parse::<IpAddr>().unwrap()]);
        let hosts = hosts("127.0.0.1 localhost a # b\n\n::1 ip6 \nx y\n");
        assert_eq!(hosts.len(), 3);
        assert_eq!(hosts[1], ("127.0.0.1".parse().unwrap(), "a".to_owned()));
    }

    #[test]
    fn services_are_addresses_as_lambda_writes_them() {
        assert_eq!(addresses("127.0.0.1:9001"), ["127.0.0.1:9001".parse::<SocketAddr>().unwrap()]);
        assert_eq!(addresses("tcp:127.0.0.1:2000 udp:127.0.0.2:2001").len(), 2);
        assert!(addresses("").is_empty() && addresses("example.com:80").is_empty());
    }
}
