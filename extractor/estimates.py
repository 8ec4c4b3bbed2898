"""What a run would ask and cost, worked out without asking anything."""

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from extractor.asking import Answer, Asker, AskerLayer, Request, Usage
from extractor.cache import AnswerCache, find_cache_dir
from extractor.documents import Abstract
from extractor.errors import ExtractorError
from extractor.identifiers import IdentifierSet
from extractor.pipeline import Pipeline
from extractor.readers import Entry, Unreadable
from extractor.schema import build_schema
from extractor.screening import leaves_out, mark_screened
from extractor.settings import DEFAULT_MODEL, Settings
from extractor.stores import History, read_history

ASSUMED_CHARS_PER_TOKEN = 4.0
ASSUMED_TOKENS_PER_ANSWER = 400
"""About as long as the labels of the gold set are, written as an answer."""

_OPENAI = "openai/"
_OPENAI_URL = "https://api.openai.com/v1"


@dataclass
class Measure:
    """What earlier answers of the same model and prompt took.

    Attributes:
        answers: first answers that were measured; their characters and tokens are added up.
        abstracts, reasks: how often abstracts were asked about again.
    """

    answers: int = 0
    chars: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    abstracts: int = 0
    reasks: int = 0

    def add(self, chars: int, usage: Usage) -> None:
        """Take a first answer into account, if its tokens were counted."""
        if usage.tokens_in:
            self.answers += 1
            self.chars += chars
            self.tokens_in += usage.tokens_in
            self.tokens_out += usage.tokens_out

    @property
    def chars_per_token(self) -> float:
        """Of what is sent."""
        return self.chars / self.tokens_in if self.answers else ASSUMED_CHARS_PER_TOKEN

    @property
    def tokens_per_answer(self) -> float:
        """Of what comes back."""
        return self.tokens_out / self.answers if self.answers else ASSUMED_TOKENS_PER_ANSWER

    @property
    def reask_rate(self) -> float:
        """Re-asks for each abstract; 0 where nothing was measured."""
        return self.reasks / self.abstracts if self.abstracts else 0.0


@dataclass
class Estimate:
    """What a run would do.

    Attributes:
        read: entries in the sources; each is exactly one of the following.
        duplicates: entries that were read before.
        present: abstracts that the output has already.
        unreadable: entries that would become failed rows.
        screened, offline: abstracts that rules settle.
        answered: abstracts that the cache has all answers to.
        to_ask: abstracts that need an answer.
        shared: those of `to_ask` whose question is also that of another one.
        requests: requests for the others, re-asks included as often as measured.
        tokens_prefix: the part of `tokens_in` that is the same in every request.
        cost_usd: without any discount; None where the price is not known.
        cost_cached_usd: if the provider takes the prefix from its cache every time.
    """

    model: str
    prompt: str
    measure: Measure = field(default_factory=Measure)
    read: int = 0
    duplicates: int = 0
    present: int = 0
    unreadable: int = 0
    screened: int = 0
    offline: int = 0
    answered: int = 0
    to_ask: int = 0
    shared: int = 0
    requests: int = 0
    tokens_in: int = 0
    tokens_prefix: int = 0
    tokens_out: int = 0
    cost_usd: float | None = 0.0
    cost_cached_usd: float | None = 0.0


async def estimate_run(
    settings: Settings, entries: Iterable[Entry], output: str | None
) -> Estimate:
    """Work out what a run would ask; nothing is asked, and nothing written.

    Args:
        settings: of the run. OpenAI's models need no key here.
        entries: what it would read.
        output: where it would write; None if it would keep nothing.

    Raises:
        ConfigError: the settings cannot work.
        StoreError: output or cache cannot be read.
    """
    estimator = _Estimator(settings, output)
    try:
        for entry in entries:
            await estimator.take(entry)
        return estimator.conclude()
    finally:
        await estimator.close()


class _OpenQuestionError(ExtractorError):
    """A question that the cache has no answer to."""

    def __init__(self, request: Request) -> None:
        super().__init__("not answered yet")
        self.request = request


class _LookingAsker(AskerLayer):
    """Looks answers up, measures them, and never asks."""

    def __init__(self, inner: Asker, cache: AnswerCache | None) -> None:
        super().__init__(inner)
        self._cache = cache
        self.measure = Measure()
        self.prefix_chars = 0

    async def ask(self, request: Request) -> Answer:
        """Take the answer from the cache.

        Raises:
            _OpenQuestionError: there is none.
        """
        answer = self._cache.get(self.key(request)) if self._cache else None
        if answer is None:
            raise _OpenQuestionError(request)
        if request.followups:
            self.measure.reasks += 1
        else:
            self.measure.abstracts += 1
            self.measure.add(self.prefix_chars + _count_chars(request.abstract), answer.usage)
        return answer

    async def close(self) -> None:
        """Close connections and cache."""
        await super().close()
        if self._cache is not None:
            self._cache.close()


class _Estimator:
    """Sorts entries as a run would, and adds up what it would ask."""

    def __init__(self, settings: Settings, output: str | None) -> None:
        self._pipeline = Pipeline(replace(_spell_out_server(settings), cache=False))
        self._asker = _LookingAsker(self._pipeline.asker, _open_cache(settings))
        self._pipeline.asker = self._asker
        if settings.base_url is None and self._asker.asks_model:
            self._asker.model = settings.model or DEFAULT_MODEL
        self._asker.prefix_chars = len(self._pipeline.prompt.system) + len(
            json.dumps(build_schema())
        )
        self._estimate = Estimate(
            self._asker.model, self._pipeline.prompt_name, self._asker.measure
        )
        self._history = History()
        if output is not None:
            self._history = read_history(output, self._asker.model, self._pipeline.prompt_name)
        self._measure_history()
        self._seen = IdentifierSet()
        self._asked = IdentifierSet()
        self._chars = 0

    async def take(self, entry: Entry) -> None:
        """Sort an entry."""
        estimate = self._estimate
        estimate.read += 1
        extraction_id = self._pipeline.extraction_id(entry)
        if not self._seen.add(extraction_id):
            estimate.duplicates += 1
            return
        if self._history.holds(extraction_id):
            estimate.present += 1
            self._measure_present(entry, int(extraction_id, 16))
        elif isinstance(entry, Unreadable):
            estimate.unreadable += 1
        elif self._pipeline.screens and leaves_out(entry):
            is_present = self._history.holds(mark_screened(entry, extraction_id))
            estimate.present += is_present
            estimate.screened += not is_present
        elif not self._asker.asks_model:
            estimate.offline += 1
        else:
            await self._look_up(entry)

    def conclude(self) -> Estimate:
        """Turn characters into tokens, and tokens into money."""
        estimate, measure = self._estimate, self._estimate.measure
        first = len(self._asked)
        if not first:
            return estimate
        reasks = first * measure.reask_rate
        prefix = self._asker.prefix_chars / measure.chars_per_token
        sent = prefix + self._chars / first / measure.chars_per_token
        answered = measure.tokens_per_answer
        # A re-ask sends the answer back as well.
        estimate.tokens_in = round(first * sent + reasks * (sent + answered))
        estimate.tokens_prefix = round((first + reasks) * prefix)
        estimate.tokens_out = round((first + reasks) * answered)
        estimate.requests = round(first + reasks)
        estimate.cost_usd = self._price(tokens_cached=0)
        estimate.cost_cached_usd = self._price(tokens_cached=estimate.tokens_prefix)
        return estimate

    async def close(self) -> None:
        """Close connections and cache."""
        await self._pipeline.close()

    async def _look_up(self, abstract: Abstract) -> None:
        try:
            await self._pipeline.extract(abstract)
        except _OpenQuestionError as missing:
            self._estimate.to_ask += 1
            if not self._asked.add(self._asker.key(missing.request)):
                self._estimate.shared += 1
                return
            self._chars += _count_chars(abstract)
            self._chars += len(json.dumps(missing.request.followups, ensure_ascii=False)) - 2
        else:
            self._estimate.answered += 1

    def _measure_history(self) -> None:
        measure = self._asker.measure
        for sample in self._history.samples.values():
            measure.abstracts += 1
            measure.reasks += max(0, sample.requests - 1)
            if sample.requests == 1 and sample.chars is not None:
                usage = Usage(tokens_in=sample.tokens_in, tokens_out=sample.tokens_out)
                measure.add(self._asker.prefix_chars + sample.chars, usage)

    def _measure_present(self, entry: Entry, number: int) -> None:
        """Measure what the output has, but without its text."""
        sample = self._history.samples.get(number)
        if sample is not None and sample.requests == 1 and sample.chars is None:
            chars = self._asker.prefix_chars + _count_chars(entry)
            usage = Usage(tokens_in=sample.tokens_in, tokens_out=sample.tokens_out)
            self._asker.measure.add(chars, usage)

    def _price(self, tokens_cached: int) -> float | None:
        """Price a mean request, since long ones may cost more a token, and take it so often."""
        estimate = self._estimate
        requests = estimate.requests
        usage = Usage(
            tokens_in=round(estimate.tokens_in / requests),
            tokens_out=round(estimate.tokens_out / requests),
            tokens_cached=round(tokens_cached / requests),
        )
        price_usd = self._asker.price(Answer(message={}, usage=usage, created=""))
        return None if price_usd is None else price_usd * requests


def _spell_out_server(settings: Settings) -> Settings:
    """Name OpenAI's address where it goes without saying: for an address, no key is needed."""
    model = settings.model or DEFAULT_MODEL
    if settings.base_url or not model.startswith(_OPENAI):
        return settings
    base_url = os.environ.get("OPENAI_BASE_URL") or _OPENAI_URL
    return replace(settings, base_url=base_url, model=model.removeprefix(_OPENAI))


def _open_cache(settings: Settings) -> AnswerCache | None:
    """The cache, if there is one that the run would look into."""
    folder = find_cache_dir(settings.cache_dir)
    looks = settings.cache and not settings.refresh and folder.is_dir()
    return AnswerCache(folder) if looks else None


def _count_chars(entry: Entry) -> int:
    return 0 if isinstance(entry, Unreadable) else len(entry.title) + len(entry.text)
