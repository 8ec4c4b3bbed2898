import pytest

# sentence -> (value, unit, metric, datasets) of every value
VALUES = [
    (
        "KestrelNet reaches an accuracy of 91.4% on BirdQA.",
        [(91.4, "%", "accuracy", ["BirdQA"])],
    ),
    ("KestrelNet reaches FID 3.21.", [(3.21, None, "FID", [])]),
    (
        "KestrelNet obtains 71.3 on BirdQA and 55.0 on NestBench.",
        [(71.3, None, None, ["BirdQA"]), (55, None, None, ["NestBench"])],
    ),
    (
        "It has a sensitivity of 93.1%, a specificity of 88.4%, and an AUC of 0.95.",
        [
            (93.1, "%", "sensitivity", []),
            (88.4, "%", "specificity", []),
            (0.95, None, "AUC", []),
        ],
    ),
    (
        "KestrelNet obtains an F1 of 44.2, 38.1 and 29.7 on BirdQA, NestBench and EggEval.",
        [
            (44.2, None, "F1", ["BirdQA"]),
            (38.1, None, "F1", ["NestBench"]),
            (29.7, None, "F1", ["EggEval"]),
        ],
    ),
    ("It keeps 96% of the accuracy.", [(96, "%", "accuracy retained", [])]),
    ("It closes 80% of the gap to full attention.", [(80, "%", "gap closed", [])]),
    ("It trains in only 12 GPU hours.", [(12, "GPU-hours", "training time", [])]),
    (
        "Reading time falls below 4%, and the positive predictive value was 98.2%.",
        [(4, "%", "reading time", []), (98.2, "%", "positive predictive value", [])],
    ),
    (
        "Swapping the order flips 23% of the verdicts.",
        [(23, "%", "verdicts", [])],
    ),
    ("It needs 12 minutes.", [(12, "minutes", None, [])]),
    ("Using only 500 samples, it maps a forest.", [(500, "samples", "samples", [])]),
    ("It detects 64 new errors in old field notes.", [(64, "errors", "new errors", [])]),
]


@pytest.mark.parametrize(("sentence", "expected"), VALUES)
def test_a_value_has_its_metric_and_data(read, sentence, expected):
    found = [
        (c.value.number, c.value.unit, c.metric, c.datasets) for c in read(sentence) if c.value
    ]
    assert found == expected


@pytest.mark.parametrize(
    ("sentence", "value", "rival", "name"),
    [
        ("The error rate drops from 12.1% to 9.8%.", 9.8, 12.1, []),
        ("It scores 71.3 on BirdQA, up from 64.9.", 71.3, 64.9, []),
        ("The error is 0.12 eV, compared to 0.19 eV for Heron.", 0.12, 0.19, ["Heron"]),
        ("KestrelNet beats Heron's 58.2 with a score of 61.0.", 61.0, 58.2, ["Heron"]),
        (
            "It reaches 24.1%, exceeding the previous record of 23.3%.",
            24.1,
            23.3,
            ["previous record"],
        ),
    ],
)
def test_the_figure_of_a_rival_stands_beside_the_value(read, sentence, value, rival, name):
    (claim,) = read(sentence)
    assert (claim.value.number, claim.baseline_value.number) == (value, rival)
    assert claim.baselines == name
    assert claim.outcome == "better"


def test_value_rival_and_difference_make_one_claim(read):
    (claim,) = read("Recall improved by 6.1 points, from 50.2% to 56.3%.")
    assert (claim.value.number, claim.baseline_value.number) == (56.3, 50.2)
    assert claim.delta.number == 6.1


@pytest.mark.parametrize(
    "sentence",
    [
        "KestrelNet is a 7B model trained on 2 trillion tokens.",
        "We collect 900 scans in nine countries.",
        "Our study covers models from 125M to 8B parameters.",
        "We train it on 64 GPUs for 3 days.",
        "In 2023, we visited 12 sites.",
        "At 30 °C, we walked after a dose of 5 mg.",
    ],
)
def test_sizes_and_amounts_are_no_results(read, sentence):
    assert read(sentence) == []
