"""Lets a model, or the screen, answer for labelled abstracts, so that it can be scored."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from extractor.asking import Answer
from extractor.documents import Abstract
from extractor.errors import InputError
from extractor.evaluation.gold import GoldClaim, GoldDocument
from extractor.evaluation.predictions import PredictedClaim, Prediction
from extractor.evaluation.scorecards import SystemProvenance
from extractor.pipeline import Pipeline
from extractor.results import Result
from extractor.screening import leaves_out
from extractor.settings import Settings


@dataclass(frozen=True, slots=True)
class ScreenTrial:
    """What the screen saves and loses on labelled abstracts.

    Attributes:
        abstracts, required: labelled abstracts, and the claims that they require.
        screened: abstracts that no model would be asked about.
        required_screened: the required claims in those.
    """

    abstracts: int
    screened: int
    required: int
    required_screened: int

    @property
    def share_saved(self) -> float:
        """Requests saved, 0 to 1."""
        return self.screened / self.abstracts if self.abstracts else 0.0

    @property
    def recall_lost(self) -> float:
        """Required claims that nobody can find any more, 0 to 1."""
        return self.required_screened / self.required if self.required else 0.0


def try_screen(documents: Iterable[GoldDocument]) -> ScreenTrial:
    """Screen labelled abstracts.

    Raises:
        InputError: an abstract has no text.
    """
    required = []
    required_screened = []
    for document in documents:
        number = sum(claim.status == "required" for claim in document.claims)
        required.append(number)
        if leaves_out(_to_abstract(document)):
            required_screened.append(number)
    return ScreenTrial(
        abstracts=len(required),
        screened=len(required_screened),
        required=sum(required),
        required_screened=sum(required_screened),
    )


class TrialPipeline(Pipeline):
    """Shows what each abstract costs, whoever paid for the answer before."""

    def bears_cost(self, extraction_id: str, answer: Answer) -> bool:  # noqa: ARG002
        """Count every answer."""
        return True


async def try_model(
    settings: Settings, documents: Sequence[GoldDocument]
) -> tuple[dict[str, Prediction], SystemProvenance]:
    """Extract from labelled abstracts.

    Returns:
        What the model answered by the id of the abstract, and what it was and cost.

    Raises:
        InputError: an abstract has no text.
        ExtractorError: the model cannot be asked at all.
    """
    abstracts = [_to_abstract(document) for document in documents]
    pipeline = TrialPipeline(settings)
    results: list[Result] = []
    try:
        async with aclosing(pipeline.stream(abstracts)) as batches:
            async for batch in batches:
                results += batch
    finally:
        await pipeline.close()
    predictions = {result.abstract.id: _to_prediction(result) for result in results}
    system = SystemProvenance(
        model=pipeline.asker.model,
        prompt=pipeline.prompt.name if pipeline.asker.asks_model else None,
        run=pipeline.run_id,
        cost_usd=add_known(prediction.cost_usd for prediction in predictions.values()),
        latency_s=_mean([prediction.latency_s or 0.0 for prediction in predictions.values()]),
    )
    return predictions, system


def relabel(
    documents: Iterable[GoldDocument], predictions: Mapping[str, Prediction]
) -> list[GoldDocument]:
    """Put a system's claims in the place of the labels, for people to correct."""
    return [
        document.model_copy(
            update={
                "claims": [
                    GoldClaim.model_validate(claim.model_dump(exclude={"span"}))
                    for claim in predictions[document.id].claims
                ]
            }
        )
        for document in documents
        if document.id in predictions
    ]


def add_known(amounts: Iterable[float | None]) -> float | None:
    """Add up amounts; None if one of them is not known."""
    listed = list(amounts)
    known = [amount for amount in listed if amount is not None]
    return sum(known) if len(known) == len(listed) else None


def _to_abstract(document: GoldDocument) -> Abstract:
    if document.text is None:
        raise InputError(
            f"{document.id} has no text: join the labels with texts that you have, "
            "with --corpus FILE or `extractor gold hydrate`"
        )
    return Abstract(id=document.id, title=document.title, text=document.text)


def _to_prediction(result: Result) -> Prediction:
    fields = set(PredictedClaim.model_fields)
    return Prediction(
        claims=tuple(
            PredictedClaim.model_validate(claim.model_dump(include=fields))
            for claim in result.claims
        ),
        failed=result.status == "failed",
        cost_usd=result.provenance.cost_usd,
        latency_s=result.provenance.latency_s,
    )


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
