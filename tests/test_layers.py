from importlinter.cli import lint_imports


def test_the_layers_of_the_architecture_hold() -> None:
    assert lint_imports(no_cache=True) == 0
