import pytest

from extractor.queries.directions import find_direction


@pytest.mark.parametrize(
    ("metric", "better"),
    [
        ("accuracy", "higher"),
        ("F1", "higher"),
        ("macro-F1 score", "higher"),
        ("pass@1", "higher"),
        ("throughput", "higher"),
        ("inference speed", "higher"),
        ("error reduction", "higher"),
        ("memory savings", "higher"),
        ("memory efficiency", "higher"),
        ("success rate", "higher"),
        ("CLIP score", "higher"),
        ("error", "lower"),
        ("word error rate", "lower"),
        ("rate of errors", "lower"),
        ("number of parameters", "lower"),
        ("time to first token", "lower"),
        ("accuracy gap", "lower"),
        ("toxicity score", "lower"),
        ("Perplexity", "lower"),
        ("inference latency", "lower"),
        ("validation losses", "lower"),
        ("training cost", "lower"),
        ("FID", "lower"),
        ("depth", None),
        ("phase 1 depth", None),
        ("", None),
        (None, None),
    ],
)
def test_the_name_of_a_metric_tells_what_is_better(metric: str | None, better: str | None) -> None:
    assert find_direction(metric) == better


@pytest.mark.parametrize(
    ("unit", "better"),
    [("seconds", "lower"), ("GB", "lower"), ("tokens per second", "higher"), ("%", None)],
)
def test_a_unit_tells_where_the_name_does_not(unit: str, better: str | None) -> None:
    assert find_direction("depth", unit) == better
    assert find_direction(None, unit) == better


def test_the_name_goes_before_the_unit() -> None:
    assert find_direction("speed", "s") == "higher"
