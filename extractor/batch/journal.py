"""The journal of batch runs: what was asked for which abstracts, and what became of it.

A small SQLite database in the cache's folder, so that an import needs no more than the answers.
It holds no key of any vendor.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from extractor.batch.layout import APPLICATION_ID, LAYOUT, LAYOUT_VERSION
from extractor.documents import Abstract, hash_text
from extractor.errors import StoreError
from extractor.readers import Entry, Unreadable

_BUSY_TIMEOUT_S = 60
_PAGE_ROWS = 500
_UNCOMMITTED_ROWS = 2000

FaultKind = Literal["passing", "permanent", "refused"]


@dataclass(frozen=True, slots=True)
class Question:
    """A request that was written into a file.

    Attributes:
        export_id: the newest export that asked it.
        file_id: the newest file that holds it.
        fault_kind: what its last row in an answer file said, unless it was an answer:
            `passing` is worth asking again, `permanent` is not, `refused` befalls every request
            until the user changes something.
        is_written: whether that file is whole and stands under its name.
        is_uncounted: whether an answer has come whose cost is in no summary yet.
    """

    export_id: int
    file_id: int
    fault_kind: FaultKind | None
    fault: str | None
    is_written: bool
    is_uncounted: bool


class Journal:
    """Remembers exports, their abstracts, questions, files and jobs."""

    def __init__(self, folder: Path) -> None:
        """Open or create the journal in a folder, readable for its owner only.

        Raises:
            StoreError: the folder cannot be used, or holds the journal of a newer version.
        """
        self.folder = folder / "batch"
        self._path = self.folder / "journal.db"
        self._pending = 0
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise StoreError(
                f"cannot create {self.folder}: {error.strerror}; choose another with --cache DIR"
            ) from error
        with self._access():
            self._database = sqlite3.connect(self._path, timeout=_BUSY_TIMEOUT_S)
            self._lay_out()

    def __enter__(self) -> "Journal":
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the database; what is not committed is forgotten."""
        self._database.close()

    def commit(self) -> None:
        """Bring everything onto the disk."""
        with self._access():
            self._database.commit()
        self._pending = 0

    def begin_export(self, plan: str) -> int:
        """Open an export under a plan, as its JSON."""
        return self.insert("exports", plan=plan, created=read_clock())

    def read_plan(self, export_id: int) -> str:
        """The plan of an export."""
        (row,) = self.query("SELECT plan FROM exports WHERE export_id = ?", export_id)
        return str(row["plan"])

    def add_entry(self, export_id: int, position: int, entry: Entry) -> None:
        """Remember an abstract of an export, or an entry that could not be read."""
        record = json.dumps(_to_record(entry))
        digest = hash_text(record)[:32]
        self.write("INSERT OR IGNORE INTO texts VALUES (?, ?)", digest, record)
        self.write("INSERT INTO entries VALUES (?, ?, ?)", export_id, position, digest)

    def read_entries(self, export_id: int) -> Iterator[Entry]:
        """The entries of an export in their order, a page of them in memory at a time."""
        position = -1
        while rows := self.query(
            "SELECT position, record FROM entries JOIN texts USING (digest) "
            "WHERE export_id = ? AND position > ? ORDER BY position LIMIT ?",
            export_id,
            position,
            _PAGE_ROWS,
        ):
            for row in rows:
                yield _from_record(json.loads(row["record"]))
            position = rows[-1]["position"]

    def begin_file(self, export_id: int) -> int:
        """Open a requests file, whose path is not decided yet."""
        return self.insert("files", export_id=export_id, created=read_clock())

    def finish_file(self, file_id: int, path: Path, sha256: str, lines: int) -> None:
        """Note where a requests file lies, its fingerprint and its length."""
        self.write(
            "UPDATE files SET path = ?, sha256 = ?, lines = ? WHERE file_id = ?",
            str(path.absolute()),
            sha256,
            lines,
            file_id,
        )

    def ask(self, key: str, export_id: int, file_id: int) -> None:
        """Note that a file holds a question; earlier faults of it count no longer."""
        self.write(
            "INSERT INTO questions (key, export_id, file_id) VALUES (?, ?, ?) "
            "ON CONFLICT (key) DO UPDATE SET export_id = excluded.export_id, "
            "file_id = excluded.file_id, fault_kind = NULL, fault = NULL",
            key,
            export_id,
            file_id,
        )

    def find_question(self, key: str) -> Question | None:
        """Look a question up by its key."""
        rows = self.query(
            "SELECT questions.*, files.path IS NOT NULL AS is_written "
            "FROM questions JOIN files USING (file_id) WHERE key = ?",
            key,
        )
        if not rows:
            return None
        row = rows[0]
        return Question(
            row["export_id"],
            row["file_id"],
            row["fault_kind"],
            row["fault"],
            bool(row["is_written"]),
            bool(row["is_uncounted"]),
        )

    def is_under_way(self, file_id: int) -> bool:
        """Tell whether a job has a file, and its answers are not collected yet."""
        return bool(
            self.query(
                "SELECT 1 FROM jobs WHERE file_id = ? AND NOT is_collected "
                "AND state NOT IN ('failed', 'lost')",
                file_id,
            )
        )

    def record_fault(self, key: str, kind: FaultKind, reason: str) -> None:
        """Note why a question has no answer."""
        self.write(
            "UPDATE questions SET fault_kind = ?, fault = ? WHERE key = ?", kind, reason, key
        )

    def record_answer(self, key: str) -> None:
        """Note that a question was answered, and that this is in no summary yet."""
        self.write(
            "UPDATE questions SET is_uncounted = 1, fault_kind = NULL, fault = NULL WHERE key = ?",
            key,
        )

    def record_counted(self, keys: Iterable[str]) -> None:
        """Note that the cost of these answers has been counted."""
        for key in keys:
            self.write("UPDATE questions SET is_uncounted = 0 WHERE key = ?", key)

    def query(self, statement: str, *values: object) -> list[sqlite3.Row]:
        """Read rows.

        Raises:
            StoreError: the journal is damaged or locked.
        """
        with self._access():
            return self._database.execute(statement, values).fetchall()

    def write(self, statement: str, *values: object) -> None:
        """Change rows; the change is on the disk at the next commit.

        Raises:
            StoreError: the journal cannot be written.
        """
        with self._access():
            self._database.execute(statement, values)
        self._note_change()

    def insert(self, table: str, **values: Any) -> int:
        """Insert a row and return its number."""
        names, places = ", ".join(values), ", ".join("?" * len(values))
        statement = f"INSERT INTO {table} ({names}) VALUES ({places})"  # noqa: S608
        with self._access():
            number = self._database.execute(statement, tuple(values.values())).lastrowid
        self._note_change()
        assert number is not None  # noqa: S101 - a row was inserted
        return number

    def _note_change(self) -> None:
        # Other processes wait for the end of a transaction, so that none may grow long.
        self._pending += 1
        if self._pending >= _UNCOMMITTED_ROWS:
            self.commit()

    def _lay_out(self) -> None:
        self._database.row_factory = sqlite3.Row
        self._database.execute("PRAGMA journal_mode = WAL")
        # A job that was paid for may not be forgotten in a power cut.
        self._database.execute("PRAGMA synchronous = FULL")
        self._database.execute("BEGIN IMMEDIATE")
        version = self._database.execute("PRAGMA user_version").fetchone()[0]
        if version == 0:
            for statement in LAYOUT.split(";"):
                self._database.execute(statement)
            self._database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            self._database.execute(f"PRAGMA user_version = {LAYOUT_VERSION}")
        elif version > LAYOUT_VERSION:
            raise StoreError(
                f"{self._path} was written by a newer version (layout {version}, this program "
                f"knows {LAYOUT_VERSION}): upgrade claim-extractor"
            )
        self._database.commit()

    @contextmanager
    def _access(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise StoreError(
                f"cannot use the batch journal {self._path}: {error}; "
                "make room, or choose another folder with --cache DIR"
            ) from error


def _to_record(entry: Entry) -> dict[str, Any]:
    if isinstance(entry, Abstract):
        return {"abstract": entry.model_dump(exclude_defaults=True)}
    unreadable = {"source": entry.source, "reason": entry.reason}
    return {"unreadable": {**unreadable, "id": entry.id, "excerpt": entry.excerpt}}


def _from_record(record: dict[str, Any]) -> Entry:
    if "abstract" in record:
        return Abstract(**record["abstract"])
    return Unreadable(**record["unreadable"])


def read_clock() -> str:
    """The time that journal entries carry: ISO 8601 in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")
