"""One invented abstract and claims about it, for tests of every stage."""

import json
from typing import Any

from extractor.documents import Abstract
from tests.model_server import Reply, completion

ABSTRACT = Abstract(
    id="foo",
    title="FooNet: Fast bars",
    text=(
        "Counting bars is slow. We present FooNet. FooNet reaches 91.2% accuracy on BarBench, "
        "against 88.0% for BazNet, and runs 3x faster. It is on a par with human experts."
    ),
)


def make_claim(**changes: Any) -> dict[str, Any]:
    """A right claim about the sample abstract, as a model would write it."""
    return {
        "method": "FooNet",
        "task": None,
        "datasets": ["BarBench"],
        "metric": "accuracy",
        "value": {"number": 91.2, "high": None, "unit": "%", "qualifier": "exact"},
        "baselines": ["BazNet"],
        "baseline_value": {"number": 88, "high": None, "unit": "%", "qualifier": "exact"},
        "delta": None,
        "outcome": "better",
        "evidence": "FooNet reaches 91.2% accuracy on BarBench, against 88.0% for BazNet",
    } | changes


def make_answer(*claims: dict[str, Any]) -> Reply:
    """A chat completion that gives these claims."""
    return completion(json.dumps({"claims": list(claims)}))
