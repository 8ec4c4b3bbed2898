import random
import subprocess
import sys
from contextlib import closing

import pytest

from extractor.documents import Abstract
from extractor.errors import StoreError
from extractor.results import Problem
from extractor.stores import RunRecord
from extractor.stores.checking import check_result
from extractor.stores.reading import read_claims, read_results
from extractor.stores.sql import SqlStore
from extractor.stores.tables import LAYOUT
from tests.stores.databases import query, write
from tests.stores.making import RUN, make_checked, make_result, show


def test_names_and_claims_have_rows_of_their_own(database: str) -> None:
    claim = make_checked(datasets=["BarBench", "BazBench"], baselines=["QuxNet", "BazNet"])
    write(database, make_result(claims=[claim, make_checked()]))
    assert query(database, "SELECT run_id, model, finished FROM runs") == [("run-1", "m", None)]
    assert query(database, "SELECT id, title, text FROM abstracts") == [
        ("foo", "FooNet", "FooNet wins.")
    ]
    assert query(database, "SELECT status, reason FROM extractions") == [("claims", None)]
    assert query(database, "SELECT position, method, value_number, value_unit FROM claims") == [
        (1, "FooNet", 91.2, "%"),
        (2, "FooNet", 91.2, "%"),
    ]
    assert query(database, "SELECT position, ordinal, name FROM claim_datasets ORDER BY 1, 2") == [
        (1, 1, "BarBench"),
        (1, 2, "BazBench"),
        (2, 1, "BarBench"),
    ]
    assert query(database, "SELECT ordinal, name FROM claim_baselines WHERE position = 1") == [
        (1, "QuxNet"),
        (2, "BazNet"),
    ]


def test_the_flat_view_spells_everything_out(database: str) -> None:
    claim = make_checked(datasets=["BarBench", "BazBench"], baselines=[])
    write(database, make_result(claims=[claim]), make_result(id="bar", claims=[]))
    rows = query(
        database,
        "SELECT id, title, method, dataset, metric, value_number, value_unit, baseline, "
        "baseline_value_number, delta_number, outcome, model FROM claims_flat ORDER BY dataset",
    )
    shared = ("accuracy", 91.2, "%", None, 88.0, None, "better", "m")
    assert rows == [
        ("foo", "FooNet", "FooNet", "BarBench", *shared),
        ("foo", "FooNet", "FooNet", "BazBench", *shared),
    ]


def test_views_show_the_newest_extraction_that_did_not_fail(database: str) -> None:
    write(database, make_result(claims=[make_checked(method="Old")]))
    newer = {"model": "m2", "created": "2026-01-02T00:00:00+00:00"}
    write(database, make_result(claims=[make_checked(method="New")], **newer))
    failed = {"model": "m3", "created": "2026-01-03T00:00:00+00:00"}
    write(database, make_result(failed="no answer", **failed))
    assert query(database, "SELECT method FROM current_claims") == [("New",)]
    assert query(database, "SELECT method, model FROM claims_flat") == [("New", "m2")]
    assert query(database, "SELECT count(*) FROM extractions") == [(3,)]


def test_a_newer_extraction_without_claims_clears_the_view(database: str) -> None:
    write(database, make_result())
    write(database, make_result(claims=[], prompt="v2@", created="2026-01-02T00:00:00+00:00"))
    assert query(database, "SELECT * FROM current_claims") == []
    assert query(database, "SELECT count(*) FROM claims") == [(1,)]


def test_writing_the_same_results_again_changes_nothing(database: str) -> None:
    results = [make_result(id=str(number)) for number in range(3)]
    write(database, *results)
    before = query(database, "SELECT * FROM claims_flat ORDER BY id")
    write(database, *results, *results)
    assert query(database, "SELECT * FROM claims_flat ORDER BY id") == before
    assert query(database, "SELECT count(*) FROM extractions") == [(3,)]


def test_a_failed_extraction_is_replaced_by_its_later_success(database: str) -> None:
    failed, done = make_result(failed="server down"), make_result()
    write(database, failed)
    store = SqlStore(database)
    assert not store.holds(done.provenance.extraction_id)
    store.write([done])
    store.close()
    assert query(database, "SELECT status, reason FROM extractions") == [("claims", None)]
    with closing(SqlStore(database)) as reopened:
        assert reopened.holds(done.provenance.extraction_id)


def test_a_later_success_belongs_to_the_abstract_as_it_was_then(database: str) -> None:
    failed, done = make_result(failed="server down"), make_result()
    done.abstract = done.abstract.model_copy(update={"title": "A mended title"})
    write(database, failed)
    write(database, done)
    titles = "SELECT title FROM extractions JOIN abstracts USING (abstract_key)"
    assert query(database, titles) == [("A mended title",)]


def test_a_failure_never_replaces_what_another_process_has_finished(database: str) -> None:
    slow = SqlStore(database)
    slow.record_run(RUN)
    write(database, make_result())
    slow.write([make_result(failed="timeout"), make_result(id="bar", failed="timeout")])
    slow.close()
    assert query(database, "SELECT status FROM extractions ORDER BY status") == [
        ("claims",),
        ("failed",),
    ]
    assert list(read_claims(database)) == show(make_result())


def test_deleting_an_abstract_takes_everything_about_it_along(database: str) -> None:
    write(database, make_result(), make_result(id="bar"))
    query(database, "DELETE FROM abstracts WHERE id = 'foo'")
    for table in ("extractions", "claims", "claim_datasets", "claim_baselines"):
        assert query(database, f"SELECT count(*) FROM {table}") == [(1,)], table


def test_a_batch_is_written_whole_or_not_at_all(database: str) -> None:
    store = SqlStore(database)
    store.record_run(RUN)
    with pytest.raises(StoreError, match=r"(?i)foreign key"):
        store.write([make_result(), make_result(id="bar", run_id="unknown")])
    store.close()
    assert query(database, "SELECT count(*) FROM abstracts") == [(0,)]


def test_a_run_that_was_deleted_by_hand_comes_back_with_its_results(database: str) -> None:
    with closing(SqlStore(database)) as store:
        store.record_run(RUN)
        query(database, "DELETE FROM runs")
        store.write([make_result()])
    assert query(database, "SELECT run_id FROM runs") == [(RUN.run_id,)]
    assert list(read_results(database)) == [make_result()]


def test_what_is_written_again_belongs_to_the_later_run(database: str) -> None:
    write(database, make_result(id="a", failed="no"), make_result(id="b"))
    with closing(SqlStore(database)) as store:
        store.record_run(RunRecord("run-2", RUN.model, RUN.prompt, RUN.started))
        again = [make_result(id="a", run_id="run-2"), make_result(id="c", run_id="run-2")]
        store.write([*again, make_result(id="b", failed="no", run_id="run-2")])
    assert {each.abstract.id: each.provenance.run_id for each in read_results(database)} == {
        "a": "run-2",
        "b": "run-1",
        "c": "run-2",
    }


def test_claims_that_a_later_answer_does_not_give_are_gone(database: str) -> None:
    claim = make_checked(datasets=["BarBench", "BazBench"])
    write(database, make_result(claims=[claim, claim, claim]), make_result(id="bar"))
    write(database, make_result(claims=[make_checked(datasets=["QuxBench"])]))
    assert query(database, "SELECT id, dataset FROM claims_flat ORDER BY id") == [
        ("bar", "BarBench"),
        ("foo", "QuxBench"),
    ]
    assert query(database, "SELECT count(*) FROM claims") == [(2,)]


def test_a_run_is_remembered_with_its_end(database: str) -> None:
    store = SqlStore(database)
    store.record_run(RUN)
    store.record_run(RunRecord(RUN.run_id, RUN.model, RUN.prompt, RUN.started, finished="later"))
    store.close()
    assert query(database, "SELECT run_id, finished FROM runs") == [("run-1", "later")]


def test_hostile_text_comes_back_as_it_was(database: str) -> None:
    # Text that cannot be compressed fits into no index of the usual kind.
    long = random.Random(0).randbytes(20_000).hex()
    hostile = "'); DROP TABLE claims; -- \" `x` {{x}} %s :name ? \\ \\. \\N \t \u202e" + long
    claim = make_checked(method=hostile, datasets=[hostile], evidence=hostile)
    result = make_result(title=hostile, text=hostile, claims=[claim], rejected={"a": hostile})
    write(database, result)
    assert list(read_claims(database)) == show(result)
    (read,) = read_results(database)
    assert read.rejected[0].claim == {"a": hostile}


@pytest.mark.parametrize("unwritable", ["\ud83d", "\0"])
def test_what_a_database_cannot_hold_is_replaced_and_stops_nothing(
    database: str, unwritable: str
) -> None:
    text = f"half {unwritable} a smile"
    claim = make_checked(method=text, datasets=[text], evidence=text, span=(0, 14))
    rejected = {"method": text, "value": float("nan")}
    write(database, make_result(id=text, title=text, text=text, claims=[claim], rejected=rejected))
    (read,) = read_results(database)
    whole = "half \ufffd a smile"
    assert (read.abstract.id, read.abstract.title, read.abstract.text) == (whole,) * 3
    assert (read.claims[0].method, read.claims[0].datasets) == (whole, [whole])
    assert read.rejected[0].claim == {"method": text, "value": None}
    assert not list(check_result(read)), "spans and hashes still hold"


def test_whole_results_come_back(database: str) -> None:
    made = {
        "base_url": "http://localhost:1/v1",
        "max_reasks": 0,
        "skip_checks": ["quote"],
        "parameters": {"temperature": 0.5},
        "cost_usd": 0.25,
        "cache_hit": True,
    }
    warned = Problem(check="unit", severity="warning", message="which?")
    results = [
        make_result(id="a", claims=[make_checked(problems=[warned]), make_checked(span=None)]),
        make_result(id="b", claims=[], **made),
        make_result(id="c", failed="no answer", rejected={"a": [1, None]}),
    ]
    write(database, *results)
    assert list(read_results(database)) == results


def test_of_each_abstract_the_newest_result_is_read_or_every_one(database: str) -> None:
    old = make_result(model="old")
    failed = make_result(model="new", failed="no", created="2026-01-02T00:00:00+00:00")
    never = [
        make_result(id="bar", failed="no", model=model, created=f"2026-01-0{day}T00:00:00+00:00")
        for day, model in enumerate(("x", "y"), start=1)
    ]
    write(database, *never, failed, old)
    assert list(read_results(database)) == [never[1], old]
    assert list(read_results(database, history=True)) == [*never, old, failed]


def test_more_results_than_fit_into_a_page_come_back_in_order(database: str) -> None:
    results = [make_result(id=f"{number:05}") for number in range(2500)]
    write(database, *reversed(results))
    write(database, *results)
    assert list(read_results(database)) == results


def test_what_is_written_again_keeps_its_place(database: str) -> None:
    first, second = (make_result(model=model) for model in ("first", "second"))
    write(database, first, second)
    write(database, first)
    assert query(database, "SELECT DISTINCT model FROM claims_flat") == [("second",)]


def test_of_one_batch_a_failure_does_not_replace_a_result(database: str) -> None:
    write(database, make_result(), make_result(failed="no"))
    assert query(database, "SELECT status FROM extractions") == [("claims",)]


def test_an_abstract_without_its_text_gains_it_later(database: str) -> None:
    whole = make_result()
    abstract = Abstract.without_text(
        whole.abstract.text_sha256, **whole.abstract.model_dump(exclude={"text"})
    )
    textless = whole.model_copy(update={"abstract": abstract})
    write(database, textless)
    (read,) = read_results(database)
    assert (read.abstract.text, read.abstract.text_sha256) == ("", whole.abstract.text_sha256)
    write(database, whole)
    assert list(read_results(database)) == [whole]
    write(database, textless)
    assert list(read_results(database)) == [whole]


def test_a_newer_layout_is_refused_and_left_untouched(database: str) -> None:
    write(database, make_result())
    if database.startswith("postgresql"):
        query(database, f"UPDATE store_version SET version_num = '{LAYOUT + 1:04}'")
    else:
        query(database, f"PRAGMA user_version = {LAYOUT + 1}")
    for open_it in (SqlStore, lambda target: list(read_results(target))):
        with pytest.raises(StoreError, match=r"newer version .* upgrade claim-extractor"):
            open_it(database)
    assert query(database, "SELECT id FROM abstracts") == [("foo",)]


def test_many_processes_create_and_fill_one_database_at_once(database: str) -> None:
    script = """
import sys
from extractor.stores import RunRecord
from extractor.stores.sql import SqlStore
from extractor.stores.tables import LAYOUT
from tests.stores.making import make_result
sys.stdin.readline()
for number in range(10):
    store = SqlStore(sys.argv[1])
    store.record_run(RunRecord(sys.argv[2], "m", "v1", "now"))
    both = make_result(id=f"both-{number}", run_id=sys.argv[2])
    store.write([make_result(id=f"{sys.argv[2]}-{number}", run_id=sys.argv[2]), both])
    store.close()
"""
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", script, database, name],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in ("a", "b", "c", "d")
    ]
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    assert [writer.communicate()[1] for writer in writers] == [""] * 4
    assert query(database, "SELECT count(*) FROM runs") == [(4,)]
    assert query(database, "SELECT count(*) FROM extractions") == [(50,)]
    assert query(database, "SELECT count(*) FROM claims_flat") == [(50,)]


def test_claims_are_read_while_a_run_is_writing(database: str) -> None:
    store = SqlStore(database)
    store.record_run(RUN)
    store.write([make_result()])
    claims = read_claims(database)
    first = next(claims)
    store.write([make_result(id="bar")])
    assert [first, *claims] == show(make_result())
    store.close()
