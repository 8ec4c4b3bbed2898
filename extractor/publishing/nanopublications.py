"""Claims as nanopublications: RDF in TriG.

Each claim is four named graphs: head, assertion, provenance (in PROV-O, the quote in the Web
Annotation vocabulary) and publication info. Importing this needs the extra `rdf`.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote, urlsplit

from extractor import __version__
from extractor.claims import Claim
from extractor.documents import Abstract, replace_surrogates
from extractor.errors import ConfigError
from extractor.results import CheckedClaim, Result

try:
    from rdflib import DCTERMS, PROV, RDF, RDFS, XSD, Literal, Namespace, URIRef
except ImportError as missing:
    raise ConfigError("RDF needs rdflib: pip install 'claim-extractor[rdf]'") from missing

DEFAULT_BASE: Final = "urn:claim-extractor:"
VOCABULARY: Final = Namespace("urn:claim-extractor:vocabulary/")

_NANOPUBLICATION: Final = Namespace("http://www.nanopub.org/nschema#")
_ANNOTATION: Final = Namespace("http://www.w3.org/ns/oa#")
_PREFIXES: Final = {
    "claims": str(VOCABULARY),
    "np": str(_NANOPUBLICATION),
    "oa": str(_ANNOTATION),
    "dcterms": str(DCTERMS),
    "prov": str(PROV),
    "rdf": str(RDF),
    "rdfs": str(RDFS),
}
_CONTEXT_CHARS: Final = 32
_URI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|\\^`]+")

Triple = tuple[URIRef, URIRef, URIRef | Literal]


def render_nanopublications(results: Iterable[Result], base: str = DEFAULT_BASE) -> Iterator[str]:
    """Write the claims of results as TriG, in parts that make up one file.

    Args:
        results: read one by one; those without claims say nothing.
        base: what every URI begins with: an absolute one that ends in `/` or `:`.

    Raises:
        ConfigError: the base is no such URI.
    """
    if not _URI.fullmatch(base) or "#" in base or base[-1] not in "/:":
        raise ConfigError(f"'{base}' is no absolute URI that ends in / or :")
    for prefix, namespace in _PREFIXES.items():
        yield f"@prefix {prefix}: <{namespace}> .\n"
    for result in results:
        for claim in result.claims:
            for graph, triples in _Nanopublication(base, result, claim).list_graphs():
                yield f"\n{graph.n3()} {{\n"
                for subject, predicate, thing in triples:
                    said = _shorten(thing) if predicate == RDF.type else thing.n3()
                    yield f"  {subject.n3()} {_shorten(predicate)} {said} .\n"
                yield "}\n"


@lru_cache(maxsize=256)
def _shorten(term: URIRef) -> str:
    """Write a term of a vocabulary with its prefix.

    The namespace manager of rdflib would keep every other URI that it sees, for good.
    """
    uri = str(term)
    prefix, namespace = next(known for known in _PREFIXES.items() if uri.startswith(known[1]))
    return f"{prefix}:{uri.removeprefix(namespace)}"


class _Nanopublication:
    """What is said about one claim."""

    def __init__(self, base: str, result: Result, claim: CheckedClaim) -> None:
        made = result.provenance
        self._base, self._made, self._claim = base, made, claim
        self._abstract = result.abstract
        self._node = self._name("nanopublication", made.extraction_id, claim.claim_id)
        self._assertion = self._node + "#assertion"

    def list_graphs(self) -> Iterator[tuple[URIRef, Iterable[Triple]]]:
        """The graphs by their names."""
        yield self._node + "#head", self._head()
        yield self._assertion, self._assert()
        yield self._node + "#provenance", self._derive()
        yield self._node + "#pubinfo", self._publish()

    def _head(self) -> Iterator[Triple]:
        yield self._node, RDF.type, _NANOPUBLICATION.Nanopublication
        yield self._node, _NANOPUBLICATION.hasAssertion, self._assertion
        yield self._node, _NANOPUBLICATION.hasProvenance, self._node + "#provenance"
        yield self._node, _NANOPUBLICATION.hasPublicationInfo, self._node + "#pubinfo"

    def _assert(self) -> Iterator[Triple]:
        claim: Claim = self._claim
        node = self._name("claim", self._claim.claim_id)
        yield node, RDF.type, VOCABULARY.Claim
        names = {name: getattr(claim, name) for name in ("method", "task", "metric", "outcome")}
        yield from _say(node, VOCABULARY, names)
        for name in claim.datasets:
            yield node, VOCABULARY.dataset, _write(name)
        for name in claim.baselines:
            yield node, VOCABULARY.baseline, _write(name)
        for role, quantity in claim.figures():
            figure = node + f"#{role}"
            yield node, VOCABULARY[role], figure
            yield figure, RDF.type, VOCABULARY.Quantity
            yield from _say(figure, VOCABULARY, quantity.model_dump())

    def _derive(self) -> Iterator[Triple]:
        abstract = self._name("abstract", self._abstract.text_sha256)
        activity = self._name("extraction", self._made.extraction_id)
        model = self._name("model", self._made.model)
        passage = self._node + "#quote"
        yield self._assertion, PROV.wasGeneratedBy, activity
        yield self._assertion, PROV.wasDerivedFrom, passage
        yield self._assertion, PROV.hadPrimarySource, abstract
        yield activity, RDF.type, PROV.Activity
        yield activity, PROV.used, abstract
        yield activity, PROV.wasAssociatedWith, model
        yield activity, PROV.endedAtTime, _write_time(self._made.created)
        settings = {name: getattr(self._made, name) for name in ("prompt", "mode", "run_id")}
        yield from _say(activity, VOCABULARY, settings)
        yield model, RDF.type, PROV.SoftwareAgent
        yield model, RDFS.label, _write(self._made.model)
        yield from _describe(abstract, self._abstract)
        yield from self._quote(passage, abstract)

    def _quote(self, node: URIRef, abstract: URIRef) -> Iterator[Triple]:
        """Say where in the abstract the claim stands, by its words and by its place."""
        words, place = node + "-words", node + "-place"
        yield node, RDF.type, _ANNOTATION.SpecificResource
        yield node, _ANNOTATION.hasSource, abstract
        yield node, _ANNOTATION.hasSelector, words
        yield words, RDF.type, _ANNOTATION.TextQuoteSelector
        yield words, _ANNOTATION.exact, _write(self._claim.evidence)
        if self._claim.span is None:
            return
        start, end = self._claim.span
        before = self._abstract.text[max(0, start - _CONTEXT_CHARS) : start]
        after = self._abstract.text[end : end + _CONTEXT_CHARS]
        yield from _say(words, _ANNOTATION, {"prefix": before or None, "suffix": after or None})
        yield node, _ANNOTATION.hasSelector, place
        yield place, RDF.type, _ANNOTATION.TextPositionSelector
        yield from _say(place, _ANNOTATION, {"start": start, "end": end})

    def _publish(self) -> Iterator[Triple]:
        program = self._name("program", f"claim-extractor-{__version__}")
        yield self._node, DCTERMS.created, _write_time(self._made.created)
        yield self._node, PROV.wasAttributedTo, program
        yield program, RDF.type, PROV.SoftwareAgent
        yield program, RDFS.label, _write(f"claim-extractor {__version__}")

    def _name(self, kind: str, *parts: str) -> URIRef:
        """Make a URI; whatever a part holds, it stays one step of the path."""
        path = "/".join(quote(replace_surrogates(part), safe="") for part in (kind, *parts))
        return URIRef(self._base + path)


def _describe(node: URIRef, abstract: Abstract) -> Iterator[Triple]:
    yield node, RDF.type, PROV.Entity
    facts = {
        "identifier": abstract.id,
        "title": abstract.title or None,
        "date": abstract.published,
    }
    yield from _say(node, DCTERMS, facts)
    if abstract.url is not None and _is_web_address(abstract.url):
        yield node, DCTERMS.source, URIRef(abstract.url)


def _say(node: URIRef, namespace: Any, facts: dict[str, Any]) -> Iterator[Triple]:
    """State what is known, by the names of its properties."""
    for name, value in facts.items():
        if value is not None:
            yield node, namespace[name], _write(value)


def _write(value: float | str) -> Literal:
    return Literal(replace_surrogates(value) if isinstance(value, str) else value)


def _write_time(text: str) -> Literal:
    return Literal(replace_surrogates(text), datatype=XSD.dateTime, normalize=False)


def _is_web_address(url: str) -> bool:
    try:
        return urlsplit(url).scheme in ("http", "https") and _URI.fullmatch(url) is not None
    except ValueError:
        return False
