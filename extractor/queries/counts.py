"""Counts what a store holds and what it cost."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, Connection, Select, case, cast, func, or_, select
from sqlalchemy import String as SqlString

from extractor.errors import StoreError
from extractor.evaluation.aliases import default_registry
from extractor.queries.claims import CURRENT, Role, count_names, has_names
from extractor.queries.database import open_database
from extractor.queries.joining import NameGroups
from extractor.stores import tables

_ROWS = 1000
# Rarer spellings are not looked at when names are joined, so that memory stays bounded.
_SPELLINGS = 1000
_made = tables.extractions.c


class ModelCount(BaseModel):
    """What one model with one prompt was asked, history included.

    Attributes:
        failed: those of `extractions` that failed.
        cached: those that cost nothing in their run, since every answer was in the cache, or
            was that of another abstract with the same text.
        tokens_in: as the server counted them; each answer counts once, for the extraction that
            it was asked for. So it is with the other tokens and the cost.
        cost_usd: of those whose price is known; None if it is known of none.
        without_cost: extractions whose price is not known.
    """

    model_config = ConfigDict(frozen=True)

    model: str
    prompt: str
    extractions: int
    failed: int
    cached: int
    attempts: int
    tokens_in: int
    tokens_out: int
    tokens_cached: int
    cost_usd: float | None
    without_cost: int


class ClaimCount(BaseModel):
    """The current claims.

    Attributes:
        with_value: claims that print the method's own figure; so on for the other fields.
        with_figure: claims that print a figure of any kind.
    """

    model_config = ConfigDict(frozen=True)

    total: int
    with_figure: int
    with_value: int
    with_baseline_value: int
    with_delta: int
    with_dataset: int
    with_baseline: int
    outcomes: dict[str, int]
    per_abstract: float | None
    most_per_abstract: int


class NameCount(BaseModel):
    """How many current claims bear a name.

    Attributes:
        name: its most frequent spelling.
        spellings: all that were joined, the most frequent first.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    claims: int
    spellings: list[str]


class ProblemCount(BaseModel):
    """What a check found.

    Attributes:
        kept: warnings that stay beside current claims.
        rejected: entries of answers that it kept out, history included.
    """

    model_config = ConfigDict(frozen=True)

    check: str
    kept: int
    rejected: int


class StoreCounts(BaseModel):
    """What a store holds.

    Attributes:
        states: abstracts by the state of their newest extraction that did not fail, if any.
        extractions: older ones included.
        first, last: when the oldest and the newest extraction were made.
        reasons: why extractions failed, and how often, the most frequent first.
    """

    model_config = ConfigDict(frozen=True)

    abstracts: int
    states: dict[str, int]
    extractions: int
    runs: int
    first: str | None
    last: str | None
    models: list[ModelCount]
    claims: ClaimCount
    methods: list[NameCount]
    datasets: list[NameCount]
    metrics: list[NameCount]
    problems: list[ProblemCount]
    reasons: dict[str, int]


def count_store(target: str, most: int = 10) -> StoreCounts:
    """Count what a store holds.

    Args:
        target: a store of any kind.
        most: how many names and reasons of each kind are listed.

    Raises:
        StoreError: the store cannot be read.
    """
    with open_database(target) as connection:
        states = _count_states(connection)
        totals = select(
            func.count().label("extractions"),
            func.count(_made.run_id.distinct()).label("runs"),
            func.min(_made.created).label("first"),
            func.max(_made.created).label("last"),
        )
        return StoreCounts(
            abstracts=sum(states.values()),
            states=states,
            **connection.execute(totals).mappings().one(),
            models=list(_count_models(connection)),
            claims=_count_claims(connection, states.get("claims", 0)),
            methods=_count_names(connection, "method", most),
            datasets=_count_names(connection, "dataset", most),
            metrics=_count_names(connection, "metric", most),
            problems=_count_problems(connection),
            reasons=_count_reasons(connection, most),
        )


def _count_states(connection: Connection) -> dict[str, int]:
    age = func.row_number().over(
        partition_by=_made.abstract_key,
        order_by=[_made.status == "failed", _made.created.desc(), _made.written.desc()],
    )
    ranked = select(_made.status, age.label("age")).subquery()
    query = select(ranked.c.status, func.count()).where(ranked.c.age == 1).group_by(ranked.c.status)
    return _to_dict(connection, query)


def _count_models(connection: Connection) -> Iterator[ModelCount]:
    summed = ("attempts", "tokens_in", "tokens_out", "tokens_cached", "cost_usd")
    query = (
        select(
            _made.model,
            _made.prompt,
            func.count().label("extractions"),
            _count_if(_made.status == "failed").label("failed"),
            _count_if(_made.cache_hit == 1).label("cached"),
            (func.count() - func.count(_made.cost_usd)).label("without_cost"),
            *(func.sum(_made[name]).label(name) for name in summed),
        )
        .group_by(_made.model, _made.prompt)
        .order_by(func.count().desc(), _made.model, _made.prompt)
    )
    for row in connection.execute(query).mappings():
        yield ModelCount.model_validate(dict(row))


def _count_claims(connection: Connection, abstracts_with: int) -> ClaimCount:
    figures = ("value", "baseline_value", "delta")
    has: dict[str, ColumnElement[bool]] = {
        f"with_{role}": CURRENT.c[f"{role}_number"].is_not(None) for role in figures
    }
    has["with_figure"] = or_(*has.values())
    has |= {f"with_{role}": has_names(role) for role in ("dataset", "baseline")}
    totals = select(
        func.count().label("total"),
        func.coalesce(func.max(CURRENT.c.position), 0).label("most_per_abstract"),
        *(_count_if(condition).label(name) for name, condition in has.items()),
    ).select_from(CURRENT)
    outcomes = select(CURRENT.c.outcome, func.count()).group_by(CURRENT.c.outcome)
    row = connection.execute(totals).mappings().one()
    return ClaimCount(
        **row,
        outcomes=_to_dict(connection, outcomes),
        per_abstract=row["total"] / abstracts_with if abstracts_with else None,
    )


def _count_names(connection: Connection, role: Role, most: int) -> list[NameCount]:
    """Count the claims of the most frequent names, spellings of one name together."""
    groups, counts = NameGroups(default_registry()), Counter[str]()
    for name, claims in count_names(connection, role, _SPELLINGS):
        counts[groups.find(name)] += claims
    return [
        NameCount(name=name, claims=claims, spellings=groups.list_names(name))
        for name, claims in counts.most_common(most)
    ]


def _count_problems(connection: Connection) -> list[ProblemCount]:
    kept, rejected = Counter[str](), Counter[str]()
    for problems in _read_filled(connection, CURRENT.c.problems):
        kept.update(problem["check"] for problem in problems)
    for entries in _read_filled(connection, _made.rejected):
        for entry in entries:
            rejected.update({problem["check"] for problem in entry["problems"]})
    return [
        ProblemCount(check=check, kept=kept[check], rejected=rejected[check])
        for check, _ in (kept + rejected).most_common()
    ]


def _count_reasons(connection: Connection, most: int) -> dict[str, int]:
    query = (
        select(_made.reason, func.count())
        .where(_made.status == "failed", _made.reason.is_not(None))
        .group_by(_made.reason)
        .order_by(func.count().desc(), _made.reason)
        .limit(most)
    )
    return _to_dict(connection, query)


def _read_filled(connection: Connection, column: ColumnElement[Any]) -> Iterator[list[Any]]:
    """Read the lists of a column that are not empty, a page at a time."""
    query = select(column).where(cast(column, SqlString) != "[]")
    for entries in connection.scalars(query.execution_options(yield_per=_ROWS)):
        if not isinstance(entries, list):
            raise StoreError(f"{column} holds something else than JSON: see extractor store check")
        yield entries


def _count_if(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((condition, 1)))


def _to_dict(connection: Connection, query: Select[Any]) -> dict[str, int]:
    return {row[0]: row[1] for row in connection.execute(query)}
