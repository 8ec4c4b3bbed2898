"""The claims page: what was extracted, on the abstracts that it was extracted from."""

from collections.abc import Iterable, Sequence
from typing import Any

from markupsafe import Markup

from extractor.reporting.charts import draw_deltas, draw_outcomes, draw_ranking
from extractor.reporting.describing import describe_abstract, rank_quantity
from extractor.reporting.pages import Assets, render_page
from extractor.reporting.tallies import DELTA_UNITS, Tally
from extractor.results import Problem, RejectedClaim, Result

_DELTA_NOTE = "Each printed difference a dot, the median a bar."
_ASSETS = Assets(
    styles=("explorer.css", "claims_page.css"), scripts=("tables.js", "claims_page.js")
)


def render_claims_page(
    results: Iterable[Result], name: str, links: Sequence[tuple[str, str]] = ()
) -> str:
    """Write results as one HTML document.

    Args:
        results: what to show, one extraction of each abstract.
        name: what they were read from.
        links: titles and file names of the pages that hold the rest.

    Raises:
        ConfigError: the libraries that draw charts are not installed.
    """
    tally = Tally()
    abstracts = []
    for result in results:
        tally.add(result)
        abstracts.append(_describe_result(result))
    return render_page(
        "claims_page.html",
        title=f"Claims in {name}",
        assets=_ASSETS,
        data={"abstracts": abstracts},
        name=name,
        links=links,
        tally=tally,
        charts=_draw_charts(tally),
    )


def _draw_charts(tally: Tally) -> list[tuple[str, str, Markup]]:
    """The charts that have something to show, each with its title and how to read it."""
    ranking = draw_ranking(tally.top_datasets(), "Number of claims by data set")
    charts = [
        ("Outcomes", "How the methods do beside their baselines.", draw_outcomes(tally.outcomes)),
        ("Most claimed data sets", "Claims about each, by any spelling of its name.", ranking),
    ]
    deltas = [
        (f"Deltas in {noun}", _DELTA_NOTE, draw_deltas(tally.deltas(unit), noun))
        for unit, noun in DELTA_UNITS.items()
    ]
    drawn = [(title, note, chart) for title, note, chart in deltas if chart is not None]
    # The short one above a longer one, so that the columns come out even.
    charts[1:1] = drawn[:1]
    charts += drawn[1:]
    return [(title, note, chart) for title, note, chart in charts if chart is not None]


def _describe_result(result: Result) -> dict[str, Any]:
    abstract, provenance = result.abstract, result.provenance
    # Stores of earlier versions kept places without the text that they are in.
    spans = [claim.span if abstract.text else None for claim in result.claims]
    described = describe_abstract(abstract.text, result.claims, spans)
    claims = [
        _drop_empty(
            {
                **fields,
                "evidence": None if fields["span"] else claim.evidence,
                "problems": _describe_problems(claim.problems),
                "ranks": _drop_empty(
                    {role: rank_quantity(figure) for role, figure in claim.figures()}
                ),
            }
        )
        for claim, fields in zip(result.claims, described, strict=True)
    ]
    return _drop_empty(
        {
            **abstract.model_dump(),
            "status": result.status,
            "reason": result.reason,
            "claims": claims,
            "rejected": [_describe_rejected(rejected) for rejected in result.rejected],
            "model": provenance.model,
            "run": provenance.run_id,
            "created": provenance.created,
        }
    )


def _describe_problems(problems: Iterable[Problem]) -> list[dict[str, str]]:
    return [problem.model_dump(mode="json") for problem in problems]


def _describe_rejected(rejected: RejectedClaim) -> dict[str, Any]:
    """Whatever the model wrote, which need not be a claim at all."""
    fields = rejected.claim if isinstance(rejected.claim, dict) else {}
    return {
        "method": str(fields.get("method") or ""),
        "evidence": str(fields.get("evidence") or ("" if fields else rejected.claim)),
        "problems": _describe_problems(rejected.problems),
    }


def _drop_empty(fields: dict[str, Any]) -> dict[str, Any]:
    """Leave out what says nothing: pages of many claims are mostly that."""
    return {name: value for name, value in fields.items() if value not in (None, "", [], {})}
