"""A real HTTP server on the loopback with files and batches, that loses answers when told to."""

import asyncio
import itertools
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.model_server import completion

Row = dict[str, Any]


def answer(row: Row, content: str = '{"claims": []}') -> Row:
    """A row of an output file as OpenAI writes it."""
    return respond(row, 200, completion(content).body)


def respond(row: Row, status: int, body: Any, error: Any = None) -> Row:
    """A row with any response."""
    response = {"status_code": status, "request_id": "req_1", "body": body}
    return {
        "id": "batch_req_1",
        "custom_id": row["custom_id"],
        "response": response,
        "error": error,
    }


def leave_unanswered(row: Row, code: str) -> Row:
    """A row of an error file about a request that was never sent."""
    error = {"code": code, "message": "This request could not be executed."}
    return {"id": "batch_req_1", "custom_id": row["custom_id"], "response": None, "error": error}


@dataclass
class Fault:
    """What goes wrong with one request.

    Attributes:
        route: method and path that it befalls, as `POST /batches`.
        happens_after: whether the request is carried out before its answer is lost.
        status: answered instead of dropping the connection.
        held: set when the request has come.
        release: what the answer waits for, if anything.
    """

    route: str
    happens_after: bool = False
    status: int | None = None
    body: Any = None
    held: threading.Event = field(default_factory=threading.Event)
    release: threading.Event | None = None


class BatchServer:
    """Keeps files and works batches off, a status further at each look."""

    def __init__(self) -> None:
        self.files: dict[str, str] = {}
        self.batches: dict[str, dict[str, Any]] = {}
        self.steps = ["validating", "in_progress", "finalizing", "completed"]
        self.work: Callable[[Row], Row] = answer
        self.faults: list[Fault] = []
        self._held: list[Fault] = []
        self.seen: list[str] = []
        self.keys: set[str] = set()
        self.most_enqueued: int | None = None
        self.keeps_metadata = True
        self._numbers = itertools.count(1)
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def start(self) -> "BatchServer":
        self._thread.start()
        self._ready.wait()
        return self

    def stop(self) -> None:
        for fault in self._held:
            if fault.release is not None:
                fault.release.set()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def count(self, route: str) -> int:
        return self.seen.count(route)

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._open())
        self._ready.set()
        self._loop.run_forever()
        self._loop.run_until_complete(self._runner.cleanup())
        self._loop.close()

    async def _open(self) -> None:
        application = web.Application(client_max_size=2**30, middlewares=[self._trouble])
        application.add_routes(
            [
                web.post("/v1/files", self._take_file),
                web.get("/v1/files/{id}/content", self._give_file),
                web.post("/v1/batches", self._create),
                web.get("/v1/batches", self._list),
                web.get("/v1/batches/{id}", self._retrieve),
                web.post("/v1/batches/{id}/cancel", self._cancel),
            ]
        )
        self._runner = web.AppRunner(application, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port: int = self._runner.addresses[0][1]

    @web.middleware
    async def _trouble(self, request: web.Request, handler: Any) -> web.StreamResponse:
        resource = request.match_info.route.resource
        route = f"{request.method} {resource.canonical.removeprefix('/v1') if resource else '?'}"
        self.seen.append(route)
        self.keys.add(request.headers.get("Authorization", ""))
        fault = next((fault for fault in self.faults if fault.route == route), None)
        if fault is None:
            return await handler(request)  # type: ignore[no-any-return]
        self.faults.remove(fault)
        if fault.happens_after:
            await handler(request)
        self._held.append(fault)
        fault.held.set()
        if fault.release is not None:
            await asyncio.to_thread(fault.release.wait)
        if fault.status is not None:
            return web.json_response(fault.body, status=fault.status)
        assert request.transport is not None
        request.transport.close()
        return web.Response()

    async def _take_file(self, request: web.Request) -> web.Response:
        form = await request.post()
        assert form["purpose"] == "batch"
        upload = form["file"]
        assert isinstance(upload, web.FileField)
        identifier = self.keep_file(upload.file.read().decode())
        return web.json_response(
            {"id": identifier, "object": "file", "filename": upload.filename, "purpose": "batch"}
        )

    def keep_file(self, text: str) -> str:
        identifier = f"file-{next(self._numbers)}"
        self.files[identifier] = text
        return identifier

    async def _give_file(self, request: web.Request) -> web.Response:
        identifier = request.match_info["id"]
        if identifier not in self.files:
            return _refuse(404, "no such file")
        return web.Response(text=self.files[identifier], content_type="application/jsonl")

    async def _create(self, request: web.Request) -> web.Response:
        asked = await request.json()
        assert asked["endpoint"] == "/v1/chat/completions"
        assert asked["completion_window"] == "24h"
        identifier = f"batch_{next(self._numbers)}"
        self.batches[identifier] = batch = {
            "id": identifier,
            "object": "batch",
            "endpoint": asked["endpoint"],
            "completion_window": "24h",
            "created_at": int(time.time()),
            "input_file_id": asked["input_file_id"],
            "status": self.steps[0],
            "metadata": asked["metadata"] if self.keeps_metadata else None,
            "output_file_id": None,
            "error_file_id": None,
            "request_counts": {"total": 0, "completed": 0, "failed": 0},
            "errors": None,
        }
        return web.json_response(batch)

    async def _list(self, request: web.Request) -> web.Response:
        newest_first = list(self.batches.values())[::-1]
        limit = int(request.query.get("limit", 20))
        after = request.query.get("after")
        start = 0
        if after is not None:
            start = [batch["id"] for batch in newest_first].index(after) + 1
        page = newest_first[start : start + limit]
        more = len(newest_first) > start + limit
        return web.json_response({"object": "list", "data": page, "has_more": more})

    async def _retrieve(self, request: web.Request) -> web.Response:
        batch = self.batches.get(request.match_info["id"])
        if batch is None:
            return _refuse(404, "no such batch")
        if batch["status"] in self.steps[:-1]:
            self._advance(batch)
        return web.json_response(batch)

    async def _cancel(self, request: web.Request) -> web.Response:
        batch = self.batches.get(request.match_info["id"])
        if batch is None:
            return _refuse(404, "no such batch")
        batch["status"] = "cancelling"
        response = web.json_response(batch)
        self._finish(batch, "cancelled")
        return response

    def _advance(self, batch: dict[str, Any]) -> None:
        position = self.steps.index(batch["status"])
        running = [
            other for other in self.batches.values()
            if other["status"] in ("in_progress", "finalizing")
        ]  # fmt: skip
        following = self.steps[position + 1]
        full = self.most_enqueued is not None and len(running) >= self.most_enqueued
        if batch["status"] == "validating" and full:
            message = "Enqueued token limit reached for m. Limit: 2,000,000 enqueued tokens."
            self.fail(batch, "token_limit_exceeded", message)
        elif position + 2 == len(self.steps):
            self._finish(batch, following)
        else:
            batch["status"] = following

    def fail(self, batch: dict[str, Any], code: str, message: str, line: int | None = None) -> None:
        error = {"code": code, "message": message, "line": line, "param": None}
        batch["status"] = "failed"
        batch["errors"] = {"object": "list", "data": [error]}

    def _finish(self, batch: dict[str, Any], status: str) -> None:
        rows = [json.loads(line) for line in self.files[batch["input_file_id"]].splitlines()]
        outcomes = [self.work(row) for row in rows]
        good = [row for row in outcomes if (row["response"] or {}).get("status_code") == 200]
        bad = [row for row in outcomes if row not in good]
        for name, kept in (("output_file_id", good), ("error_file_id", bad)):
            # There is no empty file: its identifier is left out.
            batch[name] = self.keep_file(write_rows(kept)) if kept else None
        counts = {"total": len(rows), "completed": len(good), "failed": len(bad)}
        batch["request_counts"] = counts
        batch["status"] = status


def write_rows(rows: list[Row]) -> str:
    """Rows as the text of a file."""
    return "".join(json.dumps(row) + "\n" for row in rows)


def _refuse(status: int, message: str) -> web.Response:
    return web.json_response({"error": {"message": message}}, status=status)
