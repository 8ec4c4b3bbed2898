"""Telling sentences that state results from background, design and promises."""

import re

from extractor.asking.patterns.sentences import Sentence

_OWN = re.compile(
    r"\b(?:[Ww]e|[Oo]ur|[Oo]urs|[Tt]his (?:paper|work|study|report|article|survey)|[Hh]ere"
    r"|[Ii]n this|[Tt]he (?:proposed|resulting)|us)\b"
)
_PROMISE = re.compile(
    r"\b(?:[Ww]e (?:will|hope|believe|plan|aim)|will be (?:released|made|available)|(?:code"
    r"|models?|data|dataset|weights|checkpoints?)[^.]{0,40}\b(?:is"
    r"|are) (?:publicly )?(?:available|released|open)|available at|https?://|[Ii]n the future"
    r"|future work|has the potential|could (?:enable|lead)|may (?:enable|help)|sheds? light)\b"
)
_QUESTION = re.compile(r"\?\s*$")
_EARLIER = re.compile(
    r"\b(?:[Pp]revious|[Pp]rior|[Ee]xisting|[Rr]ecent|[Cc]urrent|[Tt]raditional|[Cc]onventional"
    r"|[Ee]arlier|[Mm]ost|[Mm]any|[Tt]ypical) (?:\w+ ){0,3}?(?:work|works|methods?"
    r"|approach(?:es)?|models?|studies|research|techniques|solutions|LLMs|systems|efforts"
    r"|literature)\b"
)
_CONTRAST = re.compile(
    r"^(?:However|Yet|Nevertheless|Nonetheless|Despite|Unfortunately|Although|Though|But)\b"
)


def find_results_start(sentences: list[Sentence], method: str) -> int:
    """Give the index of the first sentence that is about the paper itself.

    What comes before it is motivation; 0 if no sentence tells.
    """
    for index, sentence in enumerate(sentences):
        if _OWN.search(sentence.text) or (
            method and method in sentence.text and method[0].isupper()
        ):
            return index
    return 0


def states_results(sentence: Sentence) -> bool:
    """Tell whether a sentence may hold results at all."""
    text = sentence.text
    if _QUESTION.search(text) or re.match(
        r"^(?:Code|The code|Models?|Our code|Data|Project)\b.*(?:available|released|https?:)", text
    ):
        return False
    return not re.search(r"\bwill (?:be )?(?:release|released|make|made|open-source)\b", text)


def announces_results(sentence: Sentence, index: int, total: int) -> bool:
    """Tell whether a sentence reads as one of results, so that plain improvements count."""
    text = sentence.text
    if _PROMISE.search(text) or (_CONTRAST.match(text) and not _OWN.search(text)):
        return False
    if _EARLIER.match(text):
        return False
    return index >= total // 3
