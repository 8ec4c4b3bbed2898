"""Takes up again just the failed abstracts of an output."""

import copy
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

from extractor.asking import Asker, AskerLayer
from extractor.cache import CachedAsker
from extractor.documents import Abstract
from extractor.errors import ConfigError, InputError
from extractor.pipeline import Pipeline
from extractor.readers import Entry, ReadOptions, Unreadable, read_abstracts
from extractor.results import Result
from extractor.settings import Settings
from extractor.steering import SharingAsker
from extractor.stores import FailedRow, RetryStore, RunRecord

_PLACE = re.compile(r"[:#]\d+$")
_CHANGED = "it does not stand there any more, or its text has changed"
_DONE_ALREADY = "what stands there is done already; run its source again for what follows"


class RetryPipeline(Pipeline):
    """Asks anew where the cache would only give the answer again that failed before."""

    def __init__(self, settings: Settings) -> None:
        """Open the stages.

        Raises:
            ExtractorError: as `Pipeline` does.
        """
        super().__init__(settings)
        self._anew: Pipeline | None = None
        if (refreshing := _find_refreshing(self.asker)) is not None:
            # Throttle, budget and books stay shared.
            self._anew = copy.copy(self)
            self._anew.asker = refreshing

    async def extract(self, abstract: Abstract, extraction_id: str | None = None) -> Result:
        """Extract the claims of one abstract, if need be in spite of the cache.

        Raises:
            ExtractorError: as `Pipeline.extract` does.
        """
        result = await super().extract(abstract, extraction_id)
        fails_alike = result.status == "failed" and result.provenance.cache_hit
        if not fails_alike or self._anew is None:
            return result
        return await Pipeline.extract(self._anew, abstract, extraction_id)


class FailedAbstracts:
    """The failed rows of an output, and the entries that they were made from.

    Attributes:
        not_found: rows whose entry cannot be read again, each with the reason.
    """

    def __init__(
        self, store: RetryStore, identify: Callable[[Entry], str], options: ReadOptions
    ) -> None:
        """Get ready to read.

        Args:
            store: holds the failed rows, and the texts or where they were read.
            identify: gives the identifier that the extraction of an entry will have.
            options: how the sources are read again.
        """
        self.not_found: list[tuple[FailedRow, str]] = []
        self._store = store
        self._identify = identify
        self._options = options
        self._replaced: dict[int, list[str]] = defaultdict(list)

    def read(self) -> Iterator[Entry]:
        """Yield what is to be asked again: texts from the store, else from their sources."""
        by_file: dict[str, list[FailedRow]] = defaultdict(list)
        for row in self._store.read_failed():
            if row.abstract is not None and not row.is_unreadable:
                yield self._take(row, row.abstract)
            elif row.source is None:
                self.not_found.append((row, "where it was read is not known"))
            else:
                by_file[_PLACE.sub("", row.source)].append(row)
        for file, rows in by_file.items():
            yield from self._read_again(file, rows)

    def take_replaced(self, extraction_ids: Iterable[str]) -> list[str]:
        """Name the failed extractions that these new ones stand for, each of them once."""
        return [
            replaced
            for extraction_id in extraction_ids
            for replaced in self._replaced.pop(int(extraction_id, 16), ())
        ]

    def _take(self, row: FailedRow, entry: Entry) -> Entry:
        extraction_id = self._identify(entry)
        if extraction_id != row.extraction_id:
            self._replaced[int(extraction_id, 16)].append(row.extraction_id)
        return entry

    def _read_again(self, file: str, rows: Sequence[FailedRow]) -> Iterator[Entry]:
        wanted: dict[tuple[str, ...], list[FailedRow]] = defaultdict(list)
        for row in rows:
            wanted[_name_row(row)].append(row)
        reason = _CHANGED
        try:
            for entry in read_abstracts([file], options=self._options):
                name = next((name for name in _name_entry(entry, file) if name in wanted), None)
                if name is not None:
                    # A row for all of a file stands for every entry.
                    found = wanted[name] if name == (file,) else wanted.pop(name)
                    yield from self._match(found, entry)
        except (InputError, ConfigError) as error:
            reason = str(error)
        else:
            wanted.pop((file,), None)
        self.not_found += [(row, reason) for rows in wanted.values() for row in rows]

    def _match(self, rows: Sequence[FailedRow], entry: Entry) -> Iterator[Entry]:
        if rows[0].is_unreadable and self._store.holds(self._identify(entry)):
            self.not_found += [(row, _DONE_ALREADY) for row in rows]
            return
        for row in rows:
            self._take(row, entry)
        yield entry


class ReplacingStore:
    """Writes into a store, and takes out of it the failed rows that the results stand for."""

    def __init__(self, store: RetryStore, failed: FailedAbstracts) -> None:
        self._store = store
        self._failed = failed
        self._settled: set[str] = set()
        # Stays until it is done, since all of it may be tried again.
        self._to_remove: list[str] = []

    def holds(self, extraction_id: str) -> bool:
        """Tell whether the store has this extraction, and not as a failed one."""
        is_held = self._store.holds(extraction_id)
        if is_held:
            self._settled.add(extraction_id)
        return is_held

    def record_run(self, run: RunRecord) -> None:
        """Remember a run."""
        self._store.record_run(run)

    def write(self, results: Sequence[Result]) -> None:
        """Write a batch.

        Raises:
            StoreError: it could not be written; then nothing is taken out.
        """
        self._store.write(results)
        written = {result.provenance.extraction_id for result in results}
        self._settled |= written
        self._remove_replaced(written)

    def finish(self) -> None:
        """Take out what came up last.

        Another row of the same abstract may have been read after its result was written.

        Raises:
            StoreError: it could not be written.
        """
        self._remove_replaced(self._settled)

    def close(self) -> None:
        """Close the store."""
        self._store.close()

    def _remove_replaced(self, settled: Iterable[str]) -> None:
        self._to_remove += self._failed.take_replaced(settled)
        if self._to_remove:
            self._store.remove_failed(self._to_remove)
            self._to_remove.clear()


def _find_refreshing(asker: Asker) -> Asker | None:
    while isinstance(asker, AskerLayer):
        if isinstance(asker, CachedAsker):
            # Abstracts with the same text are asked about once here as well.
            return SharingAsker(asker.refreshing())
        asker = asker.inner
    return None


def _name_row(row: FailedRow) -> tuple[str, ...]:
    """What tells the entry of a row from the others of its file."""
    return (str(row.source),) if row.is_unreadable else (row.id, row.text_sha256)


def _name_entry(entry: Entry, file: str) -> list[tuple[str, ...]]:
    """The names that a row may have for an entry; a row for all of a file means any."""
    names: list[tuple[str, ...]] = [(str(entry.source),), (file,)]
    if isinstance(entry, Unreadable):
        return names
    return [(entry.id, entry.text_sha256), *names]
