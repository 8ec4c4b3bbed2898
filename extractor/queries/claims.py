"""Reads the current claims of a database that are about certain names."""

from collections.abc import Iterator, Sequence
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, Connection, FromClause, column, func, select, table, tuple_

from extractor.claims import Claim
from extractor.stores import tables
from extractor.stores.assembling import assemble_claims

Role = Literal["method", "dataset", "metric", "baseline"]

_ROWS = 1000
# So many names fit into one statement on every database.
_NAMES = 500
_NAME_TABLES: Final[dict[str, FromClause]] = {
    "dataset": tables.claim_datasets,
    "baseline": tables.claim_baselines,
}

CURRENT: Final = table(
    "current_claims", *(column(known.name, known.type) for known in tables.claims.columns)
)
"""The claims of the newest extraction of each abstract that did not fail."""


class SourcedClaim(BaseModel):
    """A claim with the abstract that makes it.

    Attributes:
        id, title: of the abstract.
        claim: its names as they are printed.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    title: str
    claim_id: str
    claim: Claim


def name_paper(title: str, abstract_id: str) -> str:
    """Name what tells papers apart: versions of one have ids of their own, but the same title."""
    return title.casefold() or abstract_id


def read_names(connection: Connection, *roles: Role) -> Iterator[str]:
    """Read the different names that claims have in some roles, those of older extractions too."""
    for role in roles:
        name = _find_column(role, tables.claims)
        query = select(name).where(name.is_not(None)).distinct()
        yield from connection.scalars(query.execution_options(yield_per=_ROWS))


def count_names(connection: Connection, role: Role, most: int) -> Iterator[tuple[str, int]]:
    """Count the current claims that bear a name, for the most frequent spellings, these first."""
    name = _find_column(role, CURRENT)
    query = select(name, func.count()).select_from(CURRENT)
    if role in _NAME_TABLES:
        names = _NAME_TABLES[role]
        query = query.join(names, _belongs(names))
    query = query.where(name.is_not(None)).group_by(name)
    for row in connection.execute(query.order_by(func.count().desc(), name).limit(most)):
        yield row[0], row[1]


def has_names(role: Role) -> ColumnElement[bool]:
    """The condition that a current claim names anything in a role that takes several names."""
    names = _NAME_TABLES[role]
    return select(names.c.ordinal).where(_belongs(names)).correlate(CURRENT).exists()


def read_claims_on(connection: Connection, datasets: Sequence[str]) -> Iterator[SourcedClaim]:
    """Read the claims with a figure of their own on data sets of these names."""
    for names in _cut(datasets):
        found = _holds(tables.claim_datasets, names)
        yield from _read(connection, found, has_value=True)


def read_claims_between(connection: Connection, names: Sequence[str]) -> Iterator[SourcedClaim]:
    """Read the claims about methods of these names, compared with anything."""
    for methods in _cut(names):
        yield from _read(connection, CURRENT.c.method.in_(methods))


def _find_column(role: Role, claims: FromClause) -> ColumnElement[str]:
    return _NAME_TABLES[role].c.name if role in _NAME_TABLES else claims.c[role]


def _belongs(names: FromClause) -> ColumnElement[bool]:
    return (names.c.extraction_id == CURRENT.c.extraction_id) & (
        names.c.position == CURRENT.c.position
    )


def _holds(known: FromClause, names: Sequence[str]) -> ColumnElement[bool]:
    places = select(known.c.extraction_id, known.c.position).where(known.c.name.in_(names))
    return tuple_(CURRENT.c.extraction_id, CURRENT.c.position).in_(places)


def _read(
    connection: Connection, condition: ColumnElement[bool], *, has_value: bool = False
) -> Iterator[SourcedClaim]:
    extractions, abstracts = tables.extractions, tables.abstracts
    query = (
        select(abstracts.c.id, abstracts.c.title, CURRENT)
        .join(extractions, extractions.c.extraction_id == CURRENT.c.extraction_id)
        .join(abstracts, abstracts.c.abstract_key == extractions.c.abstract_key)
        .where(condition)
        .order_by(abstracts.c.id, extractions.c.abstract_key, CURRENT.c.position)
    )
    if has_value:
        query = query.where(CURRENT.c.value_number.is_not(None))
    found = connection.execute(query.execution_options(yield_per=_ROWS))
    for rows in found.mappings().partitions(_ROWS):
        for row in assemble_claims(connection, rows):
            yield SourcedClaim(
                id=row["id"],
                title=row["title"],
                claim_id=row["claim_id"],
                claim=Claim.model_validate(row),
            )


def _cut(names: Sequence[str]) -> Iterator[Sequence[str]]:
    return (names[start : start + _NAMES] for start in range(0, len(names), _NAMES))
