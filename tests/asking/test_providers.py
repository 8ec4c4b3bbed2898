"""Another vendor's own client, against a real server that speaks its protocol."""

import json
from typing import Any

import pytest

import extractor
from extractor.errors import ConfigError, ModelAccessError
from extractor.results import Result
from tests.model_server import ModelServer, Reply, in_turn
from tests.samples import ABSTRACT, make_claim

pytest.importorskip("anthropic", reason="needs the extra anthropic")


@pytest.fixture(autouse=True)
def _vendor(server: ModelServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url.removesuffix("/v1"))
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-secret-0123456789")


def message(*claims: dict[str, Any], stop_reason: str = "tool_use") -> Reply:
    tool = {
        "type": "tool_use",
        "id": "tool-1",
        "name": "Extraction",
        "input": {"claims": list(claims)},
    }
    return Reply(
        {
            "id": "msg-1",
            "type": "message",
            "role": "assistant",
            "model": "claude-haiku-4-5",
            "content": [tool],
            "stop_reason": stop_reason,
            "stop_sequence": None,
            "usage": {"input_tokens": 400, "cache_read_input_tokens": 600, "output_tokens": 100},
        }
    )


def ask(server: ModelServer, *replies: Reply, **settings: Any) -> Result:
    server.script = in_turn(replies)
    return extractor.extract(ABSTRACT, model="anthropic/claude-haiku-4-5", **settings)


def test_a_right_answer_becomes_a_claim_with_tokens_and_cost(server: ModelServer) -> None:
    result = ask(server, message(make_claim()))
    (claim,) = result.claims
    assert claim.value is not None and claim.value.number == 91.2
    provenance = result.provenance
    assert (provenance.tokens_in, provenance.tokens_cached, provenance.tokens_out) == (
        1000,
        600,
        100,
    )
    assert provenance.cost_usd is not None and provenance.cost_usd > 0


def test_the_schema_goes_out_as_the_vendor_wants_it(server: ModelServer) -> None:
    ask(server, message(), parameters={"max_tokens": 99})
    (body,) = server.requests
    assert body["tools"][0]["name"] == "Extraction"
    assert "claims" in json.dumps(body["tools"][0]["input_schema"])
    assert body["max_tokens"] == 99
    assert ABSTRACT.text in json.dumps(body["messages"])


def test_an_answer_with_problems_is_asked_again_and_mended(server: ModelServer) -> None:
    result = ask(server, message(make_claim(evidence="made up")), message(make_claim()))
    assert len(result.claims) == 1
    assert "made up" in json.dumps(server.requests[1]["messages"][-1])


def test_a_malformed_claim_costs_no_other(server: ModelServer) -> None:
    result = ask(server, message(make_claim(), {"method": "FooNet"}), max_reasks=0)
    assert (len(result.claims), len(result.rejected)) == (1, 1)
    assert len(server.requests) == 1


def test_faults_are_retried_by_one_owner_alone(server: ModelServer) -> None:
    broken = Reply({"type": "error", "error": {"message": "broken"}}, status=500)
    result = ask(server, broken, max_attempts=3)
    assert result.status == "failed"
    assert "after 3 attempts" in (result.reason or "")
    assert len(server.requests) == 3


def test_a_truncated_answer_is_named_so(server: ModelServer) -> None:
    result = ask(server, message(stop_reason="max_tokens"))
    assert "cut off" in (result.reason or "")


def test_an_overloaded_vendor_is_waited_for_without_using_up_attempts(server: ModelServer) -> None:
    overloaded = Reply({"type": "error", "error": {"message": "overloaded"}}, status=529)
    result = ask(server, overloaded, overloaded, message(make_claim()), max_attempts=1)
    assert result.status == "claims"


def prose(text: str, stop_reason: str = "end_turn") -> Reply:
    content = [{"type": "text", "text": text}] if text else []
    return Reply({**message().body, "content": content, "stop_reason": stop_reason})


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (prose("I would rather not.", "refusal"), "refused: I would rather not"),
        (prose("There are none, I think."), "not JSON"),
        (prose(""), "the answer is empty"),
    ],
    ids=["refusal", "prose", "nothing"],
)
def test_an_answer_without_claims_is_not_taken_for_an_abstract_without_claims(
    server: ModelServer, reply: Reply, reason: str
) -> None:
    result = ask(server, reply)
    assert result.status == "failed"
    assert reason in (result.reason or "")
    assert result.provenance.tokens_out > 0


def test_claims_in_plain_text_are_read_too(server: ModelServer) -> None:
    fenced = f"```json\n{json.dumps({'claims': [make_claim()]})}\n```"
    assert len(ask(server, prose(fenced)).claims) == 1
    assert len(server.requests) == 1


def test_a_model_that_no_price_table_knows_has_tokens_but_no_cost(server: ModelServer) -> None:
    server.script = in_turn([Reply({**message(make_claim()).body, "model": "claude-next-99"})])
    result = extractor.extract(ABSTRACT, model="anthropic/claude-next-99")
    assert result.provenance.tokens_in > 0
    assert result.provenance.cost_usd is None


def test_a_wrong_key_stops_the_run_and_is_not_printed(server: ModelServer) -> None:
    refusal = {"message": "invalid x-api-key: sk-ant-secret-0123456789"}
    with pytest.raises(ModelAccessError, match="check the key") as raised:
        ask(server, Reply({"type": "error", "error": refusal}, status=401))
    assert "secret" not in str(raised.value)


def test_a_second_run_is_answered_from_the_cache(server: ModelServer) -> None:
    first = ask(server, message(make_claim()))
    second = ask(server, Reply(status=500))
    assert second.claims == first.claims
    assert second.provenance.cache_hit


@pytest.mark.parametrize("parameters", [{}, {"no_such_parameter": 1}], ids=["key", "parameter"])
def test_what_the_client_itself_refuses_stops_the_run(
    monkeypatch: pytest.MonkeyPatch, parameters: dict[str, Any]
) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    with pytest.raises((ConfigError, ModelAccessError), match="key"):
        extractor.extract(ABSTRACT, model="anthropic/claude-haiku-4-5", parameters=parameters)


def test_absurd_tokens_are_counted_as_many_as_a_store_takes(server: ModelServer) -> None:
    usage = {"input_tokens": 10**20, "output_tokens": 10**20}
    made = ask(server, Reply({**message(make_claim()).body, "usage": usage})).provenance
    assert (made.tokens_in, made.tokens_out) == (2**31 - 1, 2**31 - 1)
