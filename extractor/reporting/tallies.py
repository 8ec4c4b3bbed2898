"""What a claims page counts while results pass by."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from extractor.claims import Delta
from extractor.evaluation.aliases import default_registry
from extractor.queries.joining import NameGroups
from extractor.reporting.describing import rank_quantity
from extractor.results import Provenance, Result

_MOST_DATASETS = 12
_MOST_METRICS = 6
_LEAST_DELTAS = 2
DELTA_UNITS = {"points": "points", "%": "percent", "x": "times"}


@dataclass
class RunTotals:
    """What the shown extractions of one run came to.

    Attributes:
        cached: abstracts whose answers all came from the cache, so that nothing was paid.
        cost_usd: price of the answers that were paid; None once one of them is unknown.
        answer_cost_usd: price of all answers that were asked for these abstracts, cached ones
            included; None like `cost_usd`.
        latency_s: seconds spent waiting for answers, added up.
        first: when the first extraction was made, in ISO 8601; so is `last`.
    """

    run_id: str
    model: str
    prompt: str
    first: str
    last: str
    abstracts: int = 0
    claims: int = 0
    failed: int = 0
    cached: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost_usd: float | None = 0.0
    answer_cost_usd: float | None = 0.0
    latency_s: float = 0.0

    def add(self, result: Result) -> None:
        """Count one extraction of the run."""
        provenance = result.provenance
        self.first = min(self.first, provenance.created)
        self.last = max(self.last, provenance.created)
        self.abstracts += 1
        self.claims += len(result.claims)
        self.failed += result.status == "failed"
        self.cached += provenance.cache_hit
        self.tokens_in += provenance.tokens_in
        self.tokens_out += provenance.tokens_out
        self.latency_s += provenance.latency_s
        self.answer_cost_usd = _add(self.answer_cost_usd, provenance.cost_usd)
        if not provenance.cache_hit:
            self.cost_usd = _add(self.cost_usd, provenance.cost_usd)


def _add(total: float | None, cost: float | None) -> float | None:
    return None if total is None or cost is None else total + cost


@dataclass
class Tally:
    """Counts over all shown extractions.

    Attributes:
        statuses: abstracts by state.
        runs: totals by run id, model and prompt.
        problems: warnings and reasons of rejection by name of the check.
        rejected: entries of answers that were kept out.
    """

    statuses: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    problems: Counter[str] = field(default_factory=Counter)
    claims: int = 0
    rejected: int = 0
    runs: dict[tuple[str, str, str], RunTotals] = field(default_factory=dict)
    _datasets: Counter[str] = field(default_factory=Counter)
    _dataset_groups: NameGroups = field(default_factory=lambda: NameGroups(default_registry()))
    _metric_groups: NameGroups = field(default_factory=lambda: NameGroups(default_registry()))
    _deltas: dict[str, defaultdict[str, list[float]]] = field(
        default_factory=lambda: {unit: defaultdict(list) for unit in DELTA_UNITS}
    )

    @property
    def abstracts(self) -> int:
        """How many abstracts there are."""
        return self.statuses.total()

    def add(self, result: Result) -> None:
        """Count one extraction."""
        self.statuses[result.status] += 1
        self.rejected += len(result.rejected)
        self._find_run(result.provenance).add(result)
        for kept_out in result.rejected:
            self.problems.update({problem.check for problem in kept_out.problems})
        for claim in result.claims:
            self.claims += 1
            self.outcomes[claim.outcome] += 1
            self.problems.update({problem.check for problem in claim.problems})
            heads = {self._dataset_groups.find(name) for name in claim.datasets}
            self._datasets.update(heads)
            self._add_delta(claim.metric, claim.delta)

    def top_datasets(self) -> list[tuple[str, int]]:
        """The data sets that most claims are about, spellings of one name together."""
        return self._datasets.most_common(_MOST_DATASETS)

    def deltas(self, unit: str) -> dict[str, list[float]]:
        """The differences in one unit of the metrics that have most of them."""
        ranked = sorted(self._deltas[unit].items(), key=lambda item: (-len(item[1]), item[0]))
        frequent = [(metric, found) for metric, found in ranked if len(found) >= _LEAST_DELTAS]
        return dict(frequent[:_MOST_METRICS])

    def _find_run(self, provenance: Provenance) -> RunTotals:
        key = (provenance.run_id, provenance.model, provenance.prompt)
        if key not in self.runs:
            self.runs[key] = RunTotals(*key, first=provenance.created, last=provenance.created)
        return self.runs[key]

    def _add_delta(self, metric: str | None, delta: Delta | None) -> None:
        size = rank_quantity(delta)
        if metric and delta and size is not None and delta.unit in self._deltas:
            self._deltas[delta.unit][self._metric_groups.find(metric)].append(size)
