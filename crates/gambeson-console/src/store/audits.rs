//! Audits as rows, and how a list of them is asked for.

use crate::clock::Millis;

/// Which list an audit belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AuditKind {
    /// Processes, network, file system.
    Runtime,
    /// The application firewall.
    Waas,
}

/// An audit to store: what is searched for in columns, the whole in `record`.
#[derive(Clone, Debug)]
pub(crate) struct NewAudit {
    pub(crate) id: String,
    pub(crate) time: Millis,
    pub(crate) received: Millis,
    pub(crate) kind: String,
    pub(crate) attack_type: String,
    pub(crate) effect: String,
    pub(crate) rule: String,
    pub(crate) function: String,
    pub(crate) region: String,
    pub(crate) account: Option<String>,
    pub(crate) runtime: String,
    pub(crate) request_id: Option<String>,
    pub(crate) msg: String,
    pub(crate) record: String,
    /// How many violations it stands for.
    pub(crate) count: u32,
    /// Audits with the same text here and within [`FOLD`] of the first become one, with a count.
    pub(crate) fold: Option<String>,
}

/// How long after the first of its kind an audit is counted with it.
pub(crate) const FOLD: Millis = 5 * 60 * 1000;

/// A stored audit.
#[derive(Clone, Debug)]
pub(crate) struct StoredAudit {
    pub(crate) received: Millis,
    pub(crate) record: String,
    /// How many violations it stands for, and when the last of them was.
    pub(crate) count: u64,
    pub(crate) last: Millis,
}

/// Which audits to list. An empty list of values does not restrict.
#[derive(Clone, Debug)]
pub(crate) struct AuditFilter {
    pub(crate) kind: AuditKind,
    pub(crate) from: Option<Millis>,
    pub(crate) to: Option<Millis>,
    pub(crate) types: Vec<String>,
    pub(crate) attack_types: Vec<String>,
    pub(crate) effects: Vec<String>,
    pub(crate) rules: Vec<String>,
    /// Names, in which `*` stands for anything.
    pub(crate) functions: Vec<String>,
    pub(crate) regions: Vec<String>,
    pub(crate) runtimes: Vec<String>,
    pub(crate) request_ids: Vec<String>,
    /// Each must occur somewhere in the record.
    pub(crate) search: Vec<String>,
    pub(crate) sort: AuditSort,
    pub(crate) descending: bool,
    pub(crate) offset: u64,
    pub(crate) limit: u64,
}

/// What a list is ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AuditSort {
    Time,
    Type,
    AttackType,
    Effect,
    Rule,
    Function,
    Region,
}

/// One page of a list.
pub(crate) struct AuditPage {
    /// How many match in all.
    pub(crate) total: u64,
    pub(crate) audits: Vec<StoredAudit>,
}

// === impl AuditSort ===

impl AuditSort {
    /// The column of that name.
    pub(super) fn column(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Type => "kind",
            Self::AttackType => "attack_type",
            Self::Effect => "effect",
            Self::Rule => "rule",
            Self::Function => "function",
            Self::Region => "region",
        }
    }
}
