"""Those who run against each other, each in a process of its own.

Run as `python -m benchmarks.contestants NAME JSON`; it prints what it measured as JSON. LangExtract
is run by the Python of an environment of its own.
"""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from importlib import import_module
from pathlib import Path
from typing import Any

KEY = "none"


async def run_ours(job: dict[str, Any]) -> dict[str, Any]:
    """Everything that a run does: cache, grounding, checks, SQLite."""
    from benchmarks.ours import extract_all
    from benchmarks.texts import make_abstracts

    done = await extract_all(
        job["url"],
        make_abstracts(job["count"]),
        Path(job["folder"]),
        job.get("store", "claims.db"),
        concurrency=job["in_flight"],
    )
    return {"lost": job["count"] - done["claims"] - done["present"]}


async def run_aiohttp(job: dict[str, Any]) -> None:
    """The least that can be done: post a body, parse the answer; nothing is kept."""
    import aiohttp

    from benchmarks.texts import make_abstracts
    from extractor.claims import Extraction

    begin = _prompt_messages()
    connector = aiohttp.TCPConnector(limit=job["in_flight"])
    async with aiohttp.ClientSession(connector=connector) as session:

        async def extract(text: str) -> Extraction:
            messages = [*begin, {"role": "user", "content": text}]
            body = {"model": "fake", "messages": messages}
            async with session.post(f"{job['url']}/chat/completions", json=body) as response:
                completion = await response.json()
            return Extraction.model_validate_json(completion["choices"][0]["message"]["content"])

        await _spread(extract, make_abstracts(job["count"]), job["in_flight"])


async def run_instructor(job: dict[str, Any]) -> dict[str, Any]:
    """The plain loop that most people write: instructor, its default mode, a semaphore."""
    import instructor
    from instructor.core import InstructorError
    from openai import AsyncOpenAI, OpenAIError

    from benchmarks.texts import make_abstracts
    from extractor.claims import Extraction

    begin = _prompt_messages()
    client = instructor.from_openai(
        AsyncOpenAI(base_url=job["url"], api_key=KEY), mode=instructor.Mode.JSON
    )

    lost = 0

    async def extract(text: str) -> None:
        nonlocal lost
        messages = [*begin, {"role": "user", "content": text}]
        try:
            await client.chat.completions.create(
                model="fake", messages=messages, response_model=Extraction, max_retries=2
            )
        except (InstructorError, OpenAIError):
            lost += 1

    await _spread(extract, make_abstracts(job["count"]), job["in_flight"])
    return {"lost": lost}


def run_langextract(job: dict[str, Any]) -> None:
    """LangExtract through its OpenAI provider, with as many workers as may be in flight."""
    import langextract
    from langextract.data import ExampleData, Extraction
    from langextract.providers.openai import OpenAILanguageModel

    example = ExampleData(text="A reaches 1.", extractions=[Extraction("claim", "A reaches 1")])
    langextract.extract(
        [langextract.data.Document(text=text) for text in _read_texts(job)],
        prompt_description="Extract result claims.",
        examples=[example],
        model=OpenAILanguageModel(
            model_id="gpt-4o-mini",
            api_key=KEY,
            base_url=job["url"],
            max_workers=job["in_flight"],
        ),
        batch_length=job["in_flight"],
        max_workers=job["in_flight"],
        show_progress=False,
        fetch_urls=False,
    )


def _prompt_messages() -> list[Any]:
    from extractor.asking.forms import build_forms
    from extractor.asking.protocol import Request
    from extractor.documents import Abstract
    from extractor.prompting import load_prompt

    form = build_forms(load_prompt("v1"), "json_schema")[0]
    return form.build_messages(Request(Abstract(id="x", text="x")))[:-1]


def _read_texts(job: dict[str, Any]) -> list[str]:
    with Path(job["texts"]).open(encoding="utf-8") as file:
        return [json.loads(line)["text"] for line in file][: job["count"]]


async def _spread(
    extract: Callable[[str], Awaitable[object]], abstracts: Any, in_flight: int
) -> None:
    """Keep so many at work until there are no more abstracts."""

    async def work() -> None:
        for abstract in abstracts:
            await extract(abstract.text)

    await asyncio.gather(*(work() for _ in range(in_flight)))


# Imported before the clock starts: a second that all of them spend once.
_IMPORTS = {
    "ours": ("extractor.runs", "extractor.stores.sql", "extractor.asking.openai_chat"),
    "aiohttp": ("aiohttp", "extractor.claims", "extractor.asking.forms"),
    "instructor": ("instructor", "openai", "extractor.asking.forms"),
    "langextract": ("langextract",),
}
CONTESTANTS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "ours": run_ours,
    "aiohttp": run_aiohttp,
    "instructor": run_instructor,
    "langextract": run_langextract,
}


def _read_peak_mb() -> float:
    """Peak memory; what `resource` gives begins with that of the process that started this one."""
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return 0.0


def main() -> None:
    """Run one contestant and print documents a second, CPU a document and peak memory."""
    contestant, job = CONTESTANTS[sys.argv[1]], json.loads(sys.argv[2])
    for module in _IMPORTS[sys.argv[1]]:
        import_module(module)
    started, cpu = time.perf_counter(), time.process_time()
    outcome = contestant(job)
    noted = asyncio.run(outcome) if asyncio.iscoroutine(outcome) else None
    elapsed_s, cpu_s = time.perf_counter() - started, time.process_time() - cpu
    figures = {
        "per_s": job["count"] / elapsed_s,
        "elapsed_s": elapsed_s,
        "cpu_ms": 1000 * cpu_s / job["count"],
        "peak_mb": _read_peak_mb(),
        **(noted or {}),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
