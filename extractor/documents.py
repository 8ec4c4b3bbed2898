"""An abstract and the normal form of its text."""

import hashlib
import re
import unicodedata
from functools import cached_property
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, PrivateAttr

_SURROGATE = re.compile("[\ud800-\udfff]")


def normalise_text(text: str) -> str:
    """Bring text into the form that all spans and hashes refer to.

    Returns:
        The text in Unicode NFC with every run of white space collapsed to one blank, and with
        U+FFFD for what cannot be written everywhere: halves of surrogate pairs, which no
        encoding has, and NUL, which not every database takes.
    """
    if not text.isascii():  # what is, is in NFC
        text = unicodedata.normalize("NFC", _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text))
    return " ".join(text.replace("\0", "\N{REPLACEMENT CHARACTER}").split())


def replace_surrogates(text: str) -> str:
    """Put U+FFFD for lone halves of surrogate pairs, and whole pairs together."""
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def hash_text(text: str) -> str:
    """Hash normalised text: sha256 over its UTF-8 bytes, in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


NormalText = Annotated[
    str, BeforeValidator(lambda v: normalise_text(v) if isinstance(v, str) else v)
]


class Abstract(BaseModel):
    """One abstract to extract claims from, its text in normal form.

    Attributes:
        id: the source's own identifier, or `make_id` of title and text.
        source: where it was read, as `file:line` or a name of the caller's.
        published: the date as the source prints it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    title: NormalText = ""
    text: NormalText
    source: str | None = None
    url: str | None = None
    published: str | None = None

    _recorded_sha256: str | None = PrivateAttr(default=None)

    @classmethod
    def without_text(cls, text_sha256: str, **fields: Any) -> "Abstract":
        """Stand for an abstract of whose text only the fingerprint was kept; `text` is empty."""
        abstract = cls(text="", **fields)
        abstract._recorded_sha256 = text_sha256
        return abstract

    @property
    def lacks_text(self) -> bool:
        """Whether it stands for an abstract whose text was not kept."""
        return self._recorded_sha256 is not None

    @cached_property
    def text_sha256(self) -> str:
        """The fingerprint of the normalised text."""
        return self._recorded_sha256 or hash_text(self.text)


def make_id(title: str, text: str) -> str:
    """Derive an identifier for an abstract whose source gives none.

    Returns:
        Twelve hexadecimal digits that depend on normalised title and text alone, so that the
        same paper read twice keeps one identifier.
    """
    return hash_text(f"{normalise_text(title)}\n{normalise_text(text)}")[:12]
