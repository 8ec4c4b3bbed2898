"""The same abstracts give the same claims, whatever they are written into."""

from pathlib import Path
from typing import Any

import pytest

from extractor.resources import data_folder
from extractor.stores.reading import read_claims, read_results
from tests.cli.conftest import Command, command

__all__ = ["command"]

FILES = ["claims.jsonl.gz", "claims.parquet", "claims.csv", "claims.duckdb"]


@pytest.fixture(params=["restated", "corpus"])
def sources(request: pytest.FixtureRequest) -> list[Path]:
    """The restated abstracts of the gold set, and the published ones where they are at hand."""
    if request.param == "restated":
        return [data_folder("evals") / "gold" / "restated.jsonl"]
    return sorted(request.getfixturevalue("corpus").glob("*.txt"))


def show(target: str) -> list[dict[str, Any]]:
    """The claims in an order that all kinds share: databases sort abstracts by identifier."""
    claims = list(read_claims(target))
    assert claims
    return sorted(claims, key=lambda claim: (claim["id"], claim["title"]))


def extract(command: Command, sources: list[Path], *targets: str) -> None:
    for target in targets:
        assert command("run", *sources, "--model", "patterns", "-o", target).code == 0


def test_every_kind_of_file_and_sqlite_hold_the_same_claims(
    command: Command, sources: list[Path], tmp_path: Path
) -> None:
    lines, *others = [str(tmp_path / name) for name in ("claims.jsonl", "claims.db", *FILES)]
    extract(command, sources, lines, *others)
    expected = show(lines)
    abstracts = {result.abstract for result in read_results(lines)}
    for other in others:
        assert show(other) == expected
        assert {result.abstract for result in read_results(other)} == abstracts


def test_postgresql_holds_the_same_claims(
    command: Command, sources: list[Path], tmp_path: Path, postgres_url: str
) -> None:
    lines = str(tmp_path / "claims.jsonl")
    extract(command, sources, lines, postgres_url)
    assert show(postgres_url) == show(lines)
