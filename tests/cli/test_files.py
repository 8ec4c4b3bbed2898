"""Runs into the kinds of files that cannot grow line by line."""

import json
from pathlib import Path

import pytest

from extractor.stores.reading import read_results
from tests.cli.conftest import Command, claim_first_words, read_text
from tests.model_server import Body, ModelServer, Reply, error

REFUSED = error(400, "too strange")


@pytest.fixture(params=["claims.jsonl.gz", "claims.parquet", "claims.csv", "claims.duckdb"])
def output(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder / str(request.param)


def fail_second(body: Body) -> Reply:
    return REFUSED if "FooNet 1" in read_text(body) else claim_first_words()(body)


def read_states(output: Path) -> dict[str, str]:
    return {result.abstract.id: result.status for result in read_results(str(output), history=True)}


def test_a_second_run_has_nothing_to_do(
    command: Command, model: list[str], server: ModelServer, papers: Path, output: Path
) -> None:
    first = command("run", papers, "-o", output, *model)
    assert "3 abstracts: 3 with claims, 0 without, 0 failed · 3 claims" in first.err
    before = output.read_bytes()
    second = command("run", papers, "-o", output, *model)
    assert second.err == f"Nothing to do: {output} has all of it already (3 abstracts).\n"
    assert output.read_bytes() == before
    assert len(server.requests) == 3
    assert list(output.parent.iterdir()) == [output]
    dry = command("run", papers, "-o", output, *model, "--dry-run", "--json")
    assert json.loads(dry.out)["present"] == 3


def test_failures_are_kept_and_retried_from_the_file_alone(
    command: Command, model: list[str], server: ModelServer, papers: Path, output: Path
) -> None:
    server.script = fail_second
    assert command("run", papers, "-o", output, *model).code == 3
    papers.unlink()
    assert command("retry", output, *model).code == 3
    assert read_states(output) == {"p0": "claims", "p1": "failed", "p2": "claims"}
    server.script = claim_first_words()
    assert command("retry", output, *model).code == 0
    assert set(read_states(output).values()) == {"claims"}
    assert "Nothing to retry" in command("retry", output).err


def test_another_model_is_kept_beside_the_first_and_its_claims_are_shown(
    command: Command, model: list[str], papers: Path, output: Path
) -> None:
    command("run", papers, "-o", output, *model)
    command("run", papers, "-o", output, *model[:-1], "n")
    assert len(list(read_results(str(output), history=True))) == 6
    assert {result.provenance.model for result in read_results(str(output))} == {"n"}
    shown = [
        json.loads(line) for line in command("show", output, "--format", "json").out.splitlines()
    ]
    assert sorted(claim["id"] for claim in shown) == ["p0", "p1", "p2"]
    assert command("show", output, "--model", "m").out == ""


def test_a_place_that_cannot_be_written_stops_before_anything_is_asked(
    command: Command, model: list[str], server: ModelServer, papers: Path, output: Path
) -> None:
    ran = command("run", papers, "-o", output.parent / "absent" / output.name, *model)
    assert ran.code == 1
    assert "cannot open" in ran.err
    assert server.requests == []


@pytest.mark.parametrize(
    ("package", "extra"), [("pyarrow", "parquet"), ("pyarrow", "duckdb"), ("duckdb", "duckdb")]
)
def test_a_missing_package_names_its_extra(
    command: Command, spawn: object, papers: Path, package: str, extra: str
) -> None:
    store = papers.with_name("claims.jsonl")
    command("run", papers, "--model", "patterns", "-o", store)
    output = papers.with_name(f"claims.{extra}")
    hidden = papers.with_name("hidden")
    hidden.mkdir()
    (hidden / f"{package}.py").write_text(
        f"raise ModuleNotFoundError('no module', name={package!r})"
    )
    for arguments in (
        ["run", papers, "--model", "patterns", "-o", output],
        ["export", store, "-o", output],
    ):
        process = spawn(*arguments, env={"PYTHONPATH": str(hidden)})  # type: ignore[operator]
        _, err = process.communicate()
        assert process.returncode == 2, err
        assert f"need {package}: pip install 'claim-extractor[{extra}]'" in err
