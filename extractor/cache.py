"""Paid answers on disk, and an asker that looks there first."""

import asyncio
import json
import logging
import os
import sqlite3
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import diskcache
from diskcache.core import MODE_RAW
from platformdirs import user_cache_path

from extractor.asking import Answer, Asker, AskerLayer, Request
from extractor.errors import StoreError
from extractor.identifiers import IdentifierSet
from extractor.reserving import Reservations

_log = logging.getLogger(__name__)


_WHOLE_DATABASE = 2**50
_CACHED_PAGES = 2048
# Between two looks whether another process has its answer, and until the user is told.
_SHORTEST_REST_S = 0.05
_LONGEST_REST_S = 0.5
_PATIENCE_S = 10.0


class ForeignEntryError(Exception):
    """An entry that is none of ours, and that could run code or name a file of the user's."""


class _PlainDisk(diskcache.Disk):  # type: ignore[misc]
    """Strings and bytes in the database itself.

    diskcache would unpickle whatever a row declares as pickled, and read and delete whatever
    file a row names.
    """

    def fetch(self, mode: int, filename: str | None, value: Any, read: bool) -> Any:
        if mode != MODE_RAW or filename is not None:
            raise ForeignEntryError
        return super().fetch(mode, filename, value, read)

    def get(self, key: Any, raw: bool) -> Any:
        return super().get(key, raw) if raw else None

    def remove(self, file_path: str) -> None:
        """Delete nothing: no entry of ours is a file."""


# What reading a row that is pickled, torn, damaged, locked or no answer can bring.
_UNREADABLE = (
    ForeignEntryError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    RecursionError,
    OSError,
    sqlite3.Error,
    diskcache.Timeout,
)


@dataclass(frozen=True)
class CacheInfo:
    """What a cache holds; `size_bytes` is its size on disk."""

    folder: Path
    answers: int
    size_bytes: int


def find_cache_dir(chosen: Path | None = None) -> Path:
    """The folder that was chosen, or else EXTRACTOR_CACHE_DIR, or the user's cache folder.

    Returns:
        An absolute path, in which a tilde means the home folder.
    """
    named = chosen or os.environ.get("EXTRACTOR_CACHE_DIR")
    folder = Path(named) if named else user_cache_path("claim-extractor")
    return folder.expanduser().absolute()


class AnswerCache:
    """Answers by key; nothing that was paid for is ever evicted.

    Attributes:
        reservations: of the questions whose answers are on their way.

    An entry is the answer's JSON as bytes under a string key. Whatever else turns up, pickled,
    truncated or foreign, counts as absent, with a warning.
    """

    def __init__(self, folder: Path) -> None:
        """Open the cache in a folder, which is created readable for its owner only.

        Raises:
            StoreError: the folder cannot be used.
        """
        self.folder = folder
        self.reservations = Reservations(folder / "reserved.lock")
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._entries = diskcache.Cache(
                str(folder),
                disk=_PlainDisk,
                disk_min_file_size=_WHOLE_DATABASE,
                eviction_policy="none",
                cull_limit=0,
                size_limit=_WHOLE_DATABASE,
                # A run looks each answer up but once: what is kept in memory of them is lost on it.
                sqlite_mmap_size=0,
                sqlite_cache_size=_CACHED_PAGES,
            )
        except Exception as error:
            raise StoreError(
                f"cannot open the cache in {folder}: {error}; "
                "choose another with --cache DIR, or none with --no-cache"
            ) from error

    def get(self, key: str) -> Answer | None:
        """Look an answer up; None if there is none that can be read."""
        try:
            value = self._entries.get(key)
            if value is None:
                return None
            answer = Answer.model_validate(json.loads(value))
            parts = (*answer.texts, answer.message.get("refusal") or "")
            if not all(isinstance(part, str) for part in parts):
                raise ForeignEntryError
        except _UNREADABLE as error:
            name = type(error).__name__
            _log.warning("cache entry %s… cannot be used (%s); asking again", key[:12], name)
            return None
        answer.cached = True
        return answer

    def put(self, key: str, answer: Answer) -> None:
        """Keep an answer; as `put_all`."""
        self.put_all([(key, answer)])

    def put_all(self, answers: Iterable[tuple[str, Answer]]) -> None:
        """Keep answers under their keys, in one transaction.

        Raises:
            StoreError: the disk is full or the cache cannot be written; none of them is kept.
        """
        # Not pydantic's own JSON, which fails on a lone surrogate: the answer is paid for.
        values = [(key, json.dumps(answer.model_dump()).encode()) for key, answer in answers]
        with self._access("write to"), self._entries.transact():
            for key, value in values:
                self._entries.set(key, value)

    def info(self) -> CacheInfo:
        """Count and measure.

        Raises:
            StoreError: the cache is damaged.
        """
        with self._access("read"):
            return CacheInfo(self.folder, len(self._entries), self._entries.volume())

    def clear(self) -> int:
        """Delete every answer and return how many there were.

        Raises:
            StoreError: the cache cannot be written.
        """
        with self._access("clear"):
            return int(self._entries.clear())

    def export(self) -> Iterator[str]:
        """Every readable answer as a JSON line with its key.

        Raises:
            StoreError: the cache is damaged.
        """
        with self._access("read"):
            for key in self._entries.iterkeys():
                if isinstance(key, str) and (answer := self.get(key)) is not None:
                    yield json.dumps({"key": key, **answer.model_dump()}, ensure_ascii=False)

    def close(self) -> None:
        """Close the cache's database."""
        self._entries.close()
        self.reservations.close()

    @contextmanager
    def _access(self, what: str) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, diskcache.Timeout) as error:
            raise StoreError(
                f"cannot {what} the cache in {self.folder}: {error or 'it is locked'}; "
                "make room, or choose another with --cache DIR"
            ) from error


class CachedAsker(AskerLayer):
    """Asks only what the cache does not know, and no other process is asking."""

    def __init__(
        self,
        inner: Asker,
        cache: AnswerCache,
        *,
        refresh: bool = False,
        rest: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Put a cache before an asker.

        Args:
            inner: asked where the cache has no answer.
            cache: keeps every answer before anyone looks at it.
            refresh: ask once more for what was answered before this run.
            rest: waits so many seconds, or raises what ends all waiting.
        """
        super().__init__(inner)
        self._cache = cache
        self._refresh = refresh
        self._fresh: IdentifierSet | None = IdentifierSet() if refresh else None
        self._arrived: list[tuple[str, Answer]] = []
        self._broken: StoreError | None = None
        self._rest = rest
        self._has_told = False

    def refreshing(self) -> "CachedAsker":
        """The same asker and cache, but asking once more for what was answered before.

        What either of the two has asked since, the other takes from the cache.
        """
        refreshing = CachedAsker(self.inner, self._cache, refresh=True, rest=self._rest)
        self._fresh = refreshing._fresh
        return refreshing

    async def ask(self, request: Request) -> Answer:
        """Take the answer from the cache, or ask.

        Raises:
            ModelError: the asker got no answer.
            StoreError: an earlier answer could not be kept. That answer itself was handed on,
                so that its claims can still be stored; no further abstract is asked about, but
                re-asks of one that was begun still are.
            Exception: what `rest` raised, while another process was asking this.
        """
        key = self.inner.key(request)
        await self._reserve(key)
        try:
            return await self._look_up_or_ask(key, request)
        finally:
            self._cache.reservations.give_back(key)

    async def _reserve(self, key: str) -> None:
        """Wait until no other process asks this; then its answer is in the cache."""
        waited_s = 0.0
        while not self._cache.reservations.take(key):
            if waited_s > _PATIENCE_S and not self._has_told:
                self._has_told = True
                _log.warning(
                    "another run with the cache in %s asks the same; waiting for its answers",
                    self._cache.folder,
                )
            # The longer an answer takes, the less it matters when it is found.
            rest_s = min(_LONGEST_REST_S, max(_SHORTEST_REST_S, waited_s))
            await self._rest(rest_s)
            waited_s += rest_s

    async def _look_up_or_ask(self, key: str, request: Request) -> Answer:
        if self._may_look(key) and (known := self._cache.get(key)) is not None:
            return known
        if self._broken is not None and not request.followups:
            raise self._broken
        answer = await self.inner.ask(request)
        answer.paid_for = request.extraction_id
        self._arrived.append((key, answer))
        try:
            # Answers that arrive together share a transaction, whose costs are those of one.
            await asyncio.sleep(0)
        finally:
            self._keep_arrived()
        return answer

    def _may_look(self, key: str) -> bool:
        return not self._refresh or (self._fresh is not None and key in self._fresh)

    def _keep_arrived(self) -> None:
        arrived, self._arrived = self._arrived, []
        if not arrived:
            return
        if self._fresh is not None:
            for key, _ in arrived:
                self._fresh.add(key)
        try:
            self._cache.put_all(arrived)
        except StoreError as error:
            if self._broken is None:
                _log.warning("%s; what is in flight is finished first", error)
            self._broken = error

    async def close(self) -> None:
        """Close the asker and the cache."""
        await super().close()
        self._cache.close()
