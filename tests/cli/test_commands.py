import json
from pathlib import Path

import pytest

import extractor
from extractor.schema import build_schema
from tests.cli.conftest import Command
from tests.model_server import ModelServer

COMMANDS = [
    [],
    ["run"],
    ["show"],
    ["leaderboard"],
    ["compare-methods"],
    ["stats"],
    ["schema"],
    ["prompt"],
    ["cache"],
    ["cache", "info"],
    ["cache", "clear"],
    ["cache", "export"],
]


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_every_command_explains_itself(command: Command, arguments: list[str], option: str) -> None:
    shown = command(*arguments, option)
    assert (shown.code, shown.err) == (0, "")
    assert f"Usage: extractor {' '.join(arguments)}".strip() in shown.out


def test_the_version_is_printed(command: Command) -> None:
    assert command("--version").out == f"claim-extractor {extractor.__version__}\n"


def test_the_schema_is_printed(command: Command) -> None:
    assert json.loads(command("schema").out) == build_schema()


def test_the_prompt_printed_is_the_one_that_is_sent(
    command: Command, model: list[str], server: ModelServer, papers: Path
) -> None:
    command("run", papers, *model, "--concurrency", "1")
    shown = command("prompt", papers, "--json")
    assert json.loads(shown.out) == {
        part: server.requests[0][part] for part in ("messages", "response_format")
    }
    plain = command("prompt", papers).out
    for message in server.requests[0]["messages"]:
        assert f"[{message['role']}]\n{message['content']}\n" in plain


def test_the_prompt_without_a_file_shows_where_the_abstract_goes(command: Command) -> None:
    assert "Title: <title>\nAbstract: <abstract>" in command("prompt").out
    assert "```json" in command("prompt", "--mode", "md_json").out


def test_an_unknown_prompt_gives_exit_code_2(command: Command) -> None:
    shown = command("prompt", "--version", "v0")
    assert shown.code == 2
    assert "no prompt 'v0'" in shown.err


def test_the_cache_is_measured_exported_and_cleared(
    command: Command, model: list[str], papers: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "answers"
    command("run", papers, *model, "--cache", folder)
    assert command("cache", "info", "--cache", folder).out.startswith(f"{folder}: 3 answers, ")
    described = json.loads(command("cache", "info", "--cache", folder, "--json").out)
    assert (described["folder"], described["answers"]) == (str(folder), 3)
    assert described["size_bytes"] > 0
    lines = command("cache", "export", "--cache", folder).out.splitlines()
    assert len({json.loads(line)["key"] for line in lines}) == 3
    assert "FooNet" in json.loads(lines[0])["message"]["content"]
    command("cache", "export", "--cache", folder, "-o", tmp_path / "export.jsonl")
    assert (tmp_path / "export.jsonl").read_text("utf-8").splitlines() == lines
    assert command("cache", "clear", "--cache", folder, "--yes").out == "3 answers deleted\n"
    assert json.loads(command("cache", "info", "--cache", folder, "--json").out)["answers"] == 0


def test_the_cache_is_not_cleared_without_a_yes(
    command: Command, model: list[str], papers: Path
) -> None:
    command("run", papers, *model)
    refused = command("cache", "clear", stdin="n\n")
    assert refused.code == 1
    assert "Delete 3 paid answers" in refused.out + refused.err
    assert "3 answers" in command("cache", "info").out
    assert "3 answers deleted" in command("cache", "clear", stdin="y\n").out


def test_a_cache_that_cannot_be_opened_gives_exit_code_1(command: Command, papers: Path) -> None:
    shown = command("cache", "info", "--cache", papers)
    assert shown.code == 1
    assert "cannot open the cache" in shown.err
    assert "Traceback" not in shown.err
