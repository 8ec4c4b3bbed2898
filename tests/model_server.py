"""A real HTTP server on the loopback that stands in for a model, with scripted answers."""

import asyncio
import json
import subprocess
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Body = dict[str, Any]
PATIENCE_S = 600
"""How long tests wait for what is sure to come, on however busy a machine."""


@dataclass
class Reply:
    """What the server sends back to one request.

    Attributes:
        body: sent as JSON, or as it is if it is text.
        drops: close the connection instead of answering.
        after: is waited for before anything is sent, however long it takes.
    """

    body: Any = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    drops: bool = False
    after: threading.Event | None = None


Script = Callable[[Body], Reply]


def completion(
    content: str | None,
    *,
    finish_reason: str = "stop",
    tokens: tuple[int, int, int] = (1000, 100, 600),
    **message: Any,
) -> Reply:
    """A chat completion; tokens are prompt, completion and cached prompt tokens."""
    prompt, answered, cached = tokens
    return Reply(
        {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "model": "test-model",
            "choices": [
                {
                    "index": 0,
                    "finish_reason": finish_reason,
                    "message": {"role": "assistant", "content": content, **message},
                }
            ],
            "usage": {
                "prompt_tokens": prompt,
                "completion_tokens": answered,
                "total_tokens": prompt + answered,
                "prompt_tokens_details": {"cached_tokens": cached},
            },
        }
    )


def error(
    status: int, message: str = "no", *, retry_after: str | None = None, **detail: Any
) -> Reply:
    """An error in the shape that OpenAI gives it."""
    headers = {"Retry-After": retry_after} if retry_after is not None else {}
    return Reply({"error": {"message": message, **detail}}, status=status, headers=headers)


def in_turn(replies: Iterable[Reply]) -> Script:
    """Give the replies one after the other, whatever is asked; the last one for ever."""
    remaining = list(replies)

    def script(_body: Body) -> Reply:
        return remaining.pop(0) if len(remaining) > 1 else remaining[0]

    return script


class ModelServer:
    """Answers POST requests by a script and remembers what it was asked."""

    def __init__(self) -> None:
        self.script: Script = in_turn([completion('{"claims": []}')])
        self.requests: list[Body] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.in_flight = 0
        self.most_in_flight = 0
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def start(self) -> "ModelServer":
        self._thread.start()
        self._ready.wait()
        return self

    def wait_for_requests(
        self, number: int, process: "subprocess.Popen[Any] | None" = None
    ) -> None:
        """Wait until so many requests have come, or the process that sends them has ended."""
        give_up = time.monotonic() + PATIENCE_S
        while len(self.requests) < number and (process is None or process.poll() is None):
            assert time.monotonic() < give_up, f"{len(self.requests)} of {number} requests"
            time.sleep(0.002)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._open())
        self._ready.set()
        self._loop.run_forever()
        self._loop.run_until_complete(self._runner.cleanup())
        self._loop.close()

    async def _open(self) -> None:
        application = web.Application(client_max_size=2**30)
        application.router.add_post("/{path:.*}", self._answer)
        # What is still held in the end is not waited for.
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port: int = self._runner.addresses[0][1]

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.requests.append(body)
        self.headers.append(dict(request.headers))
        self.paths.append(request.path_qs)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            reply = self.script(body)
            await asyncio.sleep(reply.delay_s)
            while reply.after is not None and not reply.after.is_set():
                await asyncio.sleep(0.01)
        finally:
            self.in_flight -= 1
        if reply.drops:
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        if isinstance(reply.body, str):
            return web.Response(text=reply.body, status=reply.status, headers=reply.headers)
        return web.Response(
            text=json.dumps(reply.body),
            status=reply.status,
            headers=reply.headers,
            content_type="application/json",
        )
