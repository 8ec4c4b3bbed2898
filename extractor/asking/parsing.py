"""Reads JSON as models write it."""

import re
from typing import Any

from pydantic_core import from_json

_HALF_PAIR = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    r"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2}"
)


def parse_json(text: str) -> Any:
    r"""Parse JSON; half a surrogate pair, which some models emit, becomes `\ufffd`.

    Raises:
        ValueError: it is no JSON.
    """
    try:
        return from_json(text)
    except ValueError:
        whole = text.encode("utf-8", "replace").decode()
        return from_json(_HALF_PAIR.sub(r"\\ufffd", whole))
