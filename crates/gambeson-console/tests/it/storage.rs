use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use gambeson_console::{Config, Console, OpenError, Role};

use crate::harness::Running;

fn open(config: Config) -> Result<(), OpenError> {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let console = Console::open(config).await?;
        console.close().await;
        Ok(())
    })
}

#[track_caller]
fn refused(dir: &Path) -> String {
    let database = dir.join("gambeson.db");
    let before = fs::read(&database).unwrap();
    let error = open(Config::new(dir)).unwrap_err().to_string();
    assert!(error.contains("gambeson.db"), "{error}");
    assert_eq!(fs::read(&database).unwrap(), before, "the file was changed: {error}");
    error
}

fn a_database() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    drop(Running::start_with_users(Config::new(dir.path()), &[("ann", Role::Admin)]));
    dir
}

#[test]
fn files_that_are_no_database_of_ours_are_refused_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let database = dir.path().join("gambeson.db");
    fs::write(&database, "Dear diary, ".repeat(1000)).unwrap();
    assert!(refused(dir.path()).contains("is not a Gambeson database"));

    fs::remove_file(&database).unwrap();
    edit(&database, "CREATE TABLE songs (title TEXT)");
    assert!(refused(dir.path()).contains("is not a Gambeson database"));
}

#[test]
fn a_damaged_database_is_refused_and_left_alone() {
    let dir = a_database();
    let database = dir.path().join("gambeson.db");
    let mut bytes = fs::read(&database).unwrap();
    let page = 4096;
    assert!(bytes.len() > 4 * page);
    bytes[page..4 * page].fill(0xab);
    fs::write(&database, bytes).unwrap();
    let error = refused(dir.path());
    assert!(error.contains("damaged") && error.contains("backup"), "{error}");
}

#[test]
fn a_database_of_a_newer_version_is_refused_and_left_alone() {
    let dir = a_database();
    edit(
        &dir.path().join("gambeson.db"),
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (9999, 'from the future', 1, x'00', 0)",
    );
    let error = refused(dir.path());
    assert!(error.contains("newer") && error.contains("9999"), "{error}");
}

#[test]
fn a_database_that_cannot_be_written_is_told() {
    let dir = a_database();
    let error = open(Config {
        database: Some(format!("sqlite://{}/no/such/folder.db", dir.path().display())),
        ..Config::new(dir.path())
    });
    let error = error.unwrap_err().to_string();
    assert!(error.contains("cannot write") && error.contains("folder.db"), "{error}");
}

#[test]
fn addresses_of_other_databases_are_refused_without_their_password() {
    let dir = tempfile::tempdir().unwrap();
    let config =
        Config { database: Some("postgres://ann:secret@db.example.com/x".into()), ..Config::new(dir.path()) };
    let error = open(config).unwrap_err().to_string();
    assert!(error.contains("postgres://") && !error.contains("secret"), "{error}");
}

#[test]
fn two_consoles_do_not_share_a_data_directory() {
    let dir = tempfile::tempdir().unwrap();
    let _running = Running::start(Config::new(dir.path()));
    let error = open(Config::new(dir.path())).unwrap_err().to_string();
    assert!(error.contains("another Console"), "{error}");
}

#[test]
fn everything_in_the_data_directory_is_for_its_owner_only() {
    let dir = a_database();
    assert_eq!(fs::metadata(dir.path()).unwrap().permissions().mode() & 0o777, 0o700);
    let key = dir.path().join("signing.key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(open(Config::new(dir.path())).unwrap_err().to_string().contains("chmod 600"));
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(&key, b"short").unwrap();
    assert!(open(Config::new(dir.path())).unwrap_err().to_string().contains("damaged"));
}

/// Another program's hand in a database file.
fn edit(database: &Path, sql: &'static str) {
    use sqlx::Connection;
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(database).create_if_missing(true);
        let mut connection = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
        sqlx::query(sql).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    });
}
