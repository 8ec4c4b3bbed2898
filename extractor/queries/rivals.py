"""Finds who is said to beat whom, and which abstracts contradict one another."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Literal

from pydantic import BaseModel, ConfigDict

from extractor.claims import Delta, Quantity
from extractor.errors import ConfigError
from extractor.evaluation.aliases import NameRegistry, default_registry
from extractor.queries.claims import SourcedClaim, name_paper, read_claims_between, read_names
from extractor.queries.database import open_database
from extractor.queries.joining import NameGroups, NameMatch, match_names

Verdict = Literal["first", "second", "similar", "mixed", "reported"]


class Comparison(BaseModel):
    """What one abstract says about two methods, seen from the first.

    Attributes:
        verdict: who does better by the outcome of the claim; `reported` if it does not say.
        about: which of the two the claim is about, as its method.
        names: the two methods as they are printed, the first one's first.
        values: their figures, in the same order; None where none is printed.
        difference: as printed: its direction is that of the method that the claim is about.
        baselines: all that the claim compares its method with; a difference may be to another.
        id, title: of the abstract.
        quote: the passage that states it.
    """

    model_config = ConfigDict(frozen=True)

    verdict: Verdict
    about: Literal["first", "second"]
    names: tuple[str, str]
    datasets: list[str]
    metric: str | None
    values: tuple[Quantity | None, Quantity | None]
    difference: Delta | None
    baselines: list[str]
    id: str
    title: str
    quote: str
    claim_id: str


class Contradiction(BaseModel):
    """Abstracts that say opposite things about one metric on one data set.

    Attributes:
        metric: None if neither side names one.
        first, second: the comparisons in which the first, the second method is better.
    """

    model_config = ConfigDict(frozen=True)

    dataset: str
    metric: str | None
    first: list[Comparison]
    second: list[Comparison]


class Rivalry(BaseModel):
    """All that a store says about two methods beside one another.

    Attributes:
        names: the spellings that were joined, of the first and of the second.
        near: for each that is not found at all, the names of the store most like it.
        tally: how many comparisons have each verdict.
    """

    model_config = ConfigDict(frozen=True)

    methods: tuple[str, str]
    names: tuple[list[str], list[str]]
    near: tuple[list[str], list[str]]
    tally: dict[Verdict, int]
    comparisons: list[Comparison]
    contradictions: list[Contradiction]


def compare_methods(target: str, first: str, second: str) -> Rivalry:
    """Gather the claims that compare two methods, whichever of them they are about.

    Raises:
        ConfigError: both names mean the same.
        StoreError: the store cannot be read.
    """
    registry = default_registry()
    if registry.similarity(first, second) == 1.0:
        raise ConfigError(f"'{first}' and '{second}' are two names of one method; name another")
    with open_database(target) as connection:
        one, other = (
            match_names(name, read_names(connection, "method", "baseline"), registry)
            for name in (first, second)
        )
        claims = read_claims_between(connection, [*one.printed, *other.printed])
        comparisons = list(_compare(claims, one, other))
    return Rivalry(
        methods=(first, second),
        names=(one.printed, other.printed),
        near=(one.near, other.near),
        tally=Counter(comparison.verdict for comparison in comparisons),
        comparisons=sorted(comparisons, key=lambda c: (c.datasets, c.metric or "", c.id)),
        contradictions=list(_find_contradictions(comparisons, registry)),
    )


def _compare(
    claims: Iterable[SourcedClaim], one: NameMatch, other: NameMatch
) -> Iterator[Comparison]:
    said: set[str] = set()
    for source in claims:
        is_turned = source.claim.method in other.printed
        rival = next(
            (
                name
                for name in source.claim.baselines
                if name in (one if is_turned else other).printed
            ),
            None,
        )
        if rival is not None and source.claim_id not in said:
            said.add(source.claim_id)
            yield _see(source, rival, is_turned)


def _see(source: SourcedClaim, rival: str, is_turned: bool) -> Comparison:
    """Put a claim as a comparison of the first method with the second."""
    claim = source.claim
    verdicts: dict[str, Verdict] = {
        **{outcome: outcome for outcome in ("similar", "mixed", "reported")},
        "better": "second" if is_turned else "first",
        "worse": "first" if is_turned else "second",
    }
    names, values = (claim.method, rival), (claim.value, claim.baseline_value)
    return Comparison(
        verdict=verdicts[claim.outcome],
        about="second" if is_turned else "first",
        names=names[::-1] if is_turned else names,
        values=values[::-1] if is_turned else values,
        difference=claim.delta,
        quote=claim.evidence,
        id=source.id,
        title=source.title,
        claim_id=source.claim_id,
        **claim.model_dump(include={"datasets", "metric", "baselines"}),
    )


def _find_contradictions(
    comparisons: Iterable[Comparison], registry: NameRegistry
) -> Iterator[Contradiction]:
    """Find opposite verdicts of different abstracts on one data set and metric."""
    datasets, metrics = NameGroups(registry), NameGroups(registry)
    sides: defaultdict[tuple[str, str | None], dict[str, list[Comparison]]] = defaultdict(dict)
    for comparison in comparisons:
        metric = comparison.metric and metrics.find(comparison.metric)
        for dataset in dict.fromkeys(map(datasets.find, comparison.datasets)):
            place = sides[dataset, metric]
            place.setdefault(comparison.verdict, []).append(comparison)
    for (dataset, metric), place in sides.items():
        first, second = place.get("first", []), place.get("second", [])
        papers = {name_paper(seen.title, seen.id) for seen in first + second}
        if first and second and len(papers) > 1:
            yield Contradiction(dataset=dataset, metric=metric, first=first, second=second)
