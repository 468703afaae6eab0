//! Defender tokens: minted with a TW_POLICY, known by hash, good for one function-name pattern in one region.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use gambeson_policy::Proxy;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use crate::secret::{self, SecretHash};
use crate::store::{Author, Store, StoreError};

/// Two, so that functions which still run with the value before the last are not cut off while the new one is rolled out.
const VALID_AT_ONCE: u32 = 2;

/// What the Console knows of a token. The secret itself is only in the TW_POLICY that it was minted for.
#[derive(Clone)]
pub(crate) struct DefenderToken {
    pub(crate) id: String,
    pub(crate) secret: SecretHash,
    /// Name pattern of the functions that it is good for.
    pub(crate) function: String,
    pub(crate) region: String,
    pub(crate) settings: TokenSettings,
}

/// What the TW_POLICY said beside the policy; a fetched policy says the same.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct TokenSettings {
    pub(crate) console: Vec<String>,
    pub(crate) account: Option<String>,
    pub(crate) interval_ms: u64,
    pub(crate) proxy: Option<Proxy>,
}

/// All valid tokens, in memory: a Defender's request never waits for the database.
pub(crate) struct Tokens {
    by_id: RwLock<HashMap<String, Arc<DefenderToken>>>,
    /// Held while one is minted, so that memory and database forget the same ones.
    minting: Mutex<()>,
}

/// A token as it goes into a TW_POLICY.
pub(crate) struct Minted {
    pub(crate) token: DefenderToken,
    pub(crate) secret: String,
}

// === impl DefenderToken ===

impl DefenderToken {
    /// A new token, not stored yet.
    pub(crate) fn mint(function: &str, region: &str, settings: TokenSettings) -> Minted {
        let id = secret::random::<8>().iter().map(|byte| format!("{byte:02x}")).collect();
        let secret = secret::generate();
        let token = Self {
            id,
            secret: SecretHash::of(&secret),
            function: function.to_owned(),
            region: region.to_owned(),
            settings,
        };
        Minted { token, secret }
    }

    /// Whether the token is good for this function; an error says what it is good for instead.
    pub(crate) fn check(&self, function: &str, region: &str) -> Result<(), String> {
        if region != self.region {
            return Err(format!("this token is for the region {}, not {region}", self.region));
        }
        if !gambeson_policy::matches(&self.function, function) {
            return Err(format!("this token is for the function {}, not {function}", self.function));
        }
        Ok(())
    }
}

// === impl Tokens ===

impl Tokens {
    pub(crate) fn new(tokens: Vec<DefenderToken>) -> Self {
        let by_id = tokens.into_iter().map(|token| (token.id.clone(), Arc::new(token))).collect();
        Self { by_id: RwLock::new(by_id), minting: Mutex::new(()) }
    }

    /// The token of `id.secret`, if it is valid.
    pub(crate) fn find(&self, bearer: &str) -> Option<Arc<DefenderToken>> {
        let (id, secret) = bearer.split_once('.')?;
        let tokens = self.by_id.read().unwrap_or_else(PoisonError::into_inner);
        tokens.get(id).filter(|token| token.secret.matches(secret)).cloned()
    }

    /// Stores a token; of its function and region only the newest stay valid.
    pub(crate) async fn add(
        &self,
        store: &dyn Store,
        token: DefenderToken,
        author: &Author,
    ) -> Result<(), StoreError> {
        let _one_at_a_time = self.minting.lock().await;
        let forgotten = store.add_defender_token(&token, VALID_AT_ONCE, author).await?;
        let mut tokens = self.by_id.write().unwrap_or_else(PoisonError::into_inner);
        for id in forgotten {
            tokens.remove(&id);
        }
        tokens.insert(token.id.clone(), Arc::new(token));
        Ok(())
    }
}
