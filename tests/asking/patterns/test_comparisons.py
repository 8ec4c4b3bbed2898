import pytest

# sentence -> (outcome, baselines, metric) of every claim
COMPARISONS = [
    ("KestrelNet outperforms Heron and Osprey.", [("better", ["Heron", "Osprey"], None)]),
    (
        "KestrelNet beats strong rivals such as Heron and Osprey.",
        [("better", ["Heron", "Osprey"], None)],
    ),
    ("KestrelNet is on a par with Heron.", [("similar", ["Heron"], None)]),
    ("KestrelNet matches or exceeds Heron.", [("similar", ["Heron"], None)]),
    ("KestrelNet approaches human experts.", [("similar", ["human experts"], None)]),
    ("KestrelNet comes close to human experts.", [("similar", ["human experts"], None)]),
    ("Its accuracy is comparable to Heron.", [("similar", ["Heron"], "accuracy")]),
    ("KestrelNet edges out Heron.", [("better", ["Heron"], None)]),
    ("Image quality is unchanged.", [("similar", [], "image quality")]),
    ("KestrelNet lags behind Heron.", [("worse", ["Heron"], None)]),
    ("KestrelNet leaves Heron far behind.", [("better", ["Heron"], None)]),
    ("Earlier detectors are outperformed.", [("better", ["Earlier detectors"], None)]),
    (
        "KestrelNet sets a new state of the art on BirdQA.",
        [("better", ["state of the art"], None)],
    ),
    (
        "KestrelNet outperforms state-of-the-art methods.",
        [("better", ["state-of-the-art methods"], None)],
    ),
    (
        "KestrelNet achieves higher accuracy and lower latency than Heron.",
        [("better", ["Heron"], "accuracy"), ("better", ["Heron"], "latency")],
    ),
    (
        "KestrelNet is more robust to noise than Heron.",
        [("better", ["Heron"], "robustness")],
    ),
    (
        "KestrelNet is superior to Heron in accuracy, speed and memory.",
        [("better", ["Heron"], metric) for metric in ("accuracy", "speed", "memory")],
    ),
    (
        "KestrelNet matches the accuracy of Heron.",
        [("similar", ["Heron"], "accuracy")],
    ),
    (
        "The results show that it reduces memory without loss of quality.",
        [("better", [], "memory"), ("similar", [], "quality")],
    ),
]


@pytest.mark.parametrize(("sentence", "expected"), COMPARISONS)
def test_a_comparison_in_words_is_read(read, sentence, expected):
    assert [(c.outcome, c.baselines, c.metric) for c in read(sentence)] == expected


@pytest.mark.parametrize(
    "sentence",
    [
        "It is designed to reduce memory.",
        "We will release a faster version than Heron.",
        "It could enable better forests.",
        "Is it better than Heron?",
    ],
)
def test_aims_promises_and_questions_are_no_claims(read, sentence):
    assert read(sentence) == []


def test_a_general_statement_lends_its_rivals_to_the_figures_that_follow(read):
    first, second = read(
        "KestrelNet beats Heron on BirdQA and EggEval, with accuracy of 61.2 and 88.4."
    )
    assert first.baselines == second.baselines == ["Heron"]
    assert (first.datasets, second.datasets) == (["BirdQA"], ["EggEval"])


def test_rivals_named_first_hold_for_the_sentence(read):
    (claim,) = read("Compared with Heron, KestrelNet lowers memory by 20%.")
    assert claim.baselines == ["Heron"]
