"""Files that one run at a time may write to."""

import os
import sys
from contextlib import suppress
from io import FileIO
from pathlib import Path

from extractor.errors import StoreError

if sys.platform != "win32":
    import fcntl


def open_alone(path: Path) -> FileIO:
    """Open for appending, as the only run that does, until the file is closed.

    Two runs would cut off or tidy away one another's lines.

    Raises:
        StoreError: another run is writing to it.
        OSError: it cannot be opened.
    """
    while True:
        file = path.open("ab", buffering=0)
        if sys.platform == "win32":
            return file
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.close()
            raise StoreError(
                f"another run is writing to {path}: wait for it, or choose another output"
            ) from error
        except OSError:
            # Some network file systems know no locks.
            return file
        # The run that just ended may have put a tidied file in the place of this one.
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(file.fileno()), path.stat()):
                return file
        file.close()


def append(file: FileIO, data: bytes) -> None:
    """Write to the end of a file and hand it to the operating system.

    Raises:
        OSError: it could not be written; what got onto the disk of it is taken back.
    """
    size = os.fstat(file.fileno()).st_size
    remaining = memoryview(data)
    try:
        while remaining:
            remaining = remaining[file.write(remaining) or 0 :]
    except OSError:
        # A pipe or a device cannot be cut.
        with suppress(OSError):
            file.truncate(size)
        raise
