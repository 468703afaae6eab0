//! The policies in force, in memory, and the signed document of each function, made when first asked for and kept until a policy changes.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use axum::body::Bytes;
use gambeson_policy::envelope::{self, SealError};
use gambeson_policy::{Document, EffectivePolicy, FunctionId, RuntimePolicy, SigningKey, Token, WaasPolicy};
use sha2::{Digest, Sha256};

use crate::clock;
use crate::defender::{DefenderToken, TokenSettings};
use crate::error::ApiError;
use crate::store::{Author, PolicyKind, PolicyWrite, Store, StoreError};

/// Documents kept, in bytes. A function costs 1 to 3 KB, so this is room for tens of thousands.
const CACHE: usize = 64 << 20;

/// Both policies and everything made of them.
pub(crate) struct Policies {
    store: Arc<dyn Store>,
    key: SigningKey,
    current: RwLock<Arc<Snapshot>>,
    /// Held while a policy is written, so that writers see each other's work.
    writing: tokio::sync::Mutex<()>,
}

/// The policies at one moment.
pub(crate) struct Snapshot {
    pub(crate) runtime: Revised<RuntimePolicy>,
    pub(crate) waas: Revised<WaasPolicy>,
    /// Ends with the snapshot: a change leaves nothing old behind.
    published: RwLock<Cache>,
}

/// A policy and the revision that it was last changed at.
#[derive(Clone)]
pub(crate) struct Revised<T> {
    pub(crate) policy: T,
    pub(crate) revision: u64,
}

/// A function's signed policy, ready to be sent.
pub(crate) struct Published {
    pub(crate) etag: String,
    pub(crate) body: Bytes,
}

#[derive(Default)]
struct Cache {
    documents: HashMap<(String, String), Arc<Published>>,
    bytes: usize,
}

/// Why the policies cannot be loaded at start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LoadError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the stored {} policy cannot be read: {source}", kind.as_str())]
    Unreadable { kind: PolicyKind, source: serde_json::Error },
    #[error("another process wrote the {} policy at the same moment: start again", .0.as_str())]
    Raced(PolicyKind),
}

/// Why a policy was not changed.
#[derive(Debug)]
pub(crate) enum WriteError {
    /// The writer had read another revision than the one in force, which is named.
    Stale(u64),
    /// The change itself was refused.
    Refused(ApiError),
    Store(StoreError),
}

impl Policies {
    /// Loads both policies; what was never written starts as shipped.
    pub(crate) async fn load(store: Arc<dyn Store>, key: SigningKey) -> Result<Self, LoadError> {
        let runtime = load(&*store, PolicyKind::Runtime, RuntimePolicy::default_policy).await?;
        let waas = load(&*store, PolicyKind::Waas, WaasPolicy::default_policy).await?;
        let current = RwLock::new(Arc::new(Snapshot::new(runtime, waas)));
        Ok(Self { store, key, current, writing: tokio::sync::Mutex::default() })
    }

    /// The policies in force.
    pub(crate) fn current(&self) -> Arc<Snapshot> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Replaces the runtime policy by what `change` makes of it, if its revision is `expected` (`None`: whichever it is).
    /// `change` may refuse.
    pub(crate) async fn change_runtime(
        &self,
        expected: Option<u64>,
        author: &Author,
        change: impl FnOnce(&RuntimePolicy) -> Result<RuntimePolicy, ApiError> + Send,
    ) -> Result<u64, WriteError> {
        let _one_at_a_time = self.writing.lock().await;
        let now = self.current();
        let policy = change(&now.runtime.policy).map_err(WriteError::Refused)?;
        let revision =
            self.save(PolicyKind::Runtime, &policy, now.runtime.revision, expected, author).await?;
        self.replace(Snapshot::new(Revised { policy, revision }, now.waas.clone()));
        Ok(revision)
    }

    /// Replaces the WAAS policy, if its revision is `expected` (`None`: whichever it is).
    pub(crate) async fn put_waas(
        &self,
        expected: Option<u64>,
        author: &Author,
        policy: WaasPolicy,
    ) -> Result<u64, WriteError> {
        let _one_at_a_time = self.writing.lock().await;
        let now = self.current();
        let revision = self.save(PolicyKind::Waas, &policy, now.waas.revision, expected, author).await?;
        self.replace(Snapshot::new(now.runtime.clone(), Revised { policy, revision }));
        Ok(revision)
    }

    async fn save<T: serde::Serialize>(
        &self,
        kind: PolicyKind,
        policy: &T,
        current: u64,
        expected: Option<u64>,
        author: &Author,
    ) -> Result<u64, WriteError> {
        if expected.is_some_and(|expected| expected != current) {
            return Err(WriteError::Stale(current));
        }
        let document = to_json(policy)?;
        match self.store.put_policy(kind, Some(current), &document, author).await? {
            PolicyWrite::Saved(revision) => {
                tracing::info!(policy = kind.as_str(), revision, by = %author.name, "policy changed");
                Ok(revision)
            }
            PolicyWrite::Conflict => Err(WriteError::Stale(current)),
        }
    }

    fn replace(&self, snapshot: Snapshot) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(snapshot);
    }

    /// The document for TW_POLICY: the token's secret is in it, and the policy of the functions that the pattern names.
    pub(crate) fn document_for_environment(&self, token: &DefenderToken, secret: &str) -> Document {
        let function = token.function.clone();
        let token_value = Token { id: token.id.clone(), secret: secret.to_owned() };
        self.document(&self.current(), function, Some(token_value), &token.region, &token.settings)
    }

    /// Signs the document for TW_POLICY, which has little room.
    pub(crate) fn seal(&self, document: &Document) -> Result<String, SealError> {
        envelope::seal(document, &self.key)
    }

    /// What a Defender fetches for this function. Only the first after a change waits for a signature.
    pub(crate) fn published(
        &self,
        token: &DefenderToken,
        function: &str,
    ) -> Result<Arc<Published>, SealError> {
        let snapshot = self.current();
        let key = (token.id.clone(), function.to_owned());
        if let Some(found) = snapshot.found(&key) {
            return Ok(found);
        }
        let document = self.document(&snapshot, function.to_owned(), None, &token.region, &token.settings);
        let text = envelope::seal_unbounded(&document, &self.key)?;
        // Of everything but the time of issue: after a restart the same policy has the same ETag.
        let unstamped = Document { issued: 0, ..document };
        let digest =
            Sha256::digest(serde_json::to_vec(&unstamped).unwrap_or_else(|_| text.clone().into_bytes()));
        let hash: String = digest[..12].iter().map(|byte| format!("{byte:02x}")).collect();
        let etag = format!("\"{}-{hash}\"", unstamped.revision);
        let published = Arc::new(Published { etag, body: text.into() });
        let mut cache = snapshot.published.write().unwrap_or_else(PoisonError::into_inner);
        cache.insert(key, Arc::clone(&published));
        drop(cache);
        Ok(published)
    }

    fn document(
        &self,
        snapshot: &Snapshot,
        function: String,
        token: Option<Token>,
        region: &str,
        settings: &TokenSettings,
    ) -> Document {
        let id = FunctionId { name: &function, region, account: settings.account.as_deref(), labels: &[] };
        let policy = EffectivePolicy::for_function(&snapshot.runtime.policy, &snapshot.waas.policy, &id);
        Document {
            console: settings.console.clone(),
            function,
            region: region.to_owned(),
            account: settings.account.clone(),
            token,
            keys: vec![self.key.public()],
            interval_ms: settings.interval_ms,
            proxy: settings.proxy.clone(),
            revision: snapshot.revision(),
            issued: u64::try_from(clock::now() / 1000).unwrap_or(0),
            policy,
        }
    }
}

async fn load<T: serde::Serialize + serde::de::DeserializeOwned>(
    store: &dyn Store,
    kind: PolicyKind,
    shipped: impl FnOnce() -> T,
) -> Result<Revised<T>, LoadError> {
    let unreadable = |source| LoadError::Unreadable { kind, source };
    if let Some(stored) = store.policy(kind).await? {
        let policy = serde_json::from_str(&stored.document).map_err(unreadable)?;
        return Ok(Revised { policy, revision: stored.revision });
    }
    let policy = shipped();
    let author = Author { name: "gambeson".to_owned(), source: "shipped default".to_owned() };
    let document = serde_json::to_string(&policy).map_err(unreadable)?;
    match store.put_policy(kind, None, &document, &author).await? {
        PolicyWrite::Saved(revision) => Ok(Revised { policy, revision }),
        PolicyWrite::Conflict => Err(LoadError::Raced(kind)),
    }
}

fn to_json<T: serde::Serialize>(policy: &T) -> Result<String, WriteError> {
    serde_json::to_string(policy)
        .map_err(|error| WriteError::Store(StoreError(sqlx::Error::Encode(error.into()))))
}

// === impl Snapshot ===

impl Snapshot {
    fn new(runtime: Revised<RuntimePolicy>, waas: Revised<WaasPolicy>) -> Self {
        Self { runtime, waas, published: RwLock::default() }
    }

    /// The revision of both together.
    pub(crate) fn revision(&self) -> u64 {
        self.runtime.revision.max(self.waas.revision)
    }

    fn found(&self, key: &(String, String)) -> Option<Arc<Published>> {
        let cache = self.published.read().unwrap_or_else(PoisonError::into_inner);
        cache.documents.get(key).cloned()
    }
}

// === impl Cache ===

impl Cache {
    fn insert(&mut self, key: (String, String), document: Arc<Published>) {
        self.bytes += size(&key, &document);
        if let Some(old) = self.documents.insert(key.clone(), document) {
            self.bytes -= size(&key, &old);
        }
        while self.bytes > CACHE {
            // Which one goes is as good as random, as the map's order is: enough for a bound that is rarely reached.
            let Some(victim) = self.documents.keys().find(|other| **other != key).cloned() else { break };
            if let Some(old) = self.documents.remove(&victim) {
                self.bytes -= size(&victim, &old);
            }
        }
    }
}

fn size(key: &(String, String), document: &Published) -> usize {
    key.0.len() + key.1.len() + document.etag.len() + document.body.len() + 200
}

// === impl WriteError ===

impl From<StoreError> for WriteError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cache_stays_within_its_bound_and_keeps_the_newest() {
        let mut cache = Cache::default();
        for i in 0..200 {
            let body = Bytes::from(vec![0; 1 << 20]);
            let key = ("token".to_owned(), format!("function-{i}"));
            cache.insert(key.clone(), Arc::new(Published { etag: String::new(), body }));
            assert!(cache.documents.contains_key(&key));
        }
        assert!(
            cache.bytes <= CACHE && cache.documents.len() > 50,
            "{} in {} bytes",
            cache.documents.len(),
            cache.bytes
        );
        assert_eq!(
            cache.bytes,
            cache.documents.iter().map(|(key, document)| size(key, document)).sum::<usize>()
        );
    }
}
