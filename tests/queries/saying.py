"""Claims of invented papers, for questions about them."""

from typing import Any

from extractor.documents import hash_text
from extractor.results import Result
from extractor.stores import open_store
from extractor.stores.copying import copy_results
from tests.stores.making import make_checked, make_result


def figure(number: float, unit: str | None = "%", **more: Any) -> dict[str, Any]:
    return {"number": number, "unit": unit, **more}


def say(paper: str, *claims: dict[str, Any], **more: Any) -> Result:
    """What a paper says: a result with these claims, each with an id of its own."""
    nothing = {"datasets": [], "value": None, "baselines": [], "baseline_value": None}
    checked = [
        make_checked(
            **nothing
            | {"outcome": "reported", "claim_id": hash_text(paper + repr(claim))[:16]}
            | claim
        )
        for claim in claims
    ]
    text = more.pop("text", f"Text of {paper}.")
    return make_result(id=paper, title=f"On {paper}", text=text, claims=checked, **more)


def keep(target: str, *results: Result) -> str:
    store = open_store(target, stdout=None)  # type: ignore[arg-type]
    try:
        copy_results(results, store)
    finally:
        store.close()
    return target
