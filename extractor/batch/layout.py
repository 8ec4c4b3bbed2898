"""The tables of the journal."""

APPLICATION_ID = 0x436C6D42
LAYOUT_VERSION = 1
LAYOUT = """
CREATE TABLE exports (
    export_id INTEGER PRIMARY KEY,
    plan TEXT NOT NULL,
    created TEXT NOT NULL
);
CREATE TABLE texts (
    digest TEXT PRIMARY KEY,
    record TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE entries (
    export_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (export_id, position)
) WITHOUT ROWID;
CREATE TABLE files (
    file_id INTEGER PRIMARY KEY,
    export_id INTEGER NOT NULL,
    path TEXT,
    sha256 TEXT,
    lines INTEGER,
    created TEXT NOT NULL
);
CREATE TABLE questions (
    key TEXT PRIMARY KEY,
    export_id INTEGER NOT NULL,
    file_id INTEGER NOT NULL,
    fault_kind TEXT,
    fault TEXT,
    is_uncounted INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX questions_by_file ON questions (file_id);
CREATE TABLE jobs (
    job_id INTEGER PRIMARY KEY,
    token TEXT NOT NULL UNIQUE,
    file_id INTEGER NOT NULL,
    state TEXT NOT NULL,
    input_file_id TEXT,
    batch_id TEXT,
    output_file_id TEXT,
    error_file_id TEXT,
    completed INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    total INTEGER NOT NULL DEFAULT 0,
    problem TEXT,
    is_collected INTEGER NOT NULL DEFAULT 0,
    created TEXT NOT NULL
);
"""
