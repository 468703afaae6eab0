//! The Console's side of a Defender: its token, and where its audits go.

mod ingest;
mod token;

pub(crate) use ingest::{Ingest, ROOM, Refused};
pub(crate) use token::{DefenderToken, TokenSettings, Tokens};
