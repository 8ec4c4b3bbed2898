from time import process_time

from extractor.evaluation import Prediction, score
from tests.evaluation.examples import document, fields, figure, in_words, memory, prediction

ABSTRACTS = 1000


def _claims(number: int, change: float) -> list[dict[str, object]]:
    return [
        fields(method=f"PostNet {number}", value=figure(90 + change, "%")),
        fields(method=f"PostNet {number}", datasets=[f"Bench {number}"], value=figure(80, "%")),
        in_words(method=f"PostNet {number}", baselines=["InkReader", f"PenReader {number}"]),
        in_words(method=f"PostNet {number}", metric="speed"),
        memory(method=f"PostNet {number}", value=figure(3.5 + change, "GB")),
    ]


def test_a_thousand_abstracts_of_five_claims_take_at_most_six_seconds() -> None:
    gold = [document(*_claims(number, 0), name=f"d{number}") for number in range(ABSTRACTS)]
    found: dict[str, Prediction] = {
        f"d{number}": prediction(*_claims(number, number % 2)) for number in range(ABSTRACTS)
    }
    started = process_time()
    figures = score(gold, found).figures()
    assert process_time() - started < 6
    assert figures["detection_f1"] == 1
