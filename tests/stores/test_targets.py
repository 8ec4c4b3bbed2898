from pathlib import Path

import pytest

from extractor.errors import ConfigError, StoreError
from extractor.stores.targets import find_kind, find_path, is_gzipped, kind_of


@pytest.mark.parametrize(
    ("target", "kind"),
    [
        ("-", "stream"),
        ("out/claims.db", "sqlite"),
        ("claims.SQLite3", "sqlite"),
        ("claims.jsonl", "jsonl"),
        ("v1.2/claims.ndjson.GZ", "jsonl"),
        ("claims.parquet", "parquet"),
        ("claims.csv", "csv"),
        ("claims.duckdb", "duckdb"),
        ("sqlite:///claims.db", "sqlite"),
        ("postgresql://me:secret@localhost:5432/claims", "postgresql"),
        ("postgresql+psycopg://localhost/claims", "postgresql"),
    ],
)
def test_a_target_is_told_by_its_suffix_or_scheme(target: str, kind: str) -> None:
    assert kind_of(target) == kind


@pytest.mark.parametrize("target", ["claims", "claims.xlsx", "papers.txt.gz", "csv", ""])
def test_an_unknown_suffix_names_the_known_ones(target: str) -> None:
    with pytest.raises(ConfigError, match=r"\.db.*\.jsonl\.gz.*\.parquet.*postgresql://.*or -"):
        kind_of(target)


def test_an_unknown_scheme_does_not_show_the_password() -> None:
    with pytest.raises(ConfigError, match=r"'mysql://\.\.\.'") as raised:
        kind_of("mysql://me:secret@localhost/claims")
    assert "secret" not in str(raised.value)


def test_a_url_of_sqlite_is_decoded() -> None:
    assert find_path("sqlite:///a b%20c%3F.db") == Path("a b c?.db")
    assert find_path("SQLite:////lab/claims.db") == Path("/lab/claims.db")


@pytest.mark.parametrize("rest", ["", "/", "/:memory:", "lab/claims.db", "/claims.db?mode=ro"])
def test_a_url_of_sqlite_names_a_file_and_nothing_else(rest: str) -> None:
    with pytest.raises(ConfigError, match=r"sqlite:///claims\.db"):
        find_path(f"sqlite://{rest}")


def test_only_files_are_gzipped() -> None:
    assert is_gzipped("claims.jsonl.GZ")
    assert not is_gzipped("claims.jsonl")
    assert not is_gzipped("postgresql://localhost/odd.gz")


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("claims.jsonl", b"SQLite format 3\x00 and more", "sqlite"),
        ("claims.jsonl", b"PAR1 and more", "parquet"),
        ("claims.db", b"\x00" * 8 + b"DUCK and more", "duckdb"),
        ("claims", b"\x1f\x8b and more", "jsonl"),
        ("claims.csv", b"id,title", "csv"),
        ("claims.db", b"", "jsonl"),
        ("claims.csv", b"", "jsonl"),
    ],
)
def test_an_existing_file_is_told_by_its_content(
    tmp_path: Path, name: str, content: bytes, kind: str
) -> None:
    (tmp_path / name).write_bytes(content)
    assert find_kind(str(tmp_path / name)) == kind


def test_a_file_that_is_not_there_is_reported(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"cannot read .*absent\.db: No such file"):
        find_kind(str(tmp_path / "absent.db"))
