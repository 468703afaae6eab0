//! What does not hold yet: the one place where a technique may be excused, with the reason.
//!
//! A technique that is listed here and holds makes the test fail, so that the list cannot rot.

/// The techniques (or, with a `/` at the end, whole categories) of a language, and why they are not stopped yet.
const PENDING: [(&str, &str, &str); 12] = [
    ("python", "process/miner_pool", MINERS),
    ("python", "process/miner_pool_option", MINERS),
    ("python", "process/miner_stratum", MINERS),
    ("python", "process/miner_in_shell", MINERS),
    ("nodejs", "process/miner_stratum", MINERS),
    ("python", "process/hidden_instruction", "code is read from its beginning only"),
    ("python", "tamper/interrupt", "code with int 0x80 is still mapped"),
    ("python", "tamper/memfd_mapping", WRITTEN),
    ("python", "tamper/shared_mapping", WRITTEN),
    ("python", "tamper/written_mapping", WRITTEN),
    ("python", "tamper/written_private", WRITTEN),
    ("python", "tamper/written_library", WRITTEN),
];

const MINERS: &str = "command lines are not searched";
const WRITTEN: &str = "a file that is mapped to be executed can be written afterwards";

/// Why this technique need not hold yet.
pub(super) fn reason(language: &str, id: &str) -> Option<&'static str> {
    PENDING
        .iter()
        .find(|(of, what, _)| *of == language && (id == *what || what.ends_with('/') && id.starts_with(what)))
        .map(|(_, _, reason)| *reason)
}
