"""Claims and abstracts that the tests of the scorer are about; every sentence is invented."""

from typing import Any

from extractor.evaluation import GoldClaim, GoldDocument, PredictedClaim, Prediction, score

TEXT = (
    "Sorting letters by hand is slow. PostNet reaches an accuracy of 91.4% on MailBench, against "
    "88.2% for InkReader. It also beats InkReader on StampBench and needs 3.5 GB of memory."
)


def figure(number: float, unit: str | None = None, **more: Any) -> dict[str, Any]:
    return {"number": number, "unit": unit, **more}


def delta(number: float, unit: str | None = None, direction: str = "increase", **more: Any) -> Any:
    return figure(number, unit, direction=direction, **more)


def fields(**given: Any) -> dict[str, Any]:
    """A claim about PostNet, with some fields set anew."""
    claim: dict[str, Any] = {
        "method": "PostNet",
        "datasets": ["MailBench"],
        "metric": "accuracy",
        "value": figure(91.4, "%"),
        "baselines": ["InkReader"],
        "baseline_value": figure(88.2, "%"),
        "outcome": "better",
        "evidence": TEXT[33:111],
    }
    return {**claim, **given}


def in_words(**given: Any) -> dict[str, Any]:
    """A claim without figures."""
    claim = fields(
        datasets=["StampBench"],
        metric=None,
        value=None,
        baseline_value=None,
        evidence="It also beats InkReader on StampBench",
    )
    return {**claim, **given}


def memory(**given: Any) -> dict[str, Any]:
    """A claim about a cost."""
    claim = fields(
        datasets=[],
        metric="memory",
        value=figure(3.5, "GB"),
        baselines=[],
        baseline_value=None,
        outcome="reported",
        evidence="needs 3.5 GB of memory",
    )
    return {**claim, **given}


def document(*claims: dict[str, Any], name: str = "d1", text: str | None = TEXT) -> GoldDocument:
    return GoldDocument(
        id=name, text=text, claims=[GoldClaim.model_validate(claim) for claim in claims]
    )


def prediction(*claims: dict[str, Any]) -> Prediction:
    return Prediction(claims=tuple(map(PredictedClaim.model_validate, claims)))


def score_one(gold: list[dict[str, Any]], predicted: list[dict[str, Any]]) -> dict[str, Any]:
    """Score the claims of a single abstract."""
    return score([document(*gold)], {"d1": prediction(*predicted)}).figures()
