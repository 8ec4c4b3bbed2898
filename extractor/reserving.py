"""Reserves questions, so that processes that share a folder do not ask the same one."""

import os
import struct
import sys
from contextlib import suppress
from pathlib import Path

if sys.platform == "linux":
    import fcntl

# `struct flock`, as 64-bit Linux lays it out: kind, whence, start, length, process.
_LOCK = struct.Struct("hhqqi4x")
_HAS_LOCKS = sys.platform == "linux" and sys.maxsize > 2**32
_PLACES = 2**62


class Reservations:
    """Reservations of questions, kept in a file that processes share.

    A reservation is a lock on the one byte of the file that the question's key names; nothing is
    ever written there. The operating system tells who has it, and drops it with its process,
    however that ends. Where there are no such locks, as on other systems than Linux and on some
    network file systems, everybody gets what they want.
    """

    def __init__(self, path: Path) -> None:
        """Note the file; it is created with the first reservation, for its owner only."""
        self._path = path
        self._file: int | None = None

    def take(self, key: str) -> bool:
        """Reserve a question by its key, in hexadecimal; False if somebody else has."""
        if not _HAS_LOCKS:
            return True
        try:
            if self._file is None:
                self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            _lock(self._file, fcntl.F_WRLCK, key)
        except BlockingIOError:
            return False
        except OSError:
            # What cannot be reserved can be asked all the same.
            return True
        return True

    def give_back(self, key: str) -> None:
        """Let others have it."""
        if self._file is not None:
            with suppress(OSError):
                _lock(self._file, fcntl.F_UNLCK, key)

    def close(self) -> None:
        """Give everything back."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _lock(file: int, kind: int, key: str) -> None:
    # Of the open file, not of the process: two runs in one process are kept apart as well.
    lock = _LOCK.pack(kind, os.SEEK_SET, int(key, 16) % _PLACES, 1, 0)
    fcntl.fcntl(file, fcntl.F_OFD_SETLK, lock)
