"""Writes into a database of SQLite or PostgreSQL, through SQLAlchemy Core."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict

from sqlalchemy import (
    Connection,
    bindparam,
    delete,
    exists,
    func,
    insert,
    select,
    update,
)

from extractor.documents import hash_text
from extractor.results import Result
from extractor.stores import tables
from extractor.stores.connections import Database
from extractor.stores.failures import FailedRow
from extractor.stores.protocol import RunRecord
from extractor.stores.rows import Row, build_rows
from extractor.stores.sql_reading import read_failed_rows

_PAGE = 1000
_NO_TEXT = hash_text("")
# What stood for an entry that could not be read, when nothing refers to it any more.
_FORSAKEN = delete(tables.abstracts).where(
    tables.abstracts.c.text_sha256 == _NO_TEXT,
    ~exists().where(tables.extractions.c.abstract_key == tables.abstracts.c.abstract_key),
)


class SqlStore:
    """Normalised tables that several processes may write at once.

    Writing an extraction replaces the one with the same identifier, but a failed one never
    replaces a finished one; another model or prompt gives another extraction beside it.
    """

    def __init__(self, target: str, *, creates: bool = True) -> None:
        """Open or create a database, and note the extractions that need not be made again.

        Args:
            target: a file or a URL.
            creates: whether there need not be one yet.

        Raises:
            ConfigError: the URL cannot be used.
            StoreError: it is no database, or one of another program or a newer version.
        """
        self._database = Database(target, "create" if creates else "write")
        made = tables.extractions.c
        finished = select(made.extraction_id).where(made.status != "failed")
        with self._database.transact(writes=False) as connection:
            found = connection.scalars(finished.execution_options(yield_per=_PAGE))
            self._held = {int(extraction_id, 16) for extraction_id in found}

    def holds(self, extraction_id: str) -> bool:
        """Tell whether the database had this extraction when opened, and not as a failed one."""
        return int(extraction_id, 16) in self._held

    def record_run(self, run: RunRecord) -> None:
        """Insert a run, or note that it is finished."""
        runs = tables.runs
        with self._database.transact() as connection:
            known = select(runs.c.run_id).where(runs.c.run_id == run.run_id)
            if connection.scalar(known) is None:
                connection.execute(insert(runs).values(asdict(run)))
            elif run.finished is not None:
                this = update(runs).where(runs.c.run_id == run.run_id)
                connection.execute(this.values(finished=run.finished))

    def write(self, results: Sequence[Result]) -> None:
        """Write a batch in one transaction.

        Raises:
            StoreError: it could not be written; then nothing of it was.
            TransientStoreError: that may pass; writing it again does no harm.
        """
        newest = _choose_newest(results)
        rows = build_rows(newest.values())
        with self._database.transact() as connection:
            known = _find_known(connection, list(newest))
            if surpassed := _find_surpassed(newest, known):
                rows = build_rows(newest[key] for key in newest.keys() - surpassed)
            _delete_extractions(connection, known.keys() - surpassed)
            rows["extractions"] = _number_rows(connection, rows["extractions"], known)
            rows["abstracts"] = _keep_new_abstracts(connection, rows["abstracts"])
            for table in tables.metadata.sorted_tables:
                self._database.insert(connection, table, rows.get(table.name, ()))

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


def _find_known(connection: Connection, keys: Sequence[str]) -> dict[str, tuple[str, int]]:
    """Status and place in the order of writing of what is there already."""
    made = tables.extractions.c
    query = select(made.extraction_id, made.status, made.written)
    return {
        key: (status, written)
        for page in _split(keys)
        for key, status, written in connection.execute(query.where(made.extraction_id.in_(page)))
    }


def _find_surpassed(newest: dict[str, Result], known: dict[str, tuple[str, int]]) -> set[str]:
    """Failed results that another process has meanwhile brought to a good end."""
    return {
        key
        for key, (status, _) in known.items()
        if newest[key].status == "failed" and status != "failed"
    }


def _delete_extractions(connection: Connection, keys: Collection[str]) -> None:
    for page in _split(keys):
        replaced = tables.extractions.c.extraction_id.in_(page)
        connection.execute(delete(tables.extractions).where(replaced))


def _number_rows(
    connection: Connection, rows: Sequence[Row], known: dict[str, tuple[str, int]]
) -> list[Row]:
    """Add the place in the order of writing; what is written again keeps its own."""
    if not rows:
        return []
    last = connection.scalar(select(func.max(tables.extractions.c.written))) or 0
    last = max(last, *(written for _, written in known.values()), 0)
    return [
        (*row, known[row[0]][1] if row[0] in known else number)
        for number, row in enumerate(rows, start=last + 1)
    ]


def _keep_new_abstracts(connection: Connection, rows: Sequence[Row]) -> list[Row]:
    """Leave out the abstracts that are there, and give their text to those that have none."""
    new = {row[0]: row for row in rows}
    here = tables.abstracts.c
    query = select(here.abstract_key, here.text)
    gained = []
    for page in _split(list(new)):
        for key, text in connection.execute(query.where(here.abstract_key.in_(page))):
            row = new.pop(key)
            if row[3] and not text:
                gained.append({"key": key, "gained": row[3]})
    if gained:
        textless = update(tables.abstracts).where(here.abstract_key == bindparam("key"))
        connection.execute(textless.values(text=bindparam("gained")), gained)
    return list(new.values())


def _split(keys: Collection[str]) -> Iterator[list[str]]:
    listed = list(keys)
    for start in range(0, len(listed), _PAGE):
        yield listed[start : start + _PAGE]
