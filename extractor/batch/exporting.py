"""Papers to files of requests: everything that is neither answered nor under way."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from extractor.batch.answered import AnsweredPipeline
from extractor.batch.journal import Journal
from extractor.batch.plans import make_plan
from extractor.batch.request_files import Limits, RequestFiles, WrittenFile
from extractor.cache import AnswerCache, find_cache_dir
from extractor.readers import Entry, Unreadable
from extractor.settings import Settings

_FAULTS_KEPT = 5


@dataclass
class Export:
    """What an export found.

    Attributes:
        read: entries that were read.
        answered: abstracts that have all their answers already.
        under_way: abstracts whose question is in a job that is not collected yet.
        repeated: abstracts whose question stands in the files for another one.
        unreadable: entries that could not be read; `faults` has the first few, with their places.
        written: the files, none if there is nothing to ask.
    """

    read: int = 0
    answered: int = 0
    under_way: int = 0
    repeated: int = 0
    unreadable: int = 0
    faults: list[str] = field(default_factory=list)
    written: list[WrittenFile] = field(default_factory=list)

    @property
    def requests(self) -> int:
        """Requests that were written."""
        return sum(file.lines for file in self.written)


async def export_requests(
    entries: Iterable[Entry], settings: Settings, path: Path, limits: Limits | None = None
) -> Export:
    """Write what there is to ask about these entries into files of requests.

    An abstract whose answer needs a re-ask is asked that. Entries are read one by one and kept
    in the journal, so that an import finds them again.

    Args:
        entries: what a run would read.
        settings: what a run would take; its cache is where nothing need be asked that it has.
        path: the first file; further ones get numbers.
        limits: how much goes into one file.

    Raises:
        ConfigError: the model has no batch interface, or the path is taken.
        StoreError: files, journal or cache cannot be written.
    """
    plan = make_plan(settings)
    folder = find_cache_dir(settings.cache_dir)
    cache = AnswerCache(folder)
    export = Export()
    pipeline = AnsweredPipeline(plan, cache)
    try:
        with (
            Journal(folder) as journal,
            RequestFiles(path, journal, limits or Limits(), replaces=True) as files,
        ):
            export_id = journal.begin_export(plan.to_json())
            for position, entry in enumerate(entries):
                journal.add_entry(export_id, position, entry)
                export.read += 1
                if isinstance(entry, Unreadable):
                    _note_unreadable(export, entry)
                elif (missing := await pipeline.find_open(entry)) is None:
                    export.answered += 1
                elif not _is_asked(export, journal, missing.key, export_id):
                    body = pipeline.build_body(missing.request)
                    files.write(missing.key, body, export_id)
            export.written = files.finish()
    finally:
        await pipeline.close()
        cache.close()
    return export


def _is_asked(export: Export, journal: Journal, key: str, export_id: int) -> bool:
    question = journal.find_question(key)
    if question is None:
        return False
    if question.export_id == export_id:
        export.repeated += 1
        return True
    if question.fault_kind is None and journal.is_under_way(question.file_id):
        export.under_way += 1
        return True
    return False


def _note_unreadable(export: Export, entry: Unreadable) -> None:
    export.unreadable += 1
    if len(export.faults) < _FAULTS_KEPT:
        export.faults.append(f"{entry.source}: {entry.reason}")
