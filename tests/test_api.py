import asyncio
import json
import pickle
import threading
from collections.abc import Iterator

import pytest

import extractor
from extractor.errors import ConfigError
from tests.model_server import PATIENCE_S, ModelServer, Reply, completion
from tests.samples import ABSTRACT, make_answer, make_claim


def test_one_text_gives_one_result(server: ModelServer) -> None:
    server.script = lambda _body: make_answer(make_claim())
    result = extractor.extract(ABSTRACT.text, model="m", base_url=server.url)
    assert [claim.method for claim in result.claims] == ["FooNet"]
    assert result.abstract.text == ABSTRACT.text


def test_the_async_twin_gives_the_same(server: ModelServer) -> None:
    server.script = lambda _body: make_answer(make_claim())
    settings = {"model": "m", "base_url": server.url}
    result = asyncio.run(extractor.aextract(ABSTRACT, **settings))
    assert result.claims == extractor.extract(ABSTRACT, **settings).claims


def test_results_stream_while_the_input_is_still_being_read(server: ModelServer) -> None:
    first_seen = threading.Event()

    def texts() -> Iterator[str]:
        for number in range(1500):
            if number == 1000:
                assert first_seen.wait(PATIENCE_S), "nothing came out before all was read"
            yield f"text {number}"

    count = 0
    for result in extractor.extract_many(texts(), model="m", base_url=server.url, cache=False):
        first_seen.set()
        count += result.status == "no_claims"
    assert count == 1500


def test_it_works_where_an_event_loop_runs_already(server: ModelServer) -> None:
    async def notebook_cell() -> str:
        return extractor.extract("A text.", model="m", base_url=server.url).status

    assert asyncio.run(notebook_cell()) == "no_claims"


def test_leaving_early_leaves_nothing_running(server: ModelServer) -> None:
    server.script = lambda _body: Reply(completion('{"claims": []}').body, delay_s=0.02)
    texts = (f"text {number}" for number in range(10_000))
    results = extractor.extract_many(texts, model="m", base_url=server.url)
    assert next(results).status == "no_claims"
    results.close()
    # What is read ahead, in flight and waiting to be taken stays far below all there is.
    assert len(server.requests) < 3000


def test_wrong_settings_are_raised_where_they_are_given() -> None:
    with pytest.raises(ConfigError, match="unknown model"):
        extractor.extract("text", model="nosuch")
    with pytest.raises(TypeError, match="modell"):
        extractor.extract("text", modell="patterns")


def test_everything_public_is_there_and_nothing_else() -> None:
    for name in extractor.__all__:
        assert getattr(extractor, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nosuch'"):
        extractor.nosuch  # noqa: B018


def test_a_shard_gives_plain_rows(server: ModelServer) -> None:
    server.script = lambda _body: make_answer(make_claim())
    records = [
        ABSTRACT,
        ABSTRACT.text,
        {"paper": "bar", "body": ABSTRACT.text, "published": 2024},
        {"paper": "none", "body": float("nan"), "published": None},
    ]
    mapping = {"text": "body", "id": "paper"}
    rows = list(extractor.extract_shard(records, mapping=mapping, model="m", base_url=server.url))
    assert json.loads(json.dumps(rows)) == rows
    by_id = {row["id"]: row for row in rows}
    assert len(by_id) == 4
    assert by_id["bar"]["text"] == ABSTRACT.text
    assert by_id["bar"]["source"] == "shard#3"
    assert by_id["bar"]["published"] == "2024"
    assert [claim["method"] for claim in by_id["bar"]["claims"]] == ["FooNet"]
    assert (by_id["none"]["status"], by_id["none"]["reason"]) == ("failed", "unreadable: no text")
    assert extractor.Result.from_record(by_id["bar"]).to_record() == by_id["bar"]


def test_a_shard_is_not_read_as_a_list(server: ModelServer) -> None:
    taken: list[int] = []

    def records() -> Iterator[dict[str, str]]:
        for number in range(100_000):
            taken.append(number)
            yield {"id": str(number), "text": "We show that tin wins."}

    rows = extractor.extract_shard(records(), model="patterns")
    assert next(rows)["id"] == "0"
    rows.close()
    assert len(taken) < 50_000


def test_what_a_shard_raises_can_be_sent_to_another_process(server: ModelServer) -> None:
    server.script = lambda _body: Reply({"error": {"message": "no such key"}}, status=401)
    with pytest.raises(extractor.ExtractorError) as caught:
        list(extractor.extract_shard([ABSTRACT], model="m", base_url=server.url))
    sent = pickle.loads(pickle.dumps(caught.value))
    assert (type(sent), str(sent)) == (type(caught.value), str(caught.value))
    with pytest.raises(extractor.ExtractorError, match="unknown field"):
        extractor.extract_shard([], mapping={"body": "text"}, model="patterns")
