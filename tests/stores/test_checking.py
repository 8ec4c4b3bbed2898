import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from extractor.grounding import GroundedText
from extractor.results import Result, make_claim_id
from extractor.stores import open_store
from extractor.stores.checking import Defect, Inspection, check_store
from tests.stores.databases import query, write
from tests.stores.making import RUN, make_checked, make_result

TEXT = "FooNet reaches 91.2% accuracy on BarBench. It wins."


def make_sound(id: str = "foo", text: str = TEXT, **provenance: object) -> Result:  # noqa: A002
    """A result whose spans and identifiers are right."""
    result = make_result(id=id, text=text, claims=[], skip_checks=[], **provenance)
    evidence = text.partition(" It wins")[0]
    claims = [make_checked(evidence=evidence, metric=metric) for metric in ("accuracy", "recall")]
    for claim in claims:
        claim.span = GroundedText(result.abstract).ground(claim).span
        claim.claim_id = make_claim_id(result.abstract.text_sha256, claim)
    return result.model_copy(update={"claims": claims, "status": "claims"})


def find_defects(target: str) -> list[str]:
    return [f"{defect.where}: {defect.what}" for defect in check_store(target).defects]


def test_a_sound_store_is_counted_by_run(database: str) -> None:
    failed = make_result(id="bar", failed="no answer")
    write(database, make_sound(), failed, make_result(id="baz", claims=[]))
    inspection = check_store(database)
    assert inspection.defects == []
    ((run_id, run),) = inspection.runs.items()
    assert (run_id, run.claims, run.no_claims, run.failed, run.accepted) == ("run-1", 1, 1, 1, 2)


def test_every_extraction_is_checked_not_just_the_newest(database: str) -> None:
    write(database, make_sound(model="old"), make_sound(model="new"))
    query(database, "UPDATE claims SET span_start = 1 WHERE position = 2")
    assert len(find_defects(database)) == 2


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        ("UPDATE claims SET evidence = 'It wins.'", "its evidence is not what stands at [0, "),
        ("UPDATE claims SET method = 'Other'", "does not follow from text and content"),
        ("UPDATE claims SET span_start = NULL, span_end = NULL", "it has no span, although its"),
        ("DELETE FROM claims WHERE position = 1", "of its claims 1 to 2 there are 1"),
        ("DELETE FROM claims", "its state is claims, but it has 0 claims"),
        ("UPDATE extractions SET status = 'failed'", "its state is failed, but it has 2 claims"),
        ("UPDATE abstracts SET text = 'Else.'", "not the one that text_sha256 was made of"),
        ("UPDATE abstracts SET title = 'Else'", "its key does not follow from id, title and text"),
    ],
)
def test_what_was_changed_by_hand_is_found(database: str, damage: str, found: str) -> None:
    write(database, make_sound())
    query(database, damage)
    assert any(found in defect for defect in find_defects(database)), find_defects(database)


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("DELETE FROM extractions", "claims {id} 1: there is no row of extractions that it"),
        ("DELETE FROM claims", "claim_datasets {id} 1 1: there is no row of claims that it"),
        ("DELETE FROM abstracts", "extractions {id}: there is no row of abstracts that it"),
        ("DELETE FROM runs", "extractions {id}: there is no row of runs that it belongs to"),
    ],
)
def test_rows_that_lost_what_they_belong_to_are_found(
    tmp_path: Path, statement: str, found: str
) -> None:
    path = tmp_path / "claims.db"
    result = make_sound()
    write(path, result)
    # Other programs need not heed foreign keys.
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(statement)
        connection.commit()
    assert any(
        defect.startswith(found.format(id=result.provenance.extraction_id))
        for defect in find_defects(str(path))
    ), find_defects(str(path))


def test_a_damaged_index_is_found(tmp_path: Path) -> None:
    path = tmp_path / "claims.db"
    write(path, make_sound())
    query(path, "PRAGMA journal_mode = DELETE")
    query(path, "DROP VIEW claims_flat")
    content = path.read_bytes()
    path.write_bytes(content.replace(b"BarBench", b"BazBench", 1))
    assert find_defects(str(path))


def test_the_lines_of_a_file_are_checked_too(tmp_path: Path) -> None:
    path = tmp_path / "claims.jsonl"
    store = open_store(str(path), stdout=None)  # type: ignore[arg-type]
    store.record_run(RUN)
    store.write([make_sound(), make_sound(id="bar")])
    store.close()
    assert find_defects(str(path)) == []
    first, second = map(json.loads, path.read_text("utf-8").splitlines())
    first["claims"][1]["span"] = [1, 5]
    path.write_text(json.dumps(first) + "\n" + json.dumps(second) + "\n", "utf-8")
    (defect,) = find_defects(str(path))
    assert "foo, claim 2: its evidence is not what stands at [1, 5) of the text" in defect


def test_claims_of_an_abstract_without_text_cannot_be_placed_but_are_no_defects(
    tmp_path: Path,
) -> None:
    path = tmp_path / "claims.jsonl"
    store = open_store(str(path), stdout=None)  # type: ignore[arg-type]
    store.write([make_sound()])
    store.close()
    record = json.loads(path.read_text("utf-8"))
    del record["text"]
    path.write_text(json.dumps(record) + "\n", "utf-8")
    assert find_defects(str(path)) == []


def test_what_cannot_be_read_hides_nothing_that_comes_after_it(database: str) -> None:
    write(database, *(make_sound(id=name) for name in "abcd"))
    query(database, "UPDATE abstracts SET title = 'Else' WHERE id = 'd'")
    query(
        database,
        "UPDATE claims SET outcome = 'odd' WHERE extraction_id IN (SELECT extraction_id FROM "
        "extractions JOIN abstracts USING (abstract_key) WHERE id IN ('a', 'c'))",
    )
    inspection = check_store(database)
    assert inspection.found == 3
    told = " ".join(defect.what for defect in inspection.defects)
    assert "(a) is not whole" in told
    assert "(c) is not whole" in told
    ((_, run),) = inspection.runs.items()
    assert run.claims == 2


@pytest.mark.parametrize(
    ("table", "column"),
    [("extractions", "rejected"), ("extractions", "parameters"), ("claims", "problems")],
)
def test_json_that_was_broken_by_hand_is_one_defect_of_several(
    tmp_path: Path, table: str, column: str
) -> None:
    path = str(tmp_path / "claims.db")
    write(path, make_sound(), make_sound(id="bar", text=f"{TEXT} Now."))
    query(path, "UPDATE abstracts SET title = 'Else' WHERE id = 'bar'")
    first = make_sound().provenance.extraction_id
    query(path, f"UPDATE {table} SET {column} = '[{{' WHERE extraction_id = '{first}'")
    inspection = check_store(path)
    told = " ".join(defect.what for defect in inspection.defects)
    assert "(foo) is not whole: " in told
    assert "its key does not follow" in told
    ((_, run),) = inspection.runs.items()
    assert run.claims == 1


def test_lines_that_are_not_whole_are_all_told(tmp_path: Path) -> None:
    path = tmp_path / "claims.jsonl"
    first, second, third = (json.dumps(make_sound(id=name).to_record()) for name in "abc")
    broken = [line.replace('"better"', '"odd"') for line in (first, third)]
    path.write_text(f"{broken[0]}\n{second}\n{broken[1]}\n")
    inspection = check_store(str(path))
    assert inspection.found == 2
    ((_, run),) = inspection.runs.items()
    assert run.claims == 1


def test_of_very_many_defects_the_first_are_kept_and_all_counted() -> None:
    inspection = Inspection()
    inspection.note(Defect("here", str(number)) for number in range(5000))
    assert (inspection.found, len(inspection.defects)) == (5000, 1000)
