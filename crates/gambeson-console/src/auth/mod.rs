//! Who may do what: users with a role, signed in with a token; each route names the permission that it takes.

mod limiter;
mod password;

pub(crate) use limiter::Limiter;
pub use password::UnfitPassword;
pub(crate) use password::{Passwords, check_password, check_user_name};

/// What a user may do, as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Everything.
    Admin,
    /// Write policy, deploy Defenders, read audits; not users or history.
    Operator,
    /// Read policy, audits and history, change nothing.
    Auditor,
}

/// What a route takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Permission {
    /// Facts about the Console that every user may know.
    ReadAbout,
    ReadPolicies,
    WritePolicies,
    ReadAudits,
    /// Get layers and mint TW_POLICY.
    Deploy,
    ReadHistory,
    ManageUsers,
}

/// A user who has signed in.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) user: String,
    pub(crate) role: Role,
}

// === impl Role ===

impl Role {
    pub(crate) fn may(self, permission: Permission) -> bool {
        use Permission::{
            Deploy, ManageUsers, ReadAbout, ReadAudits, ReadHistory, ReadPolicies, WritePolicies,
        };
        match self {
            Self::Admin => true,
            Self::Operator => match permission {
                ReadAbout | ReadPolicies | WritePolicies | ReadAudits | Deploy => true,
                ReadHistory | ManageUsers => false,
            },
            Self::Auditor => match permission {
                ReadAbout | ReadPolicies | ReadAudits | ReadHistory => true,
                WritePolicies | Deploy | ManageUsers => false,
            },
        }
    }

    /// The name in the API and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Operator => "operator",
            Self::Auditor => "auditor",
        }
    }

    /// The role of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Admin, Self::Operator, Self::Auditor].into_iter().find(|role| role.as_str() == name)
    }
}

// === impl Permission ===

impl Permission {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::ReadAbout => "read facts about the Console",
            Self::ReadPolicies => "read policies",
            Self::WritePolicies => "write policies",
            Self::ReadAudits => "read audits",
            Self::Deploy => "deploy Defenders",
            Self::ReadHistory => "read the history",
            Self::ManageUsers => "manage users",
        }
    }
}
