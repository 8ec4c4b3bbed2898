"""What a system answered for each abstract, ready to be scored."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, ValidationError

from extractor.claims import Claim
from extractor.documents import normalise_text
from extractor.errors import InputError
from extractor.evaluation.gold import GoldDocument, describe_errors, read_records


class PredictedClaim(Claim):
    """An extracted claim.

    Attributes:
        span: `[start, end)` of the evidence in characters of the text, if the system says so.
    """

    model_config = ConfigDict(frozen=True)

    span: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Prediction:
    """All claims that a system found in one abstract.

    Attributes:
        failed: there is no answer, which is not the same as an answer without claims.
    """

    claims: tuple[PredictedClaim, ...] = ()
    failed: bool = False
    cost_usd: float | None = None
    latency_s: float | None = None

    @classmethod
    def of(cls, claims: Iterable[Claim]) -> "Prediction":
        """Take claims of any kind, labelled ones too, as the answer of a system."""
        fields = set(PredictedClaim.model_fields)
        return cls(
            claims=tuple(
                PredictedClaim.model_validate(claim.model_dump(include=fields)) for claim in claims
            )
        )


@dataclass(frozen=True, slots=True)
class PredictedDocument:
    """A prediction with what tells to which abstract it belongs."""

    id: str
    title: str
    text_sha256: str | None
    prediction: Prediction


def load_predictions(path: Path) -> list[PredictedDocument]:
    """Read the claims of any system, one abstract a line.

    A line holds `id` and `claims`; `status`, `title`, `text_sha256` and `provenance` are taken
    into account where present, as in the JSONL output of a run. Status `failed` means no answer.

    Raises:
        InputError: it cannot be read, a claim does not fit the schema, or an id comes twice.
    """
    documents: dict[str, PredictedDocument] = {}
    for number, record in read_records(path):
        try:
            document = _read_document(record)
        except ValidationError as error:
            raise InputError(f"{path}:{number}: {describe_errors(error)}") from error
        except (KeyError, TypeError) as error:
            raise InputError(f"{path}:{number}: needs `id` and `claims` ({error!r})") from error
        if document.id in documents:
            raise InputError(f"{path}:{number}: id {document.id!r} stands on two lines")
        documents[document.id] = document
    return list(documents.values())


def _read_document(record: Mapping[str, Any]) -> PredictedDocument:
    failed = record.get("status") == "failed"
    provenance = record.get("provenance") or {}
    claims = (record.get("claims") or []) if failed else record["claims"]
    return PredictedDocument(
        id=str(record["id"]),
        title=normalise_text(record.get("title") or ""),
        text_sha256=record.get("text_sha256"),
        prediction=Prediction(
            claims=() if failed else tuple(map(PredictedClaim.model_validate, claims)),
            failed=failed,
            cost_usd=provenance.get("cost_usd"),
            latency_s=provenance.get("latency_s"),
        ),
    )


def align_predictions(
    gold: Iterable[GoldDocument], predicted: Iterable[PredictedDocument]
) -> dict[str, Prediction]:
    """Find for each labelled abstract the prediction that belongs to it.

    They are joined by id, else by the hash of the text, else by the title.

    Returns:
        Predictions by the id of the labelled abstract; abstracts without one are absent.
    """
    listed = list(predicted)
    by_id = {document.id: document for document in listed}
    by_hash = {document.text_sha256: document for document in listed if document.text_sha256}
    by_title = {document.title.casefold(): document for document in listed if document.title}
    aligned: dict[str, Prediction] = {}
    for document in gold:
        found = (
            by_id.get(document.id)
            or by_hash.get(document.text_sha256 or "")
            or by_title.get(document.title.casefold())
        )
        if found is not None:
            aligned[document.id] = found.prediction
    return aligned
