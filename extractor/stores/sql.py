"""A SQLite database, through SQLAlchemy Core."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, delete, func, insert, select, text
from sqlalchemy.dialects.sqlite import insert as upsert

from extractor.documents import hash_text
from extractor.results import Result
from extractor.stores import tables
from extractor.stores.assembling import assemble_abstract, assemble_claims, assemble_results
from extractor.stores.connections import Database
from extractor.stores.failures import FailedRow
from extractor.stores.history import Sample
from extractor.stores.protocol import RunRecord
from extractor.stores.rows import build_rows

_READ_ROWS = 1000
# What stood for an entry that could not be read, when nothing refers to it any more.
_FORSAKEN = delete(tables.abstracts).where(
    tables.abstracts.c.text_sha256 == hash_text(""),
    tables.abstracts.c.abstract_key.not_in(select(tables.extractions.c.abstract_key)),
)


class SqlStore:
    """Normalised tables that several processes may write at once.

    Writing an extraction replaces the one with the same identifier, but a failed one never
    replaces a finished one; another model or prompt gives another extraction beside it.
    """

    def __init__(self, path: Path) -> None:
        """Open or create a database, and note the extractions that need not be made again.

        Raises:
            StoreError: the file is no database, or one of another program or a newer version.
        """
        self._database = Database(path)
        finished = select(tables.extractions.c.extraction_id).where(
            tables.extractions.c.status != "failed"
        )
        with self._database.transact("BEGIN") as connection:
            self._held = {int(extraction_id, 16) for extraction_id in connection.scalars(finished)}

    def holds(self, extraction_id: str) -> bool:
        """Tell whether the database had this extraction when opened, and not as a failed one."""
        return int(extraction_id, 16) in self._held

    def record_run(self, run: RunRecord) -> None:
        """Insert a run, or update it."""
        row = asdict(run)
        statement = upsert(tables.runs).values(row)
        with self._database.transact() as connection:
            connection.execute(statement.on_conflict_do_update(["run_id"], set_=row))

    def write(self, results: Sequence[Result]) -> None:
        """Write a batch in one transaction.

        Raises:
            StoreError: it could not be written; then nothing of it was.
        """
        newest = {result.provenance.extraction_id: result for result in results}
        replaced = delete(tables.extractions).where(
            tables.extractions.c.extraction_id == bindparam("replaced")
        )
        with self._database.transact() as connection:
            for extraction_id in _find_surpassed(connection, newest):
                del newest[extraction_id]
            if not newest:
                return
            connection.execute(replaced, [{"replaced": extraction_id} for extraction_id in newest])
            rows = build_rows(list(newest.values()))
            known = upsert(tables.abstracts).on_conflict_do_nothing()
            connection.execute(known, rows.pop("abstracts"))
            for table in tables.metadata.sorted_tables:
                if table_rows := rows.get(table.name):
                    connection.execute(insert(table), table_rows)

    def read_failed(self) -> Iterator[FailedRow]:
        """Read the failed extractions with their abstracts, in pages, so that writing goes on."""
        extractions = tables.extractions.c
        listed = select(extractions.extraction_id).where(extractions.status == "failed")
        with self._database.transact("BEGIN") as connection:
            failed = list(connection.scalars(listed))
        query = select(tables.extractions, tables.abstracts).join(tables.abstracts)
        for start in range(0, len(failed), _READ_ROWS):
            page = extractions.extraction_id.in_(failed[start : start + _READ_ROWS])
            with self._database.transact("BEGIN") as connection:
                rows = connection.execute(query.where(page)).mappings().all()
            yield from map(_read_failed_row, rows)

    def remove_failed(self, extraction_ids: Collection[str]) -> None:
        """Delete failed extractions that others stand for now."""
        extractions = tables.extractions.c
        surpassed = delete(tables.extractions).where(
            extractions.extraction_id == bindparam("surpassed"), extractions.status == "failed"
        )
        rows = [{"surpassed": extraction_id} for extraction_id in extraction_ids]
        with self._database.transact() as connection:
            connection.execute(surpassed, rows)
            connection.execute(_FORSAKEN)

    def close(self) -> None:
        """Close the connections."""
        self._database.close()


def read_current_claims(path: Path) -> Iterator[dict[str, Any]]:
    """Read the claims of the newest extraction of each abstract, in the shape of JSONL.

    Yields:
        A claim's ten fields, `span` and `claim_id`, with the `id` and `title` of its abstract.

    Raises:
        StoreError: the file is no database of this program.
    """
    current = text("SELECT * FROM current_claims").columns(*tables.claims.columns).subquery()
    query = (
        select(tables.abstracts.c.id, tables.abstracts.c.title, current)
        .join(tables.extractions, tables.extractions.c.extraction_id == current.c.extraction_id)
        .join(tables.abstracts)
        .order_by(tables.extractions.c.abstract_key, current.c.position)
    )
    database = Database(path, read_only=True)
    try:
        with database.transact("BEGIN") as connection:
            for rows in connection.execute(query).mappings().partitions(_READ_ROWS):
                yield from assemble_claims(connection, rows)
    finally:
        database.close()


def read_results(target: str, *, history: bool = False) -> Iterator[Result]:
    """Read whole results back, by the id of the abstract, then by their age.

    Args:
        target: the database.
        history: every extraction; else of each abstract the newest that did not fail, or the
            newest failed one.

    Raises:
        StoreError: the file is no database of this program.
    """
    made, read = tables.extractions.c, tables.abstracts.c
    age = func.row_number().over(
        partition_by=made.abstract_key,
        order_by=[made.status == "failed", made.created.desc(), text("extractions.rowid DESC")],
    )
    ranked = select(made.extraction_id, age.label("age")).subquery()
    query = (
        select(tables.extractions, *(c for c in read if c.name != "abstract_key"))
        .join(tables.abstracts)
        .order_by(read.id, made.abstract_key, made.created, text("extractions.rowid"))
    )
    if not history:
        current = select(ranked.c.extraction_id).where(ranked.c.age == 1)
        query = query.where(made.extraction_id.in_(current))
    database = Database(Path(target), read_only=True)
    try:
        with database.transact("BEGIN") as connection:
            for rows in connection.execute(query).mappings().partitions(_READ_ROWS):
                yield from assemble_results(connection, rows)
    finally:
        database.close()


def read_samples(path: Path, model: str, prompt: str) -> Iterator[tuple[str, str, Sample | None]]:
    """Read the extractions of a database: identifier, state, and what it took.

    Args:
        path: the database.
        model, prompt: whose extractions have a sample.

    Raises:
        StoreError: the file is no database of this program.
    """
    made, read = tables.extractions.c, tables.abstracts.c
    chars = func.length(read.title) + func.length(read.text)
    query = select(
        made.extraction_id,
        made.status,
        (made.model == model) & (made.prompt == prompt),
        made.attempts,
        made.tokens_in,
        made.tokens_out,
        chars,
    ).join(tables.abstracts)
    database = Database(path, read_only=True)
    try:
        with database.transact("BEGIN") as connection:
            for extraction_id, status, is_sample, *taken in connection.execute(query):
                yield extraction_id, status, Sample(*taken) if is_sample else None
    finally:
        database.close()


def _read_failed_row(row: RowMapping) -> FailedRow:
    shared = ("extraction_id", "id", "text_sha256", "source", "model", "prompt", "mode")
    return FailedRow(
        **{name: row[name] for name in shared},
        parameters=row["parameters"],
        abstract=assemble_abstract(row),
    )


def _find_surpassed(connection: Connection, results: dict[str, Result]) -> list[str]:
    """Failed results that another process has meanwhile brought to a good end."""
    failed = [key for key, result in results.items() if result.status == "failed"]
    if not failed:
        return []
    columns = tables.extractions.c
    finished = select(columns.extraction_id).where(
        columns.extraction_id.in_(failed), columns.status != "failed"
    )
    return list(connection.scalars(finished))
