"""Asks OpenAI and every server that speaks its chat completions."""

import hashlib
import json
import logging
import os
import time
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import httpx2
from openai import AsyncOpenAI

from extractor.asking.addresses import add_query, check_address, split_query
from extractor.asking.answers import Answer
from extractor.asking.completions import read_completion
from extractor.asking.connection import Connection, Response
from extractor.asking.faults import Refusal, describe_body, map_refusal, read_error_body
from extractor.asking.forms import BodyEncoder, Form, build_followup, build_forms
from extractor.asking.limits import read_rate_limits
from extractor.asking.pricing import price_answer
from extractor.asking.protocol import Request
from extractor.asking.secrets import shorten
from extractor.errors import (
    ConfigError,
    ExtractorError,
    ModelAccessError,
    ModeRefusedError,
    PermanentModelError,
    TransientModelError,
)
from extractor.prompting import Prompt
from extractor.settings import Settings

_log = logging.getLogger(__name__)


class OpenAIAsker:
    """Sends a body that was built once per prompt, to where openai's client would send it.

    The client's methods would transform and validate every request and response again, at
    several times the cost; it says only where to, and with what headers.
    """

    asks_model = True

    def __init__(self, settings: Settings, prompt: Prompt, model: str) -> None:
        """Connect to the server that the settings name.

        Args:
            settings: for the endpoint, the mode, the parameters and the limits.
            prompt: what every request begins with.
            model: the name as the server knows it.

        Raises:
            ConfigError: there is no key, or the address is not one.
        """
        self.model = model if settings.base_url else f"openai/{model}"
        self.mode: str = settings.mode
        self._settings = settings
        self._name_on_server = model
        self._forms = build_forms(prompt, settings.mode)
        self._fixed = {"model": model, **settings.parameters}
        self._encoders = {form.name: BodyEncoder(form, self._fixed) for form in self._forms}
        self._proven: Form | None = None
        client, query = _configure_client(settings)
        address = str(client.base_url)
        self._connection = Connection(
            add_query(f"{address.rstrip('/')}/chat/completions", query),
            _choose_headers(client),
            settings.concurrency,
            settings.timeout_s,
        )
        self._provider = _find_provider(address)
        configured = self._forms[0]
        fixed = [
            add_query(address, query),
            model,
            self.mode,
            settings.parameters,
            settings.sample,
            configured.opening,
            configured.before,
            configured.after,
            configured.extras,
        ]
        self._fixed_digest = hashlib.sha256(json.dumps(fixed, sort_keys=True).encode())

    def key(self, request: Request) -> str:
        """Hash endpoint, model, messages, schema, mode and parameters.

        They are those of the configured form: which of its fall-backs a server takes follows
        from the server, and a later run finds the answer without asking it again.
        """
        digest = self._fixed_digest.copy()
        digest.update(request.fingerprint)
        return digest.hexdigest()

    async def ask(self, request: Request) -> Answer:
        """Ask once, in the first form that the server accepts.

        Raises:
            ModelError: no answer.
        """
        while True:
            form = self._forms[0]
            try:
                answer = await self._send(form, request)
            except ModeRefusedError as error:
                self._drop_form(form, error)
            else:
                self._proven = form
                return answer

    def reask(self, request: Request, answer: Answer, problems: str) -> Request:
        """Send the answer back with the problems found in it, as instructor phrases it."""
        return request.follow_up(*build_followup(answer, problems))

    def build_body(self, request: Request) -> dict[str, Any]:
        """The JSON body that is sent for a request."""
        form = self._forms[0]
        return {"messages": form.build_messages(request), **form.extras, **self._fixed}

    def price(self, answer: Answer) -> float | None:
        """List price in USD; None for servers that the price tables do not know."""
        return price_answer(answer, self._provider, self._name_on_server)

    async def close(self) -> None:
        """Close the connections."""
        await self._connection.close()

    async def _send(self, form: Form, request: Request) -> Answer:
        started = time.monotonic()
        try:
            response = await self._connection.post(self._encoders[form.name].encode(request))
        except TransientModelError as error:
            said = f"{self.model}: {error}"
            raise TransientModelError(said, unreachable=error.unreachable) from None
        except (PermanentModelError, ModelAccessError) as error:
            raise type(error)(f"{self.model}: {error}") from None
        if response.status != HTTPStatus.OK:
            raise self._map_response(response)
        answer = read_completion(
            response.content,
            model=self.model,
            latency_s=round(time.monotonic() - started, 3),
            created=datetime.now(UTC).isoformat(timespec="milliseconds"),
        )
        answer.form = form.name
        answer.rate_limits = read_rate_limits(response.headers)
        return answer

    def _map_response(self, response: Response) -> ExtractorError:
        if HTTPStatus.MULTIPLE_CHOICES <= response.status < HTTPStatus.BAD_REQUEST:
            moved = shorten(response.headers.get("Location", "elsewhere"), 80)
            return ModelAccessError(
                f"{self.model}: the server has moved to {moved} (check --base-url)"
            )
        body = read_error_body(response.content)
        refusal = Refusal(
            response.status,
            describe_body(body),
            body,
            response.headers,
            self._settings.parameters,
        )
        return map_refusal(refusal, self.model)

    def _drop_form(self, form: Form, error: ModeRefusedError) -> None:
        """Go over to the next form, unless the server has shown that it knows this one."""
        if form is self._proven:
            raise PermanentModelError(str(error)) from error
        # Requests in flight together are refused together; only the first drops the form.
        if self._forms[0] is not form:
            return
        if len(self._forms) == 1:
            raise ModelAccessError(f"{error} (every way of asking was refused)") from error
        del self._forms[0]
        _log.warning(
            "%s refuses %s (%s); asking by %s", self.model, form.name, error, self._forms[0].name
        )


def _configure_client(settings: Settings) -> tuple[AsyncOpenAI, str]:
    """The client, and the query that goes behind every address."""
    base_url = settings.base_url or os.environ.get("OPENAI_BASE_URL")
    key = os.environ.get("OPENAI_API_KEY", "").strip()
    if not key and not base_url:
        raise ConfigError("no OPENAI_API_KEY in the environment")
    query = ""
    if base_url:
        check_address(base_url)
        base_url, query = split_query(base_url)
    # Loading certificates for a transport of its own would take a tenth of a second.
    unused = httpx2.AsyncClient(transport=httpx2.AsyncBaseTransport(), trust_env=False)
    # Local servers want no key, but the client wants one.
    return AsyncOpenAI(api_key=key or "none", base_url=base_url, http_client=unused), query


def _choose_headers(client: AsyncOpenAI) -> dict[str, str]:
    """The headers that openai's client would send, without what it tells about this machine."""
    headers = {
        name: value
        for name, value in client.default_headers.items()
        if isinstance(value, str) and not name.lower().startswith("x-stainless-")
    }
    return headers | {"Authorization": f"Bearer {client.api_key}"}


def _find_provider(base_url: str) -> str | None:
    return "openai" if urlsplit(base_url).hostname == "api.openai.com" else None
