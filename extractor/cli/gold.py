"""`extractor gold`: look after the labels."""

import json
from pathlib import Path
from typing import Annotated

import typer

from extractor.cli import options
from extractor.cli.exit_codes import ExitCode
from extractor.cli.gold_sets import DEFAULT_GOLD, find_gold, load_labels
from extractor.errors import InputError

app = typer.Typer(help="Look after the labels that models are measured by.", no_args_is_help=True)

Gold = Annotated[
    str, typer.Argument(help="A label file, or the name of one of the project's own sets.")
]
Corpus = Annotated[
    list[Path] | None,
    typer.Option(metavar="FILE", help="Texts for labels that come without. May be repeated."),
]
Output = Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="Where to write.")]


@app.command()
def hydrate(
    output: Output,
    corpus: Annotated[
        list[Path], typer.Option(metavar="FILE", help="Where the texts are. May be repeated.")
    ],
    gold: Gold = "daily_papers",
) -> None:
    """Join labels that came without sentences with texts that you have.

    By the hash of the text, else by the title, with the labels put onto the other version.
    """
    from extractor.evaluation.gold import save_gold

    documents = load_labels(gold, corpus)
    save_gold(documents, output)
    typer.echo(f"{len(documents)} labelled abstracts with their texts in {output}", err=True)


@app.command()
def check(gold: Gold = DEFAULT_GOLD, corpus: Corpus = None) -> None:
    """Check every label: schema, places, figures, duplicates, overlap with few-shot examples."""
    from extractor.evaluation.checking import check_gold_file
    from extractor.prompting import list_prompts, load_examples

    examples = [
        example.abstract.text for version in list_prompts() for example in load_examples(version)
    ]
    texts = {
        document.id: document.text for document in load_labels(gold, corpus or []) if document.text
    }
    problems = check_gold_file(find_gold(gold), examples, texts)
    for problem in problems:
        place = "" if problem.claim is None else f", claim {problem.claim + 1}"
        typer.echo(f"{problem.document}{place}: {problem.check}: {problem.message}")
    typer.echo(f"{len(problems)} problems in {gold}", err=True)
    if problems:
        raise typer.Exit(ExitCode.CHECK_FAILED)


@app.command()
def agreement(first: Gold, second: Gold, as_json: options.AsJson = False) -> None:
    """Measure how far two annotators agree: the ceiling of any score."""
    from extractor.evaluation.agreement import measure_agreement

    measured = measure_agreement(load_labels(first, []), load_labels(second, []))
    if as_json:
        typer.echo(measured.model_dump_json(indent=2))
        return
    from rich.console import Console

    from extractor.cli.score_tables import print_agreement

    print_agreement(Console(), measured)


@app.command("export")
def export_tasks(
    output: Output,
    gold: Gold = DEFAULT_GOLD,
    corpus: Corpus = None,
    predictions: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Pre-label with these claims instead of the labels."),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the labelling interface for Label Studio too."),
    ] = None,
) -> None:
    """Write Label Studio tasks, the labels or a model's claims as pre-labels."""
    from extractor.evaluation.labelstudio import export_tasks as build_tasks
    from extractor.evaluation.labelstudio import make_labelling_config

    documents = load_labels(gold, corpus or [])
    if predictions is not None:
        from extractor.evaluation.predictions import align_predictions, load_predictions
        from extractor.trials import relabel

        aligned = align_predictions(documents, load_predictions(predictions))
        documents = relabel(documents, aligned)
    tasks = build_tasks(documents, model_version=predictions.name if predictions else "labels")
    output.write_text(json.dumps(tasks, ensure_ascii=False, indent=1), encoding="utf-8")
    if config is not None:
        config.write_text(make_labelling_config(), encoding="utf-8")
    typer.echo(f"{len(tasks)} tasks in {output}", err=True)


@app.command("import")
def import_tasks(
    tasks: Annotated[Path, typer.Argument(help="What Label Studio exported, as JSON.")],
    output: Output,
) -> None:
    """Turn finished Label Studio annotations into a label file."""
    from extractor.evaluation.gold import save_gold
    from extractor.evaluation.labelstudio import import_annotations

    try:
        listed = json.loads(tasks.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{tasks}: not a JSON file of tasks ({error})") from error
    documents = import_annotations(listed)
    save_gold(documents, output)
    typer.echo(f"{len(documents)} labelled abstracts in {output}", err=True)
