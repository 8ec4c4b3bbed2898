"""PostgreSQL for tests: a schema of one's own on a running server, or a server of one's own."""

import os
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import psycopg
import pytest

SERVER = os.environ.get("EXTRACTOR_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/test")


@contextmanager
def open_schema() -> Iterator[str]:
    """The URL of an empty schema, which is dropped in the end; skips where no server answers."""
    name = f"test_{uuid.uuid4().hex[:16]}"
    try:
        connection = psycopg.connect(SERVER, autocommit=True, connect_timeout=10)
    except psycopg.OperationalError as error:
        skip(f"no PostgreSQL at EXTRACTOR_TEST_POSTGRES: {str(error).splitlines()[0]}")
    separator = "&" if "?" in SERVER else "?"
    with connection:
        connection.execute(f"CREATE SCHEMA {name}")
        try:
            yield f"{SERVER}{separator}options=-csearch_path%3D{name}"
        finally:
            connection.execute(f"DROP SCHEMA {name} CASCADE")


class PrivateServer:
    """A PostgreSQL server of a test's own, which may be stopped."""

    def __init__(self, folder: Path) -> None:
        """Create a cluster in a folder and start it; the test is skipped without the programs."""
        self._folder = folder
        self._programs = _find_programs()
        self._user = "postgres" if os.geteuid() == 0 else None
        folder.mkdir()
        if self._user:
            _let_through(folder)
            shutil.chown(folder, self._user)
        self._run("initdb", "--auth=trust", "--username=postgres", "--no-sync", "--encoding=UTF8")
        # Its socket is its address, so that no port can be taken.
        with (folder / "postgresql.conf").open("a") as settings:
            settings.write(
                f"listen_addresses = ''\nunix_socket_directories = '{folder}'\nfsync = off\n"
            )
        self.start()

    @property
    def url(self) -> str:
        """The address of its database."""
        return f"postgresql://postgres:hush@/postgres?host={self._folder}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        self._control("start")

    def stop(self) -> None:
        """Stop it and throw everyone out."""
        self._control("stop", "--mode=fast")

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


def skip(reason: str) -> NoReturn:
    """Skip a test for want of PostgreSQL, unless it has to be there."""
    if os.environ.get("EXTRACTOR_REQUIRE_POSTGRES"):
        pytest.fail(reason)
    pytest.skip(reason)


def _find_programs() -> Path:
    found = [Path(name).parent for name in [shutil.which("initdb")] if name]
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in found:
        if (folder / "initdb").exists() and (folder / "pg_ctl").exists():
            return folder
    skip("initdb and pg_ctl of PostgreSQL are not installed")


def _let_through(folder: Path) -> None:
    """Let a user without rights come as far as a folder of a test, not more."""
    for parent in folder.parents:
        if parent.stat().st_uid == os.geteuid() and not parent.stat().st_mode & 0o001:
            parent.chmod(parent.stat().st_mode | 0o011)
