"""Writes into a database of SQLite or PostgreSQL, through SQLAlchemy Core."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict

from sqlalchemy import Connection, bindparam, delete, exists, func, select, text, update

from extractor.documents import hash_text
from extractor.identifiers import IdentifierSet
from extractor.results import Result
from extractor.stores import tables
from extractor.stores.connections import Database
from extractor.stores.failures import FailedRow
from extractor.stores.protocol import LOCK_WAIT_S, RunRecord
from extractor.stores.rows import build_rows, hash_abstract
from extractor.stores.sql_reading import read_failed_rows
from extractor.stores.tables import clean_text

_PAGE = 1000
_NO_TEXT = hash_text("")
# What stood for an entry that could not be read, when nothing refers to it any more.
_FORSAKEN = delete(tables.abstracts).where(
    tables.abstracts.c.text_sha256 == _NO_TEXT,
    ~exists().where(tables.extractions.c.abstract_key == tables.abstracts.c.abstract_key),
)
# What becomes of a row that is there already, in SQL of both databases. PostgreSQL locks that row
# also where it stays as it is, so that no other program deletes it before the end of the batch.
_ADD_TEXT = """
    ON CONFLICT (abstract_key) DO UPDATE SET text = excluded.text
    WHERE abstracts.text = '' AND excluded.text <> ''
"""
# What is written again keeps its place in the order. Foreign keys in this clause would make SQLite
# look them up for new rows as well, which takes longer than all the rest; see `_assign_owners`.
_KEPT = ("extraction_id", "abstract_key", "run_id", "written")
_REPLACED = [column.name for column in tables.extractions.columns if column.name not in _KEPT]
_REPLACE_EXTRACTION = f"""
    ON CONFLICT (extraction_id) DO UPDATE
    SET {", ".join(f"{name} = excluded.{name}" for name in _REPLACED)}
    WHERE extractions.status = 'failed' OR excluded.status <> 'failed'
"""  # noqa: S608
_REMEMBER_RUN = text("""
    INSERT INTO runs (run_id, model, prompt, started, finished)
    VALUES (:run_id, :model, :prompt, :started, :finished)
    ON CONFLICT (run_id) DO UPDATE SET finished = excluded.finished
    WHERE excluded.finished IS NOT NULL
""")


class SqlStore:
    """Normalised tables that several processes may write at once.

    Writing an extraction replaces the one with the same identifier, but a failed one never
    replaces a finished one; another model or prompt gives another extraction beside it.
    """

    def __init__(
        self, target: str, *, creates: bool = True, lock_wait_s: float = LOCK_WAIT_S
    ) -> None:
        """Open or create a database, and note the extractions that need not be made again.

        Args:
            target: a file or a URL.
            creates: whether there need not be one yet.
            lock_wait_s: how long a batch waits for another program that writes.

        Raises:
            ConfigError: the URL cannot be used.
            StoreError: it is no database, or one of another program or a newer version.
        """
        self._database = Database(target, "create" if creates else "write", lock_wait_s)
        made = tables.extractions.c
        finished = select(made.extraction_id).where(made.status != "failed")
        self._runs: dict[str, RunRecord] = {}
        with self._database.transact(writes=False) as connection:
            found = connection.scalars(finished.execution_options(yield_per=_PAGE))
            self._held = IdentifierSet(found)

    def holds(self, extraction_id: str) -> bool:
        """Tell whether the database had this extraction when opened, and not as a failed one."""
        return extraction_id in self._held

    def record_run(self, run: RunRecord) -> None:
        """Insert a run, or note that it is finished."""
        self._runs[run.run_id] = run
        with self._database.transact() as connection:
            _remember_runs(connection, [run])

    def write(self, results: Sequence[Result]) -> None:
        """Write a batch in one transaction.

        Raises:
            StoreError: it could not be written; then nothing of it was.
            TransientStoreError: that may pass; writing it again does no harm.
        """
        newest = _choose_newest(results)
        rows = build_rows(newest.values())
        runs = {result.provenance.run_id for result in newest.values()} & self._runs.keys()
        insert = self._database.insert
        with self._database.transact() as connection:
            # Somebody may have deleted a run that had no results yet.
            _remember_runs(connection, [self._runs[run_id] for run_id in runs])
            insert(connection, tables.abstracts, rows["abstracts"], _ADD_TEXT)
            last = connection.scalar(select(func.max(tables.extractions.c.written))) or 0
            numbered = [(*row, last + n) for n, row in enumerate(rows["extractions"], start=1)]
            insert(connection, tables.extractions, numbered, _REPLACE_EXTRACTION)
            if _count_since(connection, last) != len(numbered):
                _assign_owners(connection, newest.values())
                # One that failed has no claims, and gives way to what is there.
                replaced = [key for key, result in newest.items() if result.status != "failed"]
                self._database.delete(connection, tables.claims.c.extraction_id, replaced)
            for table in (tables.claims, tables.claim_datasets, tables.claim_baselines):
                insert(connection, table, rows[table.name])

    def read_failed(self) -> Iterator[FailedRow]:
        """Read the failed extractions with their abstracts, in pages, so that writing goes on."""
        return read_failed_rows(self._database)

    def remove_failed(self, extraction_ids: Collection[str]) -> None:
        """Delete failed extractions that others stand for now."""
        made = tables.extractions.c
        with self._database.transact() as connection:
            for page in _split(extraction_ids):
                surpassed = made.extraction_id.in_(page) & (made.status == "failed")
                connection.execute(delete(tables.extractions).where(surpassed))
            connection.execute(_FORSAKEN)

    def close(self) -> None:
        """Close the connections."""
        self._database.close()


def _choose_newest(results: Sequence[Result]) -> dict[str, Result]:
    """The last result of each extraction, but none that failed in the place of one that did not."""
    newest: dict[str, Result] = {}
    for result in results:
        key = result.provenance.extraction_id
        if result.status != "failed" or key not in newest or newest[key].status == "failed":
            newest[key] = result
    return newest


def _remember_runs(connection: Connection, runs: Sequence[RunRecord]) -> None:
    cleaned = [
        {name: value and clean_text(value) for name, value in asdict(run).items()} for run in runs
    ]
    if cleaned:
        connection.execute(_REMEMBER_RUN, cleaned)


def _count_since(connection: Connection, last: int) -> int:
    """Count the extractions that were written after another one."""
    extractions = tables.extractions
    count = select(func.count()).select_from(extractions).where(extractions.c.written > last)
    return connection.scalar(count) or 0


def _assign_owners(connection: Connection, results: Iterable[Result]) -> None:
    """Note run and abstract of what was written; a failed one did not replace another state."""
    made = tables.extractions.c
    written = (made.extraction_id == bindparam("key")) & (made.status == bindparam("state"))
    connection.execute(
        update(tables.extractions)
        .where(written)
        .values(run_id=bindparam("run"), abstract_key=bindparam("abstract")),
        [
            {
                "key": result.provenance.extraction_id,
                "state": result.status,
                "run": result.provenance.run_id,
                "abstract": hash_abstract(result.abstract),
            }
            for result in results
        ],
    )


def _split(keys: Collection[str]) -> Iterator[list[str]]:
    listed = list(keys)
    for start in range(0, len(listed), _PAGE):
        yield listed[start : start + _PAGE]
