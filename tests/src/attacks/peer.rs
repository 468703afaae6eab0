//! The same battery against a peer that protects from within: Aikido Zen, for comparison.

use std::path::PathBuf;

use super::battery::{attempt, collect, groups};
use super::{Language, Results, build};
use crate::network::Network;
use crate::packages;

/// Zen's versions are those of `benches/run`; it needs a web framework in Python (see `tests/attacks/python/peer.py`).
const PYTHON: [&str; 2] = ["aikido_zen==1.2.37", "flask==3.1.3"];
const NODEJS: [&str; 1] = ["@aikidosec/firewall@1.8.36"];

/// What the peer is called in a table.
pub(super) const NAME: &str = "Aikido Zen (PyPI aikido_zen 1.2.37, npm @aikidosec/firewall 1.8.36)";

/// Runs the techniques of this runtime against a function behind the peer. Those that tamper with Gambeson itself are left out.
pub fn peer(runtime: &'static str, network: &Network) -> Results {
    let language = Language::of(runtime);
    let code = tempfile::tempdir().expect("a temporary directory");
    build::function(language, code.path());
    build::copy(&packages(language), code.path());
    let mut results = Results::new();
    for group in groups(runtime).iter().filter(|group| !group[0].id.starts_with("tamper/")) {
        let run = attempt(runtime, code.path(), group).handler("peer.handler");
        let outcomes = run.arguments(&["--without-layer", "--env", "AIKIDO_BLOCK=true"]).run();
        collect(group, &outcomes, network, &mut results);
    }
    results
}

/// Installs the peer's packages for every language, before there is a network of the test's own.
pub fn install() {
    packages(Language::Python);
    packages(Language::Nodejs);
}

/// The folder in the cache with the peer's packages.
fn packages(language: Language) -> PathBuf {
    match language {
        Language::Python => packages::python("attacks/python", &PYTHON),
        Language::Nodejs => packages::nodejs("attacks/nodejs", &NODEJS),
    }
}
