"""Label Studio: tasks with claims as pre-labels, finished annotations back into labels.

Each claim is one labelled passage; its fields are controls of that region, so that nothing of
a label is lost on the way there and back.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, get_args
from xml.etree import ElementTree as ET

from pydantic import ValidationError

from extractor.claims import Direction, Outcome, Qualifier
from extractor.errors import InputError
from extractor.evaluation.evidence import find_spans
from extractor.evaluation.gold import GoldClaim, GoldDocument, Status, describe_errors
from extractor.evaluation.rules import FIGURE_FIELDS, LIST_FIELDS, NAME_FIELDS

_REGION: Final = "claim"
_TEXT: Final = "text"
_CHOICES: Final[dict[str, tuple[str, ...]]] = {
    "outcome": get_args(Outcome),
    "status": get_args(Status),
    **{f"{role}_qualifier": get_args(Qualifier) for role in FIGURE_FIELDS},
    "delta_direction": get_args(Direction),
}
_FIGURE_TEXTS: Final = ("number", "high", "unit")
_TEXTS: Final = (
    *NAME_FIELDS,
    *LIST_FIELDS,
    *(f"{role}_{part}" for role in FIGURE_FIELDS for part in _FIGURE_TEXTS),
)


def make_labelling_config() -> str:
    """Write the labelling interface that the tasks are made for, as Label Studio's XML."""
    view = ET.Element("View")
    ET.SubElement(view, "Header", value="$title")
    labels = ET.SubElement(view, "Labels", name=_REGION, toName=_TEXT)
    ET.SubElement(labels, "Label", value=_REGION)
    ET.SubElement(view, "Text", name=_TEXT, value="$text")
    per_region = {"toName": _TEXT, "perRegion": "true"}
    for field in _TEXTS:
        ET.SubElement(view, "Header", value=field)
        ET.SubElement(view, "TextArea", {"name": field, "editable": "true", **per_region})
    for field, values in _CHOICES.items():
        ET.SubElement(view, "Header", value=field)
        choices = ET.SubElement(view, "Choices", {"name": field, "choice": "single", **per_region})
        for value in values:
            ET.SubElement(choices, "Choice", value=value)
    ET.indent(view)
    return ET.tostring(view, encoding="unicode")


def export_tasks(
    documents: Iterable[GoldDocument], model_version: str = "claims"
) -> list[dict[str, Any]]:
    """Turn abstracts into tasks, their claims into pre-labels.

    Args:
        documents: abstracts with texts; the claims of a system or of another annotator.
        model_version: the name that Label Studio shows for the pre-labels.

    Raises:
        InputError: an abstract has no text, or a quote does not occur in it.
    """
    return [make_task(document, model_version) for document in documents]


def make_task(document: GoldDocument, model_version: str) -> dict[str, Any]:
    """Turn one abstract into a task, as `export_tasks` does.

    Raises:
        InputError: it has no text, or a quote does not occur in it.
    """
    if document.text is None:
        raise InputError(f"{document.id}: no text to label; run `extractor gold hydrate` first")
    result = [
        item
        for place, claim in enumerate(document.claims)
        for item in _write_claim(claim, f"claim-{place}", document)
    ]
    data = document.model_dump(mode="json", exclude={"claims"}, exclude_none=True)
    data["evidence_as"] = [
        "quote" if claim.span is None else "offsets" for claim in document.claims
    ]
    return {"data": data, "predictions": [{"model_version": model_version, "result": result}]}


def _write_claim(claim: GoldClaim, region: str, document: GoldDocument) -> list[dict[str, Any]]:
    text = document.text or ""
    spans = find_spans(claim.evidence, text) if claim.span is None else (claim.span,)
    if not spans:
        raise InputError(f"{document.id}: the quote {claim.evidence!r} is not in its text")
    start, end = spans[0]
    place = {"start": start, "end": end, "text": text[start:end]}

    def write(control: str, kind: str, key: str, values: Sequence[str]) -> dict[str, Any]:
        value = {**place, key: list(values)}
        named = {"id": region, "from_name": control, "to_name": _TEXT, "type": kind}
        return {**named, "value": value}

    items = [write(_REGION, "labels", "labels", [_REGION])]
    for field, values in _list_values(claim).items():
        if field in _CHOICES:
            items.append(write(field, "choices", "choices", values))
        else:
            items.append(write(field, "textarea", "text", values))
    return items


def _list_values(claim: GoldClaim) -> dict[str, list[str]]:
    """Write the filled fields of a claim as lists of texts, by the name of their control."""
    values: dict[str, list[str]] = {}
    for field in NAME_FIELDS:
        values[field] = [name] if (name := getattr(claim, field)) is not None else []
    for field in LIST_FIELDS:
        values[field] = list(getattr(claim, field))
    for role, figure in claim.figures():
        for part, value in figure.model_dump().items():
            values[f"{role}_{part}"] = [] if value is None else [_write_value(value)]
    values["outcome"], values["status"] = [claim.outcome], [claim.status]
    return {field: listed for field, listed in values.items() if listed}


def _write_value(value: float | str) -> str:
    return value if isinstance(value, str) else repr(value)


def import_annotations(tasks: Iterable[Mapping[str, Any]]) -> list[GoldDocument]:
    """Turn finished annotations into labels.

    A task counts by its last annotation that was not cancelled; pre-labels of a task without
    one count as its labels, so that an export comes back unchanged.

    Raises:
        InputError: a task was not made by `export_tasks`, or a label does not fit the schema.
    """
    documents: list[GoldDocument] = []
    for number, task in enumerate(tasks, start=1):
        try:
            documents.append(_read_task(task))
        except ValidationError as error:
            raise InputError(f"task {number}: {describe_errors(error)}") from error
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise InputError(f"task {number}: not an exported task ({error!r})") from error
    return documents


def _read_task(task: Mapping[str, Any]) -> GoldDocument:
    data = dict(task["data"])
    forms = data.pop("evidence_as", [])
    annotations = [
        annotation
        for annotation in task.get("annotations", [])
        if not annotation.get("was_cancelled")
    ]
    chosen = (annotations or task.get("predictions", []))[-1]
    regions: defaultdict[str, dict[str, list[str]]] = defaultdict(dict)
    spans: dict[str, tuple[int, int]] = {}
    for item in chosen["result"]:
        value, control = item["value"], item["from_name"]
        if control == _REGION:
            spans[item["id"]] = (int(value["start"]), int(value["end"]))
        else:
            key = "choices" if control in _CHOICES else "text"
            listed = value[key]
            regions[item["id"]][control] = [listed] if isinstance(listed, str) else listed
    claims = []
    for region, span in spans.items():
        as_quote = bool(forms) and _form_of(region, forms) == "quote"
        claims.append(_read_claim(regions[region], span, data["text"], as_quote=as_quote))
    return GoldDocument.model_validate({**data, "claims": claims})


def _form_of(region: str, forms: Sequence[str]) -> str:
    """Say how the evidence of a region is kept: new regions like the others of the abstract."""
    _, _, place = region.rpartition("-")
    known = place.isdigit() and int(place) < len(forms)
    return forms[int(place)] if known else forms[0]


def _read_claim(
    values: Mapping[str, Sequence[str]], span: tuple[int, int], text: str, *, as_quote: bool
) -> GoldClaim:
    quote = text[slice(*span)]
    label: dict[str, Any] = {
        "evidence": quote,
        "span": None if as_quote else span,
        **{
            field: values[field][0]
            for field in (*NAME_FIELDS, "outcome", "status")
            if field in values
        },
        **{field: list(values.get(field, ())) for field in LIST_FIELDS},
    }
    for role in FIGURE_FIELDS:
        parts = {
            name.removeprefix(f"{role}_"): listed[0]
            for name, listed in values.items()
            if name.startswith(f"{role}_")
        }
        label[role] = parts or None
    return GoldClaim.model_validate(label)
