"""What `extractor run --dry-run` prints."""

import asyncio
import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from extractor.estimates import Estimate, Measure
    from extractor.readers import Entry
    from extractor.settings import Settings


def print_dry_run(
    settings: "Settings", entries: "Iterable[Entry]", output: str | None, *, as_json: bool
) -> None:
    """Say what a run would ask and cost.

    Raises:
        ExtractorError: the run could not begin.
    """
    from extractor.estimates import estimate_run
    from extractor.stores import check_target

    if output is not None:
        check_target(output)
    kept = None if output == "-" else output
    estimate = asyncio.run(estimate_run(settings, entries, kept))
    if as_json:
        typer.echo(json.dumps(_to_record(estimate)))
        return
    typer.echo(f"Dry run with {_name_asked(estimate)}: nothing is asked, nothing is written.")
    for name, value in _describe(estimate, output):
        typer.echo(f"  {name:<11} {value}")
    if estimate.requests:
        typer.echo(_explain(estimate.measure))


def _to_record(estimate: "Estimate") -> dict[str, object]:
    record = asdict(estimate)
    del record["measure"]
    measure = estimate.measure
    return {
        **record,
        "chars_per_token": round(measure.chars_per_token, 3),
        "tokens_per_answer": round(measure.tokens_per_answer, 1),
        "measured_answers": measure.answers,
    }


def _name_asked(estimate: "Estimate") -> str:
    prompt = "" if estimate.prompt == "none" else f", prompt {estimate.prompt}"
    return f"{estimate.model}{prompt}"


def _describe(estimate: "Estimate", output: str | None) -> list[tuple[str, str]]:
    from extractor.stores import show_target

    sorts = [
        (estimate.duplicates, "duplicates"),
        (estimate.present, f"in {show_target(output or '')} already"),
        (estimate.unreadable, "unreadable"),
        (estimate.screened, "screened"),
        (estimate.offline, "by rules"),
        (estimate.answered, "answered by the cache"),
    ]
    counted = [f"{number:,} {what}" for number, what in sorts if number]
    counted.append(f"{estimate.to_ask:,} to be asked")
    shared = f" ({estimate.shared:,} shared by the same text)" if estimate.shared else ""
    described = [
        ("abstracts", f"{estimate.read:,} read: {', '.join(counted)}"),
        ("requests", f"{_about(estimate)}{estimate.requests:,}{shared}"),
    ]
    if not estimate.requests:
        return [*described, ("cost", "$0")]
    prefix = round(estimate.tokens_prefix / estimate.requests)
    return [
        *described,
        (
            "tokens in",
            f"about {estimate.tokens_in:,}, {estimate.tokens_prefix:,} of them the prompt "
            f"({prefix:,} in every request), which providers can cache",
        ),
        ("tokens out", f"about {estimate.tokens_out:,}"),
        ("cost", _describe_cost(estimate)),
    ]


def _about(estimate: "Estimate") -> str:
    return "about " if estimate.requests and estimate.measure.reask_rate else ""


def _describe_cost(estimate: "Estimate") -> str:
    if estimate.cost_usd is None or estimate.cost_cached_usd is None:
        return "unknown: the price tables do not know this model or server"
    cost = f"about ${estimate.cost_usd:,.4f}"
    if estimate.cost_cached_usd < estimate.cost_usd:
        cost += f", or ${estimate.cost_cached_usd:,.4f} with the prefix from the provider's cache"
    return cost


def _explain(measure: "Measure") -> str:
    rates = (
        f"{measure.chars_per_token:.2f} characters a token and "
        f"{measure.tokens_per_answer:,.0f} tokens an answer"
    )
    if not measure.answers:
        return (
            f"Assumed, since no earlier answer was found: {rates}, no re-asks. "
            "Models that reason before they answer take more."
        )
    reasks = f", {measure.reask_rate:.2f} re-asks an abstract" if measure.reask_rate else ""
    return f"Measured on {measure.answers:,} earlier answers: {rates}{reasks}."
