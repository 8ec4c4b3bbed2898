"""Reads results and failures back from a database."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import fields
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, func, select

from extractor.documents import Abstract
from extractor.errors import StoreError
from extractor.results import Result
from extractor.stores import tables
from extractor.stores.assembling import assemble_abstract, assemble_results
from extractor.stores.connections import Database, EmptyDatabaseError
from extractor.stores.failures import FailedRow
from extractor.stores.history import Sample
from extractor.stores.protocol import RunRecord

_PAGE = 1000
_RECORDED = (
    "extraction_id", "id", "text_sha256", "source", "model", "prompt", "mode", "parameters",
    "base_url", "max_reasks", "skip_checks",
)  # fmt: skip


def read_results(
    target: str, *, history: bool, pass_over: Callable[[StoreError], None]
) -> Iterator[Result]:
    """Read whole results back, by the id of the abstract, then by their age.

    Args:
        target: a file or a URL.
        history: every extraction; else of each abstract the newest that did not fail, or the
            newest failed one.
        pass_over: told of a result that is not whole; it is left out, unless this raises.

    Raises:
        StoreError: it is no database of this program.
    """
    with (
        closing(Database(target, "read")) as database,
        database.transact(writes=False) as connection,
        connection.execute(_query_results(history)) as rows,
    ):
        for page in rows.mappings().partitions(_PAGE):
            yield from assemble_results(connection, page, pass_over)


def read_runs(target: str) -> Iterator[RunRecord]:
    """Read the runs of a database; an empty one has none.

    Args:
        target: a file or a URL.

    Raises:
        StoreError: it is no database of this program.
    """
    names = [entry.name for entry in fields(RunRecord)]
    try:
        with (
            closing(Database(target, "read")) as database,
            database.transact(writes=False) as connection,
        ):
            for row in connection.execute(select(*(tables.runs.c[name] for name in names))):
                yield RunRecord(*row)
    except EmptyDatabaseError:
        return


def read_samples(target: str, model: str, prompt: str) -> Iterator[tuple[str, str, Sample | None]]:
    """Read the extractions of a database: identifier, state, and what it took.

    Args:
        target: a file or a URL; there is nothing to read in an empty database.
        model, prompt: whose extractions have a sample.

    Raises:
        StoreError: it is no database of this program.
    """
    made, read = tables.extractions.c, tables.abstracts.c
    chars = func.length(read.title) + func.length(read.text)
    is_sample = (made.model == model) & (made.prompt == prompt)
    taken = (made.attempts, made.tokens_in, made.tokens_out, chars)
    query = (
        select(made.extraction_id, made.status, is_sample, *taken)
        .join(tables.abstracts)
        .execution_options(yield_per=_PAGE)
    )
    try:
        opened = Database(target, "read")
    except EmptyDatabaseError:
        return
    with (
        closing(opened) as database,
        database.transact(writes=False) as connection,
        connection.execute(query) as rows,
    ):
        for extraction_id, status, counts, *took in rows:
            yield extraction_id, status, Sample(*took) if counts else None


def read_abstracts(connection: Connection) -> Iterator[tuple[str, str, Abstract]]:
    """Read the abstracts of a database with the keys and fingerprints that are recorded."""
    query = select(tables.abstracts).execution_options(yield_per=_PAGE)
    with connection.execute(query) as rows:
        for row in rows.mappings():
            yield row["abstract_key"], row["text_sha256"], assemble_abstract(row)


def read_failed_rows(database: Database) -> Iterator[FailedRow]:
    """Read the failed extractions with their abstracts, in pages, so that writing goes on.

    Raises:
        StoreError: it cannot be read.
    """
    made = tables.extractions.c
    listed = select(made.extraction_id).where(made.status == "failed").order_by(made.written)
    with database.transact(writes=False) as connection:
        failed = list(connection.scalars(listed))
    query = select(tables.extractions, *_abstract_columns()).join(tables.abstracts)
    for start in range(0, len(failed), _PAGE):
        page = made.extraction_id.in_(failed[start : start + _PAGE])
        with database.transact(writes=False) as connection:
            rows = connection.execute(query.where(page).order_by(made.written)).mappings().all()
        yield from map(_read_failed_row, rows)


def _query_results(history: bool) -> Select[Any]:
    made, read = tables.extractions.c, tables.abstracts.c
    query = select(tables.extractions, *_abstract_columns()).join(tables.abstracts)
    if not history:
        age = func.row_number().over(
            partition_by=made.abstract_key,
            order_by=[made.status == "failed", made.created.desc(), made.written.desc()],
        )
        ranked = select(made.extraction_id, age.label("age")).subquery()
        current = select(ranked.c.extraction_id).where(ranked.c.age == 1)
        query = query.where(made.extraction_id.in_(current))
    ordered = query.order_by(read.id, made.abstract_key, made.created, made.written)
    return ordered.execution_options(yield_per=_PAGE)


def _abstract_columns() -> list[Any]:
    return [column for column in tables.abstracts.c if column.name != "abstract_key"]


def _read_failed_row(row: RowMapping) -> FailedRow:
    return FailedRow(**{name: row[name] for name in _RECORDED}, abstract=assemble_abstract(row))
