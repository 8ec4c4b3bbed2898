"""Serves a review on this machine, to whoever has its address."""

import errno
import secrets
import socket
from collections.abc import Callable

import uvicorn

from extractor.errors import ConfigError
from extractor.review.application import make_application
from extractor.review.reviewing import Review

_HOST = "127.0.0.1"
_TOKEN_BYTES = 24


def serve(review: Review, port: int, announce: Callable[[str], None]) -> None:
    """Serve a review until it is interrupted.

    Args:
        review: what is served.
        port: 0 for any that is free.
        announce: is given the address when requests are answered.

    Raises:
        ConfigError: the port cannot be used.
    """
    listening = _listen(port)
    with listening:
        port = listening.getsockname()[1]
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        config = uvicorn.Config(
            make_application(review, token, port),
            lifespan="off",
            ws="none",
            log_level="warning",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=2,
        )
        try:
            # The socket listens already: a request that comes now waits for the server.
            announce(f"http://{_HOST}:{port}/{token}/")
            uvicorn.Server(config).run(sockets=[listening])
        except KeyboardInterrupt:
            return


def _listen(port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((_HOST, port))
        listening.listen()
    except OSError as error:
        listening.close()
        reason = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be used ({error})"
        raise ConfigError(
            f"port {port} {reason}: choose another with --port, or leave it out for a free one"
        ) from error
    return listening
