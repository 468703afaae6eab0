//! Layer ZIPs, built when first asked for and kept: there are four of them, and each takes a while to compress.

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::Bytes;
use gambeson_layer::{Architecture, LayerError, Runtime};
use tokio::sync::Mutex;
use tokio::task::{JoinError, spawn_blocking};

/// Hands out layers that trust this Console.
pub(crate) struct Layers {
    ca_pem: Option<String>,
    built: Mutex<HashMap<(Runtime, Architecture), Arc<Layer>>>,
}

/// A built layer.
pub(crate) struct Layer {
    pub(crate) zip: Bytes,
    pub(crate) sha256: [u8; 32],
}

/// Why there is no layer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BuildError {
    #[error(transparent)]
    Layer(#[from] LayerError),
    #[error("building the layer ended badly: {0}")]
    Task(#[from] JoinError),
}

impl Layers {
    pub(crate) fn new(ca_pem: Option<String>) -> Self {
        Self { ca_pem, built: Mutex::default() }
    }

    /// The layer, which trusts `extra_ca` (of a proxy) too; such ones are built each time, as there may be any number.
    pub(crate) async fn build(
        &self,
        runtime: Runtime,
        architecture: Architecture,
        extra_ca: Option<String>,
    ) -> Result<Arc<Layer>, BuildError> {
        if extra_ca.is_some() {
            let ca = self.ca_pem.iter().chain(&extra_ca).map(String::as_str).collect::<Vec<_>>().join("\n");
            return build(runtime, architecture, Some(ca)).await.map(Arc::new);
        }
        let mut built = self.built.lock().await;
        if let Some(layer) = built.get(&(runtime, architecture)) {
            return Ok(Arc::clone(layer));
        }
        let layer = Arc::new(build(runtime, architecture, self.ca_pem.clone()).await?);
        built.insert((runtime, architecture), Arc::clone(&layer));
        Ok(layer)
    }
}

async fn build(
    runtime: Runtime,
    architecture: Architecture,
    ca: Option<String>,
) -> Result<Layer, BuildError> {
    let layer = spawn_blocking(move || gambeson_layer::build(runtime, architecture, ca.as_deref())).await??;
    Ok(Layer { zip: layer.zip.into(), sha256: layer.sha256 })
}
