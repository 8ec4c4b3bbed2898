"""Posts to one address of a server, over connections that are kept open."""

import ssl
from collections.abc import Mapping
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import urlsplit

import aiohttp
import httpx2

from extractor.asking.proxies import find_proxy
from extractor.asking.secrets import shorten
from extractor.errors import ModelAccessError, PermanentModelError, TransientModelError

# Uvicorn, and with it vLLM, hangs up after five seconds of rest; what is sent at that moment is
# lost.
_KEPT_OPEN_S = 4.0
# An answer has some kilobytes. What has so many comes from no model, or from one that runs on.
_MOST_BYTES = 64_000_000
_ADVICE = "check --base-url, the key and the proxy"


class Response(NamedTuple):
    """A response, read to its end."""

    status: int
    headers: Mapping[str, str]
    content: bytes


class Connection:
    """An aiohttp session for one address.

    A client of a vendor, or of any protocol, would build and check every request anew; here
    address and headers are the same for all of them.
    """

    def __init__(
        self, url: str, headers: Mapping[str, str], most_in_flight: int, timeout_s: float
    ) -> None:
        """Note where to post to; nothing is opened before the first request.

        Args:
            url: the address.
            headers: sent with every request, the key among them.
            most_in_flight: connections at the most.
            timeout_s: how long a request may take, from looking the name up to the last byte.

        Raises:
            ConfigError: the environment names a proxy that cannot be used.
        """
        self._url = url
        self._headers = headers
        self._most_in_flight = most_in_flight
        self._timeout_s = timeout_s
        self._proxy = find_proxy(url)
        self._session: aiohttp.ClientSession | None = None

    async def post(self, body: bytes) -> Response:
        """Send a JSON body, and wait for the response.

        Raises:
            TransientModelError: there was none, or not all of it.
            PermanentModelError: it is too large to be an answer.
            ModelAccessError: there cannot be one: address, certificate, key or proxy are wrong.
        """
        session = self._session or self._open()
        try:
            async with session.post(
                self._url,
                data=body,
                # To another address neither key nor abstract are meant to go.
                allow_redirects=False,
                proxy=self._proxy.url,
                proxy_headers=self._proxy.headers,
            ) as response:
                return Response(response.status, response.headers, await _read(response))
        except TimeoutError as error:
            said = f"no whole response within {self._timeout_s:g} s ({type(error).__name__})"
            raise TransientModelError(said) from None
        except (aiohttp.ClientError, ValueError, OSError) as error:
            said = f"{shorten(str(error)) or 'no response'} ({type(error).__name__})"
            if _is_permanent(error):
                raise ModelAccessError(f"{said}: {_ADVICE}") from None
            is_unreachable = isinstance(error, aiohttp.ClientConnectorError)
            raise TransientModelError(said, unreachable=is_unreachable) from None

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    def _open(self) -> aiohttp.ClientSession:
        is_secure = urlsplit(self._url).scheme == "https"
        connector = aiohttp.TCPConnector(
            limit=self._most_in_flight,
            keepalive_timeout=_KEPT_OPEN_S,
            ssl=_load_certificates() if is_secure else True,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            headers={**self._headers, "Content-Type": "application/json"},
            cookie_jar=aiohttp.DummyCookieJar(),
            # A server that drips byte by byte would get past a limit for the time between two.
            timeout=aiohttp.ClientTimeout(total=self._timeout_s),
        )
        return self._session


async def _read(response: aiohttp.ClientResponse) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in response.content.iter_any():
        size += len(part)
        if size > _MOST_BYTES:
            raise PermanentModelError(
                f"the response is larger than {_MOST_BYTES // 10**6} MB, as no answer is: {_ADVICE}"
            )
        parts.append(part)
    return b"".join(parts)


def _load_certificates() -> ssl.SSLContext:
    """Load the certificates that openai's client would trust, not those of the system."""
    try:
        return httpx2.create_ssl_context()
    except OSError as error:
        raise ModelAccessError(
            f"cannot load the certificates: {error} (check SSL_CERT_FILE and SSL_CERT_DIR)"
        ) from error


def _is_permanent(error: Exception) -> bool:
    """Whether every further request would meet with the same."""
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return error.status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED
    # Of an address that is none, a certificate that does not fit, a header that cannot be sent.
    return isinstance(error, ValueError)
