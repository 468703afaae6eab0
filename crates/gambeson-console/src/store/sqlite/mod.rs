//! The store on SQLite: one writer, several readers, write-ahead log.

use async_trait::async_trait;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqlitePool, SqliteTransaction};

use super::{
    AuditFilter, AuditPage, Author, FirstAdmin, HistoryEntry, Loss, NewAudit, PolicyKind, PolicyWrite, Store,
    StoreError, StoredPolicy, User,
};
use crate::auth::{Role, Session};
use crate::clock::{self, Millis};
use crate::defender::{DefenderToken, TokenSettings};
use crate::secret::SecretHash;

mod audits;
mod open;

pub use open::OpenStoreError;

/// A SQLite database. SQLite has one writer at a time; one connection of our own for it means that writers queue here, fairly,
/// instead of running into SQLITE_BUSY.
pub(crate) struct Sqlite {
    writer: SqlitePool,
    readers: SqlitePool,
}

#[async_trait]
impl Store for Sqlite {
    async fn has_no_user(&self) -> Result<bool, StoreError> {
        let none = sqlx::query_scalar("SELECT NOT EXISTS (SELECT 1 FROM users)");
        Ok(none.fetch_one(&self.readers).await?)
    }

    async fn add_user(&self, user: &User, author: &Author) -> Result<bool, StoreError> {
        let mut transaction = self.write().await?;
        let added = insert_user(&mut transaction, user, author).await?;
        transaction.commit().await?;
        Ok(added)
    }

    async fn users(&self) -> Result<Vec<User>, StoreError> {
        sqlx::query("SELECT name, password_hash, role FROM users ORDER BY name")
            .fetch_all(&self.readers)
            .await?
            .iter()
            .map(user)
            .collect()
    }

    async fn user(&self, name: &str) -> Result<Option<User>, StoreError> {
        let row = sqlx::query("SELECT name, password_hash, role FROM users WHERE name = $1")
            .bind(name)
            .fetch_optional(&self.readers)
            .await?;
        row.as_ref().map(user).transpose()
    }

    async fn put_setup_token(&self, token: SecretHash, expires: Millis) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO setup (only, token_hash, expires) VALUES (1, $1, $2)
             ON CONFLICT (only) DO UPDATE SET token_hash = excluded.token_hash, expires = excluded.expires",
        )
        .bind(&token.0[..])
        .bind(expires)
        .execute(&self.writer)
        .await?;
        Ok(())
    }

    async fn add_first_admin(
        &self,
        token: SecretHash,
        user: &User,
        author: &Author,
    ) -> Result<FirstAdmin, StoreError> {
        let mut transaction = self.write().await?;
        let used = sqlx::query("DELETE FROM setup WHERE token_hash = $1 AND expires > $2")
            .bind(&token.0[..])
            .bind(clock::now())
            .execute(&mut *transaction)
            .await?;
        if used.rows_affected() == 0 {
            return Ok(FirstAdmin::WrongToken);
        }
        let taken: bool =
            sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM users)").fetch_one(&mut *transaction).await?;
        if !taken {
            insert_user(&mut transaction, user, author).await?;
        }
        transaction.commit().await?;
        Ok(if taken { FirstAdmin::TooLate } else { FirstAdmin::Made })
    }

    async fn add_session(&self, token: SecretHash, user: &str, expires: Millis) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO sessions (token_hash, user_name, expires) VALUES ($1, $2, $3)")
            .bind(&token.0[..])
            .bind(user)
            .bind(expires)
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    async fn session(&self, token: SecretHash) -> Result<Option<Session>, StoreError> {
        let row = sqlx::query(
            "SELECT users.name, users.role FROM sessions JOIN users ON users.name = sessions.user_name
             WHERE token_hash = $1 AND expires > $2",
        )
        .bind(&token.0[..])
        .bind(clock::now())
        .fetch_optional(&self.readers)
        .await?;
        row.map(|row| Ok(Session { user: row.try_get(0)?, role: role(&row, 1)? })).transpose()
    }

    async fn prune_sessions(&self) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM sessions WHERE expires <= $1")
            .bind(clock::now())
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    async fn policy(&self, kind: PolicyKind) -> Result<Option<StoredPolicy>, StoreError> {
        let row = sqlx::query("SELECT document, revision FROM policies WHERE kind = $1")
            .bind(kind.as_str())
            .fetch_optional(&self.readers)
            .await?;
        row.map(|row| Ok(StoredPolicy { document: row.try_get(0)?, revision: unsigned(&row, 1)? }))
            .transpose()
    }

    async fn put_policy(
        &self,
        kind: PolicyKind,
        expected: Option<u64>,
        document: &str,
        author: &Author,
    ) -> Result<PolicyWrite, StoreError> {
        let mut transaction = self.write().await?;
        let found = sqlx::query("SELECT document, revision FROM policies WHERE kind = $1")
            .bind(kind.as_str())
            .fetch_optional(&mut *transaction)
            .await?;
        let (old, current) = match found {
            Some(row) => (Some(row.try_get::<String, _>(0)?), Some(unsigned(&row, 1)?)),
            None => (None, None),
        };
        if current != expected {
            return Ok(PolicyWrite::Conflict);
        }
        // One counter for both policies: a Defender gets both in one document, which has one revision.
        let next: i64 = sqlx::query_scalar("SELECT coalesce(max(revision), 0) + 1 FROM policies")
            .fetch_one(&mut *transaction)
            .await?;
        sqlx::query(
            "INSERT INTO policies (kind, document, revision) VALUES ($1, $2, $3)
             ON CONFLICT (kind) DO UPDATE SET document = excluded.document, revision = excluded.revision",
        )
        .bind(kind.as_str())
        .bind(document)
        .bind(next)
        .execute(&mut *transaction)
        .await?;
        let subject = format!("{} policy", kind.as_str());
        let change =
            Change { subject: &subject, revision: Some(next), old: old.as_deref(), new: Some(document) };
        record(&mut transaction, author, change).await?;
        transaction.commit().await?;
        Ok(PolicyWrite::Saved(next as u64))
    }

    async fn defender_tokens(&self) -> Result<Vec<DefenderToken>, StoreError> {
        sqlx::query("SELECT id, secret_hash, function, region, settings FROM defender_tokens ORDER BY seq")
            .fetch_all(&self.readers)
            .await?
            .iter()
            .map(defender_token)
            .collect()
    }

    async fn add_defender_token(
        &self,
        token: &DefenderToken,
        keep: u32,
        author: &Author,
    ) -> Result<Vec<String>, StoreError> {
        let settings = serde_json::to_string(&token.settings).map_err(|e| sqlx::Error::Encode(e.into()))?;
        let mut transaction = self.write().await?;
        sqlx::query(
            "INSERT INTO defender_tokens (id, secret_hash, function, region, settings, created)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(&token.id)
        .bind(&token.secret.0[..])
        .bind(&token.function)
        .bind(&token.region)
        .bind(settings)
        .bind(clock::now())
        .execute(&mut *transaction)
        .await?;
        let forgotten = sqlx::query_scalar(
            "DELETE FROM defender_tokens WHERE seq IN
               (SELECT seq FROM defender_tokens WHERE function = $1 AND region = $2
                ORDER BY seq DESC LIMIT -1 OFFSET $3)
             RETURNING id",
        )
        .bind(&token.function)
        .bind(&token.region)
        .bind(keep)
        .fetch_all(&mut *transaction)
        .await?;
        let subject = format!("defender token {} of {} in {}", token.id, token.function, token.region);
        record(&mut transaction, author, Change { subject: &subject, ..Change::default() }).await?;
        transaction.commit().await?;
        Ok(forgotten)
    }

    async fn add_audits(&self, audits: &[NewAudit], losses: &[Loss]) -> Result<u64, StoreError> {
        audits::add(self, audits, losses).await
    }

    async fn audits(&self, filter: &AuditFilter) -> Result<AuditPage, StoreError> {
        audits::list(self, filter).await
    }

    async fn count_audits(&self) -> Result<u64, StoreError> {
        let row = sqlx::query("SELECT count(*) FROM audits").fetch_one(&self.readers).await?;
        unsigned(&row, 0)
    }

    async fn delete_oldest_audits(&self, count: u64) -> Result<u64, StoreError> {
        let deleted =
            sqlx::query("DELETE FROM audits WHERE seq IN (SELECT seq FROM audits ORDER BY seq LIMIT $1)")
                .bind(i64::try_from(count).unwrap_or(i64::MAX))
                .execute(&self.writer)
                .await?;
        Ok(deleted.rows_affected())
    }

    async fn history(&self, offset: u64, limit: u64) -> Result<Vec<HistoryEntry>, StoreError> {
        sqlx::query(
            "SELECT time, user_name, source, subject, revision, old, new FROM history
             ORDER BY seq DESC LIMIT $1 OFFSET $2",
        )
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .bind(i64::try_from(offset).unwrap_or(i64::MAX))
        .fetch_all(&self.readers)
        .await?
        .iter()
        .map(history_entry)
        .collect()
    }

    async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

impl Sqlite {
    /// A transaction that holds the write lock from its first statement on, so that what it reads is what it changes.
    async fn write(&self) -> Result<SqliteTransaction<'static>, StoreError> {
        Ok(self.writer.begin_with("BEGIN IMMEDIATE").await?)
    }
}

async fn insert_user(
    transaction: &mut SqliteTransaction<'_>,
    user: &User,
    author: &Author,
) -> Result<bool, StoreError> {
    let added = sqlx::query(
        "INSERT INTO users (name, password_hash, role, created) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
    )
    .bind(&user.name)
    .bind(&user.password_hash)
    .bind(user.role.as_str())
    .bind(clock::now())
    .execute(&mut **transaction)
    .await?
    .rows_affected()
        == 1;
    if added {
        let subject = format!("user {}", user.name);
        let change = Change { subject: &subject, new: Some(user.role.as_str()), ..Change::default() };
        record(transaction, author, change).await?;
    }
    Ok(added)
}

/// What a history row says.
#[derive(Default)]
struct Change<'a> {
    subject: &'a str,
    revision: Option<i64>,
    old: Option<&'a str>,
    new: Option<&'a str>,
}

async fn record(
    transaction: &mut SqliteTransaction<'_>,
    author: &Author,
    change: Change<'_>,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO history (time, user_name, source, subject, revision, old, new)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(clock::now())
    .bind(&author.name)
    .bind(&author.source)
    .bind(change.subject)
    .bind(change.revision)
    .bind(change.old)
    .bind(change.new)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

fn user(row: &SqliteRow) -> Result<User, StoreError> {
    Ok(User { name: row.try_get(0)?, password_hash: row.try_get(1)?, role: role(row, 2)? })
}

fn history_entry(row: &SqliteRow) -> Result<HistoryEntry, StoreError> {
    let revision: Option<i64> = row.try_get(4)?;
    Ok(HistoryEntry {
        time: row.try_get(0)?,
        author: Author { name: row.try_get(1)?, source: row.try_get(2)? },
        subject: row.try_get(3)?,
        revision: revision.and_then(|revision| u64::try_from(revision).ok()),
        old: row.try_get(5)?,
        new: row.try_get(6)?,
    })
}

fn defender_token(row: &SqliteRow) -> Result<DefenderToken, StoreError> {
    let hash: Vec<u8> = row.try_get(1)?;
    let settings: String = row.try_get(4)?;
    Ok(DefenderToken {
        id: row.try_get(0)?,
        secret: SecretHash::from_slice(&hash).ok_or_else(|| undecodable(1, "not a hash"))?,
        function: row.try_get(2)?,
        region: row.try_get(3)?,
        settings: serde_json::from_str::<TokenSettings>(&settings).map_err(|e| undecodable(4, e))?,
    })
}

fn role(row: &SqliteRow, column: usize) -> Result<Role, StoreError> {
    let name: String = row.try_get(column)?;
    Role::from_name(&name).ok_or_else(|| undecodable(column, format!("`{name}` is no role")))
}

fn unsigned(row: &SqliteRow, column: usize) -> Result<u64, StoreError> {
    let number: i64 = row.try_get(column)?;
    u64::try_from(number).map_err(|e| undecodable(column, e))
}

fn undecodable(column: usize, why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> StoreError {
    StoreError(sqlx::Error::ColumnDecode { index: column.to_string(), source: why.into() })
}
