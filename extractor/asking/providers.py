"""Asks any provider that `instructor.from_provider` knows, through the vendor's own client."""

import hashlib
import json
import time
from datetime import UTC, datetime
from typing import Any, cast

import instructor
from genai_prices import extract_usage
from instructor.core import IncompleteOutputException, InstructorRetryException
from instructor.core.hooks import Hooks
from pydantic import ValidatorFunctionWrapHandler, model_validator

from extractor.asking.answers import Answer, Usage
from extractor.asking.faults import map_vendor_error
from extractor.asking.forms import build_followup
from extractor.asking.pricing import price_answer
from extractor.asking.protocol import Message, Request
from extractor.asking.responses import (
    count_tokens,
    dump_response,
    read_finish_reason,
    read_unparsed,
)
from extractor.asking.secrets import shorten
from extractor.claims import Extraction
from extractor.errors import ConfigError
from extractor.prompting import Prompt, render_abstract
from extractor.schema import hash_schema
from extractor.settings import Settings


class _Verbatim(Extraction):
    """Has the schema of an extraction and takes any JSON as it is.

    instructor knows where each vendor's answer keeps its JSON; what it says is judged later,
    when it is safe in the cache.
    """

    @model_validator(mode="wrap")
    @classmethod
    def _take(cls, data: Any, handler: ValidatorFunctionWrapHandler) -> "_Verbatim":  # noqa: ARG003
        if not isinstance(data, dict):
            # An answer without any tool call looks like an empty list to instructor.
            raise ValueError("no structured output")
        return cls.model_construct(claims=data)


# The name goes to the model, as the name of the tool or of the schema.
_Verbatim.__name__ = Extraction.__name__


class ProviderAsker:
    """Speaks to Anthropic, Google, Mistral, Groq and the others, one request at a time each."""

    asks_model = True

    def __init__(self, settings: Settings, prompt: Prompt) -> None:
        """Open the vendor's client.

        Args:
            settings: for the model as `provider/model`, the parameters and the limits.
            prompt: what every request begins with.

        Raises:
            ConfigError: unknown provider, a missing extra, or no key.
        """
        self.model = str(settings.model)
        self._provider, self._name_on_server = self.model.split("/", 1)
        self._settings = settings
        self._prompt = prompt
        self._client = self._connect()
        self.mode = self._client.mode.value

    def key(self, request: Request) -> str:
        """Hash provider, model, messages, schema, mode and parameters."""
        question = json.dumps(
            [
                self.model,
                str(getattr(self._client.client, "base_url", "")),
                self.mode,
                hash_schema(),
                self._settings.parameters,
                self._settings.sample,
                self._build_messages(request),
            ],
            sort_keys=True,
        )
        return hashlib.sha256(question.encode()).hexdigest()

    async def ask(self, request: Request) -> Answer:
        """Ask through instructor, which places schema and messages as the vendor wants them.

        Raises:
            ModelError: no answer.
        """
        received: list[Any] = []
        hooks = Hooks()
        hooks.on("completion:response", received.append)
        started = time.monotonic()
        message: dict[str, Any] = {"role": "assistant"}
        finish_reason = None
        try:
            verbatim = await self._client.create(
                response_model=_Verbatim,
                messages=cast(Any, self._build_messages(request)),
                max_retries=0,
                hooks=hooks,
                **self._settings.parameters,
            )
            message["content"] = json.dumps(verbatim.claims, ensure_ascii=False)
        except (IncompleteOutputException, InstructorRetryException) as error:
            if not received:
                cause = error.__cause__ if isinstance(error.__cause__, Exception) else error
                raise map_vendor_error(cause, self.model, self._settings.parameters) from None
            message |= read_unparsed(received[-1])
        if received:
            finish_reason = read_finish_reason(received[-1])
        if finish_reason == "refusal":
            message["refusal"] = message.get("content") or "no reason given"
        return Answer(
            message=message,
            finish_reason=finish_reason,
            usage=self._read_usage(received[-1]) if received else Usage(),
            form=self.mode,
            model=self._name_on_server,
            latency_s=round(time.monotonic() - started, 3),
            created=datetime.now(UTC).isoformat(timespec="milliseconds"),
        )

    def reask(self, request: Request, answer: Answer, problems: str) -> Request:
        """Send the answer back with the problems found in it, as instructor phrases it."""
        return request.follow_up(*build_followup(answer, problems))

    def price(self, answer: Answer) -> float | None:
        """List price in USD; None for models that the price tables do not know."""
        return price_answer(answer, self._provider, self._name_on_server)

    async def close(self) -> None:
        """Close the vendor's connections, where its client has a way to."""
        if close := getattr(self._client.client, "close", None):
            await close()

    def _connect(self) -> instructor.AsyncInstructor:
        try:
            client = instructor.from_provider(self.model, async_client=True)
        except Exception as error:  # noqa: BLE001 - every vendor's client fails in its own way
            raise ConfigError(
                shorten(f"cannot use {self.model}: {error}")
                + f" (pip install 'claim-extractor[{self._provider}]', and set the vendor's key)"
            ) from None
        # tenacity owns the retries; clients generated by Stainless have their own on top.
        for name, value in (("max_retries", 0), ("timeout", self._settings.timeout_s)):
            if hasattr(client.client, name):
                setattr(client.client, name, value)
        return client

    def _build_messages(self, request: Request) -> list[Message]:
        return [
            {"role": "system", "content": self._prompt.system},
            {"role": "user", "content": render_abstract(request.abstract)},
            *request.followups,
        ]

    def _read_usage(self, response: Any) -> Usage:
        """Count tokens with the price tables' own knowledge of the vendors' answers."""
        body = dump_response(response)
        for flavor in ("default", "chat"):
            try:
                usage = extract_usage(body, provider_id=self._provider, api_flavor=flavor).usage
            except (LookupError, ValueError, TypeError):
                continue
            return Usage(
                tokens_in=int(usage.input_tokens or 0),
                tokens_out=int(usage.output_tokens or 0),
                tokens_cached=int(usage.cache_read_tokens or 0),
            )
        return count_tokens(body)
