"""The real client stack against a real server: every way in which answers go right or wrong."""

import json
import threading
from pathlib import Path
from typing import Any

import pytest

import extractor
from extractor.errors import ConfigError, ModelAccessError
from extractor.results import Result
from tests.model_server import ModelServer, Reply, completion, error, in_turn
from tests.samples import ABSTRACT, make_answer, make_claim

RIGHT = make_answer(make_claim())


def ask(server: ModelServer, *replies: Reply, **settings: Any) -> Result:
    server.script = in_turn(replies)
    return extractor.extract(ABSTRACT, model="test-model", base_url=server.url, **settings)


def test_a_right_answer_becomes_a_grounded_claim(server: ModelServer) -> None:
    result = ask(server, RIGHT)
    (claim,) = result.claims
    assert (result.status, claim.method, claim.problems) == ("claims", "FooNet", [])
    assert claim.span is not None
    assert ABSTRACT.text[slice(*claim.span)] == claim.evidence
    assert len(server.requests) == 1


def test_the_request_is_static_prefix_then_abstract_with_a_strict_schema(
    server: ModelServer,
) -> None:
    ask(server, RIGHT, parameters={"temperature": 0})
    (body,) = server.requests
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    assert body["messages"][1]["content"].endswith(ABSTRACT.text)
    assert body["response_format"]["json_schema"]["strict"] is True
    assert (body["model"], body["temperature"]) == ("test-model", 0)


def test_a_wrong_quote_is_asked_again_with_the_exact_problem_and_mended(
    server: ModelServer,
) -> None:
    result = ask(server, make_answer(make_claim(evidence="FooNet gets 91.2%")), RIGHT)
    assert len(result.claims) == 1
    followup = server.requests[1]["messages"][-1]["content"]
    assert 'the quote "FooNet gets 91.2%" is not in the abstract' in followup
    assert result.provenance.attempts == 2


def test_a_changed_figure_is_asked_again_with_the_exact_problem(server: ModelServer) -> None:
    result = ask(server, make_answer(make_claim(value={"number": 92.1, "unit": "%"})), RIGHT)
    assert result.status == "claims"
    assert "the figure 92.1 % does not occur" in server.requests[1]["messages"][-1]["content"]


def test_after_the_last_reask_valid_claims_stay_and_invalid_ones_are_recorded(
    server: ModelServer,
) -> None:
    mixed = make_answer(
        make_claim(), make_claim(metric="speed", evidence="made up"), {"method": "FooNet"}
    )
    result = ask(server, mixed, max_reasks=1)
    assert len(server.requests) == 2
    assert [claim.method for claim in result.claims] == ["FooNet"]
    checks = [problem.check for entry in result.rejected for problem in entry.problems]
    assert set(checks) == {"quote", "schema"}


def test_an_answer_with_nothing_but_invented_claims_is_a_failure_not_an_absence_of_claims(
    server: ModelServer,
) -> None:
    result = ask(server, make_answer(make_claim(evidence="made up")), max_reasks=0)
    assert result.status == "failed"
    assert "made up" in (result.reason or "")


def test_a_worse_reask_does_not_cost_the_claims_that_were_right(server: ModelServer) -> None:
    first = make_answer(make_claim(), make_claim(metric="speed", evidence="made up"))
    result = ask(server, first, completion(None, refusal="no more"))
    assert len(result.claims) == 1


def test_invalid_json_is_asked_again(server: ModelServer) -> None:
    assert ask(server, completion("Sorry, here they are:"), RIGHT).status == "claims"
    assert "not JSON" in server.requests[1]["messages"][-1]["content"]


@pytest.mark.parametrize(
    "wrapped",
    [
        "```json\n{}\n```",
        "<think>Is {this} a claim?</think>\n{}",
        "Here you are:\n\n{}\n\nAnything else?",
    ],
)
def test_fenced_and_thoughtful_answers_are_read_without_a_reask(
    server: ModelServer, wrapped: str
) -> None:
    content = wrapped.replace("{}", json.dumps({"claims": [make_claim()]}))
    assert len(ask(server, completion(content)).claims) == 1
    assert len(server.requests) == 1


def test_a_bare_list_of_claims_is_read(server: ModelServer) -> None:
    assert len(ask(server, completion(json.dumps([make_claim()]))).claims) == 1


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (completion(None, refusal="I cannot help with that"), "refused: I cannot help"),
        (completion('{"claims": [', finish_reason="length"), "cut off after 100 tokens"),
        (completion("", finish_reason="length"), "cut off after 100 tokens"),
        (completion("", finish_reason="content_filter"), "content filter"),
    ],
    ids=["refusal", "length", "nothing but thoughts", "content filter"],
)
def test_an_answer_withheld_fails_this_abstract_and_is_not_paid_twice(
    server: ModelServer, reply: Reply, reason: str
) -> None:
    result = ask(server, reply)
    assert result.status == "failed"
    assert reason in (result.reason or "")
    assert result.provenance.tokens_out == 100
    again = ask(server, RIGHT)
    assert again.reason == f"{result.reason} (answered before; --refresh asks once more)"
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "fault",
    [
        Reply("<html><body>Bad gateway</body></html>"),
        Reply({"error": {"message": "overloaded", "code": 503}}),
        Reply('{"id": "chatcmpl-1", "choices": [{"mess'),
        Reply({"id": "chatcmpl-1", "choices": []}),
        error(429, "slow down", retry_after="0"),
        error(500),
        error(503, retry_after="0.01"),
        Reply(drops=True),
    ],
    ids=[
        "html with 200",
        "error with 200",
        "torn json",
        "no choices",
        "429",
        "500",
        "503",
        "dropped connection",
    ],
)
def test_a_passing_fault_is_tried_again(server: ModelServer, fault: Reply) -> None:
    result = ask(server, fault, RIGHT)
    assert result.status == "claims"
    assert len(server.requests) == 2
    assert "messages" in server.requests[1]
    assert len(server.requests[1]["messages"]) == 2, "a fault is no reason for a re-ask"


@pytest.mark.parametrize("content", ["", None, "  "])
def test_an_empty_answer_is_paid_for_and_asked_again(
    server: ModelServer, content: str | None
) -> None:
    result = ask(server, completion(content), RIGHT)
    assert (len(result.claims), result.provenance.tokens_out) == (1, 200)
    roles = [message["role"] for message in server.requests[1]["messages"]]
    assert roles == ["system", "user", "user"], "servers refuse empty messages"


TWO = json.dumps({"claims": [make_claim(), make_claim(metric="precision")]})


@pytest.mark.parametrize(
    "reply",
    [
        completion(TWO, finish_reason="length"),
        completion(None, reasoning_content=TWO),
        completion([{"type": "text", "text": TWO[:9]}, {"type": "text", "text": TWO[9:]}]),
        completion(json.dumps({"claims": json.dumps(json.loads(TWO)["claims"])})),
        completion(
            None,
            tool_calls=[
                {"id": name, "function": {"name": "Extraction", "arguments": {"claims": [claim]}}}
                for name, claim in zip("ab", json.loads(TWO)["claims"], strict=True)
            ],
        ),
        Reply({**completion(TWO).body, "usage": {"prompt_tokens": "many"}}),
        Reply({**completion(TWO).body, "usage": None, "model": None}),
        Reply(json.dumps(completion(TWO).body).replace("precision", "preci\\ud835sion")),
    ],
    ids=[
        "whole in spite of its length",
        "in the place of thoughts",
        "in parts",
        "json within json",
        "two tool calls with objects",
        "usage is nonsense",
        "no usage",
        "half a surrogate",
    ],
)
def test_odd_dialects_are_understood_without_paying_twice(
    server: ModelServer, reply: Reply
) -> None:
    assert len(ask(server, reply).claims) == 2
    assert len(server.requests) == 1


def test_a_list_inside_a_torn_answer_is_not_taken_for_the_claims(server: ModelServer) -> None:
    torn = json.dumps({"claims": [make_claim(), make_claim()]})[:-40]
    assert "cut off" in (ask(server, completion(torn, finish_reason="length")).reason or "")
    assert ask(server, completion(torn), max_reasks=0, refresh=True).status == "failed"


def test_a_fault_that_stays_fails_the_abstract_with_its_reason(server: ModelServer) -> None:
    result = ask(server, error(500, "out of memory"), max_attempts=2)
    assert result.status == "failed"
    assert "out of memory (status 500), after 2 attempts" in (result.reason or "")
    assert len(server.requests) == 2


def test_a_slow_answer_counts_as_lost_after_the_timeout(server: ModelServer) -> None:
    never = Reply(after=threading.Event())
    assert ask(server, never, RIGHT, timeout_s=1).status == "claims"


def test_a_request_that_the_server_rejects_is_not_sent_again(server: ModelServer) -> None:
    result = ask(server, error(400, "maximum context length exceeded"))
    assert "maximum context length" in (result.reason or "")
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("fault", "advice"),
    [
        (error(401, "Incorrect API key provided: sk-verysecretkey123"), "check the key"),
        (error(403, "not for you"), "permissions"),
        (error(404, "no such model"), "model's name"),
        (error(429, "quota", code="insufficient_quota"), "no credit left"),
        (error(400, "unsupported", param="temperature"), "check --param temperature"),
    ],
)
def test_what_fails_every_abstract_is_raised_with_a_remedy_and_without_the_key(
    server: ModelServer, fault: Reply, advice: str
) -> None:
    with pytest.raises(ModelAccessError, match=advice) as raised:
        ask(server, fault, parameters={"temperature": 2})
    assert "verysecret" not in str(raised.value)
    assert len(server.requests) == 1


def test_a_refused_way_of_asking_falls_back_step_by_step(
    server: ModelServer, caplog: pytest.LogCaptureFixture
) -> None:
    refusals = [
        error(400, "response_format.json_schema.strict is not supported"),
        error(400, "response_format of type json_schema is not supported"),
        error(422, "tools are not supported by this model"),
        error(400, "tool_choice is unknown"),
    ]
    result = ask(server, *refusals, completion(f"```json\n{json.dumps({'claims': []})}\n```"))
    assert result.status == "no_claims"
    assert [
        next(iter(body.keys() & {"response_format", "tools"}), None) for body in server.requests
    ] == [
        "response_format",
        "response_format",
        "tools",
        "tools",
        None,
    ]
    assert "json_schema" in server.requests[-1]["messages"][0]["content"], "the schema, in words"
    assert "refuses json_schema, strict" in caplog.text


def test_a_server_that_refuses_every_way_stops_the_run(server: ModelServer) -> None:
    with pytest.raises(ModelAccessError, match="every way of asking was refused"):
        ask(server, error(400, "tools and response_format are not supported"), mode="md_json")


def test_tools_mode_reads_the_arguments_and_reasks_as_a_tool_result(server: ModelServer) -> None:
    def call(claim: dict[str, Any]) -> Reply:
        function = {"name": "Extraction", "arguments": json.dumps({"claims": [claim]})}
        return completion(
            None, tool_calls=[{"id": "call-1", "type": "function", "function": function}]
        )

    result = ask(server, call(make_claim(evidence="made up")), call(make_claim()), mode="tools")
    assert len(result.claims) == 1
    assert server.requests[1]["messages"][-1]["role"] == "tool"


def test_tokens_of_all_answers_add_up(server: ModelServer) -> None:
    provenance = ask(server, completion("nonsense"), RIGHT).provenance
    assert (provenance.tokens_in, provenance.tokens_out) == (2000, 200)
    assert provenance.tokens_cached == 1200
    assert provenance.cost_usd is None, "nobody knows what a server of one's own costs"


@pytest.mark.parametrize(
    ("said", "counted"),
    [(10**20, 2**31 - 1), (-5, 0), (True, 0), (1e300, 0), ("many", 0), (None, 0)],
)
def test_tokens_that_cannot_be_are_counted_as_far_as_they_can(
    server: ModelServer, said: Any, counted: int
) -> None:
    usage = {
        "prompt_tokens": said,
        "completion_tokens": said,
        "prompt_tokens_details": {"cached_tokens": said},
    }
    result = ask(server, Reply({**RIGHT.body, "usage": usage}))
    made = result.provenance
    assert result.status == "claims"
    assert (made.tokens_in, made.tokens_out, made.tokens_cached) == (counted,) * 3


def test_a_second_run_is_answered_from_the_cache(server: ModelServer) -> None:
    first = ask(server, completion("nonsense"), RIGHT)
    second = ask(server, error(500))
    assert second.claims == first.claims
    assert (first.provenance.cache_hit, second.provenance.cache_hit) == (False, True)
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"parameters": {"temperature": 1}},
        {"mode": "tools"},
        {"model": "other-model"},
        {"prompt": "own"},
    ],
    ids=["parameters", "mode", "model", "prompt"],
)
def test_whatever_determines_the_answer_is_part_of_the_key(
    server: ModelServer, changes: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "system.md").write_text("Extract claims as JSON.")
    (tmp_path / "own" / "examples.jsonl").write_text("")
    monkeypatch.chdir(tmp_path)
    server.script = in_turn([RIGHT])
    settings = {"model": "test-model", "base_url": server.url}
    extractor.extract(ABSTRACT, **settings)
    extractor.extract(ABSTRACT, **settings | changes)
    assert len(server.requests) == 2


def test_braces_and_markup_in_an_abstract_reach_the_model_unchanged(server: ModelServer) -> None:
    text = "We score {{ 7*7 }} {% raw %} {# note #} <b>91</b> \\textbf{x} $HOME %s \u2028 end."
    server.script = in_turn([completion('{"claims": []}')])
    extractor.extract(text, model="m", base_url=server.url)
    assert server.requests[0]["messages"][-1]["content"] == f"Abstract: {' '.join(text.split())}"


def test_no_key_and_no_model_names_the_three_ways_on() -> None:
    with pytest.raises(ConfigError) as raised:
        extractor.extract("text")
    for way in ("OPENAI_API_KEY", "--base-url", "--model patterns"):
        assert way in str(raised.value)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"model": "openai/gpt-5-mini"}, "needs OPENAI_API_KEY"),
        ({"model": "gpt-5-mini"}, "unknown model"),
        ({"model": "nosuch/model"}, "cannot use nosuch/model"),
        ({"base_url": "http://127.0.0.1:1/v1"}, "--model NAME"),
        ({"base_url": "localhost:11434", "model": "m"}, "not an address"),
        ({"base_url": "http:///v1", "model": "m"}, "not an address"),
        ({"base_url": "http://localhost:port/v1", "model": "m"}, "not an address"),
        ({"model": "patterns", "mode": "xml"}, "no mode 'xml'"),
        ({"model": "patterns", "concurrency": 0}, "concurrency has to be 1 or more"),
        ({"model": "patterns", "skip_checks": {"spelling"}}, "no check 'spelling'"),
    ],
)
def test_settings_that_cannot_work_are_refused_at_once(
    settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        extractor.extract("text", **settings)


@pytest.mark.parametrize(
    "address",
    [
        "http://me:hunter22secret@localhost:1234/v1",
        "me:hunter22secret@localhost:1234/v1",
        "http:/me:hunter22secret@localhost:1234/v1",
        "http://me:hunter22/secret@localhost:1234/v1",
    ],
)
def test_a_password_in_the_address_is_refused_and_not_repeated(address: str) -> None:
    with pytest.raises(ConfigError, match="holds a name or password") as raised:
        extractor.extract("text", model="m", base_url=address)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("end", ["", "/"])
def test_the_query_of_an_address_stays_behind_its_path(server: ModelServer, end: str) -> None:
    address = f"{server.url}{end}?api-version=2024-10-21"
    result = extractor.extract(ABSTRACT, model="m", base_url=address)
    assert server.paths == ["/v1/chat/completions?api-version=2024-10-21"]
    assert result.provenance.base_url == f"{server.url}{end}"
    extractor.extract(ABSTRACT, model="m", base_url=server.url)
    assert len(server.requests) == 2


def test_the_key_goes_to_the_server_and_nowhere_else(
    server: ModelServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-topsecret-0123456789")
    result = ask(server, RIGHT)
    assert server.headers[0]["Authorization"] == "Bearer sk-topsecret-0123456789"
    kept = b"".join(path.read_bytes() for path in (tmp_path / "cache").rglob("*") if path.is_file())
    assert b"topsecret" not in kept
    assert "topsecret" not in result.model_dump_json()


def test_a_server_that_has_moved_stops_the_run_and_says_where_to(server: ModelServer) -> None:
    moved = Reply("", status=301, headers={"Location": "https://models.example/v2"})
    with pytest.raises(ModelAccessError, match=r"moved to https://models\.example/v2"):
        ask(server, moved)
