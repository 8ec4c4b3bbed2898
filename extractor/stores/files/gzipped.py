"""JSON lines, compressed as a whole."""

import gzip
from collections.abc import Iterable
from pathlib import Path

from extractor.stores.jsonl import Record, dump_json
from extractor.stores.jsonl import read_lines as read_results

__all__ = ["read_results", "write_results"]


def write_results(path: Path, records: Iterable[Record]) -> None:
    """Write a new file of whole results.

    Raises:
        OSError: it cannot be written.
    """
    with gzip.open(path, "wb") as file:
        for record in records:
            file.write(f"{dump_json(record)}\n".encode())
