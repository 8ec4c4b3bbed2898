"""The Python interface: one abstract or many, at once or as they come."""

from asyncio import sleep
from collections.abc import AsyncGenerator, Generator, Iterable, Mapping
from concurrent.futures import Future
from contextlib import aclosing, closing
from typing import Any

from anyio.from_thread import start_blocking_portal

from extractor.documents import Abstract, make_id
from extractor.errors import InputError
from extractor.pipeline import Pipeline
from extractor.readers import Entry, ReadOptions
from extractor.readers.records import check_mapping, read_record
from extractor.results import Result
from extractor.settings import Settings

_END = object()


def extract(abstract: str | Abstract, **settings: Any) -> Result:
    """Extract the claims of one abstract.

    Args:
        abstract: an `Abstract`, or just its text.
        **settings: the fields of `extractor.Settings`, above all `model`.

    Returns:
        The result; `status` is `failed`, with a `reason`, if this abstract could not be done.

    Raises:
        ConfigError: the settings cannot work, for example no model and no key.
        ModelAccessError: the model cannot be reached with this key or under this name.
    """
    with closing(extract_many([abstract], **settings)) as results:
        return next(results)


def extract_many(
    abstracts: Iterable[str | Abstract], **settings: Any
) -> Generator[Result, None, None]:
    """Extract from many abstracts, several at a time, and yield results as they are finished.

    Takes the same settings and raises the same errors as `extract`. The iterable is read as
    far ahead as the work needs; neither it nor the results are ever held as a list. The work
    goes on in a thread of its own, so that this works inside a notebook too.

    Returns:
        One result for each abstract, in the order in which they are finished.
    """
    # Not in the generator, where wrong settings would come to light at the first result only.
    return _iterate(Pipeline(Settings(**settings)), map(_to_abstract, abstracts))


def extract_shard(
    records: Iterable[str | Abstract | Mapping[str, Any]],
    *,
    mapping: Mapping[str, str] | None = None,
    **settings: Any,
) -> Generator[dict[str, Any], None, None]:
    """Extract from one part of a large input: a shard in, rows out.

    For engines that spread work over machines. What goes in and comes out is plain, and so is
    what it raises; a process of its own needs nothing else of this package.

    Args:
        records: texts, `Abstract`s, or mappings such as the rows of a data frame, whose columns
            are told by their names; a row without a text becomes a failed one.
        mapping: our field (text, title, id, url or published) to the records' own name for it.
        **settings: the fields of `extractor.Settings`; rate limits and budgets count for this
            shard alone.

    Returns:
        One row for each record, in the order in which they are finished, with the keys of a line
        of JSONL output: what `extractor load` and every store take.

    Raises:
        ExtractorError: as `extract` does.
    """
    options = ReadOptions(mapping=mapping or {})
    check_mapping(options.mapping)
    entries = (
        _to_entry(record, f"shard#{number}", options)
        for number, record in enumerate(records, start=1)
    )
    return _render(_iterate(Pipeline(Settings(**settings)), entries))


def _render(results: Generator[Result, None, None]) -> Generator[dict[str, Any], None, None]:
    with closing(results):
        for result in results:
            yield result.to_record()


def _iterate(pipeline: Pipeline, entries: Iterable[Entry]) -> Generator[Result, None, None]:
    with start_blocking_portal() as portal:
        results = _stream(pipeline, entries)
        pending: Future[Any] | None = None
        try:
            while True:
                pending = portal.start_task_soon(anext, results, _END)
                result = pending.result()
                if result is _END:
                    break
                yield result
        finally:
            if pending is not None:
                pending.cancel()
            portal.call(_close, results)


async def _close(results: AsyncGenerator[Result, None]) -> None:
    """Close the stream as soon as the step that was interrupted has come to its end."""
    while True:
        try:
            return await results.aclose()
        except RuntimeError:
            await sleep(0.01)


async def aextract(abstract: str | Abstract, **settings: Any) -> Result:
    """Extract the claims of one abstract; the twin of `extract` for async code."""
    async with aclosing(aextract_many([abstract], **settings)) as results:
        return await anext(results)


def aextract_many(
    abstracts: Iterable[str | Abstract], **settings: Any
) -> AsyncGenerator[Result, None]:
    """Extract from many abstracts; the twin of `extract_many` for async code."""
    return _stream(Pipeline(Settings(**settings)), map(_to_abstract, abstracts))


async def _stream(pipeline: Pipeline, entries: Iterable[Entry]) -> AsyncGenerator[Result, None]:
    try:
        async with aclosing(pipeline.stream(entries)) as batches:
            async for batch in batches:
                for result in batch:
                    yield result
    finally:
        await pipeline.close()


def _to_abstract(abstract: str | Abstract) -> Abstract:
    if isinstance(abstract, Abstract):
        return abstract
    if not isinstance(abstract, str):
        raise InputError(f"neither a text nor an Abstract: {abstract!r:.80}")
    return Abstract(id=make_id("", abstract), text=abstract)


def _to_entry(
    record: str | Abstract | Mapping[str, Any], place: str, options: ReadOptions
) -> Entry:
    if isinstance(record, Mapping):
        return read_record(place, record, options)
    return _to_abstract(record)
