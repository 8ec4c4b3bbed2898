import pytest

# sentence -> (number, unit, direction, metric, outcome) of every difference
DIFFERENCES = [
    ("KestrelNet runs 3x faster than Heron.", [(3, "x", "increase", "speed", "better")]),
    (
        "KestrelNet uses 40% fewer parameters than Heron.",
        [(40, "%", "decrease", "parameters", "better")],
    ),
    (
        "It needs half the memory of Heron.",
        [(2, "x", "decrease", "memory", "better")],
    ),
    (
        "It gives a 35% latency reduction on phones.",
        [(35, "%", "decrease", "latency", "better")],
    ),
    (
        "It brings a reduction in energy consumption of 12%.",
        [(12, "%", "decrease", "energy consumption", "better")],
    ),
    (
        "KestrelNet cuts trainable parameters by 99% and training time by 3x.",
        [
            (99, "%", "decrease", "trainable parameters", "better"),
            (3, "x", "decrease", "training time", "better"),
        ],
    ),
    (
        "KestrelNet surpasses Heron by 4.5 points.",
        [(4.5, "points", "increase", None, "better")],
    ),
    (
        "KestrelNet improves accuracy by 2% and recall by 5%.",
        [(2, "%", "increase", "accuracy", "better"), (5, "%", "increase", "recall", "better")],
    ),
    ("Accuracy drops by 7 points.", [(7, "points", "decrease", "accuracy", "worse")]),
    (
        "KestrelNet speeds up decoding by 1.9x without loss of accuracy.",
        [(1.9, "x", "increase", "decoding speed", "better")],
    ),
    (
        "Throughput is 2.2 times higher and latency 35% lower.",
        [
            (2.2, "x", "increase", "throughput", "better"),
            (35, "%", "decrease", "latency", "better"),
        ],
    ),
    (
        "It uses 4x fewer tokens while improving accuracy by 1.2 points.",
        [
            (4, "x", "decrease", "tokens", "better"),
            (1.2, "points", "increase", "accuracy", "better"),
        ],
    ),
    (
        "KestrelNet yields gains on BirdQA (5.2%) and NestQA (3.1%).",
        [(5.2, "%", "increase", None, "better"), (3.1, "%", "increase", None, "better")],
    ),
    (
        "KestrelNet makes improvements over Heron, e.g., 4.1% on BirdQA and 3.3% on NestQA.",
        [(4.1, "%", "increase", None, "better"), (3.3, "%", "increase", None, "better")],
    ),
    (
        "It shortens answers by 38.5% on BirdQA and 29.7% on NestQA.",
        [(38.5, "%", "decrease", None, "better"), (29.7, "%", "decrease", None, "better")],
    ),
    (
        "Compared to Heron, recall is 0.21 higher.",
        [(0.21, None, "increase", "recall", "better")],
    ),
    ("A second net adds another 0.9%.", [(0.9, "%", "increase", None, "better")]),
    (
        "The gains amount to 5.5% in recall and 2.3% in precision.",
        [(5.5, "%", "increase", "recall", "better"), (2.3, "%", "increase", "precision", "better")],
    ),
]


@pytest.mark.parametrize(("sentence", "expected"), DIFFERENCES)
def test_a_difference_has_its_direction_and_metric(read, sentence, expected):
    found = [
        (c.delta.number, c.delta.unit, c.delta.direction, c.metric and c.metric.lower(), c.outcome)
        for c in read(sentence)
        if c.delta
    ]
    assert found == expected


def test_a_model_that_is_7x_larger_is_a_rival_and_no_difference(read):
    (claim,) = read("KestrelNet outperforms 7x larger models.")
    assert claim.delta is None
    assert claim.baselines == ["7x larger models"]


def test_the_data_that_a_rival_was_trained_on_is_no_difference(read):
    (claim,) = read("KestrelNet beats rivals trained on 5x more data by 2 points.")
    assert (claim.delta.number, claim.delta.unit) == (2, "points")


def test_qualifiers_and_ranges_are_kept(read):
    up_to, spread = read("It is up to 3x faster. It cuts memory by 30-40%.")
    assert up_to.delta.qualifier == "up_to"
    assert (spread.delta.number, spread.delta.high) == (30, 40)
