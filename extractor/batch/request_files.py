"""Files of requests in the format of OpenAI's batch interface."""

import hashlib
import json
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from extractor.batch.journal import Journal
from extractor.errors import ConfigError, StoreError

ENDPOINT: Final = "/v1/chat/completions"
_OPENING = b'{"custom_id"'


@dataclass(frozen=True)
class Limits:
    """What one file may hold; OpenAI takes 50,000 lines and 200 MB."""

    lines: int = 50_000
    bytes: int = 190_000_000


@dataclass(frozen=True)
class WrittenFile:
    """A requests file that is finished."""

    path: Path
    lines: int


class RequestFiles:
    """Writes requests, and goes on in a further file where one is full.

    The files are called `requests.jsonl`, `requests-2.jsonl` and so on. They stand under these
    names only when all of them are whole.
    """

    def __init__(
        self, path: Path, journal: Journal, limits: Limits, *, replaces: bool = False
    ) -> None:
        """Get ready to write; nothing is created before the first request.

        Args:
            path: the name of the first file.
            journal: notes which file holds which question.
            limits: when to begin another file.
            replaces: whether earlier requests files of these names may be overwritten; if
                not, the first names that are free are taken.

        Raises:
            ConfigError: the path is a folder, or a file of something else.
        """
        if path.is_dir():
            raise ConfigError(f"{path} is a folder; name a file, as requests.jsonl")
        self._path = path
        self._journal = journal
        self._limits = limits
        self._replaces = replaces
        self._number = 0
        self._parts: list[_OpenFile] = []
        if replaces:
            _refuse_foreign(path)

    def __enter__(self) -> "RequestFiles":
        return self

    def __exit__(self, *exception: object) -> None:
        if exception[0] is not None:
            self._abandon()

    def write(self, key: str, body: dict[str, Any], export_id: int) -> None:
        """Write one request, whose custom identifier is its key in the cache.

        Raises:
            StoreError: it could not be written.
        """
        record = {"custom_id": key, "method": "POST", "url": ENDPOINT, "body": body}
        text = json.dumps(record, ensure_ascii=False)
        line = text.encode("utf-8", "backslashreplace") + b"\n"
        try:
            current = self._make_room(len(line), export_id)
            current.write(line)
        except OSError as error:
            raise self._explain(error) from error
        self._journal.ask(key, export_id, current.file_id)

    def finish(self) -> list[WrittenFile]:
        """Close the files and give them their names.

        Raises:
            StoreError: they could not be written.
        """
        try:
            for part in self._parts:
                part.close()
            for part in self._parts:
                part.provisional.replace(part.path)
                self._journal.finish_file(part.file_id, part.path, part.sha256, part.lines)
            if self._replaces:
                self._remove_leftovers()
        except OSError as error:
            raise self._explain(error) from error
        self._journal.commit()
        return [WrittenFile(part.path, part.lines) for part in self._parts]

    def is_writing(self, file_id: int) -> bool:
        """Tell whether a file is one of these."""
        return any(part.file_id == file_id for part in self._parts)

    def _make_room(self, size: int, export_id: int) -> "_OpenFile":
        current = self._parts[-1] if self._parts else None
        if current is not None:
            has_room = current.size + size <= self._limits.bytes
            if has_room and current.lines < self._limits.lines:
                return current
            current.close()
        self._parts.append(_OpenFile(self._next_path(), self._journal.begin_file(export_id)))
        return self._parts[-1]

    def _next_path(self) -> Path:
        while True:
            self._number += 1
            path = self._name(self._number)
            if self._replaces:
                _refuse_foreign(path)
                return path
            if not path.exists():
                return path

    def _name(self, number: int) -> Path:
        path = self._path
        return path if number == 1 else path.with_name(f"{path.stem}-{number}{path.suffix}")

    def _remove_leftovers(self) -> None:
        """Delete what an earlier, longer export left under the names that follow."""
        number = max(self._number, 1) + 1
        while self._is_ours(path := self._name(number)):
            path.unlink()
            number += 1

    def _is_ours(self, path: Path) -> bool:
        known = self._journal.query(
            "SELECT 1 FROM files WHERE path = ? LIMIT 1", str(path.absolute())
        )
        return bool(known) and path.exists()

    def _abandon(self) -> None:
        for part in self._parts:
            with suppress(OSError):
                part.close()
            part.provisional.unlink(missing_ok=True)

    def _explain(self, error: OSError) -> StoreError:
        return StoreError(
            f"cannot write {self._path}: {error.strerror}; make room or choose another file"
        )


class _OpenFile:
    """A file that grows under a provisional name."""

    def __init__(self, path: Path, file_id: int) -> None:
        self.path = path
        self.provisional = path.with_name(f"{path.name}.part")
        self.file_id = file_id
        self.lines = 0
        self.size = 0
        self._digest = hashlib.sha256()
        self._file: IO[bytes] = self.provisional.open("wb")

    @property
    def sha256(self) -> str:
        """The fingerprint of what was written."""
        return self._digest.hexdigest()

    def write(self, line: bytes) -> None:
        self._file.write(line)
        self._digest.update(line)
        self.lines += 1
        self.size += len(line)

    def close(self) -> None:
        """Bring it onto the disk."""
        if self._file.closed:
            return
        with self._file as file:
            file.flush()
            os.fsync(file.fileno())


def _refuse_foreign(path: Path) -> None:
    """Overwrite no file of anything else, such as the papers themselves."""
    try:
        with path.open("rb") as file:
            opening = file.read(len(_OPENING))
    except FileNotFoundError:
        return
    except OSError as error:
        raise StoreError(f"cannot write {path}: {error.strerror}") from error
    if opening not in (b"", _OPENING):
        raise ConfigError(f"{path} is there and holds no requests; choose another file with -o")
