from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from extractor.api import extract_many
from extractor.readers import read_abstracts
from extractor.results import Result
from extractor.review.application import make_application
from extractor.review.opening import open_review
from extractor.stores import RunRecord, open_store
from tests.readme import ROOT

TOKEN = "a-secret-that-is-long"
PORT = 4711
HOST = f"127.0.0.1:{PORT}"
RUN = RunRecord("run-1", "patterns", "v1@0123456789ab", "2026-01-01T00:00:00+00:00")


def write_store(path: Path, results: list[Result]) -> Path:
    """A store with these results, as if of one run."""
    opened = open_store(str(path), None)  # type: ignore[arg-type]
    opened.record_run(RUN)
    opened.write(
        [
            result.model_copy(
                update={"provenance": result.provenance.model_copy(update={"run_id": RUN.run_id})}
            )
            for result in results
        ]
    )
    opened.close()
    return path


@pytest.fixture(scope="session")
def examples() -> list[Result]:
    """The five invented abstracts with what the offline extractor finds in them."""
    entries = read_abstracts([ROOT / "evals" / "examples.jsonl"])
    return list(extract_many(entries, model="patterns", cache=False))


@pytest.fixture
def store(tmp_path: Path, examples: list[Result]) -> Path:
    """A store with the five abstracts."""
    return write_store(tmp_path / "claims.db", examples)


class Reviewer:
    """Someone's page, without a browser: it asks what the page would ask."""

    def __init__(self, client: TestClient, label_set: str) -> None:
        self.client = client
        self.root = f"/{TOKEN}/api/{label_set}"
        self.listed = self.get("abstracts")["abstracts"]

    def get(self, path: str) -> Any:
        answer = self.client.get(f"{self.root}/{path}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def key(self, name: str) -> str:
        (key,) = [row["key"] for row in self.listed if row["id"] == name]
        return str(key)

    def view(self, name: str) -> Any:
        return self.get(f"abstracts/{self.key(name)}")

    def post(self, name: str, part: str, body: Any) -> Any:
        return self.client.post(f"{self.root}/abstracts/{self.key(name)}/{part}", json=body)

    def decide(self, name: str, base: int | None = None, status: int = 200, **decision: Any) -> Any:
        base = self.view(name)["version"] if base is None else base
        answer = self.post(name, "decisions", {"base": base, "decision": decision})
        assert answer.status_code == status, answer.text
        return answer.json()

    def finish(self, name: str) -> Any:
        """Accept every suggestion and call the abstract done."""
        keys = [each["key"] for each in self.view(name)["suggestions"]]
        self.decide(name, action="accept", keys=keys)
        return self.decide(name, action="finish")


class Reviewers:
    """Opens pages of several people on one store."""

    def __init__(self, store: Path) -> None:
        self.store = store
        self.gold = store.with_name("mine.jsonl")
        self._opened: list[Any] = []

    def open(
        self, annotator: str, *, blind: bool = False, label_set: str | None = None, **options: Any
    ) -> Reviewer:
        context = open_review(str(self.store), self.gold, annotator, blind=blind, **options)
        review = context.__enter__()
        self._opened.append(context)
        client = TestClient(
            make_application(review, TOKEN, PORT),
            base_url=f"http://{HOST}",
            headers={"origin": f"http://{HOST}", "sec-fetch-site": "same-origin"},
            raise_server_exceptions=False,
        )
        return Reviewer(client, label_set or review.own_set)

    def close(self) -> None:
        for context in self._opened:
            context.__exit__(None, None, None)


@pytest.fixture
def reviewers(store: Path) -> Iterator[Reviewers]:
    opened = Reviewers(store)
    yield opened
    opened.close()


@pytest.fixture
def ann(reviewers: Reviewers) -> Reviewer:
    """A reviewer who sees the suggestions."""
    return reviewers.open("ann")
