"""The fault table: what becomes of a run when something goes wrong.

The peers' columns are what was measured of them in November 2026, on the same kind of machine,
with the same kind of server; ours is measured now.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import chain, pairwise
from pathlib import Path

from benchmarks.ours import query_store, run_settings
from benchmarks.running import Server, serving
from benchmarks.server import Behaviour
from benchmarks.texts import make_abstracts
from extractor.claims import Claim
from extractor.documents import Abstract
from extractor.evaluation import GoldClaim, GoldDocument, load_gold
from extractor.grounding import GroundedText
from extractor.resources import data_folder

COUNT = 300
_GOLD = data_folder("evals") / "gold" / "restated.jsonl"


def measure_faults() -> Iterator[list[str]]:
    """Yield a row for each fault: LangExtract, curator, the plain instructor loop, ours."""
    for fault, langextract, curator, plain, measure in _FAULTS:
        with tempfile.TemporaryDirectory() as folder:
            yield [fault, langextract, curator, plain, measure(Path(folder))]


def _allow_ten(folder: Path) -> str:
    with serving(Behaviour(per_second=10)) as server:
        done = run_settings(server.url, 100, folder)
        refused = server.counts()["refused"]
    return f"{done['claims']} of 100 in {done['elapsed_s']:.0f} s (ideal 10), {refused} refusals"


def _cap(folder: Path) -> str:
    with serving(Behaviour(per_second=100)) as server:
        done = run_settings(server.url, 1000, folder)
        refused = server.counts().get("refused", 0)
    return f"{done['elapsed_s']:.1f} s, {refused} refusals, {1000 - done['claims']} lost"


def _break_one(folder: Path) -> str:
    with serving(Behaviour(breaks_on="study number 17 ")) as server:
        done = run_settings(server.url, COUNT, folder, max_attempts=3)
    return f"{done['claims']} of {COUNT}, {done['failed']} failed row with its reason"


def _garble(folder: Path) -> str:
    faults = dict.fromkeys(("invalid", "garbled", "fenced", "empty"), 0.025)
    with serving(Behaviour(faults=faults)) as server:
        done = run_settings(server.url, COUNT, folder)
        counts = server.counts()
    bad = sum(counts.get(name, 0) for name in faults)
    asked_again = counts["requests"] - COUNT
    return f"{done['claims']} of {COUNT}: {bad} such answers, {asked_again} asked again"


def _answer_null(folder: Path) -> str:
    with serving(Behaviour(faults={"null": 0.01})) as server:
        done = run_settings(server.url, COUNT, folder)
    return f"{done['claims']} of {COUNT}"


def _kill(folder: Path) -> str:
    count, in_flight = 400, 64
    source = folder / "papers.jsonl"
    with source.open("w", encoding="utf-8") as file:
        for abstract in make_abstracts(count):
            file.write(abstract.model_dump_json() + "\n")
    command = [sys.executable, "-m", "extractor", "run", str(source)]
    options = ["-o", str(folder / "claims.db"), "--model", "fake", "--quiet"]
    with serving(Behaviour(latency_s=0.2)) as server:
        options += ["--base-url", server.url, "--concurrency", str(in_flight)]
        environment = {**os.environ, "EXTRACTOR_CACHE_DIR": str(folder / "cache")}
        killed = subprocess.Popen([*command, *options], env=environment)
        _wait_for(server, count // 2)
        killed.kill()
        killed.wait()
        subprocess.run([*command, *options], env=environment, check=True)
        requests = server.counts()["requests"]
    return f"{requests - count} sent again (of {in_flight} in flight)"


def _wait_for(server: Server, requests: int) -> None:
    while server.counts().get("requests", 0) < requests:
        time.sleep(0.01)


def _add_one(folder: Path) -> str:
    with serving(Behaviour()) as server:
        run_settings(server.url, COUNT, folder)
        run_settings(server.url, COUNT + 1, folder)
        return f"{server.counts()['requests'] - COUNT} sent"


def _change_prompt(folder: Path) -> str:
    changed = folder / "prompt"
    changed.mkdir()
    for path in (data_folder("prompts") / "v1").iterdir():
        text = path.read_text(encoding="utf-8")
        addition = "Be brief.\n" if path.suffix == ".md" else ""
        (changed / path.name).write_text(text + addition, encoding="utf-8")
    with serving(Behaviour()) as server:
        run_settings(server.url, COUNT, folder)
        run_settings(server.url, COUNT, folder, prompt=str(changed))
        sent = server.counts()["requests"] - COUNT
    [(kept,)] = query_store(folder, "SELECT count(*) FROM extractions")
    return f"all {sent} asked anew, {kept - sent} earlier answers kept beside"


def _ask_twins(folder: Path) -> str:
    abstracts = list(make_abstracts(COUNT))
    twins = (abstract.model_copy(update={"id": f"{abstract.id}-b"}) for abstract in abstracts)
    with serving(Behaviour(latency_s=0.05)) as server:
        run_settings(server.url, chain(abstracts, twins), folder)
        return f"{server.counts()['requests']} sent for {2 * COUNT}"


def _alter_figures(folder: Path) -> str:
    with serving(Behaviour(faults={"altered": 1.0})) as server:
        done = run_settings(server.url, COUNT, folder, max_reasks=0)
    return f"{done['accepted']} of {done['accepted'] + done['rejected']} claims accepted"


def _swap_quotes(_folder: Path) -> str:
    """The labels of each abstract with the quotes of the next one."""
    documents = [document for document in load_gold(_GOLD) if document.claims]
    found = [
        GroundedText(_read_abstract(document)).ground(_swap_quote(claim, other)).span is not None
        for document, other in pairwise(documents)
        for claim in document.claims
    ]
    return f"{sum(found)} of {len(found)} accepted"


def _read_abstract(document: GoldDocument) -> Abstract:
    return Abstract(id=document.id, title=document.title, text=document.text or "")


def _swap_quote(claim: GoldClaim, other: GoldDocument) -> Claim:
    start, end = other.claims[0].span or (0, 0)
    quote = other.claims[0].evidence or (other.text or "")[start:end]
    return Claim(**claim.model_dump(include=set(Claim.model_fields)) | {"evidence": quote})


_FAULTS: tuple[tuple[str, str, str, str, Callable[[Path], str]], ...] = (
    (
        "server allows 10 requests/s",
        "run aborts, nothing returned, 30 paid answers lost",
        "",
        "",
        _allow_ten,
    ),
    (
        "1,000 abstracts, server capped at 100/s with Retry-After 1 (ideal 10 s)",
        "",
        "80 s, 730 refusals",
        "openai's retries: 10 s, 70 lost; max_retries=3: 14.7 s",
        _cap,
    ),
    ("one abstract always fails", "0 of 300 returned", "failed row", "exception", _break_one),
    (
        "10% invalid, torn, fenced or empty answers",
        "empty successes",
        "",
        "asked again",
        _garble,
    ),
    ("`content: null` on 1%", "run aborts", "", "", _answer_null),
    ("kill -9 half-way", "all sent again", "62 in flight sent again", "all sent again", _kill),
    ("one abstract added to a finished run", "", "all 401 sent again", "", _add_one),
    ("only the system prompt changed", "", "stale answers returned", "", _change_prompt),
    ("identical abstracts", "asked twice", "asked twice", "asked twice", _ask_twins),
    (
        "quotes with every figure altered",
        "accepted",
        "no grounding",
        "no grounding",
        _alter_figures,
    ),
    ("quotes from another abstract", "14% accepted", "", "", _swap_quotes),
)
