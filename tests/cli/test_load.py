import json
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.model_server import ModelServer


def test_results_are_loaded_once_and_can_be_gone_on_with(
    command: Command, model: list[str], server: ModelServer, papers: Path
) -> None:
    lines, store = papers.with_name("claims.jsonl.gz"), papers.with_name("claims.db")
    command("run", papers, "-o", lines, *model)
    loaded = command("load", lines, store)
    assert (loaded.code, loaded.out) == (0, "")
    assert loaded.err == f"{store}: 3 extractions with 3 claims loaded.\n"
    again = command("load", lines, store)
    assert again.err == (f"{store}: 0 extractions with 0 claims loaded; 3 were there already.\n")
    ran = command("run", papers, "-o", store, *model)
    assert "has all of it already (3 abstracts)" in ran.err
    assert len(server.requests) == 3


def test_what_is_left_out_of_a_folder_is_named(
    command: Command, model: list[str], papers: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = papers.with_name("out")
    for place in ("claims.jsonl", "more.db", "older/claims.jsonl"):
        (folder / place).parent.mkdir(exist_ok=True)
        command("run", papers, "-o", folder / place, *model)
    (folder / "_notes").mkdir()
    loaded = command("load", folder, papers.with_name("claims.db"))
    assert loaded.code == 0
    assert caplog.messages == [f"{folder}: left out more.db, older; name each of them to read it"]


def test_counts_come_as_json(command: Command, model: list[str], papers: Path) -> None:
    lines = papers.with_name("claims.jsonl")
    command("run", papers, "-o", lines, *model)
    loaded = command("load", lines, papers.with_name("claims.csv"), "--json")
    assert json.loads(loaded.err) == {"extractions": 3, "failed": 0, "claims": 3, "present": 0}


def test_a_source_that_is_no_store_gives_exit_code_1(command: Command, papers: Path) -> None:
    loaded = command("load", papers, papers.with_name("claims.db"))
    assert loaded.code == 1
    assert "papers.jsonl:1 is no result of this program" in loaded.err


def test_a_password_is_not_printed(command: Command, papers: Path) -> None:
    url = "postgresql://me:very-secret@127.0.0.1:9/claims"
    for arguments in (["load", url, papers.with_name("a.db")], ["load", papers, url]):
        ran = command(*arguments)
        assert ran.code == 1
        assert "very-secret" not in ran.err
