"""Options that several commands share, so that they read and mean the same everywhere."""

import json
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from extractor.errors import ConfigError
from extractor.settings import Mode


class PrintFormat(StrEnum):
    """How claims and answers about them are printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


class ClaimOutcome(StrEnum):
    """How a method does beside its baselines, as in a claim."""

    BETTER = "better"
    WORSE = "worse"
    SIMILAR = "similar"
    MIXED = "mixed"
    REPORTED = "reported"


_MODEL = "Model"
_CACHE = "Cache and limits"
_INPUT = "Input"

Model = Annotated[
    str | None,
    typer.Option(
        "-m",
        "--model",
        help="provider/model, or patterns (built in, offline). "
        "Default: openai/gpt-5-mini, if OPENAI_API_KEY is set.",
        rich_help_panel=_MODEL,
    ),
]
BaseUrl = Annotated[
    str | None,
    typer.Option(
        metavar="URL", help="An OpenAI-compatible server of your own.", rich_help_panel=_MODEL
    ),
]
AskMode = Annotated[
    Mode,
    typer.Option("--mode", help="How structured output is asked for.", rich_help_panel=_MODEL),
]
PromptVersion = Annotated[
    str, typer.Option(help="Prompt version, or a folder of your own.", rich_help_panel=_MODEL)
]
Parameters = Annotated[
    list[str] | None,
    typer.Option(
        "-p",
        "--param",
        metavar="KEY=VALUE",
        help="Sent with every request, as in -p temperature=0. May be repeated.",
        rich_help_panel=_MODEL,
    ),
]
MaxReasks = Annotated[
    int, typer.Option(min=0, help="Re-asks for an answer with problems.", rich_help_panel=_CACHE)
]
MaxAttempts = Annotated[
    int, typer.Option(min=1, help="Attempts at a request that fails.", rich_help_panel=_CACHE)
]
Timeout = Annotated[
    float,
    typer.Option(
        min=0.1, metavar="SECONDS", help="Until a request is lost.", rich_help_panel=_CACHE
    ),
]
Concurrency = Annotated[
    int,
    typer.Option(
        min=1,
        help="Requests in flight at the most; how many really are follows from the server.",
        rich_help_panel=_CACHE,
    ),
]
RequestsPerMinute = Annotated[
    float | None,
    typer.Option("--rpm", min=1, help="Requests a minute at the most.", rich_help_panel=_CACHE),
]
TokensPerMinute = Annotated[
    float | None,
    typer.Option("--tpm", min=1, help="Tokens a minute at the most.", rich_help_panel=_CACHE),
]
Patience = Annotated[
    float,
    typer.Option(
        min=0,
        metavar="SECONDS",
        help="How long to wait for a server that is down.",
        rich_help_panel=_CACHE,
    ),
]
MaxCost = Annotated[
    float | None,
    typer.Option(
        min=0, metavar="USD", help="Stop before more than this is spent.", rich_help_panel=_CACHE
    ),
]
MaxRequests = Annotated[
    int | None,
    typer.Option(
        min=0,
        help="Stop after so many requests; those that fail count too.",
        rich_help_panel=_CACHE,
    ),
]
CacheFolder = Annotated[
    Path | None,
    typer.Option(
        "--cache", metavar="DIR", help="Where paid answers are kept.", rich_help_panel=_CACHE
    ),
]
NoCache = Annotated[
    bool, typer.Option("--no-cache", help="Keep no answers.", rich_help_panel=_CACHE)
]
Refresh = Annotated[
    bool,
    typer.Option("--refresh", help="Ask again in spite of the cache.", rich_help_panel=_CACHE),
]
InputFormat = Annotated[
    str | None,
    typer.Option(
        "--format", help="The sources' format, if not to be told.", rich_help_panel=_INPUT
    ),
]
Mapping = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        metavar="FIELD=COLUMN",
        help="Which column or key holds id, title, text, url or published. May be repeated.",
        rich_help_panel=_INPUT,
    ),
]
SkipCheck = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME", help="Switch a validation check off. May be repeated."),
]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="No progress, no summary.")]
SummaryAsJson = Annotated[
    bool, typer.Option("--json", help="The summary as JSON on standard error.")
]
Format = Annotated[PrintFormat, typer.Option("--format", help="How to print it.")]
StoreTarget = Annotated[
    str, typer.Argument(metavar="STORE", help="An output of `run`: a file, or a database's URL.")
]
Part = Annotated[
    str | None, typer.Option(metavar="TEXT", help="Only claims whose field holds this.")
]
MadeBy = Annotated[
    str | None, typer.Option("--model", metavar="TEXT", help="Only claims of such a model.")
]
WantedOutcome = Annotated[
    ClaimOutcome | None, typer.Option("--outcome", help="Only claims with this outcome.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def parse_parameters(texts: Iterable[str] | None) -> dict[str, Any]:
    """Read the values of `-p`: JSON where it is JSON, else text.

    Raises:
        ConfigError: one of them is not written as KEY=VALUE.
    """
    return {name: _read_value(value) for name, value in split_pairs(texts, "-p").items()}


def split_pairs(texts: Iterable[str] | None, option: str) -> dict[str, str]:
    """Split `NAME=VALUE` at its first equals sign.

    Raises:
        ConfigError: there is none, or no name before it.
    """
    pairs = {}
    for text in texts or ():
        name, separator, value = text.partition("=")
        if not separator or not name:
            raise ConfigError(f"{option} {text}: write it as NAME=VALUE")
        pairs[name] = value
    return pairs


def _read_value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
