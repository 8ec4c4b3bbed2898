"""The journal of a review: every decision, in the order they were made; nothing is overwritten.

A small SQLite database beside the gold file. A decision is on the disk before it is answered, so
that a kill or a power cut costs nothing, and several servers may write to it at once.
"""

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from extractor.errors import StoreError
from extractor.review.labels import LabelState

_APPLICATION_ID = 0x436C6D52
_LAYOUT_VERSION = 1
_BUSY_TIMEOUT_S = 60
_LAYOUT = """
CREATE TABLE decisions (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    label_set TEXT NOT NULL,
    abstract TEXT NOT NULL,
    version INTEGER NOT NULL,
    annotator TEXT NOT NULL,
    created TEXT NOT NULL,
    action TEXT NOT NULL,
    state TEXT NOT NULL,
    back INTEGER,
    forward INTEGER,
    UNIQUE (label_set, abstract, version)
);
CREATE TABLE spent (
    label_set TEXT NOT NULL,
    abstract TEXT NOT NULL,
    annotator TEXT NOT NULL,
    suggestions INTEGER NOT NULL,
    active_s REAL NOT NULL DEFAULT 0,
    PRIMARY KEY (label_set, abstract, annotator, suggestions)
) WITHOUT ROWID;
CREATE TABLE exports (
    label_set TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    created TEXT NOT NULL,
    PRIMARY KEY (label_set, sha256)
) WITHOUT ROWID;
"""
_NEWEST = """
    SELECT * FROM decisions WHERE sequence IN (
        SELECT max(sequence) FROM decisions WHERE label_set = ? GROUP BY abstract
    )
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """A state that an abstract is brought into.

    Attributes:
        action: what was decided, as JSON.
        back: the version that undo leads back to; 0 is the state before any decision, None where
            there is nothing of one's own to undo.
        forward: the version that redo leads to again, None if nothing was undone.
    """

    action: str
    state: LabelState
    back: int | None
    forward: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision(Change):
    """A change that was made.

    Attributes:
        sequence: counts the decisions of a journal up.
        version: counts the decisions about one abstract in one set of labels, from 1.
    """

    sequence: int
    label_set: str
    abstract: str
    version: int
    annotator: str
    created: str


@dataclass(frozen=True, slots=True)
class Spent:
    """How long someone was busy with an abstract.

    Attributes:
        suggestions: whether they saw suggestions.
    """

    label_set: str
    abstract: str
    annotator: str
    suggestions: bool
    active_s: float


class Journal:
    """Remembers decisions, time spent, and which gold files were written."""

    def __init__(self, path: Path) -> None:
        """Open or create a journal, readable for its owner only.

        Raises:
            StoreError: the file cannot be used, or is the database of another program.
        """
        self.path = path
        self._lock = threading.RLock()
        with self._access():
            _create_private(path)
            self._database = sqlite3.connect(
                path, timeout=_BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
            )
            self._database.row_factory = sqlite3.Row
            try:
                self._lay_out()
            except BaseException:
                self._database.close()
                raise

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    @contextmanager
    def transact(self) -> Iterator[None]:
        """Do everything in the block in one transaction that no other writer comes between.

        Raises:
            StoreError: the journal cannot be written.
        """
        with self._lock, self._access():
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._database.execute("ROLLBACK")
                raise
            self._database.execute("COMMIT")

    def append(self, label_set: str, abstract: str, annotator: str, change: Change) -> None:
        """Add the next decision about an abstract; inside of `transact`."""
        newest = self.find(label_set, abstract)
        row = (
            label_set,
            abstract,
            newest.version + 1 if newest else 1,
            annotator,
            read_clock(),
            change.action,
            change.state.model_dump_json(),
            change.back,
            change.forward,
        )
        self._database.execute(
            "INSERT INTO decisions (label_set, abstract, version, annotator, created, action, "
            "state, back, forward) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            row,
        )

    def find(self, label_set: str, abstract: str, version: int | None = None) -> Decision | None:
        """Look up a decision about an abstract, by default the newest."""
        rows = self._query(
            "SELECT * FROM decisions WHERE label_set = ? AND abstract = ? "
            "AND (version = ? OR ? IS NULL) ORDER BY version DESC LIMIT 1",
            (label_set, abstract, version, version),
        )
        return _read_decision(rows[0]) if rows else None

    def list_newest(self, label_set: str) -> list[Decision]:
        """The newest decision about each abstract of a set."""
        return [_read_decision(row) for row in self._query(_NEWEST, (label_set,))]

    def list_since(self, label_set: str, sequence: int) -> list[Decision]:
        """The newest decision about each abstract of a set, of those made since another one."""
        query = f"{_NEWEST} AND sequence > ?"
        return [_read_decision(row) for row in self._query(query, (label_set, sequence))]

    def find_last(self, label_set: str) -> int:
        """The sequence of the last decision of a set, 0 before the first."""
        query = "SELECT max(sequence) AS last FROM decisions WHERE label_set = ?"
        return self._query(query, (label_set,))[0]["last"] or 0

    def list_sets(self) -> list[str]:
        """The names of the sets that something was decided in."""
        rows = self._query("SELECT DISTINCT label_set FROM decisions ORDER BY label_set", ())
        return [row["label_set"] for row in rows]

    def list_decisions(self, label_set: str, abstract: str) -> list[Decision]:
        """Every decision about an abstract, the oldest first."""
        rows = self._query(
            "SELECT * FROM decisions WHERE label_set = ? AND abstract = ? ORDER BY version",
            (label_set, abstract),
        )
        return [_read_decision(row) for row in rows]

    def add_time(self, spent: Spent) -> None:
        """Add to the time that someone was busy with an abstract; inside of `transact`."""
        self._database.execute(
            "INSERT INTO spent VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT DO UPDATE SET active_s = active_s + excluded.active_s",
            (
                spent.label_set,
                spent.abstract,
                spent.annotator,
                spent.suggestions,
                spent.active_s,
            ),
        )

    def list_spent(self) -> list[Spent]:
        """The time spent by everyone on every abstract."""
        rows = self._query("SELECT * FROM spent", ())
        return [Spent(**{**dict(row), "suggestions": bool(row["suggestions"])}) for row in rows]

    def record_export(self, label_set: str, sha256: str) -> None:
        """Note the fingerprint of a gold file that is about to be written."""
        self._database.execute(
            "INSERT OR IGNORE INTO exports VALUES (?, ?, ?)", (label_set, sha256, read_clock())
        )

    def has_exported(self, label_set: str, sha256: str) -> bool:
        """Tell whether a gold file of this content was written from this journal."""
        query = "SELECT 1 FROM exports WHERE label_set = ? AND sha256 = ?"
        return bool(self._query(query, (label_set, sha256)))

    def _query(self, statement: str, values: tuple[object, ...]) -> list[sqlite3.Row]:
        with self._lock, self._access():
            return self._database.execute(statement, values).fetchall()

    def _lay_out(self) -> None:
        self._database.execute("PRAGMA journal_mode = WAL")
        # A decision may not be forgotten in a power cut.
        self._database.execute("PRAGMA synchronous = FULL")
        self._database.execute("BEGIN IMMEDIATE")
        version = self._database.execute("PRAGMA user_version").fetchone()[0]
        application_id = self._database.execute("PRAGMA application_id").fetchone()[0]
        if version == application_id == 0:
            for statement in filter(str.strip, _LAYOUT.split(";")):
                self._database.execute(statement)
            self._database.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
            self._database.execute(f"PRAGMA user_version = {_LAYOUT_VERSION}")
        elif application_id != _APPLICATION_ID:
            raise StoreError(f"{self.path} is a database of another program; move it away")
        elif version > _LAYOUT_VERSION:
            raise StoreError(
                f"{self.path} was written by a newer version (layout {version}, this program "
                f"knows {_LAYOUT_VERSION}): upgrade claim-extractor"
            )
        self._database.execute("COMMIT")

    @contextmanager
    def _access(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise StoreError(
                f"cannot use the review journal {self.path}: {error}; its folder has to exist and "
                "to be writable, and the disk must not be full"
            ) from error


def _create_private(path: Path) -> None:
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def _read_decision(row: sqlite3.Row) -> Decision:
    columns = dict(row)
    return Decision(**{**columns, "state": LabelState.model_validate_json(columns["state"])})


def read_clock() -> str:
    """The time that decisions carry: ISO 8601 in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")
