//! What does not hold yet: the one place where a technique may be excused, with the reason.
//!
//! A technique that is listed here and holds makes the test fail, so that the list cannot rot.

/// The techniques (or, with a `/` at the end, whole categories) of a language, and why they are not stopped yet.
const PENDING: [(&str, &str, &str); 24] = [
    ("python", "process/child_preload", FOREIGN),
    ("python", "process/child_audit", FOREIGN),
    ("python", "process/miner_pool", POOL),
    ("python", "process/miner_pool_option", POOL),
    ("python", "network/zero_address", UNSPECIFIED),
    ("python", "network/zero_address6", UNSPECIFIED),
    ("nodejs", "network/zero_address", UNSPECIFIED),
    ("python", "file/fchmod", DESCRIPTOR),
    ("python", "file/fchown", DESCRIPTOR),
    ("nodejs", "file/fchmod", DESCRIPTOR),
    ("python", "dns/own_tcp_sendfile", SILENT),
    ("python", "dns/own_tcp_splice", SILENT),
    ("python", "dns/own_udp_more", SILENT),
    ("python", "dns/own_udp_sendfile", SILENT),
    ("python", "dns/own_udp_splice", SILENT),
    ("python", "dns/pointer", SILENT),
    ("python", "tamper/fcntl", STATE),
    ("python", "tamper/map_state", STATE),
    ("python", "tamper/write_state", STATE),
    ("python", "tamper/interrupt", "code with int 0x80 is still mapped"),
    ("python", "tamper/private_mapping", WRITTEN),
    ("python", "tamper/shared_mapping", WRITTEN),
    ("python", "tamper/memfd_mapping", WRITTEN),
    ("python", "tamper/written_mapping", WRITTEN),
];

const FOREIGN: &str = "a library of the caller's runs in a child before ours does";
const POOL: &str = "names of pools on a command line are not found";
const UNSPECIFIED: &str = "0.0.0.0 and :: are not judged as this machine's own address";
const DESCRIPTOR: &str = "rights are changed by a descriptor that was opened for reading";
const SILENT: &str = "refused, but not reported";
const STATE: &str = "the memory that is shared with children can be opened and changed";
const WRITTEN: &str = "a file that is mapped to be executed can be written afterwards";

/// Why this technique need not hold yet.
pub(super) fn reason(language: &str, id: &str) -> Option<&'static str> {
    PENDING
        .iter()
        .find(|(of, what, _)| *of == language && (id == *what || what.ends_with('/') && id.starts_with(what)))
        .map(|(_, _, reason)| *reason)
}
