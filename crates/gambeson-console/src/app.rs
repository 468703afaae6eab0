//! What every request can reach.

use std::sync::Arc;
use std::time::Duration;

use crate::auth::{Limiter, Passwords};
use crate::defender::{Ingest, Tokens};
use crate::layers::Layers;
use crate::policies::Policies;
use crate::store::Store;

/// The running Console's parts.
pub(crate) struct App {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) policies: Policies,
    pub(crate) tokens: Tokens,
    pub(crate) ingest: Ingest,
    pub(crate) layers: Layers,
    pub(crate) passwords: Passwords,
    pub(crate) sign_ins: Limiter,
    pub(crate) session_lifetime: Duration,
}
