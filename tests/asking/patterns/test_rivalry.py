import pytest

# sentence -> (value, figure of the rival, name of the rival) of every claim
RIVALS = [
    (
        "KestrelNet obtains an F1 of 0.81, outperforming Heron (0.75) and Osprey (0.70).",
        [(0.81, 0.75, "Heron"), (0.81, 0.70, "Osprey")],
    ),
    (
        "The mean recall is 0.92 against 0.88 for Heron, 0.85 for Osprey and 0.80 for Plover.",
        [(0.92, 0.88, "Heron"), (0.92, 0.85, "Osprey"), (0.92, 0.80, "Plover")],
    ),
    (
        "It scores 53.4 and 49.2 on BirdQA and NestQA, compared to 51.3 and 40.1 for Heron.",
        [(53.4, 51.3, "Heron"), (49.2, 40.1, "Heron")],
    ),
    (
        "KestrelNet finds nests with 83.5% recall at 3 m, versus 61.2% for Heron.",
        [(83.5, 61.2, "Heron")],
    ),
    (
        "KestrelNet attains a recall of 87.1% whereas Heron stays at 69.4%.",
        [(87.1, 69.4, "Heron")],
    ),
    ("While Heron reaches 81.2%, KestrelNet reaches 85.0%.", [(85, 81.2, "Heron")]),
    ("Compared with Heron (58.3%), KestrelNet achieves 61.2%.", [(61.2, 58.3, "Heron")]),
    ("On BirdQA, we obtain 81.2% (Heron: 78.0%).", [(81.2, 78, "Heron")]),
    ("It reaches 61.2 on BirdQA (58.3 for Heron).", [(61.2, 58.3, "Heron")]),
    ("Accuracy is 81.2% for KestrelNet and 78.0% for Heron.", [(81.2, 78, "Heron")]),
    (
        "Nests were found in 39.9% of cases in the net group and 32.4% in the control group.",
        [(39.9, 32.4, "control group")],
    ),
    (
        "It reaches 61.2% recall, while memory is 20% lower.",
        [(61.2, None, None), (None, None, None)],
    ),
]


@pytest.mark.parametrize(("sentence", "expected"), RIVALS)
def test_a_rivals_figure_goes_with_the_value_it_is_compared_with(read, sentence, expected):
    found = [
        (
            claim.value and claim.value.number,
            claim.baseline_value and claim.baseline_value.number,
            claim.baselines[0] if claim.baselines else None,
        )
        for claim in read(sentence)
    ]
    assert found == expected


def test_the_words_between_two_figures_outweigh_what_is_bigger(read):
    (claim,) = read("KestrelNet scores 79.6 on BirdQA, nearly reaching Heron (79.9).")
    assert claim.outcome == "similar"


def test_moves_are_read_from_arrows_and_brackets(read):
    first, second = read("Recall improves on BirdQA (71.2 → 75.4) and NestQA (60.1 → 63.1).")
    assert (first.value.number, first.baseline_value.number) == (75.4, 71.2)
    assert (second.value.number, second.baseline_value.number) == (63.1, 60.1)


@pytest.mark.parametrize(
    ("sentence", "value", "delta"),
    [
        ("KestrelNet reaches 88.4% accuracy, 6.9% above Heron.", 88.4, 6.9),
        ("It scores 84.2 on BirdQA, exceeding Heron by 18.6 points.", 84.2, 18.6),
        ("It cuts perplexity to 12.1, a relative reduction of 18%.", 12.1, 18),
        ("It draws a map in 0.3 seconds, 20x faster than Heron.", 0.3, 20),
    ],
)
def test_a_value_and_the_difference_it_makes_are_one_claim(read, sentence, value, delta):
    (claim,) = read(sentence)
    assert (claim.value.number, claim.delta.number) == (value, delta)
