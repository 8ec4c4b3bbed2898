"""Results as a pipeline makes them, and as Hypothesis imagines them."""

from typing import Any

from hypothesis import strategies as st

from extractor.claims import Claim
from extractor.documents import Abstract, hash_text
from extractor.results import CheckedClaim, Problem, Provenance, RejectedClaim, Result
from extractor.stores import RunRecord
from tests.samples import make_claim

RUN = RunRecord("run-1", "m", "v1@0123456789ab", "2026-01-01T00:00:00+00:00")
SHOWN = (*Claim.model_fields, "span", "claim_id")

# Databases know no NUL and hold U+FFFD instead.
_characters = st.characters(codec="utf-8", exclude_characters="\x00")
_names = st.text(_characters, min_size=1).map(lambda text: " ".join(text.split())).filter(bool)
_numbers = st.floats(allow_nan=False, allow_infinity=False)
_quantities = st.fixed_dictionaries(
    {
        "number": _numbers,
        "high": st.none() | _numbers,
        "unit": st.none() | _names,
        "qualifier": st.sampled_from(["exact", "about", "at_least", "at_most", "up_to"]),
    }
)
_deltas = st.builds(
    lambda quantity, direction: quantity | {"direction": direction},
    _quantities,
    st.sampled_from(["increase", "decrease"]),
)
_claims = st.builds(
    CheckedClaim.model_validate,
    st.fixed_dictionaries(
        {
            "method": _names,
            "task": st.none() | _names,
            "datasets": st.lists(_names, max_size=3),
            "metric": st.none() | _names,
            "value": st.none() | _quantities,
            "baselines": st.lists(_names, max_size=3),
            "baseline_value": st.none() | _quantities,
            "delta": st.none() | _deltas,
            "outcome": st.sampled_from(["better", "worse", "similar", "mixed", "reported"]),
            "evidence": st.text(_characters),
            "span": st.none() | st.tuples(st.integers(0, 999), st.integers(1000, 9999)),
            "claim_id": st.uuids().map(lambda uuid: uuid.hex[:16]),
        }
    ),
)
results = st.builds(
    lambda claims, **parts: make_result(claims=claims, **parts),
    st.lists(_claims, max_size=3),
    id=st.text(_characters, min_size=1),
    title=st.text(_characters),
    text=st.text(_characters),
)


def make_checked(**changes: Any) -> CheckedClaim:
    """A claim that passed the checks."""
    extras = {"span": (0, 10), "claim_id": "c" * 16, "problems": []}
    return CheckedClaim.model_validate(make_claim() | extras | changes)


def make_result(
    *,
    id: str = "foo",  # noqa: A002
    title: str = "FooNet",
    text: str = "FooNet wins.",
    claims: list[CheckedClaim] | None = None,
    failed: str | None = None,
    rejected: Any = None,
    **provenance: Any,
) -> Result:
    """A result; its extraction_id follows from abstract, model and prompt."""
    claims = [] if failed else [make_checked()] if claims is None else claims
    model = provenance.setdefault("model", "m")
    prompt = provenance.setdefault("prompt", "v1@0123456789ab")
    defaults = {
        "extraction_id": hash_text(repr((id, text, model, prompt)))[:16],
        "run_id": RUN.run_id,
        "schema": "s",
        "mode": "json_schema",
        "created": "2026-01-01T00:00:00+00:00",
    }
    problem = Problem(check="quote", severity="error", message="not in the abstract")
    return Result(
        abstract=Abstract(id=id, title=title, text=text, source="foo.jsonl:1"),
        status="failed" if failed else "claims" if claims else "no_claims",
        reason=failed,
        claims=claims,
        rejected=[RejectedClaim(claim=rejected, problems=[problem])] if rejected else [],
        provenance=Provenance.model_validate(defaults | provenance),
    )


def show(result: Result) -> list[dict[str, Any]]:
    """What `read_claims` has to give back for a result."""
    record = result.to_record()
    return [
        {"id": record["id"], "title": record["title"], **{name: claim[name] for name in SHOWN}}
        for claim in record["claims"]
    ]
