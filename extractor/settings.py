"""The settings of an extraction: everything that a caller may choose."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import urlsplit, urlunsplit

from extractor.errors import ConfigError

Mode = Literal["json_schema", "tools", "md_json"]

PATTERNS = "patterns"
DEFAULT_MODEL = "openai/gpt-5-mini"

# The smallest value that makes sense for each number.
_LEAST = {
    "sample": 1,
    "max_reasks": 0,
    "max_attempts": 1,
    "concurrency": 1,
    "timeout_s": 0.1,
    "rpm": 1,
    "tpm": 1,
    "patience_s": 0,
    "max_cost_usd": 0,
    "max_requests": 0,
}


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How abstracts are asked about, checked and cached.

    Attributes:
        model: `provider/model`, a bare model name together with `base_url`, or `patterns`;
            None means `openai/gpt-5-mini` when OPENAI_API_KEY is set.
        base_url: an OpenAI-compatible server; the model name is then sent as it is written. A
            query in it is sent too, but not recorded: `extractor retry` has to be told again.
        mode: how structured output is asked for; a server that refuses it is asked in the
            next one of the list.
        prompt: a version of `prompts/` or the path of such a folder.
        parameters: sent with every request, for example `{"temperature": 0}`.
        sample: which of several answers to the same question; another number asks anew.
        max_reasks: how often an answer with problems is sent back.
        max_attempts: how often a request with a transient fault is sent.
        timeout_s: seconds until a request counts as lost, whatever has come of its answer.
        concurrency: requests in flight at the most; how many really are follows from how the
            server keeps up.
        rpm, tpm: requests and tokens a minute at the most.
        patience_s: seconds to wait for a server that has died altogether.
        max_cost_usd, max_requests: the budget of a run; None for no bound.
        cache: keep every paid answer, and look there before asking.
        cache_dir: where; None means the user's cache folder.
        refresh: ask again even where the cache has an answer.
        skip_checks: names of validation checks to leave out.
        screen: ask no model about abstracts in which the offline rules see no figure and no
            comparison.
    """

    model: str | None = None
    base_url: str | None = None
    mode: Mode = "json_schema"
    prompt: str = "v1"
    parameters: dict[str, Any] = field(default_factory=dict)
    sample: int = 1
    max_reasks: int = 2
    max_attempts: int = 6
    timeout_s: float = 120.0
    concurrency: int = 256
    rpm: float | None = None
    tpm: float | None = None
    patience_s: float = 600.0
    max_cost_usd: float | None = None
    max_requests: int | None = None
    cache: bool = True
    cache_dir: Path | None = None
    refresh: bool = False
    skip_checks: frozenset[str] = frozenset()
    screen: bool = False

    @property
    def server(self) -> str | None:
        """The `base_url` without what may be secret in it: credentials and query."""
        if self.base_url is None:
            return None
        parts = urlsplit(self.base_url)
        return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            ConfigError: an unknown mode, or a number below its least value.
        """
        if self.mode not in get_args(Mode):
            raise ConfigError(f"no mode '{self.mode}'; there are: {', '.join(get_args(Mode))}")
        for name, least in _LEAST.items():
            value = getattr(self, name)
            if value is not None and value < least:
                raise ConfigError(f"{name} has to be {least} or more, not {value}")
