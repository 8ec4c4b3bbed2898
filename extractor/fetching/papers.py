"""Files of fetched papers, one JSON object a line, that a later call goes on with."""

import json
import re
from pathlib import Path
from typing import IO, Protocol

from extractor.documents import Abstract
from extractor.errors import ConfigError, StoreError
from extractor.locking import append, open_alone

_SUFFIXES = (".jsonl", ".ndjson")
_VERSION = re.compile(r"v\d+$")
# How every line begins: a torn line is told from a foreign one by it.
_OPENING = b'{"id": "'


class Papers(Protocol):
    """A place for fetched papers."""

    def holds(self, identifier: str) -> bool:
        """Tell whether it has a paper, in this version, or in any if none is named."""
        ...

    def last_published(self, search: str) -> str | None:
        """When the youngest paper that a search brought was published, as it was written."""
        ...

    def write(self, paper: Abstract, search: str) -> None:
        """Add a paper.

        Args:
            paper: what was fetched.
            search: a name of the search that brought it.

        Raises:
            StoreError: it could not be written.
        """
        ...

    def close(self) -> None:
        """Close what is behind it."""
        ...


class PaperFile:
    """A JSONL file; a line torn by a crash is taken out when it is opened."""

    def __init__(self, path: Path) -> None:
        """Open or create the file and note which papers it holds.

        Raises:
            StoreError: it cannot be opened, holds other lines than papers, or another run is
                writing to it.
        """
        self.path = path
        self._held: set[str] = set()
        self._youngest: dict[str, str] = {}
        try:
            self._file = open_alone(path)
        except OSError as error:
            raise StoreError(f"cannot open {path}: {error.strerror}") from error
        try:
            self._file.truncate(self._take_stock())
        except BaseException:
            self._file.close()
            raise

    def holds(self, identifier: str) -> bool:
        """Tell whether it has a paper, in this version, or in any if none is named."""
        return identifier in self._held

    def last_published(self, search: str) -> str | None:
        """When the youngest paper that a search brought was published, as it was written."""
        return self._youngest.get(search)

    def write(self, paper: Abstract, search: str) -> None:
        """Append a line and hand it to the operating system.

        Raises:
            StoreError: it could not be written; what got onto the disk of it is taken back.
        """
        try:
            append(self._file, _render(paper, search).encode())
        except OSError as error:
            raise StoreError(
                f"cannot write to {self.path}: {error.strerror}; make room, then run the same "
                "command again: it goes on from there"
            ) from error
        self._note(paper.id, paper.published, search)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _take_stock(self) -> int:
        """Note the papers, and return the size of the file without a torn last line."""
        size = 0
        with self.path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if not line.endswith(b"\n") and (
                    line.startswith(_OPENING) or _OPENING.startswith(line)
                ):
                    break
                try:
                    record = json.loads(line)
                    self._note(record["id"], record["published"], record["query"])
                except (ValueError, LookupError, TypeError, RecursionError) as error:
                    raise StoreError(
                        f"{self.path}:{number} is no paper that was fetched; choose another output"
                    ) from error
                size += len(line)
        return size

    def _note(self, identifier: str, published: str | None, search: str) -> None:
        self._held.update((identifier, _VERSION.sub("", identifier)))
        if published:
            self._youngest[search] = max(published, self._youngest.get(search, ""))


class PaperStream:
    """Papers on standard output; it remembers nothing."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def holds(self, identifier: str) -> bool:  # noqa: ARG002
        """Never: what was printed cannot be looked up."""
        return False

    def last_published(self, search: str) -> str | None:  # noqa: ARG002
        """Never known."""
        return None

    def write(self, paper: Abstract, search: str) -> None:
        """Print a line.

        Raises:
            BrokenPipeError: the reader, such as `head`, has had enough.
            StoreError: it could not be written.
        """
        try:
            self._stream.write(_render(paper, search))
            self._stream.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise StoreError(f"cannot write to standard output: {error.strerror}") from error

    def close(self) -> None:
        """Nothing to close."""


def open_papers(target: str, stdout: IO[str]) -> Papers:
    """Open the file that a target names, or standard output for `-`.

    Raises:
        ConfigError: the file's suffix is not one of JSON lines.
        StoreError: it cannot be opened, or holds other lines than papers.
    """
    if target == "-":
        return PaperStream(stdout)
    if not target.lower().endswith(_SUFFIXES):
        raise ConfigError(f"papers are written as JSON lines: name '{target}' with .jsonl, or -")
    return PaperFile(Path(target))


def _render(paper: Abstract, search: str) -> str:
    record = {**paper.model_dump(exclude={"source"}), "query": search}
    return json.dumps(record, ensure_ascii=False) + "\n"
