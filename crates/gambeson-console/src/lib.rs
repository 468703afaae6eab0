//! The Console: HTTP API, users, storage, policy distribution.
