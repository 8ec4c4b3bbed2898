"""Writes claims as tables for other systems."""

import gzip
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from extractor.errors import ConfigError, StoreError
from extractor.stores.choosing import PlacedClaim
from extractor.stores.claim_rows import Row, build_rows, list_columns
from extractor.stores.files import naming_extra
from extractor.stores.files.csv import write_rows
from extractor.stores.files.replacing import replace_file
from extractor.stores.jsonl import dump_json
from extractor.stores.targets import Kind, is_gzipped, kind_of


@dataclass
class Exported:
    """What was exported.

    Attributes:
        rows: more than claims in a flat table.
    """

    claims: int = 0
    rows: int = 0


def export_claims(
    claims: Iterable[PlacedClaim], target: str, *, flat: bool = False, overwrite: bool = False
) -> Exported:
    """Write claims into a file of their own, which appears when it is whole.

    Args:
        claims: taken one by one, so that any number of them needs the same memory.
        target: `.parquet`, `.csv`, `.jsonl[.gz]` or `.duckdb`.
        flat: one row for each claim, data set and baseline, instead of one for each claim.
        overwrite: take the place of a file that is there.

    Raises:
        ConfigError: nothing is known for the suffix, or a package is missing.
        StoreError: the file is there already, or cannot be written.
    """
    kind = check_export(target)
    path = Path(target)
    if path.exists() and not overwrite:
        raise StoreError(f"{path} is there already: choose another file, or say --force")
    exported = Exported()
    rows = _build_rows(claims, flat, exported)
    with replace_file(path) as beside, naming_extra(kind):
        if kind == "parquet":
            _write_parquet(beside, rows, flat)
        elif kind == "duckdb":
            _write_duckdb(beside, rows, flat)
        elif kind == "csv":
            with beside.open("w", encoding="utf-8", newline="") as file:
                write_rows(file, list_columns(flat=flat), rows)
        else:
            _write_lines(beside, rows, compresses=is_gzipped(target))
    return exported


def print_claims(
    claims: Iterable[PlacedClaim], kind: Kind, stdout: IO[str], *, flat: bool = False
) -> Exported:
    """Write claims to standard output.

    Raises:
        ConfigError: this kind needs a file, or a package is missing.
    """
    exported = Exported()
    rows = _build_rows(claims, flat, exported)
    if kind == "duckdb":
        raise ConfigError("a DuckDB database needs a file: -o claims.duckdb")
    with naming_extra(kind):
        if kind == "parquet":
            _write_parquet(stdout.buffer, rows, flat)  # type: ignore[attr-defined]
        elif kind == "csv":
            write_rows(stdout, list_columns(flat=flat), rows)
        else:
            stdout.writelines(f"{dump_json(row)}\n" for row in rows)
    return exported


def check_export(target: str) -> Kind:
    """Tell as what claims are exported into a file.

    Raises:
        ConfigError: nothing is known for its suffix.
    """
    kind = kind_of(target)
    if kind in ("sqlite", "postgresql", "stream"):
        raise ConfigError(
            f"claims are exported into .parquet, .csv, .jsonl, .jsonl.gz or .duckdb, not into "
            f"{kind}; `extractor load` fills another store with whole results"
        )
    return kind


def _build_rows(claims: Iterable[PlacedClaim], flat: bool, exported: Exported) -> Iterator[Row]:
    for claim in claims:
        exported.claims += 1
        for row in build_rows(*claim, flat=flat):
            exported.rows += 1
            yield row


def _write_parquet(file: Path | IO[bytes], rows: Iterable[Row], flat: bool) -> None:
    from extractor.stores.arrow import build_batches, build_claims_schema  # noqa: PLC0415
    from extractor.stores.files.parquet import write_table  # noqa: PLC0415

    write_table(file, build_batches(rows, build_claims_schema(flat=flat)))


def _write_duckdb(path: Path, rows: Iterable[Row], flat: bool) -> None:
    from extractor.stores.arrow import build_batches, build_claims_schema  # noqa: PLC0415
    from extractor.stores.files.duckdb import write_table  # noqa: PLC0415

    name = "claims_flat" if flat else "claims"
    write_table(path, name, build_batches(rows, build_claims_schema(flat=flat)), {})


def _write_lines(path: Path, rows: Iterable[Row], *, compresses: bool) -> None:
    with gzip.open(path, "wb") if compresses else path.open("wb") as file:
        file.writelines(f"{dump_json(row)}\n".encode() for row in rows)
