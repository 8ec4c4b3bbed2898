"""Forms in which claims are given to others: nanopublications, a search page, labelling tasks."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal

from extractor.errors import ConfigError, StoreError
from extractor.results import Result
from extractor.stores.files.replacing import replace_file

Form = Literal["trig", "datasette", "labelstudio"]


def publish(
    results: Iterable[Result], target: str, form: Form, *, base_uri: str | None, overwrite: bool
) -> None:
    """Write results in one of the forms into a file, which appears when it is whole.

    Args:
        results: read one by one.
        target: a file.
        form: of `datasette`, there are metadata beside the file.
        base_uri: what the URIs of RDF begin with; None for names of our own.
        overwrite: take the place of a file that is there.

    Raises:
        ConfigError: a package is missing, or the base cannot be one.
        StoreError: the file is there already, or metadata of others are; or it cannot be written.
    """
    path = Path(target)
    if path.exists() and not overwrite:
        raise StoreError(f"{path} is there already: choose another file, or say --force")
    if form == "datasette":
        _publish_searchable(results, path, overwrite)
        return
    parts = render(results, form, base_uri=base_uri)
    with replace_file(path) as beside, beside.open("w", encoding="utf-8") as file:
        file.writelines(parts)


def render(results: Iterable[Result], form: Form, *, base_uri: str | None) -> Iterator[str]:
    """Write results in a form that is text, in parts that make up one file.

    Raises:
        ConfigError: the form is a database, a package is missing, or the base cannot be one.
    """
    if form == "trig":
        from extractor.publishing.nanopublications import (  # noqa: PLC0415
            DEFAULT_BASE,
            render_nanopublications,
        )

        return render_nanopublications(results, base_uri or DEFAULT_BASE)
    if form == "labelstudio":
        from extractor.publishing.tasks import render_tasks  # noqa: PLC0415

        return render_tasks(results)
    raise ConfigError("a Datasette database needs a file: -o claims.db")


def _publish_searchable(results: Iterable[Result], path: Path, overwrite: bool) -> None:
    from extractor.publishing.searchable import (  # noqa: PLC0415
        is_own_description,
        name_description,
        write_searchable,
    )

    beside = name_description(path)
    if beside.exists() and not (overwrite or is_own_description(beside)):
        raise StoreError(
            f"{beside} is there already and describes something else: choose another file, or say "
            "--force"
        )
    write_searchable(results, path)
