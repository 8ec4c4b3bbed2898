"""Verifies a store: that what belongs together is there, and that it is what it says."""

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field

from sqlalchemy import Connection, FromClause, Table, and_, func, select

from extractor.documents import hash_text
from extractor.errors import StoreError
from extractor.results import CheckedClaim, Result, make_claim_id
from extractor.stores import tables
from extractor.stores.connections import Database
from extractor.stores.reading import read_results
from extractor.stores.rows import hash_abstract
from extractor.stores.sql_reading import read_abstracts
from extractor.stores.targets import holds_tables

MOST_DEFECTS = 1000
_NO_TEXT = hash_text("")
# Stands for what a store could not hold, so that no hash can be made again.
_REPLACED = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True, slots=True)
class Defect:
    """Something that is wrong with a store.

    Attributes:
        where: the row or the result.
        what: what is wrong with it.
    """

    where: str
    what: str


@dataclass
class RunCounts:
    """What a store holds of one run: extractions by state, and claims."""

    model: str
    prompt: str
    claims: int = 0
    no_claims: int = 0
    failed: int = 0
    accepted: int = 0


@dataclass
class Inspection:
    """What a store holds, by the identifier of the run, and what is wrong with it.

    Attributes:
        defects: the first thousand.
        found: how many there are.
    """

    runs: dict[str, RunCounts] = field(default_factory=dict)
    defects: list[Defect] = field(default_factory=list)
    found: int = 0

    def note(self, defects: Iterable[Defect]) -> None:
        """Keep and count defects."""
        for defect in defects:
            self.found += 1
            if len(self.defects) < MOST_DEFECTS:
                self.defects.append(defect)

    def add(self, result: Result) -> None:
        """Count a result and check it."""
        made = result.provenance
        run = self.runs.setdefault(made.run_id, RunCounts(made.model, made.prompt))
        setattr(run, result.status, getattr(run, result.status) + 1)
        run.accepted += len(result.claims)
        self.note(check_result(result))


def check_store(target: str) -> Inspection:
    """Read all of a store, every extraction that it has, and note what is wrong.

    Raises:
        ExtractorError: there is no such store, or it cannot be read at all.
    """
    inspection = Inspection()
    if holds_tables(target):
        inspection.note(check_tables(target))

    def pass_over(error: StoreError) -> None:
        inspection.note([Defect("a result", str(error))])

    for result in read_results(target, history=True, pass_over=pass_over):
        inspection.add(result)
    return inspection


def check_result(result: Result) -> Iterator[Defect]:
    """Check that state, spans and identifiers of a result follow from its text and claims."""
    where = f"extraction {result.provenance.extraction_id} of {result.abstract.id}"
    if (result.status == "claims") != bool(result.claims):
        yield Defect(where, f"its state is {result.status}, but it has {len(result.claims)} claims")
    if result.status == "failed" and not result.reason:
        yield Defect(where, "it failed without a reason")
    for position, claim in enumerate(result.claims, start=1):
        for what in _check_claim(claim, result):
            yield Defect(f"{where}, claim {position}", what)


def check_tables(target: str) -> Iterator[Defect]:
    """Check the rows of a database that reading results passes over.

    Raises:
        StoreError: it is no database of this program.
    """
    with (
        closing(Database(target, "read")) as database,
        database.transact(writes=False) as connection,
    ):
        for damage in database.find_damage(connection):
            yield Defect("the file", damage)
        yield from _find_orphans(connection)
        yield from _find_gaps(connection)
        for key, text_sha256, abstract in read_abstracts(connection):
            where = f"abstract {key} ({abstract.id})"
            if abstract.text and hash_text(abstract.text) != text_sha256:
                yield Defect(where, "its text is not the one that text_sha256 was made of")
            elif _REPLACED not in abstract.id and hash_abstract(abstract) != key:
                yield Defect(where, "its key does not follow from id, title and text")


def _check_claim(claim: CheckedClaim, result: Result) -> Iterator[str]:
    abstract, skipped = result.abstract, result.provenance.skip_checks
    if claim.span is None:
        if skipped is not None and "quote" not in skipped:
            yield "it has no span, although its quote was checked"
    elif abstract.text or abstract.text_sha256 == _NO_TEXT:
        start, end = claim.span
        if abstract.text[start:end] != claim.evidence:
            yield f"its evidence is not what stands at [{start}, {end}) of the text"
    made_id = make_claim_id(abstract.text_sha256, claim)
    if claim.claim_id != made_id and _REPLACED not in claim.model_dump_json():
        yield f"its claim_id {claim.claim_id} does not follow from text and content ({made_id})"


def _find_orphans(connection: Connection) -> Iterator[Defect]:
    extractions, claims = tables.extractions, tables.claims
    yield from _find_without(connection, extractions, tables.abstracts, "abstract_key")
    yield from _find_without(connection, extractions, tables.runs, "run_id")
    yield from _find_without(connection, claims, extractions, "extraction_id")
    for names in (tables.claim_datasets, tables.claim_baselines):
        yield from _find_without(connection, names, claims, "extraction_id", "position")


def _find_without(
    connection: Connection, table: Table, parent: FromClause, *keys: str
) -> Iterator[Defect]:
    belongs = and_(*(table.c[key] == parent.c[key] for key in keys))
    query = select(*table.primary_key).where(~select(parent.c[keys[0]]).where(belongs).exists())
    for row in connection.execute(query):
        where = f"{table.name} {' '.join(map(str, row))}"
        yield Defect(where, f"there is no row of {parent.description} that it belongs to")


def _find_gaps(connection: Connection) -> Iterator[Defect]:
    claims = tables.claims.c
    query = (
        select(claims.extraction_id, func.count(), func.max(claims.position))
        .group_by(claims.extraction_id)
        .having((func.count() != func.max(claims.position)) | (func.min(claims.position) != 1))
    )
    for extraction_id, count, last in connection.execute(query):
        where = f"extraction {extraction_id}"
        yield Defect(where, f"of its claims 1 to {last} there are {count}")
