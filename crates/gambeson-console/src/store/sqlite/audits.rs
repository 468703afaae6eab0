//! Audits in SQLite.

use sqlx::{QueryBuilder, Row, Sqlite as Db, SqliteConnection};

use super::super::{AuditFilter, AuditKind, AuditPage, FOLD, Loss, NewAudit, StoreError, StoredAudit};
use super::{Sqlite, unsigned};
use crate::clock;

/// Rows of one statement: 17 values each, and SQLite takes at most 32,766 in one statement.
const ROWS: usize = 500;

pub(super) async fn add(store: &Sqlite, audits: &[NewAudit], losses: &[Loss]) -> Result<u64, StoreError> {
    let mut transaction = store.write().await?;
    let (alone, folding): (Vec<_>, Vec<_>) = audits.iter().partition(|audit| audit.fold.is_none());
    let mut added = 0;
    for chunk in alone.chunks(ROWS) {
        added += insert(&mut transaction, chunk).await?;
    }
    for audit in folding {
        added += fold_or_insert(&mut transaction, audit).await?;
    }
    for loss in losses {
        sqlx::query("INSERT INTO audit_losses (received, function, region, count) VALUES ($1, $2, $3, $4)")
            .bind(clock::now())
            .bind(&loss.function)
            .bind(&loss.region)
            .bind(i64::try_from(loss.count).unwrap_or(i64::MAX))
            .execute(&mut *transaction)
            .await?;
    }
    transaction.commit().await?;
    Ok(added)
}

async fn insert(connection: &mut SqliteConnection, audits: &[&NewAudit]) -> Result<u64, StoreError> {
    let mut insert = QueryBuilder::<Db>::new(
        "INSERT INTO audits (id, time, received, kind, attack_type, effect, rule, function, region, account, \
         runtime, request_id, msg, record, fold, count, last) ",
    );
    insert.push_values(audits, |mut row, audit| {
        row.push_bind(audit.id.as_str())
            .push_bind(audit.time)
            .push_bind(audit.received)
            .push_bind(audit.kind.as_str())
            .push_bind(audit.attack_type.as_str())
            .push_bind(audit.effect.as_str())
            .push_bind(audit.rule.as_str())
            .push_bind(audit.function.as_str())
            .push_bind(audit.region.as_str())
            .push_bind(audit.account.as_deref())
            .push_bind(audit.runtime.as_str())
            .push_bind(audit.request_id.as_deref())
            .push_bind(audit.msg.as_str())
            .push_bind(audit.record.as_str())
            .push_bind(audit.fold.as_deref())
            .push_bind(audit.count)
            .push_bind(audit.time);
    });
    insert.push(" ON CONFLICT (id) DO NOTHING");
    Ok(insert.build().execute(connection).await?.rows_affected())
}

/// Counts an audit with one like it, or stores it as the first of its kind.
async fn fold_or_insert(connection: &mut SqliteConnection, audit: &NewAudit) -> Result<u64, StoreError> {
    let known: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM audits WHERE id = $1) OR EXISTS (SELECT 1 FROM folded_audits WHERE id = $1)",
    )
    .bind(&audit.id)
    .fetch_one(&mut *connection)
    .await?;
    if known {
        return Ok(0);
    }
    let like_it: Option<i64> = sqlx::query_scalar(
        "UPDATE audits SET count = count + $1, last = max(last, $2) WHERE seq = \
         (SELECT seq FROM audits WHERE fold = $3 AND time > $2 - $4 AND time < $2 + $4 ORDER BY time LIMIT 1) \
         RETURNING seq",
    )
    .bind(audit.count)
    .bind(audit.time)
    .bind(&audit.fold)
    .bind(FOLD)
    .fetch_optional(&mut *connection)
    .await?;
    let Some(first) = like_it else { return insert(connection, &[audit]).await };
    sqlx::query("INSERT INTO folded_audits (id, into_seq) VALUES ($1, $2)")
        .bind(&audit.id)
        .bind(first)
        .execute(connection)
        .await?;
    Ok(0)
}

pub(super) async fn list(store: &Sqlite, filter: &AuditFilter) -> Result<AuditPage, StoreError> {
    let mut count = QueryBuilder::<Db>::new("SELECT count(*) FROM audits WHERE ");
    restrict(&mut count, filter);
    let total = unsigned(&count.build().fetch_one(&store.readers).await?, 0)?;

    let mut select = QueryBuilder::<Db>::new("SELECT received, record, count, last FROM audits WHERE ");
    restrict(&mut select, filter);
    let direction = if filter.descending { "DESC" } else { "ASC" };
    // `seq` makes the order complete, so that pages neither repeat nor skip a row.
    select.push(format_args!(" ORDER BY {} {direction}, seq {direction} LIMIT ", filter.sort.column()));
    select.push_bind(i64::try_from(filter.limit).unwrap_or(i64::MAX));
    select.push(" OFFSET ");
    select.push_bind(i64::try_from(filter.offset).unwrap_or(i64::MAX));
    let audits = select
        .build()
        .fetch_all(&store.readers)
        .await?
        .iter()
        .map(|row| {
            Ok(StoredAudit {
                received: row.try_get(0)?,
                record: row.try_get(1)?,
                count: unsigned(row, 2)?,
                last: row.try_get(3)?,
            })
        })
        .collect::<Result<_, StoreError>>()?;
    Ok(AuditPage { total, audits })
}

fn restrict(query: &mut QueryBuilder<Db>, filter: &AuditFilter) {
    query.push(match filter.kind {
        AuditKind::Waas => "kind = 'waas'",
        AuditKind::Runtime => "kind <> 'waas'",
    });
    if let Some(from) = filter.from {
        query.push(" AND time >= ").push_bind(from);
    }
    if let Some(to) = filter.to {
        query.push(" AND time < ").push_bind(to);
    }
    one_of(query, "kind", &filter.types);
    one_of(query, "attack_type", &filter.attack_types);
    one_of(query, "effect", &filter.effects);
    one_of(query, "rule", &filter.rules);
    one_of(query, "region", &filter.regions);
    one_of(query, "runtime", &filter.runtimes);
    one_of(query, "request_id", &filter.request_ids);
    // A whole name is looked up in its index; only a pattern makes SQLite read every name.
    let (patterns, names): (Vec<_>, Vec<_>) =
        filter.functions.iter().cloned().partition(|name| name.contains('*'));
    if patterns.is_empty() {
        one_of(query, "function", &names);
    } else {
        query.push(" AND (FALSE");
        for name in names.iter().chain(&patterns) {
            query.push(" OR ");
            like(query, "function", &pattern(name, true));
        }
        query.push(")");
    }
    for text in &filter.search {
        query.push(" AND (");
        like(query, "msg", &format!("%{}%", pattern(text, false)));
        query.push(" OR ");
        like(query, "record", &format!("%{}%", pattern(text, false)));
        query.push(")");
    }
}

fn one_of(query: &mut QueryBuilder<Db>, column: &'static str, values: &[String]) {
    if values.is_empty() {
        return;
    }
    query.push(format_args!(" AND {column} IN ("));
    let mut list = query.separated(", ");
    for value in values {
        list.push_bind(value.clone());
    }
    query.push(")");
}

fn like(query: &mut QueryBuilder<Db>, column: &'static str, pattern: &str) {
    query.push(format_args!("{column} LIKE ")).push_bind(pattern.to_owned()).push(" ESCAPE '\\'");
}

/// Text as a LIKE pattern: what LIKE takes specially is escaped, `*` becomes `%` if it is to mean anything.
fn pattern(text: &str, star: bool) -> String {
    let mut pattern = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '*' if star => pattern.push('%'),
            '%' | '_' | '\\' => pattern.extend(['\\', c]),
            _ => pattern.push(c),
        }
    }
    pattern
}
