from collections.abc import Callable

import pytest

from extractor.asking.patterns import extract_claims
from extractor.claims import Claim
from extractor.documents import Abstract

Read = Callable[[str], list[Claim]]


@pytest.fixture
def read() -> Read:
    """Reads the claims of a sentence that stands in the abstract of a paper on KestrelNet."""

    def read_sentence(sentence: str) -> list[Claim]:
        text = f"We present KestrelNet, a network that counts birds. {sentence}"
        abstract = Abstract(id="kestrel", title="KestrelNet: counting birds", text=text)
        return extract_claims(abstract).claims

    return read_sentence
