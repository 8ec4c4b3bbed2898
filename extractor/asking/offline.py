"""The offline extractor `patterns`, spoken to like a model."""

import hashlib
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from extractor import quantities
from extractor.asking import patterns
from extractor.asking.answers import Answer
from extractor.asking.protocol import Request
from extractor.settings import PATTERNS


class PatternsAsker:
    """Answers by rules: free, at once, and always the same."""

    model = PATTERNS
    mode = "offline"
    asks_model = False

    def key(self, request: Request) -> str:
        """Hash the rules and the abstract."""
        abstract = request.abstract
        question = "\x00".join([_hash_rules(), abstract.title, abstract.text])
        return hashlib.sha256(question.encode("utf-8", "surrogatepass")).hexdigest()

    async def ask(self, request: Request) -> Answer:
        """Apply the rules."""
        extraction = patterns.extract_claims(request.abstract)
        return Answer(
            message={"role": "assistant", "content": extraction.model_dump_json()},
            finish_reason="stop",
            created=datetime.now(UTC).isoformat(timespec="seconds"),
        )

    def reask(self, request: Request, answer: Answer, problems: str) -> Request:  # noqa: ARG002
        """The same request: rules do not change their mind."""
        return request

    def price(self, answer: Answer) -> float | None:  # noqa: ARG002
        """Nothing."""
        return 0.0

    async def close(self) -> None:
        """Nothing to give back."""


@cache
def _hash_rules() -> str:
    """Hash the sources of the rules, so that changed rules extract again."""
    digest = hashlib.sha256()
    for package in (patterns, quantities):
        for path in sorted(Path(str(package.__file__)).parent.glob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()
