import asyncio
from dataclasses import replace

import pytest

from extractor.errors import InputError
from extractor.evaluation.gold import GoldClaim, GoldDocument
from extractor.evaluation.scoring import score
from extractor.settings import Settings
from extractor.trials import relabel, try_model
from tests.model_server import Body, ModelServer, Reply, completion, error
from tests.samples import ABSTRACT, make_answer, make_claim

LABELLED = GoldDocument(
    id="foo",
    title=ABSTRACT.title,
    text=ABSTRACT.text,
    claims=[GoldClaim.model_validate(make_claim())],
)
EMPTY = GoldDocument(id="empty", title="Nothing", text="A survey of nothing in particular.")


def settings(server: ModelServer, **changes: object) -> Settings:
    return Settings(model="m", base_url=server.url, **changes)  # type: ignore[arg-type]


def test_a_model_that_answers_as_labelled_scores_full_marks(server: ModelServer) -> None:
    def script(body: Body) -> Reply:
        is_labelled = "FooNet" in body["messages"][-1]["content"]
        return make_answer(make_claim()) if is_labelled else completion('{"claims": []}')

    server.script = script
    documents = [LABELLED, EMPTY]
    predictions, system = asyncio.run(try_model(settings(server), documents))
    figures = score(documents, predictions).figures()
    assert figures["soft_f1"] == figures["strict_f1"] == figures["specificity"] == 1.0
    assert (system.model, system.cost_usd) == ("m", None)
    assert system.prompt is not None and system.prompt.startswith("v1@")


def test_a_failed_abstract_counts_as_all_missed(server: ModelServer) -> None:
    server.script = lambda _body: error(400, "no")
    predictions, _ = asyncio.run(try_model(settings(server), [LABELLED]))
    report = score([LABELLED], predictions)
    assert report.failed == ("foo",)
    assert report.figure("detection_recall") == 0.0


def test_another_sample_is_another_answer_and_each_is_paid_once(server: ModelServer) -> None:
    for sample in (1, 2, 1, 2):
        asyncio.run(try_model(settings(server, sample=sample), [LABELLED]))
    assert len(server.requests) == 2


def test_a_trial_costs_the_same_whoever_paid_for_its_answers(
    server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The price tables know no server of a test.
    monkeypatch.setattr("extractor.asking.openai_chat._find_provider", lambda _url: "openai")
    costs = []
    for max_reasks in (1, 2):
        asked = replace(settings(server, max_reasks=max_reasks), model="gpt-5-mini")
        costs.append(asyncio.run(try_model(asked, [LABELLED]))[1].cost_usd)
    assert len(server.requests) == 1
    assert costs[0] == costs[1] > 0


def test_labels_without_a_text_say_how_to_get_one(server: ModelServer) -> None:
    document = GoldDocument(id="bare", title="A title")
    with pytest.raises(InputError, match=r"bare has no text.*--corpus"):
        asyncio.run(try_model(settings(server), [document]))


def test_a_models_claims_can_take_the_place_of_labels_for_people_to_correct(
    server: ModelServer,
) -> None:
    server.script = lambda _body: make_answer(make_claim(metric="speed"))
    predictions, _ = asyncio.run(try_model(settings(server), [LABELLED]))
    (document,) = relabel([LABELLED, EMPTY], predictions)
    assert [claim.metric for claim in document.claims] == ["speed"]
