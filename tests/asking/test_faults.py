import inspect
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx2
import openai
import pytest

from extractor.asking.faults import map_vendor_error, read_retry_after
from extractor.asking.secrets import redact
from extractor.errors import ConfigError, ModelError

VENDOR_ERRORS = [
    kind
    for _, kind in inspect.getmembers(openai, inspect.isclass)
    if issubclass(kind, openai.APIError)
]


def make_error(kind: type[openai.APIError]) -> openai.APIError:
    request = httpx2.Request("POST", "http://127.0.0.1/v1/chat/completions")
    status = getattr(kind, "status_code", 500)
    response = httpx2.Response(status if isinstance(status, int) else 500, request=request)
    offered = {"message": "no", "request": request, "response": response, "body": None}
    wanted = inspect.signature(kind).parameters
    return kind(**{name: value for name, value in offered.items() if name in wanted})


@pytest.mark.parametrize("kind", VENDOR_ERRORS, ids=lambda kind: kind.__name__)
def test_every_error_of_the_client_is_mapped_to_one_of_ours(kind: type[openai.APIError]) -> None:
    assert isinstance(map_vendor_error(make_error(kind), "m"), (ModelError, ConfigError))


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "2"}, 2.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-3"}, 0.0),
        ({}, None),
    ],
)
def test_retry_after_is_read_in_all_its_forms(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert read_retry_after(headers) == seconds


def test_retry_after_is_read_from_a_date() -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    seconds = read_retry_after({"retry-after": date})
    assert seconds is not None and 25 < seconds <= 30


def test_keys_are_blanked_out_also_those_without_a_known_shape(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SOMEVENDOR_API_KEY", "plainwordsecret")
    message = redact("refused: plainwordsecret, sk-proj-abcdef123456")
    assert "plainwordsecret" not in message
    assert "abcdef123456" not in message
