"""What a target is: a file, told by its suffix or content, or the URL of a database."""

from pathlib import Path
from typing import Literal

from extractor.errors import ConfigError, StoreError
from extractor.urls import find_database, find_scheme, parse_sqlite, show_url

Kind = Literal["jsonl", "parquet", "csv", "duckdb", "sqlite", "postgresql", "stream"]

_SUFFIXES: dict[str, Kind] = {
    ".db": "sqlite",
    ".sqlite": "sqlite",
    ".sqlite3": "sqlite",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".jsonl.gz": "jsonl",
    ".ndjson.gz": "jsonl",
    ".parquet": "parquet",
    ".csv": "csv",
    ".duckdb": "duckdb",
}
# Where a kind of file keeps what no other kind begins with.
_MAGIC: tuple[tuple[int, bytes, Kind], ...] = (
    (0, b"SQLite format 3\x00", "sqlite"),
    (0, b"PAR1", "parquet"),
    (8, b"DUCK", "duckdb"),
    (0, b"\x1f\x8b", "jsonl"),
)
_PART = ".part.jsonl"


def kind_of(target: str) -> Kind:
    """Tell what a target would be written as, by its suffix or the scheme of its URL.

    Raises:
        ConfigError: neither is known; the message lists those that are.
    """
    if target == "-":
        return "stream"
    kind: Kind | None
    if scheme := find_scheme(target):
        kind = find_database(target)
        name = f"{scheme}://..."  # what follows may hold a password
    else:
        kind = _SUFFIXES.get(_find_suffix(target))
        name = target
    if kind is None:
        raise ConfigError(
            f"cannot tell what '{name}' is to be: use a file that ends in "
            f"{', '.join(_SUFFIXES)}, a URL that begins with sqlite:/// or postgresql://, "
            "or - for JSON lines on standard output"
        )
    return kind


def is_url(target: str) -> bool:
    """Tell the URL of a database from the name of a file."""
    return find_scheme(target) is not None


def is_folder(target: str) -> bool:
    """Tell what is, or may become, a folder from a URL and from a file, by its suffix if absent."""
    if is_url(target):
        return False
    path = Path(target)
    return path.is_dir() or (
        not path.exists() and (target.endswith("/") or _find_suffix(target) not in _SUFFIXES)
    )


def show_target(target: str, *, with_options: bool = False) -> str:
    """Name a target without what may be secret in it: password and options of a URL.

    Args:
        target: a file or a URL.
        with_options: leave those options there that hold no password.
    """
    if not is_url(target) or find_path(target) is not None:
        return target
    return show_url(target, with_options=with_options)


def find_path(target: str) -> Path | None:
    """Find the file that a target names; None where it is on a server.

    Raises:
        ConfigError: the URL names no file.
    """
    if not is_url(target):
        return Path(target)
    if kind_of(target) == "postgresql":
        return None
    path, options = parse_sqlite(target)
    if options:
        raise ConfigError(
            f"{target} is to be a store: name its file and nothing else, as sqlite:///claims.db "
            "(a ? in the name is %3F)"
        )
    return path


def check_apart(source: str, target: str) -> None:
    """Make sure that what is written is not what is read, nor lies in a folder that is read.

    Raises:
        ConfigError: it is so.
    """
    if target == "-":
        return
    if _is_same(source, target):
        raise ConfigError(f"{show_target(target)} is the store itself: choose another output")
    folder, path = find_path(source), find_path(target)
    if folder and path and folder.is_dir() and path.resolve().parent == folder.resolve():
        raise ConfigError(f"{target} lies in {source}, which is read: choose a file elsewhere")


def _is_same(target: str, other: str) -> bool:
    """Tell whether two targets are one and the same file, or the same URL."""
    path, other_path = find_path(target), find_path(other)
    if path is None or other_path is None:
        return target == other
    return path.resolve() == other_path.resolve()


def holds_tables(target: str) -> bool:
    """Tell a database of SQLite or PostgreSQL from files of other kinds.

    Of a file that is not there yet, what a run has gathered beside it counts.

    Raises:
        ConfigError: the URL is of an unknown kind, or names no file.
        StoreError: there is no such file, or it cannot be read.
    """
    path = find_path(target)
    if path is None or path.is_dir() or (not path.exists() and name_part(path).is_file()):
        return path is None
    return find_kind(str(path)) == "sqlite"


def name_part(path: Path) -> Path:
    """Name the file of JSON lines that gathers what belongs into another one."""
    return path.with_name(f"{path.name}{_PART}")


def name_whole(name: str) -> str:
    """Name the file that what stands in a file belongs into: another one, or itself."""
    return name.removesuffix(_PART)


def is_database_name(name: str) -> bool:
    """Tell by its name whether a file is to be a database of SQLite."""
    return _SUFFIXES.get(_find_suffix(name)) == "sqlite"


def is_gzipped(target: str) -> bool:
    """Tell by its name whether a file is to be compressed as a whole."""
    return not is_url(target) and target.lower().endswith(".gz")


def find_kind(target: str) -> Kind:
    """Tell what an existing target is: a file by its content, whatever its name.

    Raises:
        ConfigError: the scheme of the URL is unknown.
        StoreError: there is no such file, or it cannot be read.
    """
    if is_url(target):
        return kind_of(target)
    path = Path(target)
    try:
        with path.open("rb") as file:
            head = file.read(16)
    except OSError as error:
        raise StoreError(f"cannot read {path}: {error.strerror}") from error
    for place, magic, kind in _MAGIC:
        if head[place:].startswith(magic):
            return kind
    # An empty one holds no results, whatever its name.
    return "csv" if head and path.suffix.lower() == ".csv" else "jsonl"


def _find_suffix(target: str) -> str:
    path = Path(target)
    suffix = path.suffix.lower()
    return Path(path.stem).suffix.lower() + suffix if suffix == ".gz" else suffix
