"""What an export fixes, so that the import checks the answers under the same settings."""

import json
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from extractor.asking.addresses import check_address, split_query
from extractor.errors import ConfigError
from extractor.prompting import list_prompts, load_prompt
from extractor.schema import hash_schema
from extractor.settings import DEFAULT_MODEL, Settings

_OPENAI = "openai/"
_OPENAI_URL = "https://api.openai.com/v1"
_KEPT = ("model", "base_url", "mode", "prompt", "parameters", "sample", "max_reasks")


@dataclass(frozen=True)
class Plan:
    """Everything that determines the questions of an export and the checks of its answers.

    Attributes:
        settings: with the server's address and the model's name on it spelled out, so that
            neither a key nor the environment is needed to read the answers.
        model: the model's name as it goes into the provenance.
        fingerprint: of the prompt's words and of the schema.
    """

    settings: Settings
    model: str
    fingerprint: str

    def to_json(self) -> str:
        """Write it down for the journal."""
        kept: dict[str, Any] = {name: getattr(self.settings, name) for name in _KEPT}
        kept["skip_checks"] = sorted(self.settings.skip_checks)
        return json.dumps({"settings": kept, "model": self.model, "fingerprint": self.fingerprint})


def make_plan(settings: Settings) -> Plan:
    """Fix the settings of an export.

    Raises:
        ConfigError: the model has no batch interface, or the address holds a password or query.
        PromptError: there is no such prompt.
    """
    shown = settings.model or (None if settings.base_url else DEFAULT_MODEL)
    if shown is None:
        raise ConfigError("--base-url needs the model's name as well: --model NAME")
    base_url, name = settings.base_url, shown
    if base_url is None:
        if not shown.startswith(_OPENAI):
            raise ConfigError(
                f"'{shown}' has no batch interface: take a model of OpenAI "
                f"(--model {DEFAULT_MODEL}), or name a server that speaks its format (--base-url)"
            )
        base_url = os.environ.get("OPENAI_BASE_URL") or _OPENAI_URL
        name = shown.removeprefix(_OPENAI)
    check_address(base_url)
    if split_query(base_url)[1]:
        raise ConfigError(
            "files and batches are not asked for at an address with a query (?...): name the "
            "server by one without, for Azure https://NAME.openai.azure.com/openai/v1"
        )
    prompt = settings.prompt
    if prompt not in list_prompts():
        prompt = str(Path(prompt).absolute())
    fixed = replace(settings, base_url=base_url, model=name, prompt=prompt, cache=False)
    return Plan(fixed, shown, _take_fingerprint(prompt))


def read_plan(text: str) -> Plan:
    """Read a plan back from the journal.

    Raises:
        ConfigError: the prompt or the schema has changed since.
        PromptError: the prompt is gone.
    """
    record = json.loads(text)
    kept = record["settings"]
    kept["skip_checks"] = frozenset(kept["skip_checks"])
    settings = Settings(**kept, cache=False)
    if record["fingerprint"] != _take_fingerprint(settings.prompt):
        raise ConfigError(
            f"the prompt {settings.prompt} or the schema has changed since these requests were "
            "exported; the answers are kept, but the papers have to be exported again"
        )
    return Plan(settings, record["model"], record["fingerprint"])


def _take_fingerprint(prompt: str) -> str:
    return f"{load_prompt(prompt).fingerprint} {hash_schema()}"


def find_names(text: str) -> tuple[str, list[str]]:
    """The model in a plan, and the names of the parameters that the user chose."""
    record = json.loads(text)
    return str(record["model"]), list(record["settings"]["parameters"])


def find_server(text: str) -> str:
    """The address of the server in a plan."""
    return str(json.loads(text)["settings"]["base_url"])
