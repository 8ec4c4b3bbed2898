"""Chooses claims by what their fields hold."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from extractor.results import CheckedClaim, Result
from extractor.stores.claim_rows import read_time


class PlacedClaim(NamedTuple):
    """A claim with the result that it belongs to.

    Attributes:
        position: 1, 2, ... within the result.
    """

    result: Result
    position: int
    claim: CheckedClaim


@dataclass(frozen=True, slots=True)
class ClaimFilter:
    """Which claims are wanted; all of them, unless something is named.

    Attributes:
        method, dataset, metric, baseline, model: a part of the name, in capitals or not.
        outcome: the word itself.
        since: when the extraction was made at the earliest; UTC unless it says otherwise.
    """

    method: str | None = None
    dataset: str | None = None
    metric: str | None = None
    baseline: str | None = None
    model: str | None = None
    outcome: str | None = None
    since: datetime | None = None

    def choose(self, results: Iterable[Result]) -> Iterator[PlacedClaim]:
        """Yield the claims that are wanted, in their order."""
        for result in results:
            if self._takes_result(result):
                for position, claim in enumerate(result.claims, start=1):
                    if self._takes_claim(claim):
                        yield PlacedClaim(result, position, claim)

    def choose_results(self, results: Iterable[Result]) -> Iterator[Result]:
        """Yield the results with a claim that is wanted, whole.

        Those without claims are left out, unless nothing is asked of claims.
        """
        return (result for result, _ in self._match(results))

    def narrow(self, results: Iterable[Result]) -> Iterator[Result]:
        """Leave of each chosen result the claims that are wanted, which is no whole result."""
        for result, claims in self._match(results):
            yield result.model_copy(update={"claims": claims})

    def _match(self, results: Iterable[Result]) -> Iterator[tuple[Result, list[CheckedClaim]]]:
        asks = any((self.method, self.dataset, self.metric, self.baseline, self.outcome))
        for result in results:
            if self._takes_result(result):
                claims = [claim for claim in result.claims if self._takes_claim(claim)]
                if claims or not asks:
                    yield result, claims

    def _takes_result(self, result: Result) -> bool:
        provenance = result.provenance
        if self.since and read_time(provenance.created) < _make_aware(self.since):
            return False
        return _holds([provenance.model], self.model)

    def _takes_claim(self, claim: CheckedClaim) -> bool:
        return (
            self.outcome in (None, claim.outcome)
            and _holds([claim.method], self.method)
            and _holds(claim.datasets, self.dataset)
            and _holds([claim.metric or ""], self.metric)
            and _holds(claim.baselines, self.baseline)
        )


def _holds(names: Iterable[str], part: str | None) -> bool:
    return not part or any(part.casefold() in name.casefold() for name in names)


def _make_aware(time: datetime) -> datetime:
    return time if time.tzinfo else time.replace(tzinfo=UTC)
