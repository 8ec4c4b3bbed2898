"""Blanks out keys: some servers repeat the key that they refuse."""

import os
import re

_NAMES = ("_KEY", "_TOKEN", "_SECRET", "_PASSWORD")
_SHORTEST = 8
_KEY = re.compile(
    r"\b(?:sk|pk|rk|gsk|xai|key)-(?=[\w*-]*[\d*])[\w*-]{8,}|\bAIza[\w-]{20,}", re.IGNORECASE
)
_CREDENTIALS = re.compile(r"(?<=://)[^/\s:@]+:[^/\s@]+(?=@)")


def redact(text: str) -> str:
    """Blank out the values of environment variables that vendors name so, and what looks like one.

    Credentials in a URL count too.
    """
    for name, value in os.environ.items():
        if name.endswith(_NAMES) and len(value) >= _SHORTEST:
            text = text.replace(value, "[key]")
    return _CREDENTIALS.sub("[key]", _KEY.sub("[key]", text))


def shorten(text: str, limit: int = 300) -> str:
    """Write text from a server as one line, without keys, cut to a readable length."""
    flat = " ".join(redact(text).split())
    return flat if len(flat) <= limit else f"{flat[: limit - 1]}…"
