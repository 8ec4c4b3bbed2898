"""Ways of getting an answer: openai and instructor, other providers, offline rules."""

import os

from extractor.asking.answers import Answer, Usage
from extractor.asking.limits import RateLimit
from extractor.asking.protocol import Asker, AskerLayer, Message, Request
from extractor.asking.retrying import RetryingAsker
from extractor.asking.secrets import redact
from extractor.errors import ConfigError
from extractor.prompting import Prompt
from extractor.settings import DEFAULT_MODEL, PATTERNS, Settings

__all__ = [
    "Answer",
    "Asker",
    "AskerLayer",
    "Message",
    "RateLimit",
    "Request",
    "RetryingAsker",
    "Usage",
    "open_asker",
    "redact",
]

_WAYS_ON = """Three ways on:
  a key           export OPENAI_API_KEY=...          (then the default model is {default})
  a local server  --base-url http://localhost:11434/v1 --model qwen3:8b
  no model        --model patterns                   (built in, offline, free)"""


def open_asker(settings: Settings, prompt: Prompt) -> Asker:
    """Open the way of asking that the settings name.

    Raises:
        ConfigError: no model was chosen and there is no key, or the model cannot be used.
    """
    model = _choose_model(settings)
    # The clients take most of a second to import; offline work does without.
    if model == PATTERNS:
        from extractor.asking.offline import PatternsAsker  # noqa: PLC0415

        return PatternsAsker()
    if settings.base_url or model.startswith("openai/"):
        from extractor.asking.openai_chat import OpenAIAsker  # noqa: PLC0415

        name = model if settings.base_url else model.removeprefix("openai/")
        return OpenAIAsker(settings, prompt, name)
    from extractor.asking.providers import ProviderAsker  # noqa: PLC0415

    return ProviderAsker(settings, prompt)


def _choose_model(settings: Settings) -> str:
    if settings.model is None:
        if settings.base_url:
            raise ConfigError("--base-url needs the model's name as well: --model NAME")
        if not os.environ.get("OPENAI_API_KEY"):
            raise _explain("no model chosen and no OPENAI_API_KEY in the environment.")
        return DEFAULT_MODEL
    if settings.base_url or settings.model == PATTERNS:
        return settings.model
    if "/" not in settings.model:
        raise _explain(f"unknown model '{settings.model}': write provider/model or {PATTERNS}.")
    keyless = not (os.environ.get("OPENAI_API_KEY") or os.environ.get("OPENAI_BASE_URL"))
    if settings.model.startswith("openai/") and keyless:
        raise _explain(f"{settings.model} needs OPENAI_API_KEY in the environment.")
    return settings.model


def _explain(problem: str) -> ConfigError:
    return ConfigError(f"{problem}\n{_WAYS_ON.format(default=DEFAULT_MODEL)}")
