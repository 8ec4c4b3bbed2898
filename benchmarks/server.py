"""A fake model server in a process of its own: fast enough to be no bound, with faults on demand.

Run as `python -m benchmarks.server JSON`, with the fields of `Behaviour`; it prints its port.
"""

import asyncio
import json
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass, field

from benchmarks.texts import ALTERED_ANSWER, ANSWER, INVALID_ANSWER

TOKENS_IN, TOKENS_OUT, TOKENS_CACHED = 3000, 200, 2048


@dataclass
class Behaviour:
    """How the server answers.

    Attributes:
        latency_s: before each answer.
        stragglers: share of answers that take `straggler_s` instead.
        per_second: requests that are allowed in a second of the clock; the others are refused.
        retry_after: sent with a refusal.
        faults: share of requests that meet each fault: `refused`, `broken`, `dropped`, or one of
            the `ANSWERS`.
        breaks_on: a text; whatever holds it is answered by status 500.
    """

    latency_s: float = 0.0
    stragglers: float = 0.0
    straggler_s: float = 2.0
    per_second: int | None = None
    retry_after: str | None = "1"
    faults: dict[str, float] = field(default_factory=dict)
    breaks_on: str | None = None


class FakeModel:
    """Decides what becomes of each request, and keeps the books."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.counts: Counter[str] = Counter()
        self._random = random.Random(7)
        self._second = 0
        self._allowed = 0

    def decide(self, question: bytes) -> tuple[float, bytes | None]:
        """What to do with a request: seconds to wait, and the response, None to hang up."""
        behaviour = self.behaviour
        self.counts["requests"] += 1
        latency_s = behaviour.latency_s
        if behaviour.per_second is not None and not self._is_allowed(behaviour.per_second):
            return latency_s, self._refuse()
        if behaviour.stragglers and self._random.random() < behaviour.stragglers:
            latency_s = behaviour.straggler_s
        fault = self._pick_fault()
        if behaviour.breaks_on and behaviour.breaks_on.encode() in question:
            fault = "broken"
        if fault == "refused":
            return latency_s, self._refuse()
        self.counts[fault] += 1
        if fault == "broken":
            return latency_s, _BROKEN
        if fault == "dropped":
            return latency_s, None
        self.counts["answers"] += 1
        self.counts["tokens_in"] += TOKENS_IN
        self.counts["tokens_out"] += TOKENS_OUT
        return behaviour.straggler_s if fault == "slow" else latency_s, ANSWERS[fault]

    def _pick_fault(self) -> str:
        if not self.behaviour.faults:
            return "valid"
        point = self._random.random()
        for name, share in self.behaviour.faults.items():
            if point < share:
                return name
            point -= share
        return "valid"

    def _is_allowed(self, per_second: int) -> bool:
        second = int(time.monotonic())
        if second != self._second:
            self._second, self._allowed = second, 0
        self._allowed += 1
        return self._allowed <= per_second

    def _refuse(self) -> bytes:
        self.counts["refused"] += 1
        after = self.behaviour.retry_after
        headers = [f"Retry-After: {after}"] if after else []
        return _respond("429 Too Many Requests", {"error": {"message": "slow down"}}, headers)


def _respond(status: str, body: object, headers: list[str] | None = None) -> bytes:
    content = json.dumps(body).encode()
    lines = [
        f"HTTP/1.1 {status}",
        "Content-Type: application/json",
        f"Content-Length: {len(content)}",
        *(headers or []),
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


def _complete(content: str | None, finish_reason: str = "stop") -> bytes:
    usage = {
        "prompt_tokens": TOKENS_IN,
        "completion_tokens": TOKENS_OUT,
        "total_tokens": TOKENS_IN + TOKENS_OUT,
        "prompt_tokens_details": {"cached_tokens": TOKENS_CACHED},
    }
    choice = {
        "index": 0,
        "finish_reason": finish_reason,
        "message": {"role": "assistant", "content": content},
    }
    body = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 0,
        "model": "fake",
        "choices": [choice],
        "usage": usage,
    }
    return _respond("200 OK", body)


ANSWERS = {
    "valid": _complete(ANSWER),
    "slow": _complete(ANSWER),
    "invalid": _complete(INVALID_ANSWER),
    "altered": _complete(ALTERED_ANSWER),
    "truncated": _complete(ANSWER[: len(ANSWER) // 2], "length"),
    "garbled": _complete(ANSWER[: len(ANSWER) // 2]),
    "fenced": _complete(f"```json\n{ANSWER}\n```"),
    "empty": _complete(""),
    "null": _complete(None),
}
_BROKEN = _respond("500 Internal Server Error", {"error": {"message": "broken"}})


class _Connection(asyncio.Protocol):
    """Reads requests off one connection, as little of HTTP as the clients need."""

    def __init__(self, model: FakeModel) -> None:
        self._model = model
        self._received = b""
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (split := self._received.find(b"\r\n\r\n")) >= 0:
            head = self._received[:split].decode("latin-1")
            length = _read_length(head)
            end = split + 4 + length
            if len(self._received) < end:
                return
            question, self._received = self._received[split:end], self._received[end:]
            if head.startswith("GET"):
                self._send(_respond("200 OK", dict(self._model.counts)))
                continue
            delay_s, response = self._model.decide(question)
            if delay_s:
                asyncio.get_running_loop().call_later(delay_s, self._send, response)
            else:
                self._send(response)

    def _send(self, response: bytes | None) -> None:
        if response is None:
            self._transport.abort()
        elif not self._transport.is_closing():
            self._transport.write(response)


def _read_length(head: str) -> int:
    for line in head.split("\r\n"):
        name, _, value = line.partition(":")
        if name.lower() == "content-length":
            return int(value)
    return 0


async def _serve(behaviour: Behaviour) -> None:
    model = FakeModel(behaviour)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Connection(model), "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(Behaviour(**json.loads(sys.argv[1]))))
