"""PostgreSQL for tests: a schema of one's own on a running server, or a server of one's own."""

import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import psycopg
import pytest

SERVER = os.environ.get("EXTRACTOR_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/test")


@contextmanager
def open_schema(server: str = SERVER) -> Iterator[str]:
    """The URL of an empty schema, which is dropped in the end; skips where no server answers."""
    name = f"test_{uuid.uuid4().hex[:16]}"
    separator = "&" if "?" in server else "?"
    _execute(server, f"CREATE SCHEMA {name}")
    try:
        yield f"{server}{separator}options=-csearch_path%3D{name}"
    finally:
        _execute(server, f"DROP SCHEMA {name} CASCADE")


class PrivateServer:
    """A PostgreSQL server of a test's own, which may be stopped.

    Attributes:
        url: the address of its database.
    """

    def __init__(self, folder: Path) -> None:
        """Create a cluster in a short-named folder; skips without the programs to do it."""
        self._folder = folder / "cluster"
        self._programs = _find_programs()
        # The programs refuse to run as root.
        self._user = "postgres" if os.geteuid() == 0 else None
        self._folder.mkdir()
        if self._user:
            folder.chmod(0o711)
            shutil.chown(self._folder, self._user)
        self._run("initdb", "--auth=trust", "--username=postgres", "--no-sync", "--encoding=UTF8")
        with (self._folder / "postgresql.conf").open("a") as settings:
            # Its socket is its address, so that no port can be taken.
            settings.write(f"listen_addresses = ''\nunix_socket_directories = '{self._folder}'\n")
        self._runs = False
        self.url = f"postgresql://postgres:hush@/postgres?host={self._folder}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        if self._runs:
            return
        self._control("start")
        self._runs = True

    def stop(self) -> None:
        """Stop it and throw everyone out."""
        if self._runs:
            self._control("stop", "--mode=fast")
        self._runs = False

    def restart(self) -> None:
        """Throw everyone out and start again."""
        self._control("restart", "--mode=fast")

    def _control(self, *arguments: str) -> None:
        self._run("pg_ctl", *arguments, "--wait", f"--log={self._folder / 'log'}")

    def _run(self, program: str, *arguments: str) -> None:
        ran = subprocess.run(
            [self._programs / program, f"--pgdata={self._folder}", *arguments],
            user=self._user,
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # the server keeps it open
            stderr=subprocess.DEVNULL,
            check=False,
        )
        assert ran.returncode == 0, (self._folder / "log").read_text()


@contextmanager
def start_server() -> Iterator[PrivateServer]:
    """A running server, which is stopped in the end."""
    # The name of a socket must not be long.
    with tempfile.TemporaryDirectory(prefix="pg", ignore_cleanup_errors=True) as folder:
        server = PrivateServer(Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.stop()


def skip(reason: str) -> NoReturn:
    """Skip a test for want of PostgreSQL, unless it has to be there."""
    if os.environ.get("EXTRACTOR_REQUIRE_POSTGRES"):
        pytest.fail(reason)
    pytest.skip(reason)


def _execute(server: str, statement: str) -> None:
    try:
        connection = psycopg.connect(server, connect_timeout=10)
    except psycopg.OperationalError as error:
        skip(f"no PostgreSQL at EXTRACTOR_TEST_POSTGRES: {str(error).splitlines()[0]}")
    with connection:
        connection.execute(statement)  # type: ignore[arg-type]


def _find_programs() -> Path:
    found = [Path(name).parent for name in [shutil.which("initdb")] if name]
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in found:
        if (folder / "initdb").exists() and (folder / "pg_ctl").exists():
            return folder
    skip("initdb and pg_ctl of PostgreSQL are not installed")
