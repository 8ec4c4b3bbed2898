import io
import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from extractor.cli import main
from tests.model_server import Body, ModelServer, Reply, Script
from tests.samples import make_answer, make_claim


@dataclass(frozen=True)
class Outcome:
    """What a command did to its terminal."""

    code: int
    out: str
    err: str


Command = Callable[..., Outcome]


@pytest.fixture
def command(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Command]:
    """Runs a command line in this process, as the console script does."""
    monkeypatch.setenv("COLUMNS", "200")
    handlers = list(logging.root.handlers)

    def run(*arguments: object, stdin: str = "") -> Outcome:
        monkeypatch.setattr("sys.argv", ["extractor", *map(str, arguments)])
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main()
        printed = capsys.readouterr()
        return Outcome(int(left.value.code or 0), printed.out, printed.err)

    yield run
    logging.root.handlers = handlers


@pytest.fixture
def spawn(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    """Starts a command line in a process of its own; whatever is left is killed in the end."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: object, **options: Any) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-c", "from extractor.cli import main; main()", *map(str, arguments)],
            stdout=options.pop("stdout", subprocess.PIPE),
            stderr=subprocess.PIPE,
            stdin=options.pop("stdin", subprocess.DEVNULL),
            text=True,
            env={**os.environ, **options.pop("env", {})},
            **options,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                stream.close()


@pytest.fixture
def model(server: ModelServer) -> list[str]:
    """The options that name the model server."""
    server.script = claim_first_words()
    return ["--base-url", server.url, "--model", "m"]


def claim_first_words(delay_s: float = 0.0) -> Script:
    """Answer with one claim, whose evidence is the abstract's first sentence."""

    def script(body: Body) -> Reply:
        evidence = read_text(body).split(".")[0]
        claim = make_claim(value=None, baseline_value=None, evidence=evidence)
        reply = make_answer(claim)
        reply.delay_s = delay_s
        return reply

    return script


def read_text(body: Body) -> str:
    """The abstract's text in a request."""
    return str(body["messages"][1]["content"]).partition("Abstract: ")[2]


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    """Three abstracts."""
    return write_papers(tmp_path / "papers.jsonl", 3)


def write_papers(path: Path, number: int) -> Path:
    lines = (
        {"id": f"p{index}", "title": f"Paper {index}", "text": f"FooNet {index} wins. It is fast."}
        for index in range(number)
    )
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path
