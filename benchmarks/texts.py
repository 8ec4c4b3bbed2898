"""Invented abstracts of the usual length, as many as are wanted, and answers about them."""

import json
from collections.abc import Iterator

from extractor.documents import Abstract

_RESULT = (
    "FooNet reaches 91.2% accuracy on BarBench, 3.2 points above BazNet, "
    "and halves the training time."
)
_FILLER = (
    "Models of this kind are trained on large collections and used where little of that is at "
    "hand. We look at what is lost between the two, and propose a simple remedy that needs no "
    "further labels. A small network learns which parts of the input can be left out, and a "
    "second one puts the pieces together again. Both are trained at once, with a loss that "
    "rewards agreement and punishes haste. "
)


def _claim(metric: str, evidence: str, **fields: object) -> dict[str, object]:
    blank = {"task": None, "datasets": [], "value": None, "baselines": [], "baseline_value": None}
    return {"method": "FooNet", "metric": metric, **blank, "evidence": evidence, **fields}


def _figure(number: float, unit: str, **more: object) -> dict[str, object]:
    return {"number": number, "high": None, "unit": unit, "qualifier": "exact", **more}


_CLAIMS = [
    _claim(
        "accuracy",
        "FooNet reaches 91.2% accuracy on BarBench, 3.2 points above BazNet",
        datasets=["BarBench"],
        value=_figure(91.2, "%"),
        baselines=["BazNet"],
        delta=_figure(3.2, "points", direction="increase"),
        outcome="better",
    ),
    _claim(
        "training time",
        "halves the training time",
        delta=_figure(2, "x", direction="decrease"),
        outcome="better",
    ),
]

ANSWER = json.dumps({"claims": _CLAIMS})
INVALID_ANSWER = json.dumps({"claims": [{**_CLAIMS[0], "value": _figure(94.7, "%")}]})
"""A claim whose figure is not in the text."""
ALTERED_ANSWER = json.dumps({"claims": _CLAIMS[:1]}).translate(str.maketrans("923", "748"))
"""A claim whose figures are all other ones than those of the text, in its quote as well."""


def make_abstracts(count: int, first: int = 0) -> Iterator[Abstract]:
    """Yield abstracts of some 1,300 characters, no two alike."""
    for number in range(first, first + count):
        opening = f"This is study number {number} of its series. "
        text = opening + 2 * _FILLER + _RESULT + " " + _FILLER
        yield Abstract(id=f"doc-{number}", title=f"Study {number}", text=text)
