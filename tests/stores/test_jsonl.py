import json
import resource
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from extractor.errors import StoreError
from extractor.stores.jsonl import JsonlStore, render_line
from tests.stores.making import make_checked, make_result


def write(path: Path, *results: object) -> None:
    store = JsonlStore(path)
    store.write(results)  # type: ignore[arg-type]
    store.close()


def read_ids(path: Path) -> list[str]:
    return [json.loads(line)["id"] for line in path.read_text("utf-8").splitlines()]


def test_a_line_has_the_published_keys_in_the_published_order(tmp_path: Path) -> None:
    write(tmp_path / "claims.jsonl", make_result(rejected={"method": None}))
    (line,) = (tmp_path / "claims.jsonl").read_text("utf-8").splitlines()
    record = json.loads(line)
    assert list(record) == [
        "id", "title", "text", "source", "url", "published", "text_sha256", "status", "reason",
        "claims", "rejected", "provenance",
    ]  # fmt: skip
    assert list(record["claims"][0]) == [
        "method", "task", "datasets", "metric", "value", "baselines", "baseline_value", "delta",
        "outcome", "evidence", "span", "claim_id", "problems",
    ]  # fmt: skip
    assert record["status"] == "claims"
    assert record["reason"] is None
    assert record["rejected"] == [
        {
            "claim": {"method": None},
            "problems": [{"check": "quote", "severity": "error", "message": "not in the abstract"}],
        }
    ]
    assert record["provenance"]["schema"] == "s"


def test_a_second_run_appends_and_leaves_the_first_lines_alone(tmp_path: Path) -> None:
    path = tmp_path / "claims.jsonl"
    first, second = make_result(id="a"), make_result(id="b")
    write(path, first)
    before = path.read_bytes()
    store = JsonlStore(path)
    assert store.holds(first.provenance.extraction_id)
    assert not store.holds(second.provenance.extraction_id)
    store.write([second])
    store.close()
    assert path.read_bytes().startswith(before)
    assert read_ids(path) == ["a", "b"]


def test_the_same_result_written_twice_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "claims.jsonl"
    result = make_result()
    write(path, result, result)
    write(path, result)
    assert read_ids(path) == ["foo"]


def test_failed_lines_are_dropped_and_asked_for_again(tmp_path: Path) -> None:
    path = tmp_path / "claims.jsonl"
    failed = make_result(id="a", failed="server down")
    write(path, failed, make_result(id="b"))
    store = JsonlStore(path)
    assert not store.holds(failed.provenance.extraction_id)
    store.write([make_result(id="a")])
    store.close()
    assert read_ids(path) == ["b", "a"]
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("kept_bytes", [1, 6, 40, -2])
def test_a_line_torn_by_a_crash_is_cut_off(tmp_path: Path, kept_bytes: int) -> None:
    path = tmp_path / "claims.jsonl"
    torn = make_result(id="b", title="Größe")
    line = render_line(torn).encode()
    path.write_bytes(render_line(make_result(id="a")).encode() + line[:kept_bytes])
    store = JsonlStore(path)
    assert not store.holds(torn.provenance.extraction_id)
    store.write([torn])
    store.close()
    assert read_ids(path) == ["a", "b"]


def test_a_whole_last_line_without_its_newline_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "claims.jsonl"
    path.write_text(render_line(make_result(id="a")).rstrip("\n"), "utf-8")
    write(path, make_result(id="b"))
    assert read_ids(path) == ["a", "b"]


@pytest.mark.parametrize(
    "content",
    [
        b'{"id": "p1", "title": "T", "text": "An abstract of mine."}\n',
        b'{"id": "p1", "title": "T", "text": "An abstract of mine, no newline."}',
        b"notes to myself",
        b"\x89PNG\r\n\x1a\n\x00\x00",
        b"[1, 2, 3]\n",
        b"null",
        b'{"status": "claims", "provenance": {"extraction_id": "not hexadecimal"}}\n',
        b"[" * 100_000 + b"\n",
        b'{"id": "torn in the middle\n{"id": "again',
    ],
)
def test_a_foreign_file_is_refused_and_left_untouched(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"mine\.jsonl:1 is no result .* choose another output"):
        JsonlStore(path)
    assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


def test_a_second_run_at_the_same_time_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "claims.jsonl"
    # Its failed line would make the second run put another file in the place of the first's.
    write(path, make_result(id="a", failed="server down"))
    first = JsonlStore(path)
    first.write([make_result(id="b", failed="server down")])
    with pytest.raises(StoreError, match="another run is writing to"):
        JsonlStore(path)
    first.write([make_result(id="c")])
    first.close()
    write(path, make_result(id="d"))
    assert read_ids(path) == ["c", "d"]


def test_tidying_keeps_links_and_permissions(tmp_path: Path) -> None:
    target, link = tmp_path / "target.jsonl", tmp_path / "link.jsonl"
    write(target, make_result(id="a", failed="server down"))
    target.chmod(0o640)
    link.symlink_to(target)
    write(link, make_result(id="a"))
    assert link.is_symlink()
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert json.loads(target.read_text("utf-8"))["status"] == "claims"


@pytest.mark.parametrize("name", ["absent/claims.jsonl", "folder.jsonl"])
def test_a_place_that_cannot_be_written_is_reported(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder.jsonl").mkdir()
    with pytest.raises(StoreError, match=f"cannot open .*{name}"):
        JsonlStore(tmp_path / name)


def test_a_full_disk_is_reported_with_a_remedy(tmp_path: Path) -> None:
    full = tmp_path / "full.jsonl"
    full.symlink_to("/dev/full")
    store = JsonlStore(full)
    with pytest.raises(StoreError, match="No space left on device; make room"):
        store.write([make_result()])
    store.close()


def test_a_batch_that_does_not_fit_leaves_no_torn_line(tmp_path: Path) -> None:
    path = tmp_path / "claims.jsonl"
    write(path, make_result(id="a"))
    script = f"""
import resource, signal
from pathlib import Path
from extractor.errors import StoreError
from extractor.stores.jsonl import JsonlStore
from tests.stores.making import make_result
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
store = JsonlStore(Path({str(path)!r}))
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, {resource.RLIM_INFINITY}))
try:
    store.write([make_result(id=str(number)) for number in range(100)])
except StoreError as error:
    print(error)
store.close()
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "File too large" in ran.stdout
    assert read_ids(path) == ["a"]


def test_hostile_text_stays_one_readable_line(tmp_path: Path) -> None:
    path = tmp_path / "claims.jsonl"
    hostile = "'; DROP TABLE claims; -- {{x}} {% %} \"\\ \x00 \x85\u2028 \ud800 " + "x" * 2**20
    claim = make_checked(method=hostile, evidence=hostile)
    write(path, make_result(title=hostile, text=hostile, claims=[claim]))
    (line,) = path.read_bytes().splitlines()
    record = json.loads(line)
    assert record["claims"][0]["evidence"] == hostile
    assert "\N{REPLACEMENT CHARACTER} x" in record["title"]


def test_a_number_that_json_does_not_know_is_null(tmp_path: Path) -> None:
    path = tmp_path / "claims.jsonl"
    write(path, make_result(rejected={"method": "FooNet", "value": {"number": float("nan")}}))
    record = json.loads(path.read_bytes(), parse_constant=pytest.fail)
    assert record["rejected"][0]["claim"] == {"method": "FooNet", "value": {"number": None}}
