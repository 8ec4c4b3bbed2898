import re

from tests.readme import README, ROOT, render_readme, run_example

TEXT = README.read_text(encoding="utf-8")


def test_the_examples_show_what_the_commands_print() -> None:
    assert render_readme(TEXT) == TEXT, "run `make readme`"


def test_the_python_example_runs() -> None:
    (source,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    exec(compile(source, "README.md", "exec"), {})


def test_every_make_target_it_names_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"make ([a-z]+)", TEXT)) <= targets


def test_every_option_it_names_exists() -> None:
    asking = ("run", "fetch arxiv", "batch export", "batch collect")
    commands = (*asking, "show", "eval", "compare", "review")
    offered = "".join(run_example(f"extractor {command} --help") for command in commands)
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", re.sub(r"<!--.*?-->", "", TEXT)))
    assert named <= set(re.findall(r"--[a-z-]+", offered))


def test_every_file_it_links_to_exists() -> None:
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", TEXT):
        assert (ROOT / target).exists(), target
