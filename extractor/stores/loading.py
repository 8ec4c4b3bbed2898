"""Takes whole results from stores of any kind into another one."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO

from extractor.identifiers import IdentifierSet
from extractor.results import Result
from extractor.stores import FailedRow, RunRecord, Store, open_store, reopen_store
from extractor.stores.copying import record_runs
from extractor.stores.reading import read_results, read_runs
from extractor.stores.targets import check_apart, kind_of, name_part

_BATCH = 1000


@dataclass
class Loaded:
    """What was loaded.

    Attributes:
        extractions: those that the store did not have.
        failed: those of them that failed.
        claims: theirs.
        present: extractions that it had already.
    """

    extractions: int = 0
    failed: int = 0
    claims: int = 0
    present: int = 0


def load_results(sources: Sequence[str], target: str, stdout: IO[str]) -> Loaded:
    """Write every extraction of some stores into another one, history and failures too.

    What the target holds already stays as it is, so that loading twice changes nothing.

    Args:
        sources: files, folders of files, or URLs of databases.
        target: as for `open_store`.
        stdout: where `-` writes.

    Raises:
        ConfigError: a kind is not known, a package is missing, or a source is the target itself
            or the folder that it lies in.
        StoreError: a source cannot be read, or the target not be written; what was written stays.
    """
    for source in sources:
        check_apart(source, target)
    store, failed = _open_target(target, stdout)
    with closing(store):
        # An older database has been upgraded now.
        known = {run.run_id for run in _read_known_runs(target)}
        loading = _Loading(store, known, IdentifierSet(row.extraction_id for row in failed))
        for source in sources:
            loading.load(source)
    return loading.loaded


@dataclass
class _Loading:
    """A target that is being filled.

    Attributes:
        known: the runs that it knows.
        failed: failed extractions that it has.
        seen: finished extractions that were taken from the sources.
    """

    store: Store
    known: set[str]
    failed: IdentifierSet
    loaded: Loaded = field(default_factory=Loaded)
    seen: IdentifierSet = field(default_factory=IdentifierSet)

    def load(self, source: str) -> None:
        """Write what a source holds, batch by batch."""
        runs = {run.run_id: run for run in read_runs(source)}
        for batch in _split(read_results(source, history=True)):
            fresh = [result for result in batch if self._is_new(result)]
            self.loaded.present += len(batch) - len(fresh)
            record_runs(fresh, self.store, self.known, runs)
            if fresh:
                self.store.write(fresh)
            self._count(fresh)

    def _is_new(self, result: Result) -> bool:
        extraction_id = result.provenance.extraction_id
        if extraction_id in self.seen or self.store.holds(extraction_id):
            return False
        if result.status == "failed":
            return self.failed.add(extraction_id)
        self.seen.add(extraction_id)
        return True

    def _count(self, results: Iterable[Result]) -> None:
        for result in results:
            self.loaded.extractions += 1
            self.loaded.failed += result.status == "failed"
            self.loaded.claims += len(result.claims)


def _split(results: Iterator[Result]) -> Iterator[list[Result]]:
    while batch := list(islice(results, _BATCH)):
        yield batch


def _read_known_runs(target: str) -> list[RunRecord]:
    return [] if target == "-" else list(read_runs(target))


def _open_target(target: str, stdout: IO[str]) -> tuple[Store, Iterable[FailedRow]]:
    """Open the target, and tell which failed extractions it has."""
    kind = kind_of(target)
    if kind in ("sqlite", "postgresql"):
        # SQLAlchemy takes a sixth of a second to import.
        from extractor.stores.sql import SqlStore  # noqa: PLC0415

        database = SqlStore(target)
        return database, database.read_failed()
    if kind != "stream" and (Path(target).exists() or name_part(Path(target)).exists()):
        # Opened for a run, a file would be freed of its failed results.
        file = reopen_store(target)
        return file, file.read_failed()
    return open_store(target, stdout), ()
