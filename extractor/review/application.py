"""The pages of a review and what their scripts ask for."""

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from extractor.errors import StoreError
from extractor.evaluation.gold import describe_errors
from extractor.reporting import Assets, render_page
from extractor.review.checking import read_printed
from extractor.review.describing import (
    describe_changes,
    describe_index,
    describe_view,
)
from extractor.review.guarding import Guard
from extractor.review.labels import Action
from extractor.review.reviewing import (
    SETTLED,
    ConflictError,
    RefusedError,
    Review,
    UnknownError,
)
from extractor.review.summary import summarise

_ASSETS = Assets(
    styles=("review.css",),
    scripts=(
        "server.js",
        "fields.js",
        "passage.js",
        "cards.js",
        "dialogs.js",
        "review.js",
    ),
    connect="'self'",
    package="extractor.review",
)


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _DecisionBody(_Body):
    base: int = Field(ge=0)
    decision: Action


class _TimeBody(_Body):
    active_s: float = Field(ge=0, allow_inf_nan=False)


class _TextBody(_Body):
    text: str = Field(max_length=1000)


def make_application(review: Review, token: str, port: int) -> Guard:
    """Make the guarded application of a review.

    Args:
        review: what it shows and changes.
        token: the secret first part of every path.
        port: where it is served on the loopback.
    """
    pages = _Pages(review)
    abstract = "/api/{label_set}/abstracts/{key}"
    routes = [
        Route("/", pages.show_review),
        Route("/settle", pages.show_settling),
        Route("/api/{label_set}/abstracts", pages.list_abstracts),
        Route("/api/{label_set}/changes", pages.list_changes),
        Route("/api/{label_set}/summary", pages.sum_up),
        Route(abstract, pages.read_abstract),
        Route(f"{abstract}/decisions", pages.decide, methods=["POST"]),
        Route(f"{abstract}/time", pages.add_time, methods=["POST"]),
        Route("/api/figure", pages.read_figure, methods=["POST"]),
    ]
    application = Starlette(
        routes=routes,
        exception_handlers={
            UnknownError: _answer(404),
            RefusedError: _answer(422),
            ValidationError: _answer(422),
            StoreError: _answer(507),
            ConflictError: pages.answer_conflict,
        },
    )
    hosts = [f"{name}:{port}" for name in ("127.0.0.1", "localhost")]
    return Guard(application, token, hosts, _ASSETS.make_policy())


class _Pages:
    """Answers requests; what takes time is done in threads."""

    def __init__(self, review: Review) -> None:
        self._review = review

    def show_review(self, _request: Request) -> Response:
        return self._show("Review claims", self._review.own_set)

    def show_settling(self, _request: Request) -> Response:
        if self._review.blind:
            raise UnknownError("a blind annotator settles nothing")
        return self._show("Settle differences", SETTLED)

    def list_abstracts(self, request: Request) -> Response:
        return JSONResponse(describe_index(self._review, request.path_params["label_set"]))

    def list_changes(self, request: Request) -> Response:
        after = request.query_params.get("after", "0")
        sequence = int(after) if after.isdecimal() else 0
        label_set = request.path_params["label_set"]
        return JSONResponse(describe_changes(self._review, label_set, sequence))

    def sum_up(self, request: Request) -> Response:
        review, label_set = self._review, request.path_params["label_set"]
        review.require_set(label_set)
        only = [label_set] if review.blind else None
        return JSONResponse(summarise(review.journal, review.items, only).model_dump())

    def read_abstract(self, request: Request) -> Response:
        return JSONResponse(self._describe(**request.path_params))

    async def decide(self, request: Request) -> Response:
        body = _DecisionBody.model_validate_json(await request.body())

        def decide(label_set: str, key: str) -> dict[str, Any]:
            self._review.decide(label_set, key, body.base, body.decision)
            return self._describe(label_set, key)

        return JSONResponse(await run_in_threadpool(decide, **request.path_params))

    async def add_time(self, request: Request) -> Response:
        body = _TimeBody.model_validate_json(await request.body())
        add_time = self._review.add_time
        await run_in_threadpool(add_time, **request.path_params, active_s=body.active_s)
        return Response(status_code=204)

    async def read_figure(self, request: Request) -> Response:
        body = _TextBody.model_validate_json(await request.body())
        figure = read_printed(body.text)
        return JSONResponse(figure and figure.model_dump())

    async def answer_conflict(self, request: Request, error: Exception) -> Response:
        current = await run_in_threadpool(self._describe, **request.path_params)
        return JSONResponse({"error": str(error), "current": current}, status_code=409)

    def _describe(self, label_set: str, key: str) -> dict[str, Any]:
        return describe_view(self._review, label_set, key)

    def _show(self, title: str, label_set: str) -> Response:
        review = self._review
        data = {
            "label_set": label_set,
            "annotator": review.annotator,
            "blind": review.blind,
            "settles": label_set == SETTLED,
            "gold": review.gold_files[label_set].path.name,
        }
        return HTMLResponse(
            render_page("review.html", title=title, assets=_ASSETS, data=data, **data)
        )


def _answer(status: int) -> Callable[[Request, Exception], Response]:
    def answer(_request: Request, error: Exception) -> Response:
        said = describe_errors(error) if isinstance(error, ValidationError) else str(error)
        return JSONResponse({"error": said}, status_code=status)

    return answer
