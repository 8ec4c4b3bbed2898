import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from extractor.errors import StoreError
from extractor.results import Result
from extractor.stores import RunRecord
from extractor.stores.reading import read_claims
from extractor.stores.sql import SqlStore
from extractor.stores.tables import APPLICATION_ID, SCHEMA_VERSION
from tests.samples import make_claim
from tests.stores.making import RUN, make_checked, make_result, show


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "claims.db"


def write(path: Path, *results: Result) -> None:
    store = SqlStore(path)
    store.record_run(RUN)
    store.write(results)
    store.close()


def query(path: Path, statement: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(statement).fetchall()


def test_names_and_claims_have_rows_of_their_own(path: Path) -> None:
    claim = make_checked(datasets=["BarBench", "BazBench"], baselines=["QuxNet", "BazNet"])
    write(path, make_result(claims=[claim, make_checked()]))
    assert query(path, "SELECT run_id, model, finished FROM runs") == [("run-1", "m", None)]
    assert query(path, "SELECT id, title, text FROM abstracts") == [
        ("foo", "FooNet", "FooNet wins.")
    ]
    assert query(path, "SELECT status, reason, rejected FROM extractions") == [
        ("claims", None, "[]")
    ]
    assert query(path, "SELECT position, method, value_number, value_unit FROM claims") == [
        (1, "FooNet", 91.2, "%"),
        (2, "FooNet", 91.2, "%"),
    ]
    assert query(path, "SELECT position, ordinal, name FROM claim_datasets ORDER BY 1, 2") == [
        (1, 1, "BarBench"),
        (1, 2, "BazBench"),
        (2, 1, "BarBench"),
    ]
    assert query(path, "SELECT ordinal, name FROM claim_baselines WHERE position = 1") == [
        (1, "QuxNet"),
        (2, "BazNet"),
    ]


def test_the_flat_view_spells_everything_out(path: Path) -> None:
    claim = make_checked(datasets=["BarBench", "BazBench"], baselines=[])
    write(path, make_result(claims=[claim]), make_result(id="bar", claims=[]))
    rows = query(
        path,
        "SELECT id, title, method, dataset, metric, value_number, value_unit, baseline, "
        "baseline_value_number, delta_number, outcome, model FROM claims_flat ORDER BY dataset",
    )
    shared = ("accuracy", 91.2, "%", None, 88.0, None, "better", "m")
    assert rows == [
        ("foo", "FooNet", "FooNet", "BarBench", *shared),
        ("foo", "FooNet", "FooNet", "BazBench", *shared),
    ]


def test_views_show_the_newest_extraction_that_did_not_fail(path: Path) -> None:
    write(path, make_result(claims=[make_checked(method="Old")]))
    newer = {"model": "m2", "created": "2026-01-02T00:00:00+00:00"}
    write(path, make_result(claims=[make_checked(method="New")], **newer))
    failed = {"model": "m3", "created": "2026-01-03T00:00:00+00:00"}
    write(path, make_result(failed="no answer", **failed))
    assert query(path, "SELECT method FROM current_claims") == [("New",)]
    assert query(path, "SELECT method, model FROM claims_flat") == [("New", "m2")]
    assert query(path, "SELECT count(*) FROM extractions") == [(3,)]


def test_a_newer_extraction_without_claims_clears_the_view(path: Path) -> None:
    write(path, make_result())
    write(path, make_result(claims=[], prompt="v2@", created="2026-01-02T00:00:00+00:00"))
    assert query(path, "SELECT * FROM current_claims") == []
    assert query(path, "SELECT count(*) FROM claims") == [(1,)]


def test_writing_the_same_results_again_changes_nothing(path: Path) -> None:
    results = [make_result(id=str(number)) for number in range(3)]
    write(path, *results)
    before = query(path, "SELECT * FROM claims_flat ORDER BY id")
    write(path, *results, *results)
    assert query(path, "SELECT * FROM claims_flat ORDER BY id") == before
    assert query(path, "SELECT count(*) FROM extractions") == [(3,)]


def test_a_failed_extraction_is_replaced_by_its_later_success(path: Path) -> None:
    failed, done = make_result(failed="server down"), make_result()
    write(path, failed)
    store = SqlStore(path)
    assert not store.holds(done.provenance.extraction_id)
    store.write([done])
    store.close()
    assert query(path, "SELECT status, reason FROM extractions") == [("claims", None)]
    with closing(SqlStore(path)) as reopened:
        assert reopened.holds(done.provenance.extraction_id)


def test_a_failure_never_replaces_what_another_process_has_finished(path: Path) -> None:
    slow = SqlStore(path)
    slow.record_run(RUN)
    write(path, make_result())
    slow.write([make_result(failed="timeout"), make_result(id="bar", failed="timeout")])
    slow.close()
    assert query(path, "SELECT status FROM extractions ORDER BY status") == [
        ("claims",),
        ("failed",),
    ]
    assert list(read_claims(str(path))) == show(make_result())


def test_deleting_an_abstract_takes_everything_about_it_along(path: Path) -> None:
    write(path, make_result(), make_result(id="bar"))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("DELETE FROM abstracts WHERE id = 'foo'")
        connection.commit()
    for table in ("extractions", "claims", "claim_datasets", "claim_baselines"):
        assert query(path, f"SELECT count(*) FROM {table}") == [(1,)], table


def test_a_batch_is_written_whole_or_not_at_all(path: Path) -> None:
    store = SqlStore(path)
    store.record_run(RUN)
    with pytest.raises(StoreError, match="FOREIGN KEY"):
        store.write([make_result(), make_result(id="bar", run_id="unknown")])
    store.close()
    assert query(path, "SELECT count(*) FROM abstracts") == [(0,)]


def test_a_run_is_remembered_with_its_end(path: Path) -> None:
    store = SqlStore(path)
    store.record_run(RUN)
    store.record_run(RunRecord(RUN.run_id, RUN.model, RUN.prompt, RUN.started, finished="later"))
    store.close()
    assert query(path, "SELECT run_id, finished FROM runs") == [("run-1", "later")]


def test_hostile_text_comes_back_as_it_was(path: Path) -> None:
    hostile = "'); DROP TABLE claims; -- \" `x` {{x}} %s :name ? \x00 \\ \u202e" + "x" * 2**20
    claim = make_checked(method=hostile, datasets=[hostile], evidence=hostile)
    result = make_result(title=hostile, text=hostile, claims=[claim], rejected={"a": hostile})
    write(path, result)
    assert list(read_claims(str(path))) == show(result)
    ((rejected,),) = query(path, "SELECT rejected FROM extractions")
    assert json.loads(rejected)[0]["claim"] == {"a": hostile}


def test_a_lone_surrogate_is_replaced_and_stops_nothing(path: Path) -> None:
    text = "half \ud83d a smile"
    write(path, make_result(id=text, title=text, text=text, claims=[make_checked(method=text)]))
    (claim,) = read_claims(str(path))
    assert claim["method"] == claim["title"] == claim["id"] == "half \ufffd a smile"


@pytest.mark.parametrize("name", ["what? 100%.db", "a&b=c#d.db", "Größe ☃.db"])
def test_any_file_name_works(tmp_path: Path, name: str) -> None:
    write(tmp_path / name, make_result())
    assert list(read_claims(str(tmp_path / name))) == show(make_result())
    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_a_database_of_a_newer_version_is_refused_and_left_untouched(path: Path) -> None:
    write(path, make_result())
    query(path, f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"newer version .* upgrade claim-extractor"):
        SqlStore(path)
    with pytest.raises(StoreError, match="newer version"):
        list(read_claims(str(path)))
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "statements",
    [
        "CREATE TABLE bookmarks (url)",
        "CREATE TABLE claims (amount); PRAGMA user_version = 1",
        f"PRAGMA user_version = {SCHEMA_VERSION + 7}",
        f"PRAGMA application_id = {APPLICATION_ID + 1}; CREATE TABLE t (a)",
    ],
)
def test_a_database_of_another_program_is_refused_and_left_untouched(
    path: Path, statements: str
) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(statements)
    before = path.read_bytes()
    with pytest.raises(StoreError, match="database of another program; choose another"):
        SqlStore(path)
    with pytest.raises(StoreError, match="database of another program"):
        list(read_claims(str(path)))
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_refused_and_left_untouched(path: Path) -> None:
    path.write_text("dear diary, " * 1000)
    with pytest.raises(StoreError, match="not a database; choose another output or move"):
        SqlStore(path)
    assert path.read_text() == "dear diary, " * 1000


def test_a_damaged_database_is_reported(path: Path) -> None:
    write(path, *(make_result(id=str(number)) for number in range(200)))
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * len(content[4096:])
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"claims\.db: .*malformed"):
        SqlStore(path)


def test_a_missing_folder_is_reported(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"unable to open .*the folder has to exist"):
        SqlStore(tmp_path / "absent" / "claims.db")


_READ_AND_WRITE = """
import sys
from pathlib import Path
from extractor.errors import StoreError
from extractor.stores.reading import read_claims
from extractor.stores.sql import SqlStore
path = Path(sys.argv[1])
print(len(list(read_claims(str(path)))))
for name in ("claims.db", "new.db"):
    try:
        SqlStore(path.with_name(name)).record_run(None)
    except StoreError as error:
        print(error)
"""


# Gives up what lets root write everywhere; for others there is nothing to give up.
_OBEY_PERMISSIONS = """
import ctypes, os, sys
drop_from_bounding_set, dac_override, dac_read_search = 24, 1, 2
libc = ctypes.CDLL(None)
libc.prctl(drop_from_bounding_set, dac_override)
libc.prctl(drop_from_bounding_set, dac_read_search)
os.execv(sys.executable, [sys.executable, "-c", *sys.argv[1:]])
"""


def test_in_a_read_only_folder_claims_are_read_and_writing_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "published" / "claims.db"
    path.parent.mkdir()
    write(path, make_result())
    path.chmod(0o444)
    path.parent.chmod(0o555)
    ran = subprocess.run(
        [sys.executable, "-c", _OBEY_PERMISSIONS, _READ_AND_WRITE, str(path)],
        capture_output=True,
        text=True,
        check=True,
    )
    path.parent.chmod(0o755)
    count, existing, new = ran.stdout.splitlines()
    assert count == "1"
    assert "writable" in existing
    assert "writable" in new


def test_a_full_disk_is_reported_with_a_remedy_and_costs_only_the_batch(path: Path) -> None:
    write(path, make_result())
    script = f"""
import resource, signal
from pathlib import Path
from extractor.errors import StoreError
from extractor.stores.sql import SqlStore
from tests.stores.making import make_result
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
store = SqlStore(Path({str(path)!r}))
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
try:
    store.write([make_result(id=str(n), text="x" * 5000 + str(n)) for n in range(200)])
except StoreError as error:
    print(error)
store.close()
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "make room or choose another output" in ran.stdout
    assert list(read_claims(str(path))) == show(make_result())


def test_many_processes_create_and_fill_one_database_at_once(path: Path) -> None:
    script = """
import sys, time
from pathlib import Path
from extractor.stores import RunRecord
from extractor.stores.sql import SqlStore
from tests.stores.making import make_result
sys.stdin.readline()
for number in range(10):
    store = SqlStore(Path(sys.argv[1]))
    store.record_run(RunRecord(sys.argv[2], "m", "v1", "now"))
    both = make_result(id=f"both-{number}", run_id=sys.argv[2])
    store.write([make_result(id=f"{sys.argv[2]}-{number}", run_id=sys.argv[2]), both])
    store.close()
"""
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(path), name],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in ("a", "b", "c", "d")
    ]
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    assert [writer.communicate()[1] for writer in writers] == [""] * 4
    assert query(path, "SELECT count(*) FROM runs") == [(4,)]
    assert query(path, "SELECT count(*) FROM extractions") == [(50,)]
    assert query(path, "SELECT count(*) FROM claims_flat") == [(50,)]
    assert query(path, "PRAGMA journal_mode") == [("wal",)]


def test_claims_are_read_while_a_run_is_writing(path: Path) -> None:
    store = SqlStore(path)
    store.record_run(RUN)
    store.write([make_result()])
    claims = read_claims(str(path))
    first = next(claims)
    store.write([make_result(id="bar")])
    assert [first, *claims] == show(make_result())
    store.close()


def test_a_copied_database_reads_the_same(path: Path, tmp_path: Path) -> None:
    write(path, make_result(claims=[make_checked(**make_claim(task="counting"))]))
    copy = Path(shutil.copy(path, tmp_path / "copy.sqlite"))
    assert not Path(f"{path}-wal").exists()
    assert list(read_claims(str(copy))) == list(read_claims(str(path)))
