//! Gets interpreters and runtime clients: once, into a cache directory.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use nix::fcntl::{Flock, FlockArg};

use crate::Runtime;
use crate::variables::Places;

mod command;
mod node;
mod python;

/// Where runtimes and clients are kept, and how to get more.
#[derive(Clone, Debug)]
pub struct Runtimes {
    cache: PathBuf,
    say: fn(&str),
}

/// One runtime, ready to be used.
#[derive(Clone, Debug)]
pub struct Installation {
    runtime: Runtime,
    /// What `/var/lang` shows: the interpreter's prefix.
    pub(crate) language: PathBuf,
    /// What `/var/runtime` shows: the runtime client.
    pub(crate) client: PathBuf,
    /// What is hidden below `/var/lang`: packages that a developer's interpreter has and Lambda's has not.
    pub(crate) masked: Vec<PathBuf>,
    /// The interpreter's exact version.
    version: String,
}

/// A runtime that cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// There is no such interpreter here, and none to be fetched.
    #[error(
        "{runtime}: no CPython {version} here: looked for python{version} on PATH, in pyenv's versions and in /var/lang"
    )]
    NoInterpreter {
        /// The runtime.
        runtime: Runtime,
        /// Its version, as in a program's name.
        version: String,
    },
    /// A program that is needed is missing.
    #[error(
        "{missing} needed to build the runtime client: run `apt-get install -y --no-install-recommends {packages}`"
    )]
    NoTools {
        /// The programs.
        missing: String,
        /// Debian's packages with them.
        packages: String,
    },
    /// A program failed.
    #[error("`{command}` failed ({how}); its last words:\n{tail}")]
    Command {
        /// As it could be typed.
        command: String,
        /// Exit status, or why it did not start.
        how: String,
        /// The end of its output.
        tail: String,
    },
    /// The cache cannot be used.
    #[error("the cache at {path}: {error}")]
    Cache {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
}

impl Runtimes {
    /// Uses the cache at `cache`; says what it installs with `say`.
    pub fn new(cache: impl Into<PathBuf>, say: fn(&str)) -> Self {
        Self { cache: cache.into(), say }
    }

    /// The runtime, installed if it was not yet. Programs that ask at the same time wait for each other.
    pub fn ensure(&self, runtime: Runtime) -> Result<Installation, InstallError> {
        match runtime {
            Runtime::Python { major, minor } => python::ensure(self, runtime, major, minor),
            Runtime::Nodejs { major } => node::ensure(self, runtime, major),
        }
    }

    /// The directory `name` of the cache, made by `build` in a place of its own first, so that it is there whole or not at all.
    fn component(
        &self,
        name: &str,
        build: impl FnOnce(&Path) -> Result<(), InstallError>,
    ) -> Result<PathBuf, InstallError> {
        let path = self.cache.join(name);
        if path.is_dir() {
            return Ok(path);
        }
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |error| InstallError::Cache { path, error }
        };
        let parent = path.parent().unwrap_or(&self.cache);
        fs::create_dir_all(parent).map_err(failed(parent))?;
        let lock = parent.join(format!(".{}.lock", path.file_name().unwrap_or_default().to_string_lossy()));
        let file = fs::File::create(&lock).map_err(failed(&lock))?;
        let _held =
            Flock::lock(file, FlockArg::LockExclusive).map_err(|(_, error)| failed(&lock)(error.into()))?;
        if path.is_dir() {
            return Ok(path);
        }
        let new = tempfile::Builder::new().prefix(".new-").tempdir_in(parent).map_err(failed(parent))?;
        build(new.path())?;
        // Lambda's user has to be able to read it.
        fs::set_permissions(new.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755))
            .map_err(failed(new.path()))?;
        fs::rename(new.path(), &path).map_err(failed(&path))?;
        let _ = new.keep();
        Ok(path)
    }
}

impl Installation {
    /// Which runtime it is.
    pub fn runtime(&self) -> Runtime {
        self.runtime
    }

    /// The interpreter's exact version, `3.12.1` or `20.20.2`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// What to execute.
    pub(crate) fn command(&self, places: &Places, memory_mb: u32) -> Vec<String> {
        let text = |path: PathBuf| path.to_string_lossy().into_owned();
        match self.runtime {
            Runtime::Python { major, minor } => vec![
                text(places.language.join(format!("bin/python{major}.{minor}"))),
                text(places.client.join("bootstrap.py")),
                text(places.layers.clone()),
            ],
            Runtime::Nodejs { .. } => vec![
                text(places.language.join("bin/node")),
                "--expose-gc".to_owned(),
                // Nine tenths of the function's memory, as Lambda's runtime has it.
                format!("--max-old-space-size={}", memory_mb / 10 * 9),
                text(places.client.join(if self.client.join("index.mjs").exists() {
                    "index.mjs"
                } else {
                    "index.js"
                })),
            ],
        }
    }
}

/// Where the cache is, if nobody says otherwise: `$GAMBESON_CACHE`, `.cache` of the project that the current directory is in, the user's cache.
pub fn default_cache() -> PathBuf {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(cache) = variable("GAMBESON_CACHE") {
        return cache;
    }
    let here = std::env::current_dir().unwrap_or_default();
    if let Some(project) =
        here.ancestors().find(|directory| directory.join("crates/gambeson-lambda").is_dir())
    {
        return project.join(".cache");
    }
    variable("XDG_CACHE_HOME")
        .or_else(|| variable("HOME").map(|home| home.join(".cache")))
        .unwrap_or_else(std::env::temp_dir)
        .join("gambeson")
}

/// Writes a file of ours into an installed client, if it is not there as it should be.
fn write_file(path: &Path, text: &str) -> Result<(), InstallError> {
    if fs::read_to_string(path).is_ok_and(|there| there == text) {
        return Ok(());
    }
    // Another program may be starting from the old one at this moment.
    let new = path.with_extension(format!("new-{}", std::process::id()));
    fs::write(&new, text)
        .and_then(|()| fs::set_permissions(&new, std::os::unix::fs::PermissionsExt::from_mode(0o644)))
        .and_then(|()| fs::rename(&new, path))
        .map_err(|error| InstallError::Cache { path: path.to_owned(), error })
}
