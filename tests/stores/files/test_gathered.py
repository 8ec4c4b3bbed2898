import gzip
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from extractor.errors import StoreError
from extractor.queries import count_store
from extractor.results import Result
from extractor.stores import open_store, reopen_store
from extractor.stores.checking import check_store
from extractor.stores.jsonl import render_line
from extractor.stores.reading import read_results
from extractor.stores.targets import name_part
from tests.stores.making import make_checked, make_result

SUFFIXES = [".jsonl.gz", ".parquet", ".csv", ".duckdb"]


@pytest.fixture(params=SUFFIXES)
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return tmp_path / f"claims{request.param}"


def write(path: Path, *results: Result) -> None:
    store = open_store(str(path), stdout=None)  # type: ignore[arg-type]
    store.write(results)
    store.close()


def read(path: Path) -> list[tuple[str, str]]:
    return [(r.abstract.id, r.status) for r in read_results(str(path), history=True)]


def test_a_second_run_adds_what_is_missing_and_leaves_nothing_beside(path: Path) -> None:
    first, second = make_result(id="a"), make_result(id="b")
    write(path, first)
    store = open_store(str(path), stdout=None)  # type: ignore[arg-type]
    assert store.holds(first.provenance.extraction_id)
    assert not store.holds(second.provenance.extraction_id)
    store.write([first, second])
    store.close()
    assert list(read_results(str(path))) == [first, second]
    assert list(path.parent.iterdir()) == [path]


def test_nothing_new_leaves_the_file_as_it_is(path: Path) -> None:
    write(path, make_result())
    before = path.read_bytes()
    inode = path.stat().st_ino
    write(path, make_result())
    assert path.read_bytes() == before
    assert path.stat().st_ino == inode


def test_a_run_without_results_makes_an_empty_file(path: Path) -> None:
    write(path)
    assert path.is_file()
    assert read(path) == []


def test_failed_results_are_dropped_and_asked_for_again(path: Path) -> None:
    failed = make_result(id="a", failed="server down")
    write(path, failed, make_result(id="b"))
    store = open_store(str(path), stdout=None)  # type: ignore[arg-type]
    assert not store.holds(failed.provenance.extraction_id)
    store.write([make_result(id="a")])
    store.close()
    assert read(path) == [("b", "claims"), ("a", "claims")]


def test_a_retry_replaces_just_the_failed_results_that_others_stand_for(path: Path) -> None:
    failed = [make_result(id=name, failed="server down") for name in "abc"]
    write(path, *failed, make_result(id="d"))
    store = reopen_store(str(path))
    assert [row.id for row in store.read_failed()] == ["a", "b", "c"]
    assert all(row.abstract and row.abstract.text for row in store.read_failed())
    store.write([make_result(id="a"), make_result(id="b", model="other")])
    store.remove_failed([failed[1].provenance.extraction_id])
    store.close()
    assert read(path) == [("c", "failed"), ("d", "claims"), ("a", "claims"), ("b", "claims")]


_RUN_AND_DIE = """
import os, signal, sys
from extractor.stores import open_store
from tests.stores.making import make_checked, make_result
store = open_store(sys.argv[1], None)
store.write([make_result(id="b"), make_result(id="c", failed="no")])
if sys.argv[2] == "while closing":
    from pathlib import Path
    Path.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
    store.close()
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("moment", ["while writing", "while closing"])
def test_what_a_killed_run_has_gathered_is_read_and_taken_in(path: Path, moment: str) -> None:
    write(path, make_result(id="a"))
    killed = subprocess.run([sys.executable, "-c", _RUN_AND_DIE, path, moment], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert read(path) == [("a", "claims"), ("b", "claims"), ("c", "failed")]
    store = open_store(str(path), stdout=None)  # type: ignore[arg-type]
    assert store.holds(make_result(id="b").provenance.extraction_id)
    store.write([make_result(id="c")])
    store.close()
    assert read(path) == [("a", "claims"), ("b", "claims"), ("c", "claims")]
    assert list(path.parent.iterdir()) == [path]


def test_a_first_run_that_was_killed_can_be_read(path: Path) -> None:
    subprocess.run([sys.executable, "-c", _RUN_AND_DIE, path, "while writing"], check=False)
    assert not path.exists()
    assert read(path) == [("b", "claims"), ("c", "failed")]
    ((_, run),) = check_store(str(path)).runs.items()
    assert (run.claims, run.failed) == (1, 1)
    assert count_store(str(path)).abstracts == 2
    store = reopen_store(str(path))
    assert [row.id for row in store.read_failed()] == ["c"]
    store.close()


def test_a_run_that_died_after_the_file_was_replaced_doubles_nothing(path: Path) -> None:
    write(path, make_result(id="a"))
    name_part(path).write_text(
        "".join(f"{line}\n" for line in [make_line("a"), make_line("b")]), "utf-8"
    )
    assert read(path) == [("a", "claims"), ("b", "claims")]
    write(path)
    assert read(path) == [("a", "claims"), ("b", "claims")]


def make_line(name: str) -> str:
    return render_line(make_result(id=name)).rstrip("\n")


def test_a_second_run_at_the_same_time_is_refused(path: Path) -> None:
    first = open_store(str(path), stdout=None)  # type: ignore[arg-type]
    first.write([make_result(id="a")])
    with pytest.raises(StoreError, match="another run is writing to"):
        open_store(str(path), stdout=None)  # type: ignore[arg-type]
    first.close()
    assert read(path) == [("a", "claims")]


@pytest.mark.parametrize(
    "content", [b"id,title\nfoo,bar\n", b"notes to myself\n", b"PAR1 torn", b"\x1f\x8b torn"]
)
def test_a_foreign_or_damaged_file_is_refused_and_left_untouched(
    path: Path, content: bytes
) -> None:
    path.write_bytes(content)
    with pytest.raises(StoreError, match=path.name):
        open_store(str(path), stdout=None)  # type: ignore[arg-type]
    assert path.read_bytes() == content
    assert list(path.parent.iterdir()) == [path]


def test_a_file_cut_off_in_the_middle_is_reported(path: Path) -> None:
    write(path, *(make_result(id=str(number), text=os.urandom(400).hex()) for number in range(50)))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(StoreError, match=path.name):
        list(read_results(str(path)))


def test_a_link_stays_a_link(path: Path) -> None:
    target = path.with_name(f"target{''.join(path.suffixes)}")
    path.symlink_to(target)
    write(path, make_result(id="a"))
    assert path.is_symlink()
    assert read(target) == [("a", "claims")]


def test_what_cannot_be_written_stays_beside(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store(str(path), stdout=None)  # type: ignore[arg-type]
    store.write([make_result(id="a")])

    def fill_up(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", fill_up)
        with pytest.raises(StoreError, match=r"cannot write .*No space left on device"):
            store.close()
    assert not path.exists()
    write(path)
    assert read(path) == [("a", "claims")]


def test_lines_in_a_gzipped_file_are_those_of_a_plain_one(tmp_path: Path) -> None:
    for name in ("claims.jsonl", "claims.jsonl.gz"):
        write(tmp_path / name, make_result(title="Größe \ud800"))
    plain = (tmp_path / "claims.jsonl").read_bytes()
    assert gzip.decompress((tmp_path / "claims.jsonl.gz").read_bytes()) == plain


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_hostile_text_comes_back(tmp_path: Path, suffix: str) -> None:
    hostile = "=cmd|' /C calc'!A0\t'; DROP TABLE claims; -- {{x}} \"\\ \x00 \x85\u2028,\r\n;' x"
    claim = make_checked(
        method=hostile, datasets=["a; b", "\\", "=1+1", ";", "a\\;b"], evidence=hostile
    )
    result = make_result(id=hostile, title=hostile, text=hostile, claims=[claim])
    write(tmp_path / f"claims{suffix}", result)
    assert list(read_results(str(tmp_path / f"claims{suffix}"))) == [result]
