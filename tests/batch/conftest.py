import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.batch_server import BatchServer, Row, answer, write_rows
from tests.cli.conftest import Command, Outcome, command, spawn, write_papers

__all__ = ["command", "spawn"]

CLAIM = {
    "method": "FooNet",
    "task": None,
    "datasets": [],
    "metric": None,
    "value": None,
    "baselines": [],
    "baseline_value": None,
    "delta": None,
    "outcome": "better",
}


@pytest.fixture
def batches(monkeypatch: pytest.MonkeyPatch) -> Iterator[BatchServer]:
    """A batch server, and no pauses before a further attempt."""
    monkeypatch.setattr("extractor.batch.provider._back_off", lambda _state: 0.0)
    running = BatchServer().start()
    running.work = claim_first_sentence
    yield running
    running.stop()


class Desk:
    """A folder to work in, with papers and the commands that this package is about."""

    def __init__(self, folder: Path, command: Command, server_url: str) -> None:
        self.folder = folder
        self.command = command
        self.model = ["--base-url", server_url, "--model", "m"]
        self.papers = write_papers(folder / "papers.jsonl", 3)
        self.requests = folder / "requests.jsonl"
        self.claims = folder / "claims.jsonl"

    def export(self, *options: object) -> Outcome:
        return self.command(
            "batch", "export", self.papers, "-o", self.requests, *self.model, *options
        )

    def read_requests(self, path: Path | None = None) -> list[Row]:
        return [json.loads(line) for line in (path or self.requests).read_text().splitlines()]

    def write_answers(self, rows: list[Row], name: str = "answers.jsonl") -> Path:
        path = self.folder / name
        path.write_text(write_rows(rows))
        return path

    def take_in(self, *arguments: object) -> Outcome:
        return self.command("batch", "import", *arguments, "-o", self.claims)

    def read_claims(self) -> list[dict[str, Any]]:
        return sorted(
            map(json.loads, self.claims.read_text().splitlines()), key=lambda record: record["id"]
        )

    def states(self) -> dict[str, str]:
        return {record["id"]: record["status"] for record in self.read_claims()}


@pytest.fixture
def desk(tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk whose server is never asked anything."""
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    return Desk(tmp_path, command, "http://127.0.0.1:9/v1")


@pytest.fixture
def driven(tmp_path: Path, command: Command, batches: BatchServer) -> Desk:
    """A desk with a batch server."""
    return Desk(tmp_path, command, batches.url)


def claim_first_sentence(row: Row) -> Row:
    """Answer with a claim whose evidence is the abstract's first sentence."""
    return answer(row, make_content(find_text(row).split(".")[0]))


def claim_wrongly(row: Row) -> Row:
    """Answer with a quote that does not occur, so that it has to be asked again."""
    return answer(row, make_content("A sentence that stands nowhere"))


def make_content(evidence: str) -> str:
    return json.dumps({"claims": [CLAIM | {"evidence": evidence}]})


def find_text(row: Row) -> str:
    return str(row["body"]["messages"][1]["content"]).partition("Abstract: ")[2]
