//! What the Console remembers, behind one interface: [`Store`]. Everything above it speaks of users, sessions, policies, tokens and
//! audits; only its implementations speak SQL.

use async_trait::async_trait;

use crate::auth::{Role, Session};
use crate::clock::Millis;
use crate::defender::DefenderToken;
use crate::secret::SecretHash;

mod audits;
mod sqlite;

pub(crate) use audits::{AuditFilter, AuditKind, AuditPage, AuditSort, FOLD, NewAudit, StoredAudit};
pub use sqlite::OpenStoreError;
pub(crate) use sqlite::Sqlite;

/// A storage failure while the Console runs. What it says is for the log, never for a client.
#[derive(Debug, thiserror::Error)]
#[error("the database failed: {0}")]
pub(crate) struct StoreError(#[from] pub(crate) sqlx::Error);

/// The two policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PolicyKind {
    Runtime,
    Waas,
}

/// A policy as stored: the JSON document and the revision that it was last changed at.
pub(crate) struct StoredPolicy {
    pub(crate) document: String,
    pub(crate) revision: u64,
}

/// Who changes something, and from where.
#[derive(Clone, Debug)]
pub(crate) struct Author {
    pub(crate) name: String,
    pub(crate) source: String,
}

/// A user as signing in needs it.
pub(crate) struct User {
    pub(crate) name: String,
    pub(crate) password_hash: String,
    pub(crate) role: Role,
}

/// How making the first admin went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FirstAdmin {
    Made,
    /// There is a user already.
    TooLate,
    /// No such set-up link, or it has expired.
    WrongToken,
}

/// How a compare-and-set of a policy went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PolicyWrite {
    Saved(u64),
    /// The policy had another revision than the writer believed.
    Conflict,
}

/// The Console's memory.
#[async_trait]
pub(crate) trait Store: Send + Sync + 'static {
    /// Whether nobody can sign in yet.
    async fn has_no_user(&self) -> Result<bool, StoreError>;
    /// Adds a user; false if the name is taken.
    async fn add_user(&self, user: &User, author: &Author) -> Result<bool, StoreError>;
    /// All users by name; a Console has tens of them.
    async fn users(&self) -> Result<Vec<User>, StoreError>;
    async fn user(&self, name: &str) -> Result<Option<User>, StoreError>;

    /// Replaces the set-up link: an older one stops working.
    async fn put_setup_token(&self, token: SecretHash, expires: Millis) -> Result<(), StoreError>;
    /// Uses the set-up link up and adds the first user, in one step.
    async fn add_first_admin(
        &self,
        token: SecretHash,
        user: &User,
        author: &Author,
    ) -> Result<FirstAdmin, StoreError>;

    async fn add_session(&self, token: SecretHash, user: &str, expires: Millis) -> Result<(), StoreError>;
    /// The session of this token, if it has not ended.
    async fn session(&self, token: SecretHash) -> Result<Option<Session>, StoreError>;
    /// Forgets sessions that have ended.
    async fn prune_sessions(&self) -> Result<(), StoreError>;

    async fn policy(&self, kind: PolicyKind) -> Result<Option<StoredPolicy>, StoreError>;
    /// Stores a policy under the next revision, with its history row, if its revision still is `expected` (`None`: not stored yet).
    async fn put_policy(
        &self,
        kind: PolicyKind,
        expected: Option<u64>,
        document: &str,
        author: &Author,
    ) -> Result<PolicyWrite, StoreError>;

    async fn defender_tokens(&self) -> Result<Vec<DefenderToken>, StoreError>;
    /// Adds a token and forgets all but the newest `keep` of its function and region; answers the ids of the forgotten.
    async fn add_defender_token(
        &self,
        token: &DefenderToken,
        keep: u32,
        author: &Author,
    ) -> Result<Vec<String>, StoreError>;

    /// Stores those audits whose id is new, all or none; answers how many rows were added. One that folds into an earlier
    /// one adds to its count instead.
    async fn add_audits(&self, audits: &[NewAudit], losses: &[Loss]) -> Result<u64, StoreError>;
    async fn audits(&self, filter: &AuditFilter) -> Result<AuditPage, StoreError>;
    async fn count_audits(&self) -> Result<u64, StoreError>;
    /// Deletes up to `count` of the audits that came first; answers how many.
    async fn delete_oldest_audits(&self, count: u64) -> Result<u64, StoreError>;

    /// The newest changes first.
    async fn history(&self, offset: u64, limit: u64) -> Result<Vec<HistoryEntry>, StoreError>;

    /// Writes out what is only in memory, for a clean end.
    async fn close(&self);
}

/// One change, as the history keeps it.
pub(crate) struct HistoryEntry {
    pub(crate) time: Millis,
    pub(crate) author: Author,
    /// What was changed: "runtime policy", "user ann".
    pub(crate) subject: String,
    pub(crate) revision: Option<u64>,
    pub(crate) old: Option<String>,
    pub(crate) new: Option<String>,
}

/// Audits that a Defender made but could not send.
#[derive(Clone, Debug)]
pub(crate) struct Loss {
    pub(crate) function: String,
    pub(crate) region: String,
    pub(crate) count: u64,
}

// === impl PolicyKind ===

impl PolicyKind {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Runtime => "runtime",
            Self::Waas => "waas",
        }
    }
}
