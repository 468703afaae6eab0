//! A Console: opened from its data directory, then served.

use std::future::Future;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;

use gambeson_policy::SigningKey;
use rustls::ServerConfig;

use crate::app::App;
use crate::auth::{Limiter, Passwords, Role, UnfitPassword, check_password, check_user_name};
use crate::clock;
use crate::config::{Config, Transport};
use crate::data_dir::{DataDir, DataDirError};
use crate::defender::{Ingest, ROOM, Tokens};
use crate::layers::Layers;
use crate::policies::Policies;
use crate::secret::{self, SecretHash};
use crate::store::{Author, OpenStoreError, Sqlite, Store, User};
use crate::tls::{self, TlsError};
use crate::{routes, server};

const SIGNING_KEY: &str = "signing.key";
const DATABASE: &str = "gambeson.db";

/// An open Console. It holds its data directory until it is dropped.
pub struct Console {
    app: Arc<App>,
    tls: Option<Arc<ServerConfig>>,
    fingerprint: Option<String>,
    setup_token: Option<String>,
    _dir: DataDir,
}

/// Why a Console cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The data directory.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// The database.
    #[error(transparent)]
    Store(#[from] OpenStoreError),
    /// Certificate or key.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// What is in the database.
    #[error("{0}")]
    Content(String),
}

/// Why a Console stopped, or did not start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Plain HTTP where others could listen.
    #[error("{0} can be reached from outside: without TLS the Console listens only on a loopback address")]
    Exposed(SocketAddr),
    /// The network.
    #[error("cannot serve: {0}")]
    Network(#[from] io::Error),
}

/// Why a user was not added.
#[derive(Debug, thiserror::Error)]
pub enum AddUserError {
    /// Name or password.
    #[error(transparent)]
    Unfit(#[from] UnfitPassword),
    /// There is one of that name.
    #[error("there is a user {0} already")]
    Taken(String),
    /// The database.
    #[error("{0}")]
    Store(String),
}

impl Console {
    /// Opens data directory, database, keys and certificate, and makes what is not there yet.
    pub async fn open(config: Config) -> Result<Self, OpenError> {
        let dir = DataDir::open(&config.data_dir)?;
        let key = signing_key(&dir)?;
        let tls = tls::prepare(&dir, &config.transport)?;
        let path = database_path(&dir, config.database.as_deref())?;
        let store: Arc<dyn Store> = Arc::new(Sqlite::open(&path).await?);
        let content = |error: crate::store::StoreError| OpenError::Content(error.to_string());
        let setup_token = if store.has_no_user().await.map_err(content)? {
            let token = secret::generate();
            let expires = clock::now() + config.setup_lifetime.as_millis() as clock::Millis;
            store.put_setup_token(SecretHash::of(&token), expires).await.map_err(content)?;
            Some(token)
        } else {
            None
        };
        let policies = Policies::load(Arc::clone(&store), key)
            .await
            .map_err(|error| OpenError::Content(error.to_string()))?;
        let tokens = Tokens::new(store.defender_tokens().await.map_err(content)?);
        let count = store.count_audits().await.map_err(content)?;
        let ingest = Ingest::start(Arc::clone(&store), count, config.keep_audits.max(1), ROOM);
        let layers = Layers::new(tls.as_ref().and_then(|tls| tls.ca_pem.clone()));
        let app = App {
            store,
            policies,
            tokens,
            ingest,
            layers,
            passwords: Passwords::new(),
            sign_ins: Limiter::default(),
            session_lifetime: config.session_lifetime,
        };
        Ok(Self {
            app: Arc::new(app),
            fingerprint: tls.as_ref().map(|tls| tls.fingerprint.clone()),
            tls: tls.map(|tls| tls.config),
            setup_token,
            _dir: dir,
        })
    }

    /// SHA-256 of the server certificate; `None` without TLS.
    pub fn fingerprint(&self) -> Option<&str> {
        self.fingerprint.as_deref()
    }

    /// The one-time set-up link's path and query, if nobody can sign in yet.
    pub fn setup_path(&self) -> Option<String> {
        self.setup_token.as_ref().map(|token| format!("/setup?token={token}"))
    }

    /// Adds a user, as `gambeson console init` does. Once there is one, the set-up link no longer works.
    pub async fn add_user(&self, name: &str, password: &str, role: Role) -> Result<(), AddUserError> {
        check_user_name(name)?;
        check_password(password)?;
        let store = |error: String| AddUserError::Store(error);
        let hash = self.app.passwords.hash(password.to_owned()).await.map_err(|e| store(e.to_string()))?;
        let user = User { name: name.to_owned(), password_hash: hash, role };
        let author = Author { name: name.to_owned(), source: "command line".to_owned() };
        match self.app.store.add_user(&user, &author).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(AddUserError::Taken(user.name)),
            Err(error) => Err(store(error.to_string())),
        }
    }

    /// Serves until `shutdown` is done. Audits that were taken are stored before this returns.
    pub async fn serve(
        self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), ServeError> {
        let served = match listener.local_addr() {
            Ok(address) if self.tls.is_none() && is_exposed(address) => Err(ServeError::Exposed(address)),
            Ok(_) => server::serve(routes::router(&self.app), listener, self.tls.clone(), shutdown)
                .await
                .map_err(ServeError::from),
            Err(error) => Err(error.into()),
        };
        self.close().await;
        served
    }

    #[cfg(test)]
    pub(crate) fn app(&self) -> &Arc<App> {
        &self.app
    }

    /// Stores what was taken and closes the database; for a Console that was opened but not served.
    pub async fn close(self) {
        self.app.ingest.finish().await;
        self.app.store.close().await;
    }
}

fn signing_key(dir: &DataDir) -> Result<SigningKey, DataDirError> {
    if let Some(bytes) = dir.read_secret(SIGNING_KEY)? {
        let length = bytes.len();
        let bytes: [u8; 32] = bytes.try_into().map_err(|_| DataDirError::Damaged {
            path: dir.file(SIGNING_KEY),
            reason: format!("a key has 32 bytes, this file has {length}"),
        })?;
        return Ok(SigningKey::from_bytes(bytes));
    }
    let bytes = secret::random::<32>();
    dir.write(SIGNING_KEY, &bytes, false)?;
    Ok(SigningKey::from_bytes(bytes))
}

fn database_path(dir: &DataDir, address: Option<&str>) -> Result<PathBuf, OpenStoreError> {
    let Some(address) = address else { return Ok(dir.file(DATABASE)) };
    let unknown = || OpenStoreError::Address(redacted(address));
    let rest = address.strip_prefix("sqlite:").ok_or_else(unknown)?;
    let path = rest.strip_prefix("//").unwrap_or(rest);
    if path.is_empty() || path == ":memory:" || path.contains('?') { Err(unknown()) } else { Ok(path.into()) }
}

/// A database address may have a password in it.
fn redacted(address: &str) -> String {
    match (address.split_once("://"), address.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, host))) => format!("{scheme}://…@{host}"),
        _ => address.to_owned(),
    }
}

fn is_exposed(address: SocketAddr) -> bool {
    !address.ip().to_canonical().is_loopback()
}

impl Config {
    /// Whether connections are encrypted.
    pub fn is_secure(&self) -> bool {
        !matches!(self.transport, Transport::Plain)
    }

    /// Whether a Console of this configuration may listen there, before anything is opened.
    pub fn check_listener(&self, address: SocketAddr) -> Result<(), ServeError> {
        if self.is_secure() || !is_exposed(address) { Ok(()) } else { Err(ServeError::Exposed(address)) }
    }
}
