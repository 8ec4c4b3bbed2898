"""The Asker protocol: what every way of getting an answer has in common."""

import json
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Protocol

from extractor.asking.answers import Answer
from extractor.documents import Abstract
from extractor.prompting import render_abstract

Message = dict[str, Any]


@dataclass(frozen=True)
class Request:
    """One question: an abstract, and what was said about it so far.

    Attributes:
        followups: the rejected answers and the problems found in them, as chat messages.
        extraction_id: of the extraction that it is put for; says nothing about the answer.
    """

    abstract: Abstract
    followups: tuple[Message, ...] = ()
    extraction_id: str | None = None

    @cached_property
    def question(self) -> str:
        """The abstract as the model reads it, as a JSON string."""
        return json.dumps(render_abstract(self.abstract))

    @cached_property
    def fingerprint(self) -> bytes:
        """What is asked, apart from how: the question and what was said about it."""
        return f"[{self.question}, {json.dumps(self.followups, sort_keys=True)}]".encode()

    def follow_up(self, *messages: Message) -> "Request":
        """The same question with further messages at its end."""
        return replace(self, followups=(*self.followups, *messages))


class Asker(Protocol):
    """A way of getting answers.

    Attributes:
        model: the model's name as it goes into the provenance.
        mode: how structured output is asked for, as configured.
        asks_model: whether a model answers, so that answers are cached and asked for again.
    """

    model: str
    mode: str
    asks_model: bool

    def key(self, request: Request) -> str:
        """Hash everything that determines the answer: sha256 in hexadecimal."""
        ...

    async def ask(self, request: Request) -> Answer:
        """Get one answer.

        Raises:
            ModelError: there was none.
        """
        ...

    def reask(self, request: Request, answer: Answer, problems: str) -> Request:
        """Put the same question again, with the answer and what is wrong with it."""
        ...

    def price(self, answer: Answer) -> float | None:
        """What an answer costs in USD; None where the price is not known."""
        ...

    async def close(self) -> None:
        """Give connections back."""
        ...


class AskerLayer:
    """An asker around an asker: all but `ask` is done by the inner one."""

    def __init__(self, inner: Asker) -> None:
        self.inner = inner
        self.model = inner.model
        self.mode = inner.mode
        self.asks_model = inner.asks_model

    def key(self, request: Request) -> str:
        """As the inner asker does."""
        return self.inner.key(request)

    def reask(self, request: Request, answer: Answer, problems: str) -> Request:
        """As the inner asker does."""
        return self.inner.reask(request, answer, problems)

    def price(self, answer: Answer) -> float | None:
        """As the inner asker does."""
        return self.inner.price(answer)

    async def close(self) -> None:
        """Close the inner asker."""
        await self.inner.close()
