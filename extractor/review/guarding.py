"""Keeps everyone out but the page that was opened with the secret address."""

import hmac
from collections.abc import Collection, Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BODY_BYTES = 2_000_000
_SAFE_METHODS = ("GET", "HEAD")
_OWN_SITES = ("same-origin", "none")
_HEADERS = {
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


class Guard:
    """Lets requests through that know the token and come from the page itself.

    The host is looked at against names that are made to point here (DNS rebinding), origin and
    fetch metadata against pages of other sites; there are no cookies that could be abused.
    """

    def __init__(self, app: ASGIApp, token: str, hosts: Collection[str], policy: str) -> None:
        """Stand before an application, whose paths begin behind the token.

        Args:
            app: what is guarded.
            token: the secret first part of every path.
            hosts: the values of the `Host` header that mean this server.
            policy: the content security policy of every answer.
        """
        self._app = app
        self._token = token.encode("utf-8")
        self._hosts = frozenset(hosts)
        self._headers = {
            **_HEADERS,
            "content-security-policy": f"{policy}; frame-ancestors 'none'",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it with the reason why not."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return  # a connection that is never accepted is refused
        outward = _add_headers(send, self._headers)
        refusal = self._find_refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, outward)
            return
        _, _, path = scope["path"][1:].partition("/")
        inner = {**scope, "path": f"/{path}", "raw_path": f"/{path}".encode()}
        await self._app(inner, _BodyLimit(receive).receive, outward)

    def _find_refusal(self, scope: Scope) -> PlainTextResponse | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        kind = headers.get("content-type", "").partition(";")[0]
        changes = scope["method"] not in _SAFE_METHODS
        rules = (
            (host not in self._hosts, 403, "This is not the address of this server."),
            (not self._knows_token(scope["path"]), 404, "Not found."),
            (
                headers.get("sec-fetch-site", "none") not in _OWN_SITES,
                403,
                "Only its own page may ask this server.",
            ),
            (
                changes and headers.get("origin") != f"http://{host}",
                403,
                "Only its own page may change anything.",
            ),
            (changes and kind != "application/json", 415, "JSON is expected."),
        )
        for is_broken, status, said in rules:
            if is_broken:
                return PlainTextResponse(said, status_code=status)
        return None

    def _knows_token(self, path: str) -> bool:
        token, slash, _ = path[1:].partition("/")
        matches = hmac.compare_digest(token.encode("utf-8", "replace"), self._token)
        return bool(slash) and matches


class _BodyLimit:
    """Counts what comes in of a request."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._taken = 0

    async def receive(self) -> Message:
        message = await self._receive()
        self._taken += len(message.get("body", b""))
        if self._taken > MOST_BODY_BYTES:
            raise HTTPException(413, "The request is too long.")
        return message


def _add_headers(send: Send, headers: Mapping[str, str]) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(headers)
        await send(message)

    return send_with_headers
