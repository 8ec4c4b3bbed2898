import asyncio
from collections.abc import Iterator

import pytest

import extractor
from extractor.errors import ConfigError
from tests.model_server import ModelServer, Reply, completion
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
    first_seen = False

    def texts() -> Iterator[str]:
        for number in range(1500):
            assert first_seen or number < 1000, "nothing came out before all was read"
            yield f"text {number}"

    count = 0
    for result in extractor.extract_many(texts(), model="m", base_url=server.url, cache=False):
        first_seen = True
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
    assert len(server.requests) < 1000


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
