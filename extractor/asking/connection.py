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
from extractor.errors import ModelAccessError, TransientModelError

# Uvicorn, and with it vLLM, hangs up after five seconds of rest; what is sent at that moment is
# lost.
_KEPT_OPEN_S = 4.0
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
            timeout_s: how long the server may take to be reached, and then to send anything.

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
                return Response(response.status, response.headers, await response.read())
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
        timeout = aiohttp.ClientTimeout(
            total=None,
            # Looking the name up and talking to a proxy included.
            connect=self._timeout_s,
            sock_connect=self._timeout_s,
            sock_read=self._timeout_s,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            headers={**self._headers, "Content-Type": "application/json"},
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=timeout,
        )
        return self._session


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
