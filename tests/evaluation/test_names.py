from pathlib import Path

import pytest

from extractor.errors import ConfigError, InputError
from extractor.evaluation import Aliases, NameRegistry, default_registry, read_registry
from extractor.evaluation.names import join_tokens, split_acronym, split_name

SAME = [
    ("SST-2", "SST2"),
    ("sst 2", "SST-2"),
    ("The MailBench", "mailbench"),
    ("open models", "other open models"),
    ("large language models", "LLM"),
    ("large language model (LLM)", "LLMs"),
    ("grouped postal routing (GPR)", "GPR"),
    ("GPR (grouped postal routing)", "grouped postal routing"),
    ("SOTA", "state-of-the-art"),
    ("LLM compression", "compression"),
    ("Llama-2", "LLaMA 2"),
    ("7-billion-parameter model", "7B model"),
    ("7B-parameter models", "7B models"),
    ("SUC score", "SUC"),
    ("MailBench benchmark", "MailBench"),
    ("ImageNet-1K", "ImageNet"),
    ("fine-tuning", "finetuning"),
    ("ﬁne-tuning", "fine-tuning"),
    ("word error rates", "WER"),
]

DIFFERENT = [
    ("LoRA", "LoRA+"),
    ("InkReader 7B", "InkReader 70B"),
    ("InkReader", "InkReader 7B"),
    ("InkReader (PostNet)", "InkReader"),
    ("pass@1", "pass@10"),
    ("top-1 accuracy", "top-5 accuracy"),
    ("version 1-10", "version 110"),
    ("dense retrieval model", "sparse retrieval model"),
    ("InkReader", "InkReaders2"),
    ("PostNet", "PostNets Turbo"),
    ("GPT-4", "GPT-4 Turbo"),
    ("precision", "recall"),
    ("Dino", "Dina"),
]


@pytest.mark.parametrize(("name", "other"), SAME)
def test_spelling_does_not_matter(name: str, other: str) -> None:
    assert default_registry().similarity(name, other) >= 0.9
    assert default_registry().similarity(other, name) >= 0.9


@pytest.mark.parametrize(("name", "other"), DIFFERENT)
def test_other_names_are_not_equal(name: str, other: str) -> None:
    assert default_registry().similarity(name, other) < 0.9
    assert default_registry().similarity(other, name) < 0.9


def test_common_words_earn_partial_credit() -> None:
    registry = default_registry()
    assert registry.similarity("sorting speed", "reading speed") == 0.5
    assert registry.similarity("InkReader 7B", "InkReader 70B") == 0.25
    assert registry.similarity("InkReader", "inkraeder") == 0
    assert registry.similarity("accuracy", "task accuracy") == 0.95


def test_names_of_signs_alone_are_compared_as_they_are() -> None:
    assert default_registry().similarity("@", "@") == 1
    assert default_registry().similarity("@", "~") == 0


def test_tokens_keep_numbers_and_signs_apart() -> None:
    assert split_name("GSM8K") == ("gsm", "8k")
    assert split_name("Letters' LoRA+ 3.5 Million") == ("letter", "lora", "+", "3.5m")
    assert join_tokens(("1", "10")) != join_tokens(("110",))
    assert split_name("") == ()


def test_a_bracket_is_an_acronym_only_if_it_abbreviates() -> None:
    assert split_acronym("Postal Network (PN)") == ("Postal Network", "PN")
    assert split_acronym("Postal Network (55B)") is None
    assert split_acronym("Postal Network") is None


def test_a_pair_cannot_be_both_same_and_distinct() -> None:
    with pytest.raises(ConfigError, match="both same and distinct"):
        NameRegistry(Aliases(same=[["SST-2", "SST-5"]], distinct=[["SST2", "SST5"]]))
    with pytest.raises(ConfigError, match="two groups"):
        NameRegistry(Aliases(same=[["A", "B"], ["B", "C"]]))


def test_an_alias_never_overrides_a_distinct_pair() -> None:
    registry = NameRegistry(Aliases(generic=["model"], distinct=[["PostNet", "PostNet model"]]))
    assert registry.similarity("PostNet", "PostNet model") == 0


def test_only_shares_of_a_whole_are_proportions() -> None:
    registry = default_registry()
    assert registry.is_proportion("top-1 accuracy")
    assert registry.is_proportion("macro F1")
    assert registry.is_proportion("pass@1")
    assert not registry.is_proportion("perplexity")
    assert not registry.is_proportion("roadmap")


@pytest.mark.parametrize("content", ["same = [", "sames = []", "same = 3"])
def test_a_broken_registry_is_named(tmp_path: Path, content: str) -> None:
    file = tmp_path / "aliases.toml"
    file.write_text(content)
    with pytest.raises(InputError, match=r"aliases\.toml"):
        read_registry(file)
