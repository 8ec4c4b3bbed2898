"""What the environment and the network may do to a request."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from extractor.asking.connection import Connection
from extractor.asking.proxies import find_proxy
from extractor.errors import ConfigError, ModelAccessError, PermanentModelError, TransientModelError

SERVER = "http://models.example/v1/chat/completions"


@pytest.fixture(autouse=True)
def without_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def silent() -> Iterator[str]:
    """A server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"127.0.0.1:{listening.getsockname()[1]}"


def post(url: str, headers: dict[str, str] | None = None, timeout_s: float = 0.3) -> None:
    async def send() -> None:
        connection = Connection(url, headers or {}, most_in_flight=1, timeout_s=timeout_s)
        try:
            await connection.post(b"{}")
        finally:
            await connection.close()

    asyncio.run(send())


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("http_proxy", "http://proxy:3128", "http://proxy:3128"),
        ("http_proxy", "proxy:3128", "http://proxy:3128"),
        ("all_proxy", "http://proxy:3128", "http://proxy:3128"),
        ("https_proxy", "http://proxy:3128", None),
    ],
)
def test_the_proxy_of_the_environment_is_taken(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, expected: str | None
) -> None:
    monkeypatch.setenv(name, value)
    assert find_proxy(SERVER).url == expected


def test_a_server_may_be_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://proxy:3128")
    monkeypatch.setenv("no_proxy", "models.example")
    assert find_proxy(SERVER).url is None


def test_the_password_of_a_proxy_is_sent_to_it_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://me:p%40ss@proxy:3128")
    proxy = find_proxy(SERVER)
    assert proxy.url == "http://proxy:3128"
    assert proxy.headers == {"Proxy-Authorization": "Basic bWU6cEBzcw=="}
    assert "bWU6" not in repr(proxy)


@pytest.mark.parametrize("value", ["socks5://proxy:1080", "https://me:secret@proxy:3128"])
def test_a_proxy_of_another_kind_is_not_passed_by(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("http_proxy", value)
    with pytest.raises(ConfigError, match="http:// address") as raised:
        find_proxy(SERVER)
    assert "secret" not in str(raised.value)


def test_a_silent_server_is_a_passing_fault(silent: str) -> None:
    with pytest.raises(TransientModelError):
        post(f"http://{silent}/v1/chat/completions")


@contextmanager
def serve(respond: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server of raw bytes, for one connection."""

    def run() -> None:
        connected, _ = listening.accept()
        # The client hangs up in the middle.
        with connected, suppress(OSError):
            connected.recv(65536)
            connected.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            respond(connected)
            connected.sendall(b"0\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        serving = threading.Thread(target=run)
        serving.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/v1"
        serving.join()


def test_a_server_that_drips_its_answer_is_a_passing_fault() -> None:
    def drip(connected: socket.socket) -> None:
        for _ in range(100):
            time.sleep(0.05)
            connected.sendall(b"1\r\n \r\n")

    with (
        serve(drip) as url,
        pytest.raises(TransientModelError, match=r"no whole response within 0\.3 s"),
    ):
        post(url)


def test_a_response_without_an_end_is_not_read_into_memory() -> None:
    def stream(connected: socket.socket) -> None:
        megabyte = b"%x\r\n%b\r\n" % (10**6, b" " * 10**6)
        for _ in range(80):
            connected.sendall(megabyte)

    with serve(stream) as url, pytest.raises(PermanentModelError, match="larger than 64 MB"):
        post(url, timeout_s=60)


def test_a_silent_proxy_is_a_passing_fault(silent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", f"http://{silent}")
    with pytest.raises(TransientModelError):
        post("https://models.example/v1/chat/completions")


def test_what_cannot_be_sent_stops_the_run_without_showing_it(silent: str) -> None:
    with pytest.raises(ModelAccessError, match="the key") as raised:
        post(f"http://{silent}/v1", {"Authorization": "Bearer se\ncret"})
    assert "cret" not in str(raised.value)


def test_certificates_that_are_not_there_stop_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/certificates.pem")
    with pytest.raises(ModelAccessError, match="SSL_CERT_FILE"):
        post("https://127.0.0.1:9/v1")
