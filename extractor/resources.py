"""Finds the data folders `prompts`, `schemas` and `evals`."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def data_folder(name: str) -> Path:
    """Locate a data folder by name, in the installed package or in the checkout.

    A wheel carries the folders as package data; a checkout (also one installed in editable
    mode) holds them beside the package.
    """
    packaged = _PACKAGE / "data" / name
    return packaged if packaged.is_dir() else _PACKAGE.parent / name
