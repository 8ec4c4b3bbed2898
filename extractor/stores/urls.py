"""Addresses of databases on servers, and how they are shown without their secrets."""

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from extractor.errors import ConfigError

_DRIVER = "postgresql+psycopg"


def show_url(target: str) -> str:
    """Write an address without what may be secret in it: password and options."""
    try:
        url = parse_postgresql(target)
    except ConfigError:
        return f"{target.partition(':')[0]}://..."
    shown = URL.create("postgresql", url.username, None, url.host, url.port, url.database)
    return shown.render_as_string()


def parse_postgresql(target: str) -> URL:
    """Read the address of a PostgreSQL database.

    Raises:
        ConfigError: it is not one.
    """
    scheme, _, rest = target.partition("://")
    try:
        url = make_url(f"{_DRIVER}://{rest}")
    except (ArgumentError, ValueError):
        url = None
    # Behind an @ that was meant for the password, parts of it would be shown.
    if url is None or "@" in f"{url.host}{url.database}":
        raise ConfigError(
            f"cannot read the address {scheme}://...: write postgresql://user@host:port/database, "
            "and what is no letter or digit in a password as %XX (@ is %40)"
        )
    return url
