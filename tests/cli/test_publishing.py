"""`extractor export` in forms that are no tables."""

import json
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.queries.saying import keep, say


@pytest.fixture
def store(tmp_path: Path) -> str:
    results = [
        say("a", {"method": "FooNet"}, {"method": "QuxNet", "outcome": "worse"}),
        say("b", {"method": "BarNet"}),
    ]
    quoted = [
        result.model_copy(
            update={
                "claims": [
                    claim.model_copy(update={"evidence": "Text", "span": (0, 4)})
                    for claim in result.claims
                ]
            }
        )
        for result in results
    ]
    return keep(str(tmp_path / "claims.jsonl"), *quoted)


def test_rdf_is_told_by_the_name_of_the_file(command: Command, store: str, tmp_path: Path) -> None:
    path = tmp_path / "claims.trig"
    shown = command("export", store, "-o", path, "--base-uri", "https://claims.example/")
    assert (shown.code, shown.err) == (0, f"{path}: 3 claims.\n")
    text = path.read_text("utf-8")
    assert text.count("rdf:type claims:Claim") == 3
    assert "<https://claims.example/claim/" in text
    assert command("export", store, "-o", "-", "--format", "trig").out.count("claims:Claim") == 3


def test_only_the_claims_that_are_asked_for_are_published(
    command: Command, store: str, tmp_path: Path
) -> None:
    shown = command("export", store, "-o", tmp_path / "c.trig", "--method", "qux", "--json")
    assert json.loads(shown.err) == {"claims": 1, "rows": 1}
    shown = command("export", store, "-o", "-", "--format", "labelstudio", "--outcome", "worse")
    (task,) = json.loads(shown.out)
    methods = [item for item in task["predictions"][0]["result"] if item["from_name"] == "method"]
    assert [item["value"]["text"] for item in methods] == [["QuxNet"]]


def test_a_searchable_database_of_chosen_claims_costs_later_runs_and_loads_none(
    command: Command, store: str, tmp_path: Path
) -> None:
    path, whole = tmp_path / "site.db", tmp_path / "whole.db"
    shown = command("export", store, "-o", path, "--format", "datasette", "--outcome", "worse")
    assert (shown.code, shown.err) == (0, f"{path}: 2 claims.\n")
    for target, *sources in ((path, store), (whole, path, store)):
        assert command("load", *sources, target).code == 0
        found = command("show", target, "--format", "json").out.splitlines()
        assert sorted(json.loads(line)["method"] for line in found) == [
            "BarNet",
            "FooNet",
            "QuxNet",
        ]


def test_a_searchable_database_and_tasks_are_written(
    command: Command, store: str, tmp_path: Path
) -> None:
    shown = command("export", store, "-o", tmp_path / "site.db", "--format", "datasette")
    assert shown.code == 0
    with closing(sqlite3.connect(tmp_path / "site.db")) as database:
        query = "SELECT count(*) FROM claims_fts WHERE claims_fts MATCH 'foonet'"
        assert database.execute(query).fetchone() == (1,)
    assert "site" in json.loads((tmp_path / "site.metadata.json").read_text())["databases"]
    tasks = tmp_path / "tasks.json"
    assert command("export", store, "-o", tasks, "--format", "labelstudio", "-q").err == ""
    assert [task["data"]["id"] for task in json.loads(tasks.read_text())] == ["a", "b"]


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("out.trig", ["--flat"], "--flat is for tables, and trig is none"),
        ("out.db", ["--format", "datasette", "--flat"], "--flat is for tables"),
        ("out.json", ["--format", "labelstudio", "--flat"], "--flat is for tables"),
        ("out.csv", ["--base-uri", "https://claims.example/"], "--base-uri is for RDF alone"),
        ("out.csv", ["--format", "parquet"], "--format parquet does not go with"),
        ("-", ["--force"], "--force is for files"),
    ],
)
def test_options_without_a_use_are_refused(
    command: Command, store: str, name: str, options: list[str], said: str
) -> None:
    path = "-" if name == "-" else Path(store).with_name(name)
    shown = command("export", store, "-o", path, *options)
    assert (shown.code, shown.out) == (2, "")
    assert said in shown.err
    assert name == "-" or not Path(path).exists()


def test_metadata_of_others_are_replaced_only_by_force(
    command: Command, store: str, tmp_path: Path
) -> None:
    path, beside = tmp_path / "site.db", tmp_path / "site.metadata.json"
    beside.write_text('{"title": "My own", "databases": {"site": {}}}')
    shown = command("export", store, "-o", path, "--format", "datasette")
    assert (shown.code, path.exists()) == (1, False)
    assert f"{beside} is there already and describes something else" in shown.err
    assert "My own" in beside.read_text()
    assert command("export", store, "-o", path, "--format", "datasette", "--force").code == 0
    assert "My own" not in beside.read_text()
    path.unlink()
    assert command("export", store, "-o", path, "--format", "datasette").code == 0


@pytest.mark.parametrize("form", ["trig", "datasette", "labelstudio"])
def test_a_file_is_replaced_only_by_force(
    command: Command, store: str, tmp_path: Path, form: str
) -> None:
    path = tmp_path / "out.db"
    path.write_text("precious")
    shown = command("export", store, "-o", path, "--format", form)
    assert (shown.code, path.read_text()) == (1, "precious")
    assert "--force" in shown.err
    assert command("export", store, "-o", path, "--format", form, "--force").code == 0
    assert path.read_bytes() != b"precious"


def test_what_cannot_be_published_is_explained(
    command: Command, store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = command("export", store, "-o", "-", "--format", "datasette")
    assert (shown.code, "needs a file" in shown.err) == (2, True)
    shown = command("export", store, "-o", tmp_path / "c.trig", "--base-uri", "here")
    assert (shown.code, "'here' is no absolute URI" in shown.err) == (2, True)
    assert not (tmp_path / "c.trig").exists()
    monkeypatch.setitem(sys.modules, "rdflib", None)
    monkeypatch.delitem(sys.modules, "extractor.publishing.nanopublications", raising=False)
    shown = command("export", store, "-o", tmp_path / "c.trig")
    assert (shown.code, "pip install 'claim-extractor[rdf]'" in shown.err) == (2, True)
