"""Ranks methods by the figures that abstracts print for them on a data set."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict

from extractor.claims import Quantity
from extractor.evaluation.aliases import NameRegistry, default_registry
from extractor.evaluation.figures import Figure, normalise_figure
from extractor.queries.claims import SourcedClaim, name_paper, read_claims_on, read_names
from extractor.queries.database import open_database
from extractor.queries.directions import Direction, find_direction
from extractor.queries.joining import NameGroups, NameMatch, match_names


class Entry(BaseModel):
    """A method's own figure, as one abstract prints it.

    Attributes:
        rank: from 1; equal figures share theirs.
        comparable: the figure that it is ranked by, in the unit of the board; of a range the end
            that is less good.
        id, title: of the abstract.
        quote: the passage that states it.
    """

    model_config = ConfigDict(frozen=True)

    rank: int
    method: str
    value: Quantity
    comparable: float
    metric: str | None
    datasets: list[str]
    task: str | None
    id: str
    title: str
    quote: str
    claim_id: str


class Board(BaseModel):
    """Figures of one metric in one unit, best first.

    Attributes:
        dataset: as it was asked for.
        dataset_names, metric_names: the spellings that were joined.
        metric: its first spelling; None for figures without a metric.
        unit: the one that all figures were brought into; empty for bare numbers.
        better: which figures are better.
        better_from: whether the metric or its unit tells so, or an option, or nothing does:
            then the highest come first.
    """

    model_config = ConfigDict(frozen=True)

    dataset: str
    dataset_names: list[str]
    metric: str | None
    metric_names: list[str]
    unit: str
    better: Direction
    better_from: Literal["metric", "option", "unknown"]
    entries: list[Entry]


class Leaderboard(BaseModel):
    """The boards of a data set, the longest first.

    Attributes:
        near: if no claim names the data set, the names of the store most like it.
        other_metrics: if no figure on it has the metric asked for, the metrics that there are.
    """

    model_config = ConfigDict(frozen=True)

    boards: list[Board]
    near: list[str] = []
    other_metrics: list[str] = []

    def shorten(self, most: int | None) -> "Leaderboard":
        """Leave of each board the best entries; all of them for None."""
        boards = [
            board.model_copy(update={"entries": board.entries[:most]}) for board in self.boards
        ]
        return self.model_copy(update={"boards": boards})


def rank_methods(
    target: str,
    dataset: str,
    *,
    metric: str | None = None,
    task: str | None = None,
    better: Direction | None = None,
) -> Leaderboard:
    """Rank methods by their own printed figures on a data set.

    Only figures of one metric and one unit are compared; 0.952 and 95.2% are one unit where the
    metric is a share of a whole. What one paper says twice counts once.

    Args:
        target: a store of any kind.
        dataset: in any spelling that the alias registry knows.
        metric: in any spelling; by default every metric has a board of its own.
        task: part of the task's name.
        better: overrides what is known of the metrics.

    Raises:
        StoreError: the store cannot be read.
    """
    registry = default_registry()
    with open_database(target) as connection:
        found = match_names(dataset, read_names(connection, "dataset"), registry)
        claims = [
            claim
            for claim in read_claims_on(connection, found.printed)
            if task is None or task.casefold() in (claim.claim.task or "").casefold()
        ]
    chosen = [claim for claim in claims if _is_about(claim, metric, registry)]
    return Leaderboard(
        boards=_make_boards(chosen, found, better, registry),
        near=found.near,
        other_metrics=[] if chosen else _list_metrics(claims),
    )


@dataclass(frozen=True, slots=True)
class _Row:
    source: SourcedClaim
    value: Quantity
    figure: Figure

    def find_worst(self, better: Direction) -> float:
        """Give the end of the figure that is less good."""
        low, high = self.figure.low, self.figure.high
        return low if better == "higher" or high is None else high


def _is_about(claim: SourcedClaim, metric: str | None, registry: NameRegistry) -> bool:
    if metric is None:
        return True
    return claim.claim.metric is not None and registry.similarity(metric, claim.claim.metric) == 1.0


def _list_metrics(claims: Iterable[SourcedClaim]) -> list[str]:
    return sorted({claim.claim.metric for claim in claims if claim.claim.metric})


def _make_boards(
    claims: Iterable[SourcedClaim],
    found: NameMatch,
    better: Direction | None,
    registry: NameRegistry,
) -> list[Board]:
    metrics = NameGroups(registry)
    grouped: defaultdict[tuple[str | None, str], list[_Row]] = defaultdict(list)
    for claim in claims:
        if (value := claim.claim.value) is not None:
            metric = claim.claim.metric
            is_share = metric is not None and registry.is_proportion(metric)
            figure = normalise_figure(value, is_proportion=is_share)
            head = None if metric is None else metrics.find(metric)
            grouped[head, figure.unit].append(_Row(claim, value, figure))
    boards = []
    for (head, unit), rows in grouped.items():
        known = find_direction(head, unit)
        direction = better or known or "higher"
        datasets = {name for row in rows for name in row.source.claim.datasets}
        boards.append(
            Board(
                dataset=found.asked,
                dataset_names=[name for name in found.printed if name in datasets],
                metric=head,
                metric_names=_list_metrics(row.source for row in rows),
                unit=unit,
                better=direction,
                better_from="option" if better else "metric" if known else "unknown",
                entries=_rank(rows, direction, registry),
            )
        )
    return sorted(boards, key=lambda board: (-len(board.entries), board.metric or "~", board.unit))


def _rank(rows: Iterable[_Row], better: Direction, registry: NameRegistry) -> list[Entry]:
    sign = -1 if better == "higher" else 1
    ordered = sorted(rows, key=lambda row: (sign * row.find_worst(better), row.source.id))
    methods = NameGroups(registry)
    entries: list[Entry] = []
    said: set[object] = set()
    for row in ordered:
        source, claim = row.source, row.source.claim
        saying = (name_paper(source.title, source.id), methods.find(claim.method), row.figure)
        if {saying, source.claim_id} & said:
            continue
        said |= {saying, source.claim_id}
        comparable = row.find_worst(better)
        is_tie = bool(entries) and entries[-1].comparable == comparable
        entries.append(
            Entry(
                rank=entries[-1].rank if is_tie else len(entries) + 1,
                value=row.value,
                comparable=comparable,
                quote=claim.evidence,
                id=source.id,
                title=source.title,
                claim_id=source.claim_id,
                **claim.model_dump(include={"method", "metric", "datasets", "task"}),
            )
        )
    return entries
