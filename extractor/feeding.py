"""Entries in, results out: what stands between a run's reader, its workers and its writer."""

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import Iterable

from extractor.readers import Entry
from extractor.results import Result

LARGEST_BATCH = 500
_READ_AHEAD = 512


class Feed:
    """Hands entries to the workers while a thread reads a little ahead.

    Reading may block for long, as at the end of a pipe; nobody waits for the thread to end.
    """

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries = entries
        self._ahead: deque[Entry] = deque()
        self._has_room = threading.Event()
        self._loop = asyncio.get_running_loop()
        self._arrived = asyncio.Event()
        self._turn = asyncio.Lock()
        self._closed = False
        self._ended = False
        self._error: BaseException | None = None
        threading.Thread(target=self._read, name="extractor-reader", daemon=True).start()

    async def take(self) -> Entry | None:
        """The next entry; None at the end, or once the feed is closed.

        Raises:
            BaseException: what the reader raised, after all entries that it read before.
        """
        async with self._turn:
            while not self._closed:
                # Looked at first: whatever was read before the end is there by then.
                has_ended = self._ended
                if self._ahead:
                    return self._hand_out()
                if has_ended:
                    if self._error is not None:
                        raise self._error
                    return None
                self._arrived.clear()
                # An entry may have come in between the look and the clearing.
                if not self._ahead and not self._ended:
                    await self._arrived.wait()
            return None

    def close(self) -> None:
        """Hand nothing more out, and let the thread end at its next entry."""
        self._closed = True
        self._arrived.set()
        self._has_room.set()

    def _hand_out(self) -> Entry:
        entry = self._ahead.popleft()
        # Waking the thread for each entry would cost as much as reading it.
        if len(self._ahead) <= _READ_AHEAD // 2 and not self._has_room.is_set():
            self._has_room.set()
        return entry

    def _read(self) -> None:
        try:
            for entry in self._entries:
                self._wait_for_room()
                if self._closed:
                    break
                self._ahead.append(entry)
                self._notify()
        except BaseException as error:  # noqa: BLE001 - raised again by `take`, in the run
            self._error = error
        finally:
            self._ended = True
            self._notify()

    def _wait_for_room(self) -> None:
        if len(self._ahead) < _READ_AHEAD:
            return
        self._has_room.clear()
        # Some may have been taken in between the look and the clearing.
        if len(self._ahead) >= _READ_AHEAD and not self._closed:
            self._has_room.wait()

    def _notify(self) -> None:
        if not self._arrived.is_set():
            # The loop may be closed already, where the run was left early.
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._arrived.set)


class Finished:
    """Results that wait to be written, and are taken in batches."""

    def __init__(self) -> None:
        self._waiting: asyncio.Queue[Result | None] = asyncio.Queue(2 * LARGEST_BATCH)
        self._has_ended = False
        self._is_enough = asyncio.Event()

    async def put(self, result: Result) -> None:
        """Add a result, as soon as there is room for it."""
        await self._waiting.put(result)
        if self._waiting.qsize() >= LARGEST_BATCH:
            self._is_enough.set()

    async def end(self) -> None:
        """Say that this was all."""
        self._has_ended = True
        self._is_enough.set()
        await self._waiting.put(None)

    async def take_batch(self, gather_s: float) -> list[Result]:
        """Wait for a result and take along what else is finished; empty at the end.

        Args:
            gather_s: how long it may wait for others, unless there are enough or no other comes.
        """
        first = await self._waiting.get()
        if first is None:
            return []
        batch = [first]
        if not self._has_ended and self._waiting.qsize() < LARGEST_BATCH:
            self._is_enough.clear()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._is_enough.wait(), gather_s)
        while len(batch) < LARGEST_BATCH and not self._waiting.empty():
            result = self._waiting.get_nowait()
            if result is None:
                # The end has to be seen again by the next call.
                self._waiting.put_nowait(None)
                break
            batch.append(result)
        return batch
