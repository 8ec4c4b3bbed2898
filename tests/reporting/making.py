"""Results for pages, without a model."""

from extractor.claims import Claim
from extractor.documents import Abstract
from extractor.results import (
    CheckedClaim,
    Problem,
    Provenance,
    RejectedClaim,
    Result,
    make_claim_id,
)
from tests.samples import ABSTRACT, make_claim

HOSTILE = (
    "<script>alert(1)</script> <img src=http://example.org/x.png onerror=alert(2)> {{ 7 * 7 }} "
    "</script><script>alert(3)</script> <!-- \u202egnp.exe\u202c javascript:alert(4) 𝒳 end"
)
SHOWN_HOSTILE = HOSTILE.replace("\u202e", "\ufffd").replace("\u202c", "\ufffd")


def make_provenance(**changes: object) -> Provenance:
    fields = {
        "extraction_id": "e",
        "run_id": "run1",
        "model": "m",
        "prompt": "v1",
        "schema": "s",
        "mode": "json_schema",
        "tokens_in": 1200,
        "tokens_out": 300,
        "cost_usd": 0.0125,
        "latency_s": 2.0,
        "created": "2026-11-20T08:00:00+00:00",
    }
    return Provenance.model_validate(fields | changes)


def check_claim(abstract: Abstract, *problems: Problem, **changes: object) -> CheckedClaim:
    """A claim that stands in its abstract."""
    claim = Claim.model_validate(make_claim(**changes))
    start = abstract.text.find(claim.evidence)
    return CheckedClaim(
        **claim.model_dump(),
        span=(start, start + len(claim.evidence)) if start >= 0 else None,
        claim_id=make_claim_id(abstract.text_sha256, claim),
        problems=list(problems),
    )


def make_results() -> list[Result]:
    """One abstract in each state, one hostile, and a rejected entry."""
    points = {"number": 3.2, "high": None, "unit": "points", "qualifier": "exact"}
    doubt = Problem(check="delta", severity="warning", message="does not follow")
    bare = {"value": None, "baseline_value": None}
    faster = {"number": 3, "high": None, "unit": "x", "qualifier": "exact", "direction": "increase"}
    claims = [
        check_claim(ABSTRACT, doubt, delta={**points, "direction": "increase"}),
        check_claim(
            ABSTRACT, method="SlowNet", metric="speed", datasets=[], baselines=["BazNet"], **bare,
            delta=faster, evidence="runs 3x faster",
        ),
        check_claim(
            ABSTRACT, method="FooNet", metric=None, datasets=[], baselines=["human experts"],
            outcome="similar", evidence="It is on a par with human experts", **bare,
        ),
    ]  # fmt: skip
    kept_out = RejectedClaim(
        claim={"method": "BadNet", "evidence": "nowhere"},
        problems=[Problem(check="quote", severity="error", message="not in the abstract")],
    )
    hostile = Abstract(id="bad", title=HOSTILE, text=HOSTILE, url="javascript:alert(5)")
    return [
        Result(abstract=ABSTRACT, status="claims", claims=claims, rejected=[kept_out],
               provenance=make_provenance(extraction_id="e1")),
        Result(abstract=hostile, status="claims", provenance=make_provenance(extraction_id="e2"),
               claims=[check_claim(hostile, **bare, method=HOSTILE, datasets=[HOSTILE],
                                   metric=HOSTILE, evidence="</script><script>alert(3)</script>")]),
        Result(abstract=Abstract(id="survey", title="A survey", text="We look back.",
                                 url="https://example.org/survey"),
               status="no_claims", provenance=make_provenance(extraction_id="e3", cache_hit=True)),
        Result(abstract=Abstract(id="torn", title="Torn", text="It broke."), status="failed",
               reason=f"no answer: {HOSTILE}",
               provenance=make_provenance(extraction_id="e4", cost_usd=None, run_id="run2")),
    ]  # fmt: skip
