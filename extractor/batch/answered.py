"""A pipeline that asks nobody: it takes its answers from the cache, and says which are missing."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable
from dataclasses import replace
from itertools import islice
from typing import Any

from extractor.asking import Answer, Asker, AskerLayer, Request
from extractor.asking.openai_chat import OpenAIAsker
from extractor.batch.journal import Journal
from extractor.batch.plans import Plan
from extractor.cache import AnswerCache
from extractor.documents import Abstract
from extractor.errors import ConfigError, ExtractorError, PermanentModelError
from extractor.pipeline import Pipeline, Skip
from extractor.readers import Entry, Unreadable
from extractor.results import Result
from extractor.steering import Spending

# OpenAI's batches cost half of what the price tables say.
_DISCOUNT = 0.5
_CHUNK = 500


class NotAnsweredError(ExtractorError):
    """A question that the cache has no answer to.

    Attributes:
        request: the question, a first one or a re-ask.
        key: its key.
    """

    def __init__(self, request: Request, key: str) -> None:
        super().__init__(f"not answered yet: {key}")
        self.request = request
        self.key = key


class AnsweredAsker(AskerLayer):
    """Looks answers up, and never asks."""

    def __init__(self, chat: OpenAIAsker, cache: AnswerCache) -> None:
        super().__init__(chat)
        self.chat = chat
        self._cache = cache

    async def ask(self, request: Request) -> Answer:
        """Take the answer from the cache.

        Raises:
            ExtractorError: there is none, for the reason that `look_up` gives.
        """
        outcome = self.look_up(request)
        if isinstance(outcome, ExtractorError):
            raise outcome
        return outcome

    def look_up(self, request: Request) -> Answer | ExtractorError:
        """The answer, or else a `NotAnsweredError`."""
        key = self.key(request)
        return self._cache.get(key) or NotAnsweredError(request, key)


class SettlingAsker(AnsweredAsker):
    """Looks answers up and keeps the books: each is paid once, and some will never come."""

    def __init__(
        self, chat: OpenAIAsker, cache: AnswerCache, journal: Journal, spending: Spending
    ) -> None:
        super().__init__(chat, cache)
        self._journal = journal
        self._spending = spending
        self._counted: set[str] = set()

    async def ask(self, request: Request) -> Answer:
        """Take the answer from the cache, and count it if that was not done before."""
        answer = await super().ask(request)
        key = self.key(request)
        question = self._journal.find_question(key)
        if question is not None and question.is_uncounted and key not in self._counted:
            answer.cached = False
            self._counted.add(key)
            self._spending.add(answer, self.price(answer))
        return answer

    def look_up(self, request: Request) -> Answer | ExtractorError:
        """The answer, or else why there is none: a `PermanentModelError` if none will come."""
        outcome = super().look_up(request)
        if isinstance(outcome, NotAnsweredError):
            question = self._journal.find_question(outcome.key)
            if question is not None and question.fault_kind == "permanent":
                return PermanentModelError(question.fault)
        return outcome

    def price(self, answer: Answer) -> float | None:
        """What the batch interface charges, in USD; None for servers without a price."""
        price_usd = super().price(answer)
        return None if price_usd is None else price_usd * _DISCOUNT

    def settle(self) -> None:
        """Note that what was counted so far is in a store and a summary."""
        self._journal.record_counted(self._counted)
        self._journal.commit()
        self._counted.clear()


class AnsweredPipeline(Pipeline):
    """Takes abstracts through all stages, as far as there are answers."""

    def __init__(self, plan: Plan, cache: AnswerCache) -> None:
        """Open the stages under the plan of an export.

        Raises:
            ConfigError: the server has no batch interface.
        """
        super().__init__(replace(plan.settings, cache=False))
        self.asker = self._answered = AnsweredAsker(_find_chat(self.asker), cache)
        self.asker.model = plan.model

    async def find_open(self, abstract: Abstract) -> NotAnsweredError | None:
        """The question that holds an abstract up; None if it is answered."""
        # A first look, since taking a text apart is dear, and most are not answered at all.
        outcome = self._answered.look_up(Request(abstract))
        if isinstance(outcome, NotAnsweredError):
            return outcome
        try:
            await self.extract(abstract)
        except NotAnsweredError as missing:
            return missing
        return None

    def build_body(self, request: Request) -> dict[str, Any]:
        """The JSON body of a request, as a run would send it."""
        return self._answered.chat.build_body(request)


class SettlingPipeline(AnsweredPipeline):
    """Brings abstracts to their end, as far as there are answers."""

    def __init__(
        self,
        plan: Plan,
        cache: AnswerCache,
        journal: Journal,
        note_open: Callable[[NotAnsweredError], None],
    ) -> None:
        """Open the stages under the plan of an export.

        Args:
            plan: as it was exported.
            cache: where the answers are.
            journal: knows which of them are new, and which questions have failed for good.
            note_open: called with each question that holds an abstract up.
        """
        super().__init__(plan, cache)
        chat = self._answered.chat
        self.asker = self._settling = SettlingAsker(chat, cache, journal, self.spending)
        self.asker.model = plan.model
        self._note_open = note_open

    async def stream(
        self, entries: Iterable[Entry], skip: Skip | None = None, gather_s: float = 0.0
    ) -> AsyncGenerator[list[Result], None]:
        """Yield the results of the abstracts that have all their answers, in their order."""
        remaining = iter(entries)
        while chunk := list(islice(remaining, _CHUNK)):
            abstracts = [entry for entry in chunk if isinstance(entry, Abstract)]
            results = [result async for result in self._settle(abstracts, skip)]
            if unreadable := [entry for entry in chunk if isinstance(entry, Unreadable)]:
                async for batch in super().stream(unreadable, skip, gather_s):
                    results.extend(batch)
            if results:
                yield results
            if self.is_stopped:
                return
            # Whoever took the results has written them by now.
            self._settling.settle()

    async def _settle(
        self, abstracts: list[Abstract], skip: Skip | None
    ) -> AsyncGenerator[Result, None]:
        for abstract in abstracts:
            await asyncio.sleep(0)  # lets an interrupt in
            if skip is not None and skip(self.extraction_id(abstract)):
                continue
            outcome = self._settling.look_up(Request(abstract))
            try:
                if isinstance(outcome, NotAnsweredError):
                    raise outcome
                yield await self.extract(abstract)
            except NotAnsweredError as missing:
                self._note_open(missing)


def _find_chat(asker: Asker) -> OpenAIAsker:
    while isinstance(asker, AskerLayer):
        asker = asker.inner
    if not isinstance(asker, OpenAIAsker):
        raise ConfigError(f"{asker.model} has no batch interface; use `extractor run`")
    return asker
