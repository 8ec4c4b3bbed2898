import numpy as np
import pytest

from extractor.evaluation import MEASURES, compare_figures, estimate_figures, measure_spread
from extractor.evaluation.measures import Counts, tabulate
from extractor.evaluation.statistics import Estimate

ABSTRACTS = 120
QUALITY = 0.7
SOFT = {"soft_f1": MEASURES["soft_f1"]}


def _simulate(random: np.random.Generator, abstracts: int, quality: float = QUALITY) -> Counts:
    """Abstracts of one to six claims, hard and easy ones, each claim with partial credit."""
    gold = random.integers(1, 7, size=abstracts)
    ease = random.beta(4 * quality, 4 * (1 - quality), size=abstracts)
    return _table(gold, random.binomial(gold, ease), random.poisson(0.5, size=abstracts))


def _table(gold: np.ndarray, found: np.ndarray, extra: np.ndarray) -> Counts:
    return tabulate(
        {"abstracts": 1, "gold": g, "predicted": f + e, "matched": f, "soft": f * 0.9, "strict": f}
        for g, f, e in zip(gold, found, extra, strict=True)
    )


def _worsen(random: np.random.Generator, counts: Counts, share: float) -> Counts:
    """Another run with the same abstracts: each found claim is lost with some probability."""
    gold, predicted, found = (counts[:, place].astype(int) for place in (1, 2, 3))
    kept = random.binomial(found, 1 - share)
    return _table(gold, kept, predicted - kept)


def test_intervals_cover_the_truth_93_to_97_times_in_100() -> None:
    random = np.random.default_rng(7)
    truth = estimate_figures(_simulate(random, 400_000), SOFT, resamples=1)["soft_f1"].value
    assert truth is not None
    covered = 0
    simulations = 400
    for _ in range(simulations):
        interval = estimate_figures(_simulate(random, ABSTRACTS), SOFT, resamples=500)["soft_f1"]
        assert interval.low is not None and interval.high is not None
        covered += interval.low <= truth <= interval.high
    assert 0.93 <= covered / simulations <= 0.97


def test_a_system_differs_from_itself_by_exactly_zero() -> None:
    counts = _simulate(np.random.default_rng(1), ABSTRACTS)
    for name, difference in compare_figures(counts, counts, MEASURES, resamples=200).items():
        if difference.value is None:
            continue
        assert (difference.value, difference.low, difference.high) == (0, 0, 0), name
        assert difference.p_value == 1


def test_a_planted_loss_of_5_points_is_found() -> None:
    random = np.random.default_rng(3)
    found = 0
    for _ in range(50):
        before = _simulate(random, ABSTRACTS)
        after = _worsen(random, before, share=0.08)
        difference = compare_figures(before, after, SOFT, resamples=400)["soft_f1"]
        assert difference.value is not None and difference.high is not None
        found += difference.high < 0 and (difference.p_value or 1) < 0.05
    assert -0.07 < difference.value < -0.03
    assert found == 50


def test_pure_noise_is_not_found() -> None:
    random = np.random.default_rng(4)
    alarms = 0
    for _ in range(200):
        source = _simulate(random, ABSTRACTS)
        first, second = (_worsen(random, source, share=0.08) for _ in range(2))
        difference = compare_figures(first, second, SOFT, resamples=300)["soft_f1"]
        alarms += (difference.p_value or 1) < 0.05
    assert alarms <= 18


def test_a_paired_test_sees_what_overlapping_intervals_hide() -> None:
    # inspect_ai tells people to look whether the intervals of two runs overlap.
    random = np.random.default_rng(5)
    before = _simulate(random, ABSTRACTS)
    after = _worsen(random, before, share=0.06)
    first, second = (estimate_figures(counts, SOFT)["soft_f1"] for counts in (before, after))
    assert second.high is not None and first.low is not None and second.high > first.low
    assert (compare_figures(before, after, SOFT)["soft_f1"].p_value or 1) < 0.01


def test_the_same_counts_give_the_same_interval() -> None:
    counts = _simulate(np.random.default_rng(6), 30)
    assert estimate_figures(counts, MEASURES) == estimate_figures(counts, MEASURES)


def test_intervals_hold_their_value() -> None:
    counts = _simulate(np.random.default_rng(8), ABSTRACTS)
    for estimate in estimate_figures(counts, MEASURES).values():
        if estimate.value is not None:
            assert estimate.low is not None and estimate.high is not None
            assert estimate.low <= estimate.value <= estimate.high


def test_large_sets_are_resampled_in_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    counts = _simulate(np.random.default_rng(9), 50)
    whole = estimate_figures(counts, SOFT, resamples=100)
    monkeypatch.setattr("extractor.evaluation.statistics._CHUNK_CELLS", 500)
    assert estimate_figures(counts, SOFT, resamples=100) == whole


def test_nothing_to_measure_has_no_interval() -> None:
    assert estimate_figures(tabulate([]), SOFT)["soft_f1"] == Estimate(value=None)
    assert compare_figures(tabulate([]), tabulate([]), SOFT)["soft_f1"].p_value is None


def test_runs_are_summed_up() -> None:
    spread = measure_spread([0.5, 0.6, 0.7])
    assert (spread.mean, spread.low, spread.high) == pytest.approx((0.6, 0.5, 0.7))
    assert spread.deviation == pytest.approx(0.1)
    assert measure_spread([0.5]).deviation == 0
    with pytest.raises(ValueError, match="no run"):
        measure_spread([])
