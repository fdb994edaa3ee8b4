-- The tables of the server. Timestamps are microseconds since 1970, ids of rooms and messages UUIDs of 16 bytes.

PRAGMA journal_mode = WAL;
-- With a write-ahead log, NORMAL preserves committed transactions if the process is killed; FULL would only add
-- protection against power loss.
PRAGMA synchronous = NORMAL;
PRAGMA foreign_keys = ON;

CREATE TABLE IF NOT EXISTS users (
    id        INTEGER PRIMARY KEY,
    username  TEXT NOT NULL UNIQUE,
    full_name TEXT NOT NULL,
    email     TEXT NOT NULL,
    salt      BLOB NOT NULL,
    digest    BLOB NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS rooms (
    id            BLOB PRIMARY KEY,
    room_type     TEXT NOT NULL,
    name          TEXT NOT NULL,
    task          INTEGER,
    property      INTEGER,
    created_by    INTEGER NOT NULL REFERENCES users (id),
    created_at    INTEGER NOT NULL,
    modified_at   INTEGER NOT NULL,
    archived_at   INTEGER,
    message_count INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS participants (
    id           INTEGER PRIMARY KEY,
    room         BLOB NOT NULL REFERENCES rooms (id),
    user         INTEGER NOT NULL REFERENCES users (id),
    joined_at    INTEGER NOT NULL,
    last_read_at INTEGER,
    is_admin     INTEGER NOT NULL,
    is_muted     INTEGER NOT NULL DEFAULT 0,
    muted_until  INTEGER,
    left_at      INTEGER,
    -- Number of the room's messages that are not unread for this member: unread = message_count - seen, so that a
    -- send changes one row for any number of members.
    seen         INTEGER NOT NULL,
    UNIQUE (room, user)
) STRICT;

CREATE INDEX IF NOT EXISTS participants_of_user ON participants (user, room);

CREATE TABLE IF NOT EXISTS messages (
    id           BLOB PRIMARY KEY,
    room         BLOB NOT NULL REFERENCES rooms (id),
    sender       INTEGER NOT NULL REFERENCES users (id),
    message_type TEXT NOT NULL,
    content      TEXT NOT NULL,
    reply_to     BLOB REFERENCES messages (id),
    created_at   INTEGER NOT NULL UNIQUE,
    modified_at  INTEGER NOT NULL,
    edited_at    INTEGER,
    deleted_at   INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS messages_of_room ON messages (room, created_at);

CREATE TABLE IF NOT EXISTS receipts (
    message BLOB NOT NULL REFERENCES messages (id),
    reader  INTEGER NOT NULL REFERENCES users (id),
    read_at INTEGER NOT NULL,
    PRIMARY KEY (message, reader)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS attachments (
    message      BLOB PRIMARY KEY REFERENCES messages (id),
    name         TEXT NOT NULL,
    content_type TEXT NOT NULL,
    size         INTEGER NOT NULL,
    bytes        BLOB NOT NULL
) STRICT;
