"""Asks once what several abstracts ask at the same time."""

import asyncio

from extractor.asking import Answer, Asker, AskerLayer, Request
from extractor.errors import ExtractorError


class SharingAsker(AskerLayer):
    """Asks a question once that several abstracts put at the same time."""

    def __init__(self, inner: Asker) -> None:
        super().__init__(inner)
        self._in_flight: dict[str, asyncio.Future[Answer | ExtractorError | None]] = {}

    async def ask(self, request: Request) -> Answer:
        """Ask, or wait for the answer to the same question.

        Raises:
            ExtractorError: what the inner asker raised.
        """
        key = self.inner.key(request)
        while (shared := self._in_flight.get(key)) is not None:
            outcome = await asyncio.shield(shared)
            if isinstance(outcome, ExtractorError):
                raise outcome
            if outcome is not None:
                return outcome.model_copy(update={"cached": True})
        return await self._ask_for_all(key, request)

    async def _ask_for_all(self, key: str, request: Request) -> Answer:
        """Ask, and tell those who wait; nothing, if this one was cancelled: then they ask."""
        outcome: Answer | ExtractorError | None = None
        shared = self._in_flight[key] = asyncio.get_running_loop().create_future()
        try:
            outcome = await self.inner.ask(request)
        except ExtractorError as error:
            outcome = error
            raise
        else:
            return outcome
        finally:
            del self._in_flight[key]
            shared.set_result(outcome)
