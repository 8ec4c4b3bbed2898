"""`extractor eval`: score a model, or anybody's predictions, against labelled claims."""

import asyncio
import json
import statistics
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from extractor.cli import options, pages
from extractor.cli.exit_codes import ExitCode
from extractor.cli.gold_sets import DEFAULT_GOLD, load_labels, measure_ceiling
from extractor.errors import ConfigError, InputError, StoreError
from extractor.settings import Settings

if TYPE_CHECKING:
    from extractor.evaluation.gold import GoldDocument
    from extractor.evaluation.predictions import Prediction
    from extractor.evaluation.scorecards import ScoreCard, SystemProvenance
    from extractor.evaluation.scoring import Report

    Scored = tuple[ScoreCard, Report]
    Answers = tuple[dict[str, Prediction], SystemProvenance]


def evaluate(
    gold: Annotated[
        str, typer.Argument(help="A label file, or the name of one of the project's own sets.")
    ] = DEFAULT_GOLD,
    predictions: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Score these claims, in the shape of a run's JSONL."),
    ] = None,
    corpus: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="Texts for labels that come without. May be repeated."),
    ] = None,
    runs: Annotated[int, typer.Option(min=1, help="Answers to each abstract, for the spread.")] = 1,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Write a score card.")
    ] = None,
    fail_under: Annotated[
        list[str] | None,
        typer.Option(metavar="FIGURE=VALUE", help="Exit with 1 below it, as in soft=0.5."),
    ] = None,
    html: pages.ScorePage = None,
    history: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Score cards that the page shows over time."),
    ] = None,
    screen: Annotated[
        bool,
        typer.Option("--screen", help="Measure what `run --screen` saves and loses; no model."),
    ] = False,
    as_json: options.AsJson = False,
    model: options.Model = None,
    base_url: options.BaseUrl = None,
    mode: options.AskMode = "json_schema",
    prompt: options.PromptVersion = "v1",
    param: options.Parameters = None,
    max_reasks: options.MaxReasks = 2,
    max_attempts: options.MaxAttempts = 6,
    timeout: options.Timeout = 120.0,
    concurrency: options.Concurrency = 256,
    cache: options.CacheFolder = None,
    no_cache: options.NoCache = False,
    refresh: options.Refresh = False,
) -> None:
    """Score a model or a file of predictions against labelled claims.

    Prints every figure with its 95% interval beside what two people reach, and why points were
    lost.
    """
    if history is not None and html is None:
        raise ConfigError("--history is shown on the page: give --html too")
    if screen:
        if predictions or model or output or html or fail_under:
            raise ConfigError("--screen is measured by itself: without a model or predictions")
        _measure_screen(load_labels(gold, corpus or []), as_json)
        return
    from extractor.evaluation.scorecards import find_shortfalls

    floors = _parse_floors(fail_under)
    documents = load_labels(gold, corpus or [])
    if predictions is not None:
        if model is not None or runs > 1:
            raise ConfigError("--predictions are scored as they are: without --model and --runs")
        answers = [_load_answers(predictions, documents)]
    else:
        settings = [
            Settings(
                model=model,
                base_url=base_url,
                mode=mode,
                prompt=prompt,
                parameters=options.parse_parameters(param),
                sample=number,
                max_reasks=max_reasks,
                max_attempts=max_attempts,
                timeout_s=timeout,
                concurrency=concurrency,
                cache=not no_cache,
                cache_dir=cache,
                refresh=refresh,
            )
            for number in range(1, runs + 1)
        ]
        answers = [_ask(chosen, documents) for chosen in settings]
    scored = _score(gold, documents, answers)
    cards = [card for card, _ in scored]
    _print(cards, as_json)
    if output is not None:
        _write(cards, output)
    if html is not None:
        _write_page(scored, history, html)
    shortfalls = [line for card in cards for line in find_shortfalls(card, floors)]
    for shortfall in shortfalls:
        typer.echo(f"Too low: {shortfall}", err=True)
    if shortfalls:
        raise typer.Exit(ExitCode.CHECK_FAILED)


def _measure_screen(documents: "list[GoldDocument]", as_json: bool) -> None:
    from extractor.trials import try_screen

    trial = try_screen(documents)
    shares = {"share_saved": trial.share_saved, "recall_lost": trial.recall_lost}
    if as_json:
        typer.echo(json.dumps({**asdict(trial), **shares}))
        return
    typer.echo(
        f"The screen saves {trial.screened} of {trial.abstracts} abstracts "
        f"({trial.share_saved:.1%}) and loses {trial.required_screened} of {trial.required} "
        f"required claims ({trial.recall_lost:.1%})."
    )


def _parse_floors(texts: list[str] | None) -> dict[str, float]:
    floors = {}
    for name, value in options.split_pairs(texts, "--fail-under").items():
        try:
            floors[name] = float(value)
        except ValueError as error:
            raise ConfigError(f"--fail-under {name}={value}: not a number") from error
    return floors


def _load_answers(path: Path, documents: "list[GoldDocument]") -> "Answers":
    from extractor.evaluation.predictions import align_predictions, load_predictions
    from extractor.evaluation.scorecards import SystemProvenance
    from extractor.trials import add_known

    predicted = load_predictions(path)
    aligned = align_predictions(documents, predicted)
    if not aligned:
        raise InputError(
            f"{path} has no abstract in common with the labels, by id, hash of the text or title"
        )
    costs = [prediction.cost_usd for prediction in aligned.values()]
    latencies = [p.latency_s for p in aligned.values() if p.latency_s is not None]
    system = SystemProvenance(
        model=path.name,
        cost_usd=add_known(costs),
        latency_s=statistics.fmean(latencies) if latencies else None,
    )
    return aligned, system


def _ask(settings: Settings, documents: "list[GoldDocument]") -> "Answers":
    from extractor.trials import try_model

    return asyncio.run(try_model(settings, documents))


def _score(gold: str, documents: "list[GoldDocument]", answers: "list[Answers]") -> "list[Scored]":
    from extractor.evaluation.scorecards import GoldProvenance, make_score_card
    from extractor.evaluation.scoring import score

    ceiling = measure_ceiling(gold, documents)
    described = GoldProvenance.of(Path(gold).stem, documents)
    created = datetime.now(UTC).isoformat(timespec="seconds")
    reports = [(score(documents, predictions), system) for predictions, system in answers]
    return [
        (make_score_card(report, described, system, created=created, ceiling=ceiling), report)
        for report, system in reports
    ]


def _print(cards: "list[ScoreCard]", as_json: bool) -> None:
    if as_json:
        typer.echo("\n".join(card.to_json() for card in cards), nl=False)
        return
    from rich.console import Console

    from extractor.cli.score_tables import print_card, print_spread

    console = Console()
    print_card(console, cards[0])
    if len(cards) > 1:
        print_spread(console, cards)


def _write(cards: "list[ScoreCard]", path: Path) -> None:
    """Write a card for each run, those after the first with the run's number in their name."""
    for number, card in enumerate(cards, start=1):
        target = path if number == 1 else path.with_suffix(f".run{number}{path.suffix}")
        try:
            target.write_text(card.to_json(), encoding="utf-8")
        except OSError as error:
            raise StoreError(f"cannot write {target}: {error.strerror}") from error


def _write_page(scored: "list[Scored]", history: Path | None, path: Path) -> None:
    from extractor.reporting.score_page import render_score_page

    card, report = scored[0]
    page = render_score_page(
        card,
        report,
        repeats=[card for card, _ in scored],
        history=[] if history is None else _load_history(history),
    )
    pages.write_page(page, path)


def _load_history(folder: Path) -> "list[ScoreCard]":
    """Read the score cards of a folder; what is none is named and left out."""
    from extractor.evaluation.scorecards import load_score_card

    cards = []
    for file in sorted(folder.glob("*.json")):
        try:
            cards.append(load_score_card(file))
        except InputError:
            typer.echo(f"left out of the history, no score card: {file}", err=True)
    if not cards:
        raise InputError(f"{folder} holds no score cards (*.json)")
    return cards
