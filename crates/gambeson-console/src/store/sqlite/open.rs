//! Opening the database file: nothing is changed in a file before it is known to be ours, whole, and not from a newer Console.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, SqliteConnection};

use super::Sqlite;

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");

/// Marks the file as ours in SQLite's header: "Gmbs".
const APPLICATION_ID: i32 = 0x476d_6273;
/// Up to this size every page is checked at start; a larger file would delay it by seconds.
const CHECK_UP_TO: u64 = 256 << 20;
const READERS: u32 = 4;
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// Why the database cannot be used. The file is left as it is in every case.
#[derive(Debug, thiserror::Error)]
pub enum OpenStoreError {
    /// The file is a SQLite database of another program, or no database at all.
    #[error("{} is not a Gambeson database: name another file with --database", .0.display())]
    Foreign(PathBuf),
    /// The file is damaged.
    #[error(
        "the database {} is damaged ({reason}): restore it from a backup, or move it away to start anew",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        reason: String,
    },
    /// A newer Console has written to the file.
    #[error(
        "the database {} was written by a newer Gambeson (schema {found}, this one knows up to {known}): use that version",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its schema version.
        found: i64,
        /// The newest one known here.
        known: i64,
    },
    /// The file can be read but not written, or not even read.
    #[error("cannot write the database {} ({reason}): check who owns it and its folder", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        reason: String,
    },
    /// A database address that this version does not know.
    #[error("`{0}` is not a database address that this version knows: use sqlite://PATH")]
    Address(String),
    /// Something else went wrong.
    #[error("cannot open the database {}: {source}", path.display())]
    Other {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        source: sqlx::Error,
    },
}

impl Sqlite {
    /// Opens the file, makes it if there is none, and brings its schema up to date.
    pub(crate) async fn open(path: &Path) -> Result<Self, OpenStoreError> {
        let failed = |error| explain(path, error);
        let size = std::fs::metadata(path).map_or(0, |file| file.len());
        if size > 0 {
            inspect(path, size).await?;
        } else {
            create(path)?;
        }
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // 202 promises that an audit is stored: it must survive a power cut, which NORMAL does not ensure in WAL mode.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT)
            .disable_statement_logging();
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .connect_with(options.clone())
            .await
            .map_err(failed)?;
        // The first write of all, so that a file which cannot be written is found now.
        sqlx::query(sqlx::AssertSqlSafe(format!("PRAGMA application_id = {APPLICATION_ID}")))
            .execute(&writer)
            .await
            .map_err(failed)?;
        MIGRATIONS.run(&writer).await.map_err(|error| match error {
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => failed(error),
            other => OpenStoreError::Damaged { path: path.to_owned(), reason: other.to_string() },
        })?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .connect_with(options.create_if_missing(false))
            .await
            .map_err(failed)?;
        Ok(Self { writer, readers })
    }
}

/// An empty file that only its owner can read: SQLite would make one with the umask's mode, and gives its log the mode of the database.
fn create(path: &Path) -> Result<(), OpenStoreError> {
    let file = OpenOptions::new().create(true).append(true).mode(0o600).open(path);
    file.map(drop)
        .map_err(|error| OpenStoreError::Unwritable { path: path.to_owned(), reason: error.to_string() })
}

/// Looks at a file that is there, without writing.
async fn inspect(path: &Path, size: u64) -> Result<(), OpenStoreError> {
    let failed = |error| explain(path, error);
    let mut connection = SqliteConnectOptions::new()
        .filename(path)
        .read_only(true)
        .busy_timeout(BUSY_TIMEOUT)
        .disable_statement_logging()
        .connect()
        .await
        .map_err(failed)?;
    let application: i32 =
        sqlx::query_scalar("PRAGMA application_id").fetch_one(&mut connection).await.map_err(failed)?;
    if application != APPLICATION_ID {
        return Err(OpenStoreError::Foreign(path.to_owned()));
    }
    if size <= CHECK_UP_TO {
        let verdict: String =
            sqlx::query_scalar("PRAGMA quick_check(1)").fetch_one(&mut connection).await.map_err(failed)?;
        if verdict != "ok" {
            return Err(OpenStoreError::Damaged { path: path.to_owned(), reason: verdict });
        }
    }
    let known = MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or(0);
    let found = newest_migration(&mut connection).await.map_err(failed)?;
    connection.close().await.map_err(failed)?;
    if found > known {
        return Err(OpenStoreError::Newer { path: path.to_owned(), found, known });
    }
    Ok(())
}

async fn newest_migration(connection: &mut SqliteConnection) -> Result<i64, sqlx::Error> {
    let table: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = '_sqlx_migrations')",
    )
    .fetch_one(&mut *connection)
    .await?;
    if !table {
        return Ok(0);
    }
    sqlx::query_scalar("SELECT coalesce(max(version), 0) FROM _sqlx_migrations").fetch_one(connection).await
}

fn explain(path: &Path, error: sqlx::Error) -> OpenStoreError {
    let path = path.to_owned();
    let Some(database) = error.as_database_error() else {
        return OpenStoreError::Other { path, source: error };
    };
    let reason = database.message().to_owned();
    // The low byte is the primary result code: https://sqlite.org/rescode.html
    match database.code().and_then(|code| code.parse::<u32>().ok()).map(|code| code & 0xff) {
        Some(11) => OpenStoreError::Damaged { path, reason },
        Some(26) => OpenStoreError::Foreign(path),
        Some(3 | 8 | 10 | 13 | 14) => OpenStoreError::Unwritable { path, reason },
        _ => OpenStoreError::Other { path, source: error },
    }
}
