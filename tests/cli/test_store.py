import json
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.cli.conftest import Command, write_papers
from tests.stores.databases import query
from tests.stores.test_migrations import FIRST_LAYOUT


def test_a_sound_store_is_said_to_be_one(
    command: Command, model: list[str], papers: Path, database: str
) -> None:
    assert command("run", papers, "-o", database, *model).code == 0
    ran = command("store", "check", database)
    assert ran.code == 0
    assert ran.out.endswith("Nothing is wrong.\n")
    report = json.loads(command("store", "check", database, "--json").out)
    assert [run["claims"] for run in report["runs"]] == [3]
    assert report["defects"] == []


def test_what_is_wrong_is_listed_and_sets_the_exit_code(
    command: Command, model: list[str], papers: Path, database: str
) -> None:
    command("run", papers, "-o", database, *model)
    query(database, "UPDATE claims SET evidence = 'never said' WHERE method = 'FooNet'")
    ran = command("store", "check", database)
    assert ran.code == 1
    assert "its evidence is not what stands at [0, " in ran.out
    ran = command("store", "check", database, "--json")
    assert ran.code == 1
    assert len(json.loads(ran.out)["defects"]) == 6


def test_one_is_told_in_the_singular(command: Command, model: list[str], tmp_path: Path) -> None:
    papers, path = write_papers(tmp_path / "papers.jsonl", 1), tmp_path / "claims.db"
    command("run", papers, "-o", path, *model)
    counted = command("stats", path).out
    assert "1 abstract: claims 1\n1 extraction in 1 run, from " in counted
    assert "1 claim, 1.0 an abstract" in counted
    query(path, "UPDATE abstracts SET title = 'Else'")
    assert command("store", "check", path).out.endswith("\n1 defect.\n")


def test_an_older_store_is_upgraded_on_request(command: Command, tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(FIRST_LAYOUT.read_text())
    ran = command("store", "check", path)
    assert ran.code == 1
    assert f"run extractor store migrate {path}" in ran.err
    ran = command("store", "migrate", path)
    assert (ran.code, ran.out) == (0, f"{path} was upgraded from layout 1 (layout 2).\n")
    assert command("store", "migrate", path).out == f"{path} is up to date (layout 2).\n"
    assert command("store", "check", path).code == 0


def test_files_that_are_no_databases_need_no_upgrade(
    command: Command, model: list[str], papers: Path
) -> None:
    output = papers.with_name("claims.jsonl")
    command("run", papers, "-o", output, *model)
    ran = command("store", "migrate", output)
    assert (ran.code, "there is nothing to migrate" in ran.out) == (0, True)
    absent = command("store", "migrate", papers.with_name("absent.db"))
    assert (absent.code, "cannot read" in absent.err) == (1, True)
    assert not papers.with_name("absent.db").exists()


def test_every_command_takes_the_url_of_a_database(
    command: Command, model: list[str], papers: Path, postgres_url: str
) -> None:
    scheme, at, rest = postgres_url.partition("@")
    url = f"{scheme}:hush-5@{rest}" if at else postgres_url
    said = [
        command("run", papers, "-o", url, *model, "--dry-run"),
        command("run", papers, "-o", url, *model),
        command("run", papers, "-o", url, *model),
        command("run", papers, "-o", url, *model, "--dry-run"),
        command("show", url),
        command("retry", url),
        command("store", "check", url),
        command("store", "migrate", url),
    ]
    assert [ran.code for ran in said] == [0] * len(said)
    assert "has all of it already (3 abstracts)" in said[2].err
    assert "already, 0 to be asked" in said[3].out
    assert "FooNet" in said[4].out
    assert "Nothing to retry: postgresql://" in said[5].err
    assert all("hush-5" not in ran.out + ran.err for ran in said)


def test_a_file_may_be_named_by_a_url(command: Command, model: list[str], papers: Path) -> None:
    path = papers.with_name("claims.db")
    assert command("run", papers, "-o", f"sqlite:///{path}", *model).code == 0
    assert "FooNet" in command("show", path).out
    assert "FooNet" in command("show", f"sqlite:///{path}").out
