"""`extractor fetch arxiv` against a server that answers as arXiv does, well or badly."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from extractor.readers import read_abstracts
from tests.arxiv_server import ArxivServer, Paper, render_feed
from tests.cli.conftest import Command
from tests.model_server import PATIENCE_S

arxiv = pytest.importorskip("arxiv")

from extractor.fetching import arxiv_api  # noqa: E402 - needs the package
from extractor.fetching.papers import open_papers  # noqa: E402

NUMBER = 7


@pytest.fixture
def papers(monkeypatch: pytest.MonkeyPatch) -> Iterator[ArxivServer]:
    running = ArxivServer([make_paper(n) for n in range(1, NUMBER + 1)]).start()
    monkeypatch.setattr(arxiv.Client, "query_url_format", running.url_format)
    monkeypatch.setattr(arxiv_api, "DELAY_S", 0.0)
    monkeypatch.setattr(arxiv_api, "_PAGE", 3)
    yield running
    running.stop()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def make_paper(number: int, **changes: str) -> Paper:
    given = {"id": f"2401.{number:05}v1", "published": f"2024-01-{number:02}T10:30:00Z"}
    return Paper(**{**given, **changes})


def read_ids(path: Path) -> list[str]:
    return [json.loads(line)["id"] for line in path.read_text().splitlines()]


def ids(*numbers: int) -> list[str]:
    return [f"2401.{number:05}v1" for number in numbers]


def test_all_pages_are_fetched_newest_first(
    command: Command, papers: ArxivServer, tmp_path: Path
) -> None:
    output = tmp_path / "papers.jsonl"
    done = command("fetch", "arxiv", "--query", "cat:cs.CL", "-o", output)
    assert (done.code, done.out) == (0, "")
    assert done.err == f"7 new papers in {output}.\n"
    assert read_ids(output) == ids(7, 6, 5, 4, 3, 2, 1)
    assert [asked["start"] for asked in papers.asked] == ["0", "3", "6"]
    assert {asked["search_query"] for asked in papers.asked} == {"cat:cs.CL"}


@pytest.mark.skipif(sys.platform == "win32", reason="files are not locked there")
def test_two_fetches_do_not_write_one_file_at_once(
    command: Command, papers: ArxivServer, tmp_path: Path
) -> None:
    output = tmp_path / "papers.jsonl"
    with closing(open_papers(str(output), sys.stdout)):
        done = command("fetch", "arxiv", "--query", "x", "-o", output)
        assert (done.code, output.read_text()) == (1, "")
        assert f"another run is writing to {output}: wait for it, or choose" in done.err
    assert command("fetch", "arxiv", "--query", "x", "-o", output).code == 0
    assert len(read_ids(output)) == NUMBER


def test_what_is_fetched_is_what_run_reads(
    command: Command, papers: ArxivServer, tmp_path: Path
) -> None:
    papers.papers = [make_paper(3, title="Foo\n  bars", summary="  Foo's {{bars}} &\n win.  ")]
    output = tmp_path / "papers.jsonl"
    assert command("fetch", "arxiv", "--query", "x", "-o", output).code == 0
    (abstract,) = read_abstracts([output])
    assert (abstract.id, abstract.source) == ("2401.00003v1", f"{output}:1")
    assert abstract.model_dump(include={"title", "text", "url", "published"}) == {
        "title": "Foo bars",
        "text": "Foo's {{bars}} & win.",
        "url": "http://arxiv.org/abs/2401.00003v1",
        "published": "2024-01-03T10:30:00+00:00",
    }
    assert command("run", output, "--model", "patterns", "-o", tmp_path / "out.jsonl").code == 0


def test_days_bound_the_search_and_turn_its_order(
    command: Command, papers: ArxivServer, tmp_path: Path
) -> None:
    output = tmp_path / "papers.jsonl"
    days = ["--since", "2024-01-02", "--until", "2024-01-05"]
    assert command("fetch", "arxiv", "--query", "a OR b", *days, "-o", output).code == 0
    assert read_ids(output) == ids(2, 3, 4, 5)
    query = papers.asked[0]["search_query"]
    assert query == "(a OR b) AND submittedDate:[202401020000 TO 202401052359]"


def test_a_second_run_begins_where_the_first_ended(
    command: Command, papers: ArxivServer, tmp_path: Path
) -> None:
    output = tmp_path / "papers.jsonl"
    fetch = ["fetch", "arxiv", "--query", "x", "--since", "2024-01-01", "-o", output]
    assert command(*fetch).code == 0
    papers.papers += [make_paper(8), make_paper(9)]
    papers.asked.clear()
    again = command(*fetch)
    assert again.err == f"2 new papers in {output}, 1 were there already.\n"
    assert "submittedDate:[202401071030 TO" in papers.asked[0]["search_query"]
    assert read_ids(output) == ids(1, 2, 3, 4, 5, 6, 7, 8, 9)


def test_another_search_into_the_same_file_adds_only_what_is_new(
    command: Command, papers: ArxivServer, tmp_path: Path
) -> None:
    output = tmp_path / "papers.jsonl"
    assert command("fetch", "arxiv", "--query", "x", "--max", 2, "-o", output).code == 0
    assert read_ids(output) == ids(7, 6)
    done = command("fetch", "arxiv", "--query", "y", "--since", "2024-01-04", "-o", output)
    assert done.err == f"2 new papers in {output}, 2 were there already.\n"
    assert read_ids(output) == ids(7, 6, 4, 5)


def test_papers_fetched_by_identifier_do_not_move_the_beginning_of_a_search(
    command: Command, papers: ArxivServer, tmp_path: Path
) -> None:
    output = tmp_path / "papers.jsonl"
    search = ["fetch", "arxiv", "--query", "x", "--since", "2024-01-01", "-o", output]
    assert command(*search, "--ids", "2401.00005").code == 0
    papers.asked.clear()
    assert command(*search).code == 0
    assert "submittedDate:[202401010000 TO" in papers.asked[0]["search_query"]
    assert sorted(read_ids(output)) == ids(1, 2, 3, 4, 5, 6, 7)


def test_identifiers_are_asked_for_unless_they_are_there(
    command: Command, papers: ArxivServer, tmp_path: Path
) -> None:
    output = tmp_path / "papers.jsonl"
    assert command("fetch", "arxiv", "--ids", "2401.00002", "-o", output).code == 0
    wanted = ["--ids", "2401.00002,2401.00004v1", "--ids", "2401.99999"]
    done = command("fetch", "arxiv", *wanted, "-o", output)
    assert done.code == 0
    assert "1 new paper" in done.err
    assert "Not found: 1 (2401.99999)." in done.err
    assert papers.asked[-1]["id_list"] == "2401.00004v1,2401.99999"
    assert read_ids(output) == ids(2, 4)


def test_standard_output_takes_papers_too(command: Command, papers: ArxivServer) -> None:
    done = command("fetch", "arxiv", "--query", "x", "--max", 2, "-o", "-")
    assert [json.loads(line)["id"] for line in done.out.splitlines()] == ids(7, 6)
    assert done.err == "2 new papers.\n"


@pytest.mark.parametrize(
    "fault",
    [
        (503, "busy"),
        (200, "<!DOCTYPE html><html><body>Maintenance</body></html>"),
        (200, "\x00\x01 no XML at all"),
        (200, render_feed([], NUMBER, 0)),
    ],
    ids=["busy", "a web page", "garbage", "an empty page"],
)
@pytest.mark.parametrize("page", [0, 1])
def test_a_fault_that_passes_costs_nothing(
    command: Command, papers: ArxivServer, tmp_path: Path, fault: tuple[int, str], page: int
) -> None:
    papers.faults = [*[None] * page, fault, fault]
    output = tmp_path / "papers.jsonl"
    assert command("fetch", "arxiv", "--query", "x", "-o", output).code == 0
    assert read_ids(output) == ids(7, 6, 5, 4, 3, 2, 1)
    assert len(papers.asked) == 5


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ((503, ""), "arXiv answered HTTP 503 again and again: wait a little, then run the same"),
        ((400, ""), "arXiv refuses the search (HTTP 400): check --query and --ids"),
        ((200, "<html/>"), "arXiv cannot be reached: the answer is no feed; run the same command"),
        ((200, render_feed([], 9, 3)), "an empty page, though 9 papers were found"),
        (
            (200, render_feed([make_paper(1, published="some day")], 1, 0)),
            "arXiv sent an entry that cannot be read",
        ),
    ],
)
def test_a_fault_that_stays_ends_the_run_and_keeps_what_came_before(
    command: Command,
    papers: ArxivServer,
    tmp_path: Path,
    fault: tuple[int, str],
    message: str,
) -> None:
    papers.faults = [None, *[fault] * 9]
    output = tmp_path / "papers.jsonl"
    done = command("fetch", "arxiv", "--query", "x", "-o", output)
    assert done.code == 2
    assert message in done.err
    assert "Traceback" not in done.err
    assert read_ids(output) == ids(7, 6, 5)
    papers.faults.clear()
    assert command("fetch", "arxiv", "--query", "x", "-o", output).code == 0
    assert sorted(read_ids(output)) == ids(1, 2, 3, 4, 5, 6, 7)


def test_an_error_that_arxiv_explains_is_passed_on(
    command: Command, papers: ArxivServer, tmp_path: Path
) -> None:
    papers.papers = [
        make_paper(1, id="../api/errors#incorrect_id", title="Error", summary="bad id format")
    ]
    # As arXiv writes it, the identifier is the address of a page about errors.
    feed = render_feed(papers.papers, 1, 0).replace("abs/../api", "api")
    papers.faults = [(200, feed)]
    done = command("fetch", "arxiv", "--query", "x", "-o", tmp_path / "papers.jsonl")
    assert (done.code, done.err) == (2, "Error: arXiv refuses the search: bad id format\n")


def test_a_paper_without_an_abstract_is_named(
    command: Command, papers: ArxivServer, tmp_path: Path
) -> None:
    papers.papers[0] = make_paper(1, summary="  ")
    output = tmp_path / "papers.jsonl"
    done = command("fetch", "arxiv", "--query", "x", "-o", output)
    assert done.code == 0
    assert "Without an abstract: 1 (2401.00001v1)." in done.err
    assert read_ids(output) == ids(7, 6, 5, 4, 3, 2)


def test_no_server_at_all_is_said_plainly(
    command: Command, papers: ArxivServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arxiv.Client, "query_url_format", "http://127.0.0.1:9/api/query?{}")
    done = command("fetch", "arxiv", "--query", "x", "-o", tmp_path / "papers.jsonl")
    assert done.code == 2
    assert done.err.startswith("Error: arXiv cannot be reached: ConnectionError; run the same")


def test_requests_keep_their_distance(papers: ArxivServer, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(arxiv_api, "DELAY_S", 3.0)
    monkeypatch.setattr(arxiv.time, "sleep", slept.append)
    papers.faults = [None, (503, "")]
    list(arxiv_api._find(arxiv_api.ArxivSearch(query="x"), [], _Nowhere()))
    assert len(papers.asked) == 4
    # Before every request but the first, the one that is sent again included.
    assert len(slept) == 3
    assert sum(slept) <= 9


class _Nowhere:
    def last_published(self, search: str) -> None:
        return None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-o", "p.jsonl"], "say what to fetch"),
        (["--ids", "2401.1", "-o", "p.jsonl"], "'2401.1' is no arXiv identifier"),
        (
            ["--since", "2024-02-01", "--until", "2024-01-01", "-o", "p.jsonl"],
            "--until 2024-01-01 is before --since 2024-02-01",
        ),
        (["--query", "x", "-o", "papers.db"], "name 'papers.db' with .jsonl"),
    ],
)
def test_wrong_use_is_explained_before_anything_is_asked(
    command: Command, papers: ArxivServer, folder: Path, arguments: list[str], message: str
) -> None:
    done = command("fetch", "arxiv", *arguments)
    assert done.code == 2
    assert message in done.err
    assert papers.asked == []
    assert list(folder.iterdir()) == []


def test_a_file_of_other_things_is_left_alone(
    command: Command, papers: ArxivServer, tmp_path: Path
) -> None:
    output = tmp_path / "papers.jsonl"
    output.write_text('{"id": "mine", "note": "precious"}')
    for content in ('{"note": "precious"}', '{"id": "mine", "note": 1}\n', "plain text\n"):
        output.write_text(content)
        done = command("fetch", "arxiv", "--query", "x", "-o", output)
        assert done.code == 1
        assert "is no paper that was fetched" in done.err
        assert output.read_text() == content


def test_a_run_that_is_killed_goes_on(
    command: Command, papers: ArxivServer, tmp_path: Path
) -> None:
    output = tmp_path / "papers.jsonl"
    process: subprocess.Popen[bytes] | None = None

    def kill_at_third(number: int) -> None:
        if number == 3:
            deadline = time.monotonic() + PATIENCE_S
            while process is None and time.monotonic() < deadline:
                time.sleep(0.01)
            assert process is not None
            process.kill()

    papers.before = kill_at_third
    script = (
        "import arxiv; from extractor.fetching import arxiv_api; from extractor.cli import main;"
        f"arxiv.Client.query_url_format = {papers.url_format!r};"
        "arxiv_api.DELAY_S = 0.0; arxiv_api._PAGE = 3; main()"
    )
    arguments = ["fetch", "arxiv", "--query", "x", "-o", str(output)]
    process = subprocess.Popen([sys.executable, "-c", script, *arguments])
    assert process.wait() != 0
    assert read_ids(output) == ids(7, 6, 5, 4, 3, 2)
    torn = output.read_bytes()[:-40]
    output.write_bytes(torn)
    assert [entry.id for entry in read_abstracts([output])][:5] == ids(7, 6, 5, 4, 3)
    papers.before = lambda _number: None
    assert command(*arguments).code == 0
    assert sorted(read_ids(output)) == ids(1, 2, 3, 4, 5, 6, 7)
