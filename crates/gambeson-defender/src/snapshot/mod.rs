//! The policy as the decision path reads it: immutable, compiled once, reached through one atomic pointer.

use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

use gambeson_policy::Document;

use crate::inspect::Rule;

mod files;
mod network;
mod processes;

pub(crate) use files::{Access, Files};
pub(crate) use network::{DNS, Destination, Network, Surroundings, Verdict};
#[cfg(test)]
pub(crate) use processes::tests::publish_with;
pub(crate) use processes::{Processes, Programs, directory_of, name_of};

/// One revision of the policy, in force until the next is published.
pub(crate) struct Snapshot {
    /// Counts the snapshots of this environment; an audit carries it, so that it is reported under the rule that
    /// judged, not under the one that came later.
    pub(crate) generation: u32,
    /// Whether there is a runtime rule: only then is anything refused, hands laid on the Defender included.
    pub(crate) enforces: bool,
    /// Whether new anonymous memory may be made executable.
    pub(crate) advanced: bool,
    pub(crate) processes: Processes,
    pub(crate) network: Network,
    pub(crate) files: Files,
    /// The WAAS rule in force, if it has a protection on.
    pub(crate) waas: Option<Rule>,
    /// What of the policy could not be understood, each with its consequence.
    pub(crate) problems: Vec<String>,
    /// The whole document, for everything off the decision path.
    pub(crate) document: Document,
}

static CURRENT: AtomicPtr<Snapshot> = AtomicPtr::new(ptr::null_mut());

impl Snapshot {
    /// Compiles what `document` says, for a process in these surroundings.
    pub(crate) fn new(document: Document, surroundings: &Surroundings, generation: u32) -> Self {
        let rule = document.policy.runtime.as_ref();
        let processes = rule.map(|rule| Processes::new(&rule.processes)).unwrap_or_default();
        let network = rule.map(|rule| Network::new(rule, &document, surroundings)).unwrap_or_default();
        let files = rule.map(|rule| Files::new(&rule.filesystem)).unwrap_or_default();
        let (waas, problems) = document.policy.waas.as_ref().map(Rule::new).unwrap_or_default();
        Self {
            generation,
            enforces: rule.is_some(),
            advanced: rule.is_some_and(|rule| rule.advanced_protection),
            processes,
            network,
            files,
            waas,
            problems,
            document,
        }
    }

    /// The snapshot in force, if the Defender has started.
    pub(crate) fn current() -> Option<&'static Self> {
        // SAFETY: the pointer is null or came from `publish`, whose snapshots live for ever.
        unsafe { CURRENT.load(Ordering::Acquire).as_ref() }
    }

    /// Puts this snapshot in force. It and its predecessors are never freed: a thread may be reading one of them,
    /// for as long as the sandbox is frozen. They are small and change when a person changes the policy.
    pub(crate) fn publish(self) -> &'static Self {
        let snapshot = Box::leak(Box::new(self));
        CURRENT.store(snapshot, Ordering::Release);
        snapshot
    }

    /// The name of the runtime rule in force.
    pub(crate) fn runtime_rule(&self) -> &str {
        self.document.policy.runtime.as_ref().map_or("", |rule| &rule.name)
    }
}
