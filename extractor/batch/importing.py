"""Answers to results: into the cache, through the checks, into a store; and what is to ask next."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from extractor.batch.answered import NotAnsweredError, SettlingPipeline
from extractor.batch.intake import Intake, take_in
from extractor.batch.journal import Journal
from extractor.batch.plans import read_plan
from extractor.batch.request_files import Limits, RequestFiles, WrittenFile
from extractor.cache import AnswerCache, find_cache_dir
from extractor.runs import Tally, run_extraction
from extractor.stores import Store


@dataclass
class Import:
    """What an import brought.

    Attributes:
        intake: what the files held.
        tallies: what became of the abstracts, for each export that the answers belong to.
        open: abstracts that still lack an answer.
        waiting: those of them whose question stands in a file or job that is not imported yet.
        unwritten: those whose next question has no file, for want of a name.
        written: files with the next requests: re-asks, and questions that got no answer.
    """

    intake: Intake
    tallies: list[Tally] = field(default_factory=list)
    open: int = 0
    waiting: int = 0
    unwritten: int = 0
    written: list[WrittenFile] = field(default_factory=list)

    @property
    def failed(self) -> int:
        """Abstracts that failed."""
        return sum(tally.failed for tally in self.tallies)


@dataclass(frozen=True)
class Destination:
    """Where an import leads.

    Attributes:
        store: for the results.
        next_requests: the first name for files of next requests; None to write none.
        limits: how much goes into one of them.
        report: called as the results are written.
    """

    store: Store
    next_requests: Path | None = None
    limits: Limits = field(default_factory=Limits)
    report: Callable[[Tally], None] | None = None


async def import_answers(
    files: Sequence[str], to: Destination, cache_dir: Path | None = None
) -> Import:
    """Take in answer files, and bring to their end the abstracts that are answered by now.

    Every abstract of the exports that the answers belong to is looked at, also those that were
    answered before. Importing a file twice changes nothing.

    Args:
        files: output and error files of any server, in any order.
        to: where results and next requests go.
        cache_dir: of the export; None means the user's cache folder.

    Raises:
        InputError: a file is not there or cannot be read.
        ConfigError: the prompt or the schema has changed since the export.
        StoreError: store, cache or journal cannot be written; what was taken in is kept.
    """
    folder = find_cache_dir(cache_dir)
    cache = AnswerCache(folder)
    try:
        with Journal(folder) as journal:
            done = Import(take_in(files, cache, journal))
            for export_id in sorted(done.intake.exports):
                await _settle(export_id, to, done, cache, journal)
    finally:
        cache.close()
    return done


async def _settle(
    export_id: int, to: Destination, done: Import, cache: AnswerCache, journal: Journal
) -> None:
    plan = read_plan(journal.read_plan(export_id))
    # An export has its own files, since another one may belong to another server.
    path = to.next_requests
    files = RequestFiles(path, journal, to.limits) if path is not None else None

    def note_open(missing: NotAnsweredError) -> None:
        done.open += 1
        question = journal.find_question(missing.key)
        is_asked = question is not None and (
            question.is_written or (files is not None and files.is_writing(question.file_id))
        )
        if question is not None and is_asked and question.fault_kind != "passing":
            done.waiting += 1
        elif files is None:
            done.unwritten += 1
        else:
            files.write(missing.key, pipeline.build_body(missing.request), export_id)

    pipeline = SettlingPipeline(plan, cache, journal, note_open)
    try:
        with files or nullcontext():
            entries = journal.read_entries(export_id)
            done.tallies.append(await run_extraction(pipeline, entries, to.store, to.report))
            if files is not None:
                done.written.extend(files.finish())
    finally:
        await pipeline.close()
