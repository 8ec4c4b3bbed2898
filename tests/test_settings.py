import pytest

from extractor.settings import Settings


@pytest.mark.parametrize(
    ("base_url", "server"),
    [
        (None, None),
        ("http://localhost:11434/v1", "http://localhost:11434/v1"),
        ("https://me:hush@host/v1?key=hush#hush", "https://host/v1"),
        ("https://hush@[::1]:8000/v1", "https://[::1]:8000/v1"),
    ],
)
def test_what_is_recorded_of_a_server_holds_no_secret(
    base_url: str | None, server: str | None
) -> None:
    assert Settings(model="m", base_url=base_url).server == server
