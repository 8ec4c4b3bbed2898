"""How the failed rows of an output were asked, as far as their provenance tells."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

from extractor.errors import ConfigError, PromptError
from extractor.prompting import DEFAULT_PROMPT, load_prompt
from extractor.settings import PATTERNS, Mode
from extractor.stores import FailedRow

_DEFAULT_MODE = "json_schema"
_NO_PROMPT = "none"


@dataclass
class AskedBefore:
    """What the provenance of failed rows holds.

    Attributes:
        rows: how many there are.
        models, prompts, modes: the different ones.
        parameters: the different ones, as JSON.
    """

    rows: int = 0
    models: set[str] = field(default_factory=set)
    prompts: set[str] = field(default_factory=set)
    modes: set[str] = field(default_factory=set)
    parameters: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, rows: Iterable[FailedRow]) -> "AskedBefore":
        """Gather it."""
        before = cls()
        for row in rows:
            before.rows += 1
            before.models.add(row.model)
            before.prompts.add(row.prompt)
            # An answer tells further whether its schema was strict.
            before.modes.add(row.mode.partition(",")[0])
            before.parameters.add(json.dumps(row.parameters, sort_keys=True))
        before.prompts.discard(_NO_PROMPT)
        return before

    def complete(self, chosen: Mapping[str, Any]) -> dict[str, Any]:
        """Fill in what the user did not choose of model, base_url, mode, prompt and parameters.

        Args:
            chosen: by the names of `Settings`; None or empty where nothing was chosen.

        Raises:
            ConfigError: it was not always the same, or it is not recorded.
        """
        model = chosen["model"] or self._recall_model(chosen["base_url"])
        recorded = self.modes & set(get_args(Mode))
        mode = chosen["mode"] or (recorded.pop() if len(recorded) == 1 else _DEFAULT_MODE)
        parameters = chosen["parameters"]
        # Another model may not know them.
        if not parameters and self.models == {model}:
            parameters = json.loads(_single(self.parameters, "sets of parameters", "-p"))
        return {
            "model": model,
            "base_url": chosen["base_url"],
            "mode": mode,
            "prompt": chosen["prompt"] or self._recall_prompt(),
            "parameters": parameters,
        }

    def _recall_model(self, base_url: str | None) -> str:
        model = _single(self.models, "models", "--model")
        if not base_url and model != PATTERNS and "/" not in model:
            raise ConfigError(
                f"the failed abstracts were asked of '{model}' on a server whose address is not "
                "recorded: name it with --base-url, or another model with --model"
            )
        return model

    def _recall_prompt(self) -> str:
        if not self.prompts:
            return DEFAULT_PROMPT
        name = _single(self.prompts, "prompts", "--prompt")
        version = name.rpartition("@")[0]
        try:
            present = load_prompt(version).name
        except PromptError as error:
            raise ConfigError(
                f"the failed abstracts were asked with the prompt '{name}', which is none of "
                "ours: name its folder, or another one, with --prompt"
            ) from error
        if present != name:
            raise ConfigError(
                f"the failed abstracts were asked with the prompt '{name}', which has changed "
                f"since ({present}): say --prompt {version} to take it as it is now"
            )
        return version


def _single(values: set[str], what: str, option: str) -> str:
    if len(values) != 1:
        listed = ", ".join(sorted(values))
        raise ConfigError(
            f"the failed abstracts were asked with {len(values)} {what} ({listed}): "
            f"choose with {option}"
        )
    return next(iter(values))
