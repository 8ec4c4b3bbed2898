import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

from extractor.errors import StoreError
from extractor.stores import open_store
from extractor.stores.arrow import build_batches, build_claims_schema
from extractor.stores.choosing import ClaimFilter
from extractor.stores.claim_rows import build_rows
from extractor.stores.reading import read_results
from tests.stores.making import make_checked, make_result

RESULTS = [
    make_result(id="a", model="old", claims=[make_checked(method="Outdated")]),
    make_result(
        id="a",
        model="new",
        created="2026-02-01T00:00:00.5+00:00",
        claims=[
            make_checked(
                method="Spread",
                datasets=["D1", "D2"],
                baselines=["B1", "B2"],
                delta={"number": 3, "unit": "x", "direction": "increase"},
                problems=[{"check": "range", "severity": "warning", "message": "no"}],
            ),
            make_checked(method="Bare", datasets=[], baselines=[], value=None, span=None),
        ],
    ),
    make_result(id="b", failed="server down"),
    make_result(id="c", claims=[]),
]


@pytest.mark.parametrize(("view", "flat"), [("claims", False), ("claims_flat", True)])
def test_the_views_of_a_database_show_what_an_export_holds(
    tmp_path: Path, view: str, flat: bool
) -> None:
    path = tmp_path / "claims.duckdb"
    store = open_store(str(path), stdout=None)  # type: ignore[arg-type]
    store.write(RESULTS)
    store.close()
    with duckdb.connect(str(path), read_only=True) as database:
        shown = database.sql(f"FROM {view}").to_arrow_table()
    chosen = ClaimFilter().choose(read_results(str(path)))
    rows = (row for claim in chosen for row in build_rows(*claim, flat=flat))
    expected = build_batches(rows, build_claims_schema(flat=flat)).read_all()
    assert shown.column_names == expected.column_names
    assert sort(shown.to_pylist()) == sort(expected.to_pylist())
    assert len(expected) == (5 if flat else 2)


_EXPORT_ONTO_A_FULL_DISK = """
import resource, signal, sys
from extractor.stores.choosing import ClaimFilter
from extractor.stores.exporting import export_claims
from tests.stores.making import make_result
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
results = (make_result(id=str(number)) for number in range(3000))
export_claims(ClaimFilter().choose(results), sys.argv[1])
"""


def test_an_export_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", _EXPORT_ONTO_A_FULL_DISK, tmp_path / "claims.duckdb"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "StoreError: cannot write" in ran.stderr
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_writer_left_is_swept(tmp_path: Path) -> None:
    for suffix in ("new", "new.wal"):
        (tmp_path / f".claims.duckdb.0123abcd.{suffix}").touch()
    path = tmp_path / "claims.duckdb"
    open_store(str(path), stdout=None).close()  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == [path]


def test_a_foreign_database_reads_no_other_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    names = ("id", "title", "text_sha256", "status", "claims", "provenance")
    secret.write_text(f"{','.join(names)}\nhush,hush,hush,hush,hush,hush\n")
    path = tmp_path / "claims.duckdb"
    with duckdb.connect(str(path)) as database:
        database.execute(f"CREATE VIEW results AS FROM read_csv('{secret}')")
    with pytest.raises(StoreError, match=r"cannot read .*claims\.duckdb") as raised:
        list(read_results(str(path)))
    assert "hush" not in str(raised.value)


def sort(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: (row["method"], row.get("dataset"), row.get("baseline")))
