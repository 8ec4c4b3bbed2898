"""The examples of docs/scale.md, executed."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import extractor
from extractor.stores.reading import read_results
from tests.readme import ROOT

TEXT = (ROOT / "docs" / "scale.md").read_text(encoding="utf-8")
# Nobody answers for money in a test.
OFFLINE = TEXT.replace("openai/gpt-5-mini", "patterns")
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}
COMMAND = [sys.executable, "-m", "extractor"]


def find_blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", OFFLINE, re.DOTALL)


def make_records(number: int) -> list[dict[str, str]]:
    return [
        {"id": f"p{n}", "title": "FooNet", "abstract": f"FooNet reaches {n}% accuracy."}
        for n in range(number)
    ]


def find_ids(target: Path) -> list[str]:
    return sorted(result.abstract.id for result in read_results(str(target)))


def load(folder: Path, *sources: str) -> list[str]:
    loaded = [*COMMAND, "load", *sources, "claims.db"]
    subprocess.run(loaded, cwd=folder, env=ENVIRONMENT, check=True, capture_output=True)
    return find_ids(folder / "claims.db")


@pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell")
def test_the_slurm_script_does_its_shard_and_goes_on(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq  # noqa: PLC0415

    (script,) = find_blocks("bash")
    shards = tmp_path / "shards"
    shards.mkdir()
    records = make_records(6)
    for number in range(2):
        shard = pa.Table.from_pylist(records[3 * number : 3 * number + 3])
        pq.write_table(shard, shards / f"{number}.parquet")
    command = tmp_path / "bin" / "extractor"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {" ".join(COMMAND)} "$@"\n')
    command.chmod(0o755)
    path = f"{command.parent}{os.pathsep}{os.environ['PATH']}"
    for task in ("1", "2", "2"):
        environment = {**ENVIRONMENT, "PATH": path, "SLURM_ARRAY_TASK_ID": task}
        subprocess.run(
            ["bash", "-c", script], cwd=tmp_path, env=environment, check=True, capture_output=True
        )
    assert sorted(path.name for path in (tmp_path / "out").glob("*.parquet")) == [
        "0.parquet",
        "1.parquet",
    ]
    assert load(tmp_path, "out") == [record["id"] for record in records]


def test_the_spark_function_takes_frames_and_gives_lines_that_load(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    definition, use = find_blocks("python")
    namespace: dict[str, Any] = {}
    exec(compile(definition, "docs/scale.md", "exec"), namespace)
    records = make_records(1200)
    records[7]["abstract"] = None  # type: ignore[assignment]
    frames = [pandas.DataFrame(records[:700]), pandas.DataFrame(records[700:])]
    given = list(namespace["extract_partition"](iter(frames)))
    assert [list(frame.columns) for frame in given] == [["line"]] * 2
    lines = [line for frame in given for line in frame["line"]]
    (tmp_path / "part-0.txt").write_text("".join(f"{line}\n" for line in lines))
    assert load(tmp_path, "part-0.txt") == sorted(record["id"] for record in records)
    failed = [row for row in map(json.loads, lines) if row["status"] == "failed"]
    assert [(row["id"], row["reason"]) for row in failed] == [("p7", "unreadable: no text")]
    compile(use, "docs/scale.md", "exec")


def test_every_option_and_function_it_names_exists() -> None:
    shown = "".join(
        subprocess.run(
            [*COMMAND, *command.split(), "--help"],
            env={**ENVIRONMENT, "COLUMNS": "200"},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for command in ("run", "fetch arxiv", "load", "eval")
    )
    commands = re.sub(r"#SBATCH.*", "", TEXT)
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", commands)) - {"--requeue"}
    assert named <= set(re.findall(r"--[a-z-]+", shown))
    for name in re.findall(r"extractor\.(\w+)\(", TEXT):
        assert name in extractor.__all__


def test_every_link_leads_somewhere() -> None:
    for target in re.findall(r"\]\((?!http)([^)#]+)", TEXT):
        assert (ROOT / "docs" / target).exists(), target
    headings = {
        re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", TEXT, re.MULTILINE)
    }
    assert set(re.findall(r"\]\(#([^)]+)\)", TEXT)) <= headings
