"""Requests out, answers in: files that people carry between machines themselves."""

import asyncio
import gzip
import json
import sqlite3
import tracemalloc
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from extractor.asking import Answer, Request, open_asker
from extractor.asking.openai_chat import OpenAIAsker
from extractor.batch import Limits, export_requests
from extractor.batch.plans import make_plan
from extractor.batch.request_files import RequestFiles
from extractor.cache import AnswerCache
from extractor.documents import Abstract
from extractor.errors import StoreError
from extractor.prompting import load_prompt
from extractor.settings import Settings
from tests.batch.conftest import Desk, claim_first_sentence, claim_wrongly, make_content
from tests.batch_server import answer, leave_unanswered, respond
from tests.cli.conftest import write_papers
from tests.model_server import ModelServer, completion


def test_requests_are_what_a_run_would_send_under_the_key_of_the_cache(desk: Desk) -> None:
    done = desk.export("-p", "temperature=0")
    assert (done.code, done.out) == (0, "")
    assert "3 abstracts · 3 requests" in done.err
    settings = Settings(model="m", base_url=desk.model[1], parameters={"temperature": 0})
    asker = open_asker(settings, load_prompt())
    assert isinstance(asker, OpenAIAsker)
    for number, row in enumerate(desk.read_requests()):
        text = f"FooNet {number} wins. It is fast."
        request = Request(Abstract(id=f"p{number}", title=f"Paper {number}", text=text))
        assert row == {
            "custom_id": asker.key(request),
            "method": "POST",
            "url": "/v1/chat/completions",
            "body": asker.build_body(request),
        }


def test_an_export_for_openai_needs_no_key_and_has_the_keys_of_a_run_with_one(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.model = ["--model", "openai/gpt-5-mini"]
    assert desk.export().code == 0
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test-12345678")
    asker = open_asker(Settings(), load_prompt())
    abstract = Abstract(id="p0", title="Paper 0", text="FooNet 0 wins. It is fast.")
    row = desk.read_requests()[0]
    assert row["custom_id"] == asker.key(Request(abstract))
    assert row["body"]["model"] == "gpt-5-mini"


def test_answers_go_through_the_checks_of_a_run_into_its_store(
    desk: Desk, server: ModelServer
) -> None:
    desk.model[1] = server.url
    desk.export()
    answers = desk.write_answers([claim_first_sentence(row) for row in desk.read_requests()])
    done = desk.take_in(answers)
    assert (done.code, done.out) == (0, "")
    assert "3 new answers" in done.err
    assert "3 abstracts: 3 with claims" in done.err
    assert "3,000 tokens in" in done.err
    imported = desk.read_claims()
    assert imported[0]["claims"][0]["evidence"] == "FooNet 0 wins"
    assert imported[0]["provenance"]["cache_hit"] is False
    again = desk.command("run", desk.papers, "-o", desk.claims, *desk.model)
    assert "has all of it already" in again.err
    assert server.requests == []


def test_importing_twice_changes_nothing(desk: Desk) -> None:
    desk.export()
    answers = desk.write_answers([claim_first_sentence(row) for row in desk.read_requests()])
    desk.take_in(answers)
    before = desk.claims.read_text()
    done = desk.take_in(answers)
    assert "0 new answers · 3 known before" in done.err
    assert "tokens" not in done.err
    assert desk.claims.read_text() == before


def test_answers_of_one_import_fill_another_store_for_nothing(desk: Desk) -> None:
    desk.export()
    answers = desk.write_answers([claim_first_sentence(row) for row in desk.read_requests()])
    desk.take_in(answers)
    desk.claims = desk.folder / "others.jsonl"
    desk.take_in(answers)
    assert desk.read_claims()[0]["provenance"]["cache_hit"] is True


def test_nothing_is_asked_that_the_cache_has(desk: Desk, server: ModelServer) -> None:
    desk.model[1] = server.url
    papers = write_papers(desk.folder / "some.jsonl", 2)
    desk.command("run", papers, "-o", desk.folder / "run.jsonl", *desk.model)
    done = desk.export()
    assert "3 abstracts · 1 request · 2 answered already" in done.err
    (row,) = desk.read_requests()
    desk.take_in(desk.write_answers([claim_first_sentence(row)]))
    # What was answered before belongs to the export, and so into the store.
    assert desk.states() == {"p0": "no_claims", "p1": "no_claims", "p2": "claims"}


def test_when_all_is_answered_no_file_is_written(desk: Desk) -> None:
    desk.export()
    desk.take_in(desk.write_answers([claim_first_sentence(row) for row in desk.read_requests()]))
    desk.requests = desk.folder / "more.jsonl"
    done = desk.export()
    assert "3 abstracts · 0 requests · 3 answered already" in done.err
    assert not desk.requests.exists()


def test_identical_abstracts_are_asked_once_and_answered_each(desk: Desk) -> None:
    paper = {"title": "Foo", "text": "FooNet wins. It is fast."}
    lines = [json.dumps({"id": name, **paper}) for name in "abc"]
    desk.papers.write_text("\n".join(lines))
    assert "1 request · 2 the same as others" in desk.export().err
    desk.take_in(desk.write_answers([claim_first_sentence(row) for row in desk.read_requests()]))
    assert desk.states() == dict.fromkeys("abc", "claims")
    paid = [record["provenance"]["cache_hit"] for record in desk.read_claims()]
    assert paid == [False, True, True]


def test_an_unreadable_paper_is_reported_at_the_export_and_a_failed_row_at_the_import(
    desk: Desk,
) -> None:
    with desk.papers.open("a") as file:
        file.write("not JSON\n")
    done = desk.export()
    assert "1 unreadable" in done.err
    assert "papers.jsonl:4: not valid JSON" in done.err
    imported = desk.take_in(desk.write_answers(list(map(answer, desk.read_requests()))))
    assert imported.code == 3
    assert desk.states()[f"{desk.papers}:4"] == "failed"


@pytest.mark.parametrize("order", [1, -1])
def test_output_and_error_files_come_in_any_order(desk: Desk, order: int) -> None:
    desk.export()
    first, second, third = desk.read_requests()
    refusal = {"error": {"message": "too strange", "code": "odd"}}
    files = [
        desk.write_answers([claim_first_sentence(first)], "output.jsonl"),
        desk.write_answers([respond(second, 400, refusal)], "errors.jsonl"),
        desk.write_answers([claim_first_sentence(third)], "more.jsonl"),
    ]
    done = desk.take_in(*files[::order])
    assert done.code == 3
    assert desk.states() == {"p0": "claims", "p1": "failed", "p2": "claims"}
    assert desk.read_claims()[1]["reason"] == "m: too strange (status 400)"


def test_an_answer_counts_more_than_a_fault_of_the_same_question(desk: Desk) -> None:
    desk.export()
    row = desk.read_requests()[0]
    rows = [respond(row, 400, None), claim_first_sentence(row), respond(row, 400, None)]
    assert desk.take_in(desk.write_answers(rows)).code == 0
    assert desk.states() == {"p0": "claims"}


@pytest.mark.parametrize("body", [None, {"error": None}])
def test_a_refused_row_without_an_error_is_a_failed_row_all_the_same(
    desk: Desk, body: object
) -> None:
    desk.export()
    rows = [respond(row, 422, body) for row in desk.read_requests()]
    assert desk.take_in(desk.write_answers(rows)).code == 3
    assert set(desk.states().values()) == {"failed"}
    assert desk.read_claims()[0]["reason"].endswith("(status 422)")


def test_answers_of_vllm_are_read(desk: Desk) -> None:
    desk.export()
    good, bad, odd = desk.read_requests()
    message = {"role": "assistant", "content": make_content("FooNet 0 wins"), "tool_calls": []}
    body = {"id": "chatcmpl-1", "model": "m", "choices": [{"index": 0, "message": message}]}
    # Its refusals have no body, and say why in `error`: an object, or just text.
    refusal = {"object": "error", "message": "too long", "type": "BadRequestError", "code": 400}
    rows = [
        {"id": "vllm-1", **respond(good, 200, body)},
        {"id": "vllm-2", **respond(bad, 400, None, refusal)},
        {"id": "vllm-3", **respond(odd, 400, None, "only POST is known")},
    ]
    desk.take_in(desk.write_answers(rows))
    assert desk.states() == {"p0": "claims", "p1": "failed", "p2": "failed"}
    assert [record["reason"] for record in desk.read_claims()[1:]] == [
        "m: too long (status 400)",
        "m: only POST is known (status 400)",
    ]


def test_a_model_that_does_not_exist_fails_no_abstract_for_good(desk: Desk) -> None:
    desk.export()
    refusal = {"error": {"message": "no model m", "code": "model_not_found"}}
    rows = [respond(row, 404, refusal) for row in desk.read_requests()]
    done = desk.take_in(desk.write_answers(rows))
    assert done.code == 3
    assert "3 refused" in done.err
    assert "answers.jsonl:1: m: no model m (status 404: check the model's name" in done.err
    assert desk.claims.read_text() == ""
    assert "3 requests" in desk.export().err


def test_what_expired_or_failed_in_passing_makes_the_next_file(desk: Desk) -> None:
    desk.export()
    first, second, third = desk.read_requests()
    rows = [
        leave_unanswered(first, "batch_expired"),
        respond(second, 500, {"error": {"message": "oh"}}),
        claim_first_sentence(third),
    ]
    done = desk.take_in(desk.write_answers(rows))
    assert done.code == 0
    assert "2 to ask again" in done.err
    assert desk.states() == {"p2": "claims"}
    following = desk.folder / "claims.requests.jsonl"
    assert desk.read_requests(following) == [first, second]
    desk.take_in(desk.write_answers(list(map(claim_first_sentence, [first, second]))))
    assert set(desk.states().values()) == {"claims"}


def test_an_answer_with_problems_makes_a_re_ask_whose_answer_completes_it(desk: Desk) -> None:
    desk.export()
    good, *bad = desk.read_requests()
    rows = [claim_first_sentence(good), *map(claim_wrongly, bad)]
    done = desk.take_in(desk.write_answers(rows))
    assert desk.states() == {"p0": "claims"}
    assert "claims.requests.jsonl: 2 requests" in done.err
    following = desk.read_requests(desk.folder / "claims.requests.jsonl")
    assert following[0]["body"]["messages"][:2] == bad[0]["body"]["messages"]
    assert "A sentence that stands nowhere" in json.dumps(following[0]["body"]["messages"][2:])
    done = desk.take_in(desk.write_answers(list(map(claim_first_sentence, following))))
    assert "2 abstracts: 2 with claims" in done.err
    assert set(desk.states().values()) == {"claims"}
    assert desk.read_claims()[1]["provenance"]["attempts"] == 2


def test_re_asks_stand_in_one_file_only(desk: Desk) -> None:
    desk.export()
    answers = desk.write_answers(list(map(claim_wrongly, desk.read_requests())))
    desk.take_in(answers)
    done = desk.take_in(answers)
    assert "3 abstracts without an answer whose requests are exported" in done.err
    assert not (desk.folder / "claims.requests-2.jsonl").exists()
    assert "3 requests" in desk.export().err
    assert len(desk.read_requests()[0]["body"]["messages"]) == 4


def test_re_asks_end_and_what_is_still_wrong_is_a_failed_row(desk: Desk) -> None:
    desk.export("--max-reasks", 1)
    desk.take_in(desk.write_answers(list(map(claim_wrongly, desk.read_requests()))))
    following = desk.read_requests(desk.folder / "claims.requests.jsonl")
    done = desk.take_in(desk.write_answers(list(map(claim_wrongly, following))))
    assert done.code == 3
    assert set(desk.states().values()) == {"failed"}
    assert not (desk.folder / "claims.requests-2.jsonl").exists()


def test_later_re_asks_overwrite_no_earlier_ones(desk: Desk) -> None:
    desk.export()
    rows = list(map(claim_wrongly, desk.read_requests()))
    desk.take_in(desk.write_answers(rows[:1]))
    desk.take_in(desk.write_answers(rows[1:]))
    assert len(desk.read_requests(desk.folder / "claims.requests.jsonl")) == 1
    assert len(desk.read_requests(desk.folder / "claims.requests-2.jsonl")) == 2


def test_foreign_rows_are_kept_and_reported(desk: Desk) -> None:
    answers = desk.write_answers([answer({"custom_id": "theirs"})])
    done = desk.take_in(answers)
    assert "1 new answer · 1 of other requests" in done.err
    assert "answers.jsonl:1: no request of ours has the custom_id 'theirs'" in done.err
    kept = desk.command("cache", "export").out
    assert [json.loads(line)["key"] for line in kept.splitlines()] == ["theirs"]


def test_lines_that_are_no_rows_are_named_and_cost_no_other(desk: Desk) -> None:
    desk.export()
    first, second, third = map(claim_first_sentence, desk.read_requests())
    lines = [json.dumps(first), "{", "[]", '{"custom_id": 7}', json.dumps(second)]
    torn = json.dumps(third)[:-40]
    answers = desk.folder / "answers.jsonl"
    answers.write_text("\n".join([*lines, "", torn]))
    done = desk.take_in(answers)
    assert done.code == 3
    assert "4 invalid" in done.err
    for number, reason in ((2, "no JSON"), (3, "no object"), (4, "custom_id"), (7, "cut off")):
        assert f"answers.jsonl:{number}: {reason}" in done.err or reason == "custom_id"
    assert desk.states() == {"p0": "claims", "p1": "claims"}


def test_a_file_of_requests_is_not_taken_for_answers(desk: Desk) -> None:
    desk.export()
    done = desk.take_in(desk.requests)
    assert done.code == 3
    assert "the row holds a request, not an answer" in done.err


def test_an_answer_with_half_a_surrogate_pair_is_not_lost(desk: Desk) -> None:
    desk.papers.write_text(json.dumps({"id": "a", "text": "FooNet \ud83d wins. So it is."}))
    desk.export()
    (row,) = desk.read_requests()
    desk.take_in(desk.write_answers([answer(row, '{"claims": []} \ud83d')]))
    assert "1 answers" in desk.command("cache", "info").out


def test_answers_may_be_compressed_or_come_from_standard_input(desk: Desk) -> None:
    desk.export()
    rows = [json.dumps(claim_first_sentence(row)) for row in desk.read_requests()]
    packed = desk.folder / "answers.jsonl.gz"
    packed.write_bytes(gzip.compress(rows[0].encode()))
    desk.take_in(packed)
    desk.command("batch", "import", "-", "-o", desk.claims, stdin="\n".join(rows[1:]))
    assert len(desk.states()) == 3


def test_files_are_split_by_lines(desk: Desk) -> None:
    write_papers(desk.papers, 5)
    done = desk.export("--max-lines", 2)
    names = ["requests.jsonl", "requests-2.jsonl", "requests-3.jsonl"]
    sizes = [len(desk.read_requests(desk.folder / name)) for name in names]
    assert sizes == [2, 2, 1]
    assert all(name in done.err for name in names)
    assert list(desk.folder.glob("*.part")) == []


def test_files_are_split_by_bytes(desk: Desk) -> None:
    desk.export()
    size = desk.requests.stat().st_size
    desk.export("--max-mb", 0.7 * size / 1e6)
    parts = [desk.requests, desk.folder / "requests-2.jsonl"]
    assert [len(desk.read_requests(part)) for part in parts] == [2, 1]
    assert all(part.stat().st_size <= 0.7 * size for part in parts)


def test_a_shorter_export_leaves_no_file_of_a_longer_one(desk: Desk) -> None:
    desk.export("--max-lines", 1)
    foreign = desk.folder / "requests-4.jsonl"
    foreign.write_text("of somebody else")
    desk.export("--max-lines", 2)
    names = sorted(path.name for path in desk.folder.glob("requests*"))
    assert names == ["requests-2.jsonl", "requests-4.jsonl", "requests.jsonl"]


def test_papers_are_not_overwritten_by_requests(desk: Desk) -> None:
    desk.requests = desk.papers
    before = desk.papers.read_text()
    done = desk.export()
    assert done.code == 2
    assert "holds no requests; choose another file" in done.err
    assert desk.papers.read_text() == before


def test_an_export_that_breaks_off_leaves_the_old_file(desk: Desk) -> None:
    desk.export()
    before = desk.requests.read_text()

    def break_off() -> Iterator[Abstract]:
        yield Abstract(id="1", text="Something new.")
        raise OSError("the disk is gone")

    settings = Settings(model="m", base_url=desk.model[1])
    with pytest.raises(OSError, match="the disk is gone"):
        asyncio.run(export_requests(break_off(), settings, desk.requests))
    assert desk.requests.read_text() == before
    assert list(desk.folder.glob("*.part")) == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--model", "patterns"], "'patterns' has no batch interface"),
        (["--model", "anthropic/claude-sonnet-4-5"], "has no batch interface"),
        (["--base-url", "http://127.0.0.1:9/v1"], "needs the model's name as well"),
        (["--base-url", "http://u:p@127.0.0.1:9/v1", "-m", "m"], "holds a name or password"),
        (["--base-url", "http://127.0.0.1:9/v1?a=b", "-m", "m"], "an address with a query"),
        (["--model", "openai/m", "--prompt", "v0"], "no prompt"),
    ],
)
def test_what_cannot_be_exported_says_why(desk: Desk, options: list[str], message: str) -> None:
    desk.model = options
    done = desk.export()
    assert done.code == 2
    assert message in done.err


def test_after_a_change_of_the_prompt_answers_are_kept_but_not_judged(desk: Desk) -> None:
    prompt = desk.folder / "prompt"
    prompt.mkdir()
    (prompt / "system.md").write_text("Find claims.")
    (prompt / "examples.jsonl").write_text("")
    desk.export("--prompt", prompt)
    answers = desk.write_answers(list(map(answer, desk.read_requests())))
    (prompt / "system.md").write_text("Find all claims.")
    done = desk.take_in(answers)
    assert done.code == 2
    assert "has changed since these requests were exported" in done.err
    assert "3 answers" in desk.command("cache", "info").out


def test_the_price_of_openai_is_halved(
    desk: Desk, server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test-12345678")
    desk.model = ["--model", "openai/gpt-5-mini"]
    desk.export()
    (row, *_) = desk.read_requests()
    body = completion('{"claims": []}', tokens=(1_000_000, 0, 0)).body
    desk.take_in(desk.write_answers([respond(row, 200, body)]))
    provenance = desk.read_claims()[0]["provenance"]
    assert provenance["model"] == "openai/gpt-5-mini"
    assert provenance["cost_usd"] == pytest.approx(0.125)


def test_a_summary_as_json(desk: Desk) -> None:
    exported = json.loads(desk.export("--json").err)
    assert (exported["read"], exported["requests"]) == (3, 3)
    assert exported["files"] == [{"path": str(desk.requests), "requests": 3}]
    rows = list(map(claim_first_sentence, desk.read_requests()))
    imported = json.loads(desk.take_in(desk.write_answers(rows), "--json").err)
    assert (imported["answers"], imported["open"]) == (3, 0)
    assert imported["exports"][0]["claims"] == 3


def test_memory_does_not_grow_with_the_number_of_abstracts(tmp_path: Path) -> None:
    def make_abstracts(count: int) -> Iterator[Abstract]:
        for number in range(count):
            yield Abstract(id=str(number), text=f"Abstract {number} of {count} tells of nothing.")

    def measure(count: int) -> int:
        settings = Settings(model="m", base_url="http://127.0.0.1:9/v1", cache_dir=tmp_path)
        tracemalloc.start()
        entries = make_abstracts(count)
        asyncio.run(export_requests(entries, settings, tmp_path / f"{count}.jsonl", Limits(200)))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return peak

    measure(50)
    assert measure(900) < 2 * measure(150) + 500_000


def test_a_plan_keeps_what_determines_the_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-12345678")
    plan = make_plan(Settings(parameters={"seed": 1}, max_reasks=5))
    assert "sk-secret" not in plan.to_json()
    assert plan.settings.base_url == "https://api.openai.com/v1"


def test_after_a_full_disk_nothing_is_lost_and_everything_counted_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.export()
    answers = desk.write_answers(list(map(claim_first_sentence, desk.read_requests())))
    put = AnswerCache.put
    room = 1

    def put_until_full(cache: AnswerCache, key: str, answer: Answer) -> None:
        nonlocal room
        if not room:
            raise StoreError("the disk is full")
        room -= 1
        put(cache, key, answer)

    monkeypatch.setattr(AnswerCache, "put", put_until_full)
    assert desk.take_in(answers).code == 1
    monkeypatch.setattr(AnswerCache, "put", put)
    done = desk.take_in(answers)
    assert "2 new answers · 1 known before" in done.err
    assert "3,000 tokens in" in done.err
    assert set(desk.states().values()) == {"claims"}


def test_after_an_import_that_broke_off_re_asks_are_written_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.export()
    answers = desk.write_answers(list(map(claim_wrongly, desk.read_requests())))

    def break_off(files: RequestFiles) -> None:
        raise StoreError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(RequestFiles, "finish", break_off)
        assert desk.take_in(answers).code == 1
    assert list(desk.folder.glob("claims.requests*")) == []
    assert "3 requests" in desk.take_in(answers).err
    assert len(desk.read_requests(desk.folder / "claims.requests.jsonl")) == 3


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("PRAGMA user_version = 99", "written by a newer version"),
        ("DROP TABLE questions", "cannot use the batch journal"),
    ],
)
def test_a_journal_that_cannot_be_used_is_named(desk: Desk, statement: str, message: str) -> None:
    desk.export()
    journal = desk.folder / "cache" / "batch" / "journal.db"
    with closing(sqlite3.connect(journal)) as database:
        database.execute(statement)
    done = desk.export()
    assert done.code == 1
    assert message in done.err
    assert str(journal) in done.err


def test_the_journal_is_readable_for_its_owner_only(desk: Desk) -> None:
    desk.export()
    assert (desk.folder / "cache" / "batch").stat().st_mode & 0o077 == 0


def test_an_answer_that_abstracts_share_is_counted_once_in_the_store(desk: Desk) -> None:
    lines = (json.dumps({"id": f"p{number}", "text": "FooNet wins."}) for number in range(3))
    desk.papers.write_text("\n".join(lines))
    desk.export()
    desk.take_in(desk.write_answers([answer(row) for row in desk.read_requests()]))
    tokens = [record["provenance"]["tokens_in"] for record in desk.read_claims()]
    assert sorted(tokens) == [0, 0, 1000]
