"""Addresses of servers: refuses those that cannot be asked, and finds what lies below them."""

from urllib.parse import urlsplit, urlunsplit

from extractor.errors import ConfigError


def check_address(base_url: str) -> None:
    """Refuse what is no address of a server, or what must not be written down.

    Raises:
        ConfigError: it holds credentials, which the message does not repeat, or it is none.
    """
    # Wherever it stands: without its scheme, an address with a password looks like a path.
    if "@" in base_url:
        raise ConfigError(
            "the address of the server holds a name or password (before an @), which would be "
            "recorded with every answer: leave them out, and put a key into OPENAI_API_KEY; "
            "an @ that belongs to a path is written %40"
        )
    if not _is_address(base_url):
        raise ConfigError(f"not an address of a server: {base_url} (as http://localhost:11434/v1)")


def split_query(base_url: str) -> tuple[str, str]:
    """Take an address apart: what comes before the query, and the query, as Azure wants one."""
    parts = urlsplit(base_url)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "", "")), parts.query


def add_query(url: str, query: str) -> str:
    """Put a query behind an address that has none; nothing, if it is empty."""
    return f"{url}?{query}" if query else url


def _is_address(base_url: str) -> bool:
    try:
        parts = urlsplit(base_url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
