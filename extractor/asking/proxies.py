"""Finds the proxy that the environment names for an address."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp

from extractor.errors import ConfigError


@dataclass(frozen=True)
class Proxy:
    """What stands between us and a server.

    Attributes:
        url: without name and password; None for no proxy.
        headers: for the proxy alone: name and password.
    """

    url: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


def find_proxy(url: str) -> Proxy:
    """Read HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY.

    Raises:
        ConfigError: the proxy is of a kind that cannot be used.
    """
    address = urlsplit(url)
    named = getproxies()
    proxy = named.get(address.scheme) or named.get("all")
    if not proxy or proxy_bypass(address.netloc):
        return Proxy()
    parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    if parts.scheme != "http" or not parts.hostname:
        raise ConfigError(
            f"the proxy for {address.scheme}://{address.netloc} has to be an http:// address; "
            "see HTTPS_PROXY, HTTP_PROXY and ALL_PROXY, or list the server in NO_PROXY"
        )
    headers = {}
    if parts.username:
        login, password = unquote(parts.username), unquote(parts.password or "")
        headers["Proxy-Authorization"] = aiohttp.encode_basic_auth(login, password)
    return Proxy(f"http://{parts.netloc.rpartition('@')[2]}", headers)
