import re
from typing import Any

import pytest
import rdflib
from hypothesis import given, settings
from rdflib import Dataset

from extractor.documents import Abstract
from extractor.errors import ConfigError
from extractor.publishing.nanopublications import render_nanopublications
from extractor.results import Result
from tests.queries.saying import figure, say
from tests.readme import ROOT
from tests.stores.making import make_result, results

# rdflib calls what rdflib deprecates.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")

PREFIXES = """
PREFIX c: <urn:claim-extractor:vocabulary/>
PREFIX np: <http://www.nanopub.org/nschema#>
PREFIX oa: <http://www.w3.org/ns/oa#>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
"""
CLAIM = {
    "method": 'Foo"Net"\\',
    "datasets": ["BarBench", "QuxBench"],
    "value": figure(91.2, qualifier="at_least"),
    "baselines": ["BazNet"],
    "delta": figure(2, "x", high=3, direction="increase"),
    "outcome": "better",
    "evidence": "FooNet has > 91.2%",
    "span": (6, 24),
}
PAPER = say(
    "a", CLAIM, text="Here: FooNet has > 91.2%, on two benches.", model="openai/gpt 5<mini>"
)


def parse(*said: Result, **options: Any) -> Dataset:
    text = "".join(render_nanopublications(said, **options))
    dataset = Dataset(default_union=True)
    dataset.parse(data=text, format="trig")
    return dataset


def ask(dataset: Dataset, query: str) -> list[list[Any]]:
    return sorted(
        [[term and term.toPython() for term in row] for row in dataset.query(PREFIXES + query)]
    )


def test_claims_can_be_counted_and_quotes_found() -> None:
    dataset = parse(PAPER, say("b", {"method": "QuxNet"}, {"method": "QuuxNet"}))
    assert ask(dataset, "SELECT (COUNT(?c) AS ?n) { ?c a c:Claim }") == [[3]]
    found = ask(
        dataset,
        """SELECT ?title ?quote ?before ?after ?start ?end {
            GRAPH ?assertion { ?claim c:dataset "BarBench" ; c:outcome "better" }
            ?assertion prov:wasDerivedFrom ?passage ; prov:hadPrimarySource ?abstract .
            ?abstract a prov:Entity ; dcterms:title ?title .
            ?passage oa:hasSource ?abstract ; oa:hasSelector ?words , ?place .
            ?words a oa:TextQuoteSelector ;
                oa:exact ?quote ; oa:prefix ?before ; oa:suffix ?after .
            ?place a oa:TextPositionSelector ; oa:start ?start ; oa:end ?end .
        }""",
    )
    assert found == [["On a", "FooNet has > 91.2%", "Here: ", ", on two benches.", 6, 24]]


def test_the_query_of_the_page_runs() -> None:
    page = (ROOT / "docs" / "publishing.md").read_text(encoding="utf-8")
    (query,) = re.findall(r"```sparql\n(.+?)```", page, re.DOTALL)
    dataset = parse(say("a", CLAIM | {"datasets": ["GSM8K"]}), PAPER)
    assert [[str(term) for term in row] for row in dataset.query(query)] == [
        ['Foo"Net"\\', "BazNet", "FooNet has > 91.2%"]
    ]


def test_a_claim_is_asserted_with_its_names_and_figures() -> None:
    dataset = parse(PAPER)
    names = "SELECT ?method ?baseline { ?c a c:Claim ; c:method ?method ; c:baseline ?baseline }"
    assert ask(dataset, names) == [['Foo"Net"\\', "BazNet"]]
    figures = """SELECT ?number ?high ?unit ?qualifier {
        ?c c:value|c:delta ?figure . ?figure c:number ?number ; c:unit ?unit ;
        c:qualifier ?qualifier . OPTIONAL { ?figure c:high ?high }
    } ORDER BY ?number"""
    assert [
        [float(row[0]), row[1] and float(row[1]), str(row[2]), str(row[3])]
        for row in dataset.query(PREFIXES + figures)
    ] == [[2, 3, "x", "exact"], [91.2, None, "%", "at_least"]]


def test_every_nanopublication_names_its_graphs_and_its_makers() -> None:
    dataset = parse(PAPER)
    makers = ask(
        dataset,
        """SELECT ?model ?program ?made {
            GRAPH ?head { ?np a np:Nanopublication ; np:hasAssertion ?assertion ;
                np:hasProvenance ?provenance ; np:hasPublicationInfo ?info }
            GRAPH ?assertion { ?claim a c:Claim }
            GRAPH ?provenance { ?assertion prov:wasGeneratedBy ?activity .
                ?activity a prov:Activity ; prov:endedAtTime ?made ;
                    prov:wasAssociatedWith ?agent .
                ?agent a prov:SoftwareAgent ; rdfs:label ?model }
            GRAPH ?info { ?np prov:wasAttributedTo ?by . ?by rdfs:label ?program }
        }""",
    )
    ((model, program, made),) = makers
    assert (model, program.split()[0]) == ("openai/gpt 5<mini>", "claim-extractor")
    assert made.isoformat() == "2026-01-01T00:00:00+00:00"


def test_names_are_stable_and_under_the_base() -> None:
    mine = [graph.identifier for graph in parse(PAPER).graphs() if len(graph)]
    again = [graph.identifier for graph in parse(PAPER).graphs() if len(graph)]
    assert sorted(mine) == sorted(again)
    assert all(name.startswith("urn:claim-extractor:nanopublication/") for name in mine)
    dataset = parse(PAPER, base="https://claims.example/")
    (node,) = dataset.query(PREFIXES + "SELECT ?c { ?c a c:Claim }")
    assert node[0] == rdflib.URIRef(f"https://claims.example/claim/{PAPER.claims[0].claim_id}")


@pytest.mark.parametrize(
    "base", ["", "foo/", "https://a.example", "https://a b/", "urn:a#", "u:<>/"]
)
def test_a_base_that_is_no_uri_is_refused(base: str) -> None:
    with pytest.raises(ConfigError, match="no absolute URI"):
        parse(PAPER, base=base)


@pytest.mark.parametrize(
    ("url", "linked"),
    [
        ("https://a.example/1?b=c", True),
        ("javascript:alert(1)", False),
        ("https://a.example/> . <urn:x> <urn:y> <urn:z", False),
        ("http://[", False),
    ],
)
def test_only_web_addresses_become_links(url: str, linked: bool) -> None:
    abstract = PAPER.abstract.model_copy(update={"url": url})
    dataset = parse(PAPER.model_copy(update={"abstract": abstract}))
    assert bool(ask(dataset, "SELECT ?s { ?a dcterms:source ?s }")) is linked
    assert not list(dataset.triples((rdflib.URIRef("urn:x"), None, None)))


def test_abstracts_without_claims_say_nothing() -> None:
    assert len(parse(make_result(claims=[]), make_result(id="b", failed="refused"))) == 0


@settings(max_examples=40)
@given(results)
def test_any_text_comes_back_as_it_was(result: Result) -> None:
    dataset = parse(result)
    methods = {str(row[0]) for row in dataset.query(PREFIXES + "SELECT ?m { ?c c:method ?m }")}
    quotes = {str(row[0]) for row in dataset.query(PREFIXES + "SELECT ?q { ?w oa:exact ?q }")}
    assert methods == {claim.method for claim in result.claims}
    assert quotes == {claim.evidence for claim in result.claims}


def test_lone_surrogates_are_replaced() -> None:
    abstract = Abstract(id="\ud800x", text="FooNet wins.")
    dataset = parse(make_result(model="m\udfff").model_copy(update={"abstract": abstract}))
    assert ask(dataset, "SELECT ?i { ?a dcterms:identifier ?i }") == [["\ufffdx"]]
    names = "SELECT ?name { ?e prov:wasAssociatedWith ?model . ?model rdfs:label ?name }"
    assert ask(dataset, names) == [["m\ufffd"]]
