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
        servers: the addresses that were named, by the model that was asked there; None among
            them where the model's provider was asked.
        unrecorded: models in rows of an older version, which did not record the server.
        prompts, modes: the different ones.
        parameters, max_reasks, skip_checks: the different ones, as JSON.
    """

    rows: int = 0
    servers: dict[str, set[str | None]] = field(default_factory=dict)
    unrecorded: set[str] = field(default_factory=set)
    prompts: set[str] = field(default_factory=set)
    modes: set[str] = field(default_factory=set)
    parameters: set[str] = field(default_factory=set)
    max_reasks: set[str] = field(default_factory=set)
    skip_checks: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, rows: Iterable[FailedRow]) -> "AskedBefore":
        """Gather it."""
        before = cls()
        for row in rows:
            before._add(row)
        before.prompts.discard(_NO_PROMPT)
        return before

    def complete(self, chosen: Mapping[str, Any]) -> dict[str, Any]:
        """Fill in what the user did not choose of how abstracts are asked about.

        Args:
            chosen: model, base_url, mode, prompt, parameters, max_reasks and skip_checks, by the
                names of `Settings`; None or empty where nothing was chosen.

        Raises:
            ConfigError: it was not always the same, or it is not recorded.
        """
        model = chosen["model"] or _single(set(self.servers), "models", "--model")
        recorded = self.modes & set(get_args(Mode))
        mode = chosen["mode"] or (recorded.pop() if len(recorded) == 1 else _DEFAULT_MODE)
        parameters = chosen["parameters"]
        # Another model may not know them.
        if not parameters and self.servers.keys() == {model}:
            parameters = json.loads(_single(self.parameters, "sets of parameters", "-p"))
        return {
            "model": model,
            "base_url": chosen["base_url"] or self._recall_server(model, chosen["model"]),
            "mode": mode,
            "prompt": chosen["prompt"] or self._recall_prompt(),
            "parameters": parameters,
            **self._recall_checks(chosen),
        }

    def _add(self, row: FailedRow) -> None:
        self.rows += 1
        self.prompts.add(row.prompt)
        # An answer tells further whether its schema was strict.
        self.modes.add(row.mode.partition(",")[0])
        self.parameters.add(json.dumps(row.parameters, sort_keys=True))
        servers = self.servers.setdefault(row.model, set())
        if row.max_reasks is None:
            self.unrecorded.add(row.model)
        else:
            servers.add(row.base_url)
            self.max_reasks.add(json.dumps(row.max_reasks))
            self.skip_checks.add(json.dumps(row.skip_checks))

    def _recall_server(self, model: str, chosen_model: str | None) -> str | None:
        if model == PATTERNS:
            return None
        servers = self.servers.get(model, set())
        is_bare = "/" not in model
        if not servers and is_bare:
            # Another model of the same server.
            servers = {server for known in self.servers.values() for server in known} - {None}
        if len(servers) > 1:
            listed = {server or "the provider" for server in servers}
            return _single(listed, "servers", "--base-url")
        # To name a provider's model is to choose the provider.
        is_unknown = model in self.unrecorded and chosen_model is None
        if not servers and (is_bare or is_unknown):
            raise ConfigError(
                f"the failed abstracts were asked of '{model}' on a server whose address is not "
                "recorded: name it with --base-url, or a model with --model"
            )
        return next(iter(servers), None)

    def _recall_checks(self, chosen: Mapping[str, Any]) -> dict[str, Any]:
        checks: dict[str, Any] = {}
        if (reasks := chosen["max_reasks"]) is not None:
            checks["max_reasks"] = reasks
        elif self.max_reasks:
            checks["max_reasks"] = json.loads(
                _single(self.max_reasks, "numbers of re-asks", "--max-reasks")
            )
        if chosen["skip_checks"]:
            checks["skip_checks"] = frozenset(chosen["skip_checks"])
        elif self.skip_checks:
            recorded = _single(self.skip_checks, "sets of checks left out", "--skip-check")
            checks["skip_checks"] = frozenset(json.loads(recorded) or ())
        return checks

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
