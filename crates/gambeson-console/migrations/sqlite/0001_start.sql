CREATE TABLE users (
    name          TEXT PRIMARY KEY,
    password_hash TEXT NOT NULL,
    role          TEXT NOT NULL CHECK (role IN ('admin', 'operator', 'auditor')),
    created       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
    token_hash BLOB PRIMARY KEY,
    user_name  TEXT NOT NULL REFERENCES users (name) ON DELETE CASCADE,
    expires    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_expiry ON sessions (expires);

-- The set-up link of a Console that has no user yet: at most one.
CREATE TABLE setup (
    only       INTEGER PRIMARY KEY CHECK (only = 1),
    token_hash BLOB NOT NULL,
    expires    INTEGER NOT NULL
) STRICT;

CREATE TABLE policies (
    kind     TEXT PRIMARY KEY CHECK (kind IN ('runtime', 'waas')),
    document TEXT NOT NULL,
    revision INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Every change, by whom and from where. Rows are only ever added.
CREATE TABLE history (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    time       INTEGER NOT NULL,
    user_name  TEXT NOT NULL,
    source     TEXT NOT NULL,
    subject    TEXT NOT NULL,
    revision   INTEGER,
    old        TEXT,
    new        TEXT
) STRICT;

CREATE TABLE defender_tokens (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    id          TEXT NOT NULL UNIQUE,
    secret_hash BLOB NOT NULL,
    function    TEXT NOT NULL,
    region      TEXT NOT NULL,
    settings    TEXT NOT NULL,
    created     INTEGER NOT NULL
) STRICT;
CREATE INDEX defender_tokens_by_function ON defender_tokens (function, region);

CREATE TABLE audits (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    id          TEXT NOT NULL UNIQUE,
    time        INTEGER NOT NULL,
    received    INTEGER NOT NULL,
    kind        TEXT NOT NULL,
    attack_type TEXT NOT NULL,
    effect      TEXT NOT NULL,
    rule        TEXT NOT NULL,
    function    TEXT NOT NULL,
    region      TEXT NOT NULL,
    account     TEXT,
    runtime     TEXT NOT NULL,
    request_id  TEXT,
    msg         TEXT NOT NULL,
    -- The whole record as it came: what the columns do not name is not lost.
    record      TEXT NOT NULL,
    -- What audits that are folded into one have in common; NULL for those that stay on their own.
    fold        TEXT,
    -- How many violations it stands for, and when the last of them was.
    count       INTEGER NOT NULL,
    last        INTEGER NOT NULL
) STRICT;
CREATE INDEX audits_by_time ON audits (time);
CREATE INDEX audits_by_function ON audits (function, time);
CREATE INDEX audits_by_fold ON audits (fold, time) WHERE fold IS NOT NULL;
CREATE INDEX audits_by_request ON audits (request_id) WHERE request_id IS NOT NULL;

-- Audits that were counted in another one: sent again, they must not be counted again.
CREATE TABLE folded_audits (
    id   TEXT PRIMARY KEY,
    into_seq INTEGER NOT NULL REFERENCES audits (seq) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX folded_audits_by_audit ON folded_audits (into_seq);

-- What Defenders had to drop before it could be sent, so that a gap is never silent.
CREATE TABLE audit_losses (
    seq      INTEGER PRIMARY KEY AUTOINCREMENT,
    received INTEGER NOT NULL,
    function TEXT NOT NULL,
    region   TEXT NOT NULL,
    count    INTEGER NOT NULL
) STRICT;
