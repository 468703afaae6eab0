//! The Console from outside: a real server on a free port, over TLS with its own certificate, a real client, a real database.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod access;
mod audits;
mod defender;
mod harness;
mod hostile;
mod kill;
mod layer;
mod policies;
mod sign_in;
mod storage;
