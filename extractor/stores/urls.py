"""Addresses of databases on servers, and how they are shown without their secrets."""

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from extractor.errors import ConfigError

_DRIVER = "postgresql+psycopg"


def show_url(target: str, *, with_options: bool = False) -> str:
    """Write an address without what may be secret in it.

    Args:
        target: the address.
        with_options: leave the options there, but no password among them; else there are none.
    """
    try:
        url = parse_postgresql(target)
    except ConfigError:
        return f"{target.partition(':')[0]}://..."
    options = {
        name: value
        for name, value in url.query.items()
        if with_options and "password" not in name and "secret" not in name
    }
    place = (url.username, None, url.host, url.port, url.database)
    return URL.create("postgresql", *place, options).render_as_string()


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
