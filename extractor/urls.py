"""Addresses of databases: what they name, and how they are shown without their secrets."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import parse_qsl, unquote

from extractor.errors import ConfigError

if TYPE_CHECKING:
    from sqlalchemy import URL

DatabaseKind = Literal["sqlite", "postgresql"]

_DATABASES: dict[str, DatabaseKind] = {
    "sqlite": "sqlite",
    "postgresql": "postgresql",
    "postgresql+psycopg": "postgresql",
    "postgres": "postgresql",
}
_DRIVER = "postgresql+psycopg"
_SCHEME = re.compile(r"([A-Za-z][\w+.-]*)://")


def find_scheme(name: str) -> str | None:
    """Find what a URL begins with, as it is written; None for the name of a file."""
    scheme = _SCHEME.match(name)
    return scheme[1] if scheme else None


def find_database(name: str) -> DatabaseKind | None:
    """Tell the kind of database that a URL is of; None for other URLs and names of files."""
    return _DATABASES.get((find_scheme(name) or "").lower())


def parse_sqlite(url: str) -> tuple[Path, dict[str, str]]:
    """Read the address of an SQLite database, in which %XX stands for a byte of the name.

    Returns:
        The file, relative behind three slashes and absolute behind four, and the options.

    Raises:
        ConfigError: it names no file.
    """
    place, _, options = url.partition("://")[2].partition("?")
    name = unquote(place.removeprefix("/"), errors="surrogateescape")
    if not place.startswith("/") or name in ("", ":memory:"):
        raise ConfigError(
            "a URL of SQLite names a file: sqlite:///claims.db, or with one more slash for an "
            "absolute path"
        )
    return Path(name), dict(parse_qsl(options, keep_blank_values=True))


def parse_postgresql(url: str) -> "URL":
    """Read the address of a PostgreSQL database.

    Raises:
        ConfigError: it is not one.
    """
    # They take a sixth of a second to import, and files need none of it.
    from sqlalchemy import make_url  # noqa: PLC0415
    from sqlalchemy.exc import ArgumentError  # noqa: PLC0415

    scheme, _, rest = url.partition("://")
    try:
        parsed = make_url(f"{_DRIVER}://{rest}")
    except (ArgumentError, ValueError):
        parsed = None
    # Behind an @ that was meant for the password, parts of it would be shown.
    if parsed is None or "@" in "".join((parsed.host or "", parsed.database or "", *parsed.query)):
        raise ConfigError(
            f"cannot read the address {scheme}://...: write postgresql://user@host:port/database, "
            "and what is no letter or digit in a password as %XX (@ is %40)"
        )
    return parsed


def show_url(url: str, *, with_options: bool = False) -> str:
    """Write the address of a PostgreSQL database without what may be secret in it.

    Args:
        url: the address.
        with_options: leave the options there, but no password among them; else there are none.
    """
    from sqlalchemy import URL  # noqa: PLC0415

    try:
        parsed = parse_postgresql(url)
    except ConfigError:
        return f"{url.partition(':')[0]}://..."
    options = {
        name: value
        for name, value in parsed.query.items()
        if with_options and "password" not in name and "secret" not in name
    }
    place = (parsed.username, None, parsed.host, parsed.port, parsed.database)
    return URL.create("postgresql", *place, options).render_as_string()
