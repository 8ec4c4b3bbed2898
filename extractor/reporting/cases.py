"""Labelled abstracts with what a system made of them, claim beside claim."""

from collections.abc import Sequence
from typing import Any

from extractor.claims import Claim
from extractor.evaluation.causes import Loss
from extractor.evaluation.evidence import Passage, make_passage
from extractor.evaluation.gold import GoldClaim, GoldDocument
from extractor.evaluation.judging import Judgement, Pair
from extractor.evaluation.matching import PreparedClaim
from extractor.reporting.describing import describe_abstract

Row = dict[str, Any]


def describe_case(judgement: Judgement, losses: Sequence[Loss]) -> dict[str, Any]:
    """Describe what became of one labelled abstract.

    Args:
        judgement: what was found in it.
        losses: the points that strict F1 lost there.

    Returns:
        The abstract, `gold` and `predicted` claims as `describe_claim` gives them, and `rows`:
        which of them stand beside each other, with `kind`, and where points were lost `cause`,
        `points` and the `wrong` fields.
    """
    text = judgement.document.text or ""
    causes = {(loss.gold, loss.predicted): loss for loss in losses}
    return {
        **_describe_document(judgement.document),
        "failed": judgement.failed,
        "gold": _describe_claims(judgement.gold, text),
        "predicted": _describe_claims(judgement.predicted, text),
        "rows": [_explain(row, causes) for row in _list_rows(judgement)],
    }


def describe_labels(document: GoldDocument) -> dict[str, Any]:
    """Describe a labelled abstract with its labels alone."""
    text = document.text or ""
    passages = [make_passage(claim.evidence, claim.span, text) for claim in document.claims]
    return {
        **_describe_document(document),
        "gold": _describe_placed(document.claims, passages, text),
    }


def _describe_document(document: GoldDocument) -> dict[str, Any]:
    title = document.title or document.source_title or ""
    return {"id": document.id, "title": title, "text": document.text or ""}


def _describe_claims(prepared: Sequence[PreparedClaim], text: str) -> list[dict[str, Any]]:
    ordered = sorted(prepared, key=lambda claim: claim.place)
    return _describe_placed(
        [each.claim for each in ordered], [each.passage for each in ordered], text
    )


def _describe_placed(
    claims: Sequence[Claim], passages: Sequence[Passage], text: str
) -> list[dict[str, Any]]:
    spans = [passage.spans[0] if passage.spans and text else None for passage in passages]
    described = describe_abstract(text, claims, spans)
    for fields, claim in zip(described, claims, strict=True):
        if isinstance(claim, GoldClaim):
            fields["status"] = claim.status
    return described


def _list_rows(judgement: Judgement) -> list[Row]:
    """Every claim of either side once, in the order of the labels."""
    gold, predicted = judgement.gold, judgement.predicted
    excused = {pair.gold for pair in judgement.excused}
    rows = [_pair_row("paired", pair, judgement) for pair in judgement.pairs]
    rows += [_pair_row("optional", pair, judgement) for pair in judgement.excused]
    rows += [_row("missed", gold[row].place, None) for row in judgement.missed]
    rows += [
        _row("optional", gold[row].place, None) for row in judgement.optional if row not in excused
    ]
    rows.sort(key=lambda row: row["gold"])
    rows += [_row("invented", None, predicted[extra].place) for extra in judgement.invented]
    rows += [_row("repeated", None, predicted[extra].place) for extra in judgement.repeated]
    return rows


def _pair_row(kind: str, pair: Pair, judgement: Judgement) -> Row:
    places = judgement.gold[pair.gold].place, judgement.predicted[pair.predicted].place
    comparison = pair.comparison
    return {**_row(kind, *places), "similarity": comparison.similarity, "wrong": comparison.wrong}


def _row(kind: str, gold: int | None, predicted: int | None) -> Row:
    return {"kind": kind, "gold": gold, "predicted": predicted}


def _explain(row: Row, causes: dict[tuple[int | None, int | None], Loss]) -> Row:
    loss = causes.get((row["gold"], row["predicted"]))
    return row if loss is None else {**row, "cause": loss.cause, "points": loss.points}
