"""Sources cut into shards, which are read where there is room and travel as JSON."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
from ray.data import Datasource
from ray.data.block import BlockMetadata
from ray.data.datasource import ReadTask

from extractor.documents import Abstract
from extractor.errors import ConfigError, ExtractorError
from extractor.readers import Entry, ReadOptions, Unreadable, read_abstracts
from extractor.readers.sources import STDIN, find_files, is_table

SHARD_ABSTRACTS = 500
"""What one worker takes at a time, and what one file of the output holds at the most."""

SHARD = "shard"
_UNKNOWN = BlockMetadata(num_rows=None, size_bytes=None, input_files=None, exec_stats=None)


class ShardSource(Datasource):  # type: ignore[misc]
    """The abstracts of files and tables; a row is a shard of them."""

    def __init__(self, sources: Iterable[str], options: ReadOptions) -> None:
        """List the files.

        Raises:
            InputError: a path does not exist.
            ConfigError: standard input is among them, which no other machine can read.
        """
        super().__init__()
        # Shards are told apart by what they hold, which would be the same twice.
        self.files = list(dict.fromkeys(find_files(sources)))
        if STDIN in self.files:
            raise ConfigError("many machines cannot read standard input (-); give files")
        self._options = options

    def check(self) -> None:
        """Begin to read, here, to find out what is wrong with all of it.

        Raises:
            InputError: as `read_abstracts` does.
        """
        next(read_abstracts(self.files, options=self._options), None)

    def estimate_inmemory_data_size(self) -> int | None:
        """Unknown before it is read."""
        return None

    def get_read_tasks(self, *_arguments: Any, **_options: Any) -> list[ReadTask]:
        """One task a file; each yields its shards while it reads."""
        reads: list[Callable[[], Iterator[pa.Table]]] = [
            partial(_read_shards, file, _locate(file), self._options, SHARD_ABSTRACTS)
            for file in self.files
        ]
        return [ReadTask(read, _UNKNOWN) for read in reads]


def decode_shard(text: str) -> list[Entry]:
    """Read the entries of a shard back."""
    return [
        Abstract.model_validate(fields) if "text" in fields else Unreadable(**fields)
        for fields in json.loads(text)
    ]


def _locate(file: str) -> str:
    """Where workers find a file, whatever folder they run in."""
    return file if is_table(file) else str(Path(file).absolute())


def _read_shards(name: str, place: str, options: ReadOptions, size: int) -> Iterator[pa.Table]:
    entries = (_rename(entry, place, name) for entry in _read_entries(place, options))
    while shard := [_encode(entry) for entry in islice(entries, size)]:
        yield pa.table({SHARD: [json.dumps(shard)]})


def _read_entries(place: str, options: ReadOptions) -> Iterator[Entry]:
    try:
        yield from read_abstracts([place], options=options)
    except ExtractorError as error:
        # Among others, a source that cannot be read at all is one failed row.
        yield Unreadable(place, str(error).removeprefix(f"{place}: "))


def _rename(entry: Entry, place: str, name: str) -> Entry:
    """Call a source what the user called it, as results do that are made on one machine."""
    if is_table(name) or entry.source is None:
        return entry
    source = name + entry.source.removeprefix(place)
    if isinstance(entry, Abstract):
        return entry.model_copy(update={"source": source})
    return replace(entry, source=source)


def _encode(entry: Entry) -> dict[str, Any]:
    return entry.model_dump() if isinstance(entry, Abstract) else asdict(entry)
