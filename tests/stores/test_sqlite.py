"""What is particular to SQLite: its files."""

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from extractor.errors import StoreError
from extractor.stores.reading import read_claims
from extractor.stores.sql import SqlStore
from extractor.stores.sqlite import APPLICATION_ID
from extractor.stores.tables import LAYOUT
from tests.samples import make_claim
from tests.stores.databases import query, write
from tests.stores.making import make_checked, make_result, show


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "claims.db"


@pytest.mark.parametrize("name", ["what? 100%.db", "a&b=c#d.db", "Größe ☃.db"])
def test_any_file_name_works(tmp_path: Path, name: str) -> None:
    write(tmp_path / name, make_result())
    assert query(tmp_path / name, "PRAGMA journal_mode") == [("wal",)]
    assert list(read_claims(str(tmp_path / name))) == show(make_result())
    assert [file.name for file in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize(
    "statements",
    [
        "CREATE TABLE bookmarks (url)",
        "CREATE TABLE claims (amount); PRAGMA user_version = 1",
        f"PRAGMA user_version = {LAYOUT + 7}",
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
        SqlStore(str(path))
    with pytest.raises(StoreError, match="database of another program"):
        list(read_claims(str(path)))
    assert path.read_bytes() == before


@pytest.mark.parametrize("layout", [0, -1])
def test_a_layout_that_is_none_is_refused(path: Path, layout: int) -> None:
    write(path)
    query(path, f"PRAGMA user_version = {layout}")
    for do in (lambda: SqlStore(str(path)), lambda: list(read_claims(str(path)))):
        with pytest.raises(StoreError, match="tables of another program, or damaged ones"):
            do()  # type: ignore[operator]


def test_a_file_that_is_no_database_is_refused_and_left_untouched(path: Path) -> None:
    path.write_text("dear diary, " * 1000)
    with pytest.raises(StoreError, match="not a database; choose another output or move"):
        SqlStore(str(path))
    assert path.read_text() == "dear diary, " * 1000


def test_a_damaged_database_is_reported(path: Path) -> None:
    write(path, *(make_result(id=str(number)) for number in range(200)))
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * len(content[4096:])
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"claims\.db: .*malformed"):
        SqlStore(str(path))


def test_a_missing_folder_is_reported(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"unable to open .*the folder has to exist"):
        SqlStore(str(tmp_path / "absent" / "claims.db"))


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
        SqlStore(str(path.with_name(name))).record_run(None)
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
store = SqlStore({str(path)!r})
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


def test_a_copied_database_reads_the_same(path: Path, tmp_path: Path) -> None:
    write(path, make_result(claims=[make_checked(**make_claim(task="counting"))]))
    copy = Path(shutil.copy(path, tmp_path / "copy.sqlite"))
    assert not Path(f"{path}-wal").exists()
    assert list(read_claims(str(copy))) == list(read_claims(str(path)))
