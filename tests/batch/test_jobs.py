"""Jobs at a provider: submitted once, followed, cancelled, collected."""

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable

import pytest

from tests.batch.conftest import Desk, claim_first_sentence, claim_wrongly
from tests.batch_server import BatchServer, Fault, Row, leave_unanswered, respond
from tests.cli.conftest import Outcome

Spawn = Callable[..., "subprocess.Popen[str]"]


def submit(desk: Desk, *arguments: object) -> Outcome:
    return desk.command("batch", "submit", *arguments)


def collect(desk: Desk, *options: object) -> Outcome:
    return desk.command("batch", "collect", "-o", desk.claims, *options)


def wait_for_all(desk: Desk) -> Outcome:
    return collect(desk, "--wait", "--interval", "0.01")


def read_journal(desk: Desk) -> str:
    folder = desk.folder / "cache" / "batch"
    return "".join(path.read_bytes().decode("latin-1") for path in folder.glob("journal.db*"))


def test_a_job_from_submission_to_claims(driven: Desk, batches: BatchServer) -> None:
    driven.export()
    submitted = submit(driven, driven.requests)
    assert submitted.code == 0
    assert "validating · 0 of 3 answered" in submitted.out
    (batch,) = batches.batches.values()
    assert batches.files[batch["input_file_id"]] == driven.requests.read_text()
    states = [
        driven.command("batch", "status", "--json").out.split('"state": "')[1].split('"')[0]
        for _ in range(3)
    ]
    assert states == ["in_progress", "finalizing", "completed"]
    collected = collect(driven)
    assert collected.code == 0
    assert "3 of 3 answered" in collected.out
    assert "3 abstracts: 3 with claims" in collected.err
    assert set(driven.states().values()) == {"claims"}


def test_collecting_twice_downloads_and_imports_once(driven: Desk, batches: BatchServer) -> None:
    driven.export()
    submit(driven, driven.requests)
    wait_for_all(driven)
    again = collect(driven)
    assert (again.code, again.out) == (0, "")
    assert "No jobs." in again.err
    assert batches.count("GET /files/{id}/content") == 1
    assert "completed" in driven.command("batch", "status", "--all").out


def test_what_is_not_ready_is_not_collected(driven: Desk, batches: BatchServer) -> None:
    driven.export()
    submit(driven, driven.requests)
    done = collect(driven)
    assert done.code == 0
    assert "in_progress" in done.out
    assert driven.claims.read_text() == ""


def test_a_file_that_has_a_job_is_not_submitted_again(driven: Desk, batches: BatchServer) -> None:
    driven.export()
    submit(driven, driven.requests)
    again = submit(driven, driven.requests)
    assert "is submitted already: batch_2, validating" in again.err
    copy = driven.folder / "copy.jsonl"
    copy.write_bytes(driven.requests.read_bytes())
    submit(driven, copy)
    wait_for_all(driven)
    assert "is submitted already: batch_2, completed" in submit(driven, driven.requests).err
    assert len(batches.batches) == 1


def test_a_file_that_is_named_twice_is_submitted_once(driven: Desk, batches: BatchServer) -> None:
    driven.export()
    copy = driven.folder / "copy.jsonl"
    copy.write_bytes(driven.requests.read_bytes())
    assert submit(driven, driven.requests, driven.requests, copy).code == 0
    assert len(batches.batches) == 1


def test_questions_of_a_job_under_way_are_not_exported_again(
    driven: Desk, batches: BatchServer
) -> None:
    driven.export()
    submit(driven, driven.requests)
    driven.requests = driven.folder / "again.jsonl"
    assert "0 requests · 3 in jobs under way" in driven.export().err


def test_a_file_that_was_exported_anew_elsewhere_is_not_submitted(
    driven: Desk, batches: BatchServer
) -> None:
    driven.export()
    old, driven.requests = driven.requests, driven.folder / "new.jsonl"
    with driven.papers.open("a") as file:
        file.write(json.dumps({"id": "p3", "text": "BarNet wins. It is slow."}))
    driven.export()
    done = submit(driven, old)
    assert done.code == 2
    assert "3 of its 3 requests were exported again since" in done.err
    assert submit(driven, driven.requests).code == 0


def test_a_file_of_somebody_else_is_not_submitted(driven: Desk, batches: BatchServer) -> None:
    driven.export()
    with driven.requests.open("a") as file:
        file.write("\n")
    done = submit(driven, driven.requests)
    assert done.code == 2
    assert "or was changed since" in done.err
    assert batches.seen == []


@pytest.mark.parametrize(
    ("route", "happens_after"),
    [
        ("POST /files", False),
        ("POST /files", True),
        ("POST /batches", False),
        ("POST /batches", True),
        ("GET /batches/{id}", False),
    ],
)
def test_a_dropped_connection_makes_no_second_job(
    driven: Desk, batches: BatchServer, route: str, happens_after: bool
) -> None:
    batches.faults = [Fault(route, happens_after=happens_after)]
    driven.export()
    assert submit(driven, driven.requests).code == 0
    assert wait_for_all(driven).code == 0
    assert len(batches.batches) == 1
    assert set(driven.states().values()) == {"claims"}


def test_a_server_without_metadata_gets_no_second_job_either(
    driven: Desk, batches: BatchServer
) -> None:
    batches.keeps_metadata = False
    batches.faults = [Fault("POST /batches", happens_after=True)]
    driven.export()
    assert submit(driven, driven.requests).code == 0
    assert len(batches.batches) == 1


def test_the_job_is_looked_for_on_every_page(driven: Desk, batches: BatchServer) -> None:
    release = threading.Event()
    fault = Fault("POST /batches", happens_after=True, release=release)
    batches.faults = [fault]

    def crowd() -> None:
        fault.held.wait()
        (ours,) = batches.batches.values()
        for number in range(250):
            other = {**ours, "id": f"batch_other{number}", "metadata": {}, "input_file_id": "x"}
            batches.batches[other["id"]] = other
        release.set()

    driven.export()
    crowding = threading.Thread(target=crowd)
    crowding.start()
    submitted = submit(driven, driven.requests)
    crowding.join()
    assert "batch_2, validating" in submitted.err
    assert batches.count("GET /batches") == 3


@pytest.mark.parametrize("happens_after", [False, True])
def test_after_kill_9_in_the_middle_of_creation_there_is_one_job(
    driven: Desk, batches: BatchServer, spawn: Spawn, happens_after: bool
) -> None:
    driven.export()
    fault = Fault("POST /batches", happens_after=happens_after, release=threading.Event())
    batches.faults = [fault]
    killed = spawn("batch", "submit", driven.requests)
    assert fault.held.wait(30)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    status = driven.command("batch", "status")
    assert "uploaded" in status.out
    again = submit(driven)
    assert again.code == 0, again.err
    assert wait_for_all(driven).code == 0
    assert len(batches.batches) == 1
    assert batches.count("POST /files") == 1
    assert set(driven.states().values()) == {"claims"}


def test_after_kill_9_in_the_middle_of_the_upload_there_is_one_job(
    driven: Desk, batches: BatchServer, spawn: Spawn
) -> None:
    driven.export()
    fault = Fault("POST /files", happens_after=True, release=threading.Event())
    batches.faults = [fault]
    killed = spawn("batch", "submit", driven.requests)
    assert fault.held.wait(30)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert submit(driven, driven.requests).code == 0
    assert len(batches.batches) == 1


def test_two_processes_do_not_submit_at_once(
    driven: Desk, batches: BatchServer, spawn: Spawn
) -> None:
    driven.export()
    fault = Fault("POST /files", release=threading.Event())
    batches.faults = [fault]
    first = spawn("batch", "submit", driven.requests)
    assert fault.held.wait(30)
    done = submit(driven, driven.requests)
    assert done.code == 1
    assert "another process is submitting jobs" in done.err
    assert fault.release is not None
    fault.release.set()
    assert first.wait() == 0
    assert len(batches.batches) == 1


def test_two_processes_that_collect_at_once_take_turns(
    driven: Desk, batches: BatchServer, spawn: Spawn
) -> None:
    driven.export()
    submit(driven, driven.requests)
    for _ in batches.steps:
        driven.command("batch", "status")
    fault = Fault("GET /files/{id}/content", release=threading.Event())
    batches.faults = [fault]
    first = spawn("batch", "collect", "-o", driven.claims)
    assert fault.held.wait(30)
    second = spawn("batch", "collect", "-o", driven.folder / "others.jsonl")
    assert second.stderr is not None
    assert "another process is collecting answers" in second.stderr.readline()
    assert fault.release is not None
    fault.release.set()
    for process in (first, second):
        assert process.wait() == 0
    assert set(driven.states().values()) == {"claims"}


def test_a_job_that_was_not_begun_is_not_taken_from_a_changed_file(
    driven: Desk, batches: BatchServer
) -> None:
    batches.faults = [Fault("POST /files", status=401, body={"error": {"message": "no"}})]
    driven.export()
    assert submit(driven, driven.requests).code == 2
    driven.requests.write_text("changed")
    done = submit(driven)
    assert done.code == 2
    assert "no longer holds the requests of this job" in done.err
    assert driven.command("batch", "cancel", driven.requests).code == 0
    assert (
        "3 requests"
        in driven.command(
            "batch", "export", driven.papers, "-o", driven.folder / "new.jsonl", *driven.model
        ).err
    )


def test_when_all_rows_fail_there_is_only_an_error_file(driven: Desk, batches: BatchServer) -> None:
    batches.work = lambda row: respond(row, 400, {"error": {"message": "too strange"}})
    driven.export()
    submit(driven, driven.requests)
    done = wait_for_all(driven)
    assert done.code == 3
    assert "0 of 3 answered · 3 failed" in done.out
    assert set(driven.states().values()) == {"failed"}


def test_a_job_without_any_file_is_reported_and_its_questions_stay_open(
    driven: Desk, batches: BatchServer
) -> None:
    driven.export()
    submit(driven, driven.requests)
    (batch,) = batches.batches.values()
    batches.fail(batch, "invalid_json_line", "This line is no JSON.", line=2)
    done = wait_for_all(driven)
    assert done.code == 3
    assert "failed" in done.out
    assert "line 2: This line is no JSON." in done.out
    assert "3 requests" in driven.export().err
    assert submit(driven, driven.requests).code == 0
    assert wait_for_all(driven).code == 0


def test_what_has_expired_is_asked_in_the_next_file(driven: Desk, batches: BatchServer) -> None:
    def work(row: Row) -> Row:
        late = "FooNet 1 " in row["body"]["messages"][1]["content"]
        return leave_unanswered(row, "batch_expired") if late else claim_first_sentence(row)

    batches.work = work
    batches.steps = ["validating", "in_progress", "expired"]
    driven.export()
    submit(driven, driven.requests)
    done = wait_for_all(driven)
    assert "expired" in done.out
    assert driven.states() == {"p0": "claims", "p2": "claims"}
    batches.work = claim_first_sentence
    batches.steps = ["validating", "in_progress", "completed"]
    assert submit(driven, driven.folder / "claims.requests.jsonl").code == 0
    wait_for_all(driven)
    assert len(driven.states()) == 3


def test_re_asks_are_submitted_like_all_else(driven: Desk, batches: BatchServer) -> None:
    batches.work = claim_wrongly
    driven.export()
    submit(driven, driven.requests)
    wait_for_all(driven)
    batches.work = claim_first_sentence
    submit(driven, driven.folder / "claims.requests.jsonl")
    wait_for_all(driven)
    assert set(driven.states().values()) == {"claims"}


def test_a_cancelled_job_gives_what_it_has_answered(driven: Desk, batches: BatchServer) -> None:
    def work(row: Row) -> Row:
        done = "FooNet 0 " in row["body"]["messages"][1]["content"]
        return claim_first_sentence(row) if done else leave_unanswered(row, "batch_cancelled")

    batches.work = work
    driven.export()
    submit(driven, driven.requests)
    cancelled = driven.command("batch", "cancel", "batch_2")
    assert "cancelling" in cancelled.out
    assert wait_for_all(driven).code == 0
    assert driven.states() == {"p0": "claims"}
    assert len(driven.read_requests(driven.folder / "claims.requests.jsonl")) == 2


def test_cancel_wants_a_name_that_there_is(driven: Desk, batches: BatchServer) -> None:
    done = driven.command("batch", "cancel", "batch_7")
    assert done.code == 2
    assert "no job under way for batch_7" in done.err
    assert driven.command("batch", "cancel").code == 2
    assert driven.command("batch", "cancel", "--all").code == 0


def test_a_full_queue_at_creation_holds_the_rest_back_until_there_is_room(
    driven: Desk, batches: BatchServer
) -> None:
    body = {"error": {"code": "token_limit_exceeded", "message": "Enqueued token limit reached"}}
    driven.export("--max-lines", 1)
    files = sorted(driven.folder.glob("requests*.jsonl"))
    assert submit(driven, files[0]).code == 0
    batches.faults = [Fault("POST /batches", status=429, body=body)]
    done = submit(driven, *files[1:])
    assert done.code == 3
    assert "Enqueued token limit reached" in done.err
    assert "run `extractor batch submit` again when a job has ended" in done.err
    assert len(batches.batches) == 1
    status = driven.command("batch", "status").out
    assert status.count("waiting") == 2
    assert submit(driven).code == 0
    assert wait_for_all(driven).code == 0
    assert len(batches.batches) == 3
    assert set(driven.states().values()) == {"claims"}


def test_jobs_that_fail_for_want_of_room_are_submitted_as_others_end(
    driven: Desk, batches: BatchServer
) -> None:
    batches.most_enqueued = 1
    driven.export("--max-lines", 1)
    submit(driven, *sorted(driven.folder.glob("requests*.jsonl")))
    done = wait_for_all(driven)
    assert done.code == 0, done.err
    assert len(driven.states()) == 3
    ended = [batch["status"] for batch in batches.batches.values()]
    assert ended.count("completed") == 3


def test_submit_waits_until_every_job_is_taken(driven: Desk, batches: BatchServer) -> None:
    batches.most_enqueued = 2
    driven.export("--max-lines", 1)
    files = sorted(driven.folder.glob("requests*.jsonl"))
    done = submit(driven, *files, "--wait", "--interval", "0.01")
    assert done.code == 0
    assert "waiting" not in done.out
    assert wait_for_all(driven).code == 0
    assert len(driven.states()) == 3


def test_a_file_that_is_larger_than_the_whole_queue_is_not_waited_for(
    driven: Desk, batches: BatchServer
) -> None:
    batches.most_enqueued = 0
    driven.export()
    done = submit(driven, driven.requests, "--wait", "--interval", "0.01")
    assert done.code == 3
    assert "export with a smaller --max-lines" in done.err
    assert "Enqueued token limit reached" in done.out


def test_a_job_that_waits_may_be_given_up(driven: Desk, batches: BatchServer) -> None:
    batches.most_enqueued = 0
    driven.export()
    submit(driven, driven.requests)
    driven.command("batch", "status")
    assert "cancelled" in driven.command("batch", "cancel", driven.requests).out
    assert "3 requests" in driven.export().err


def test_answers_that_the_provider_has_deleted_do_not_stand_in_the_way(
    driven: Desk, batches: BatchServer
) -> None:
    driven.export()
    submit(driven, driven.requests)
    for _ in batches.steps:
        driven.command("batch", "status")
    (batch,) = batches.batches.values()
    del batches.files[batch["output_file_id"]]
    done = collect(driven)
    assert "its output file cannot be had" in done.err
    assert done.code == 3
    assert "3 requests" in driven.export().err


def submit_two(desk: Desk, batches: BatchServer) -> tuple[str, str]:
    """Two files in two jobs; gives the names of the jobs."""
    desk.papers.write_text("".join(desk.papers.read_text().splitlines(keepends=True)[:2]))
    desk.export("--max-lines", 1)
    submit(desk, desk.requests, desk.folder / "requests-2.jsonl")
    first, second = batches.batches
    return first, second


def test_a_job_that_the_server_no_longer_knows_does_not_stand_in_the_way(
    driven: Desk, batches: BatchServer
) -> None:
    first, second = submit_two(driven, batches)
    del batches.batches[first]
    status = driven.command("batch", "status")
    assert status.code == 0
    assert f"{first}: 127.0.0.1:{batches.port}: not found (status 404)" in status.err
    assert f"{first} · lost" in status.out
    assert f"{second} · in_progress" in status.out
    collected = wait_for_all(driven)
    assert collected.code == 3
    assert f"or give it up with `extractor batch cancel {first}`" in collected.out
    assert driven.states() == {"p1": "claims"}
    assert submit(driven, driven.requests).code == 0
    assert wait_for_all(driven).code == 0
    assert driven.states() == {"p0": "claims", "p1": "claims"}


def test_a_job_that_turns_up_again_is_collected(driven: Desk, batches: BatchServer) -> None:
    first, _ = submit_two(driven, batches)
    # As it is with the key of another project.
    hidden = batches.batches.pop(first)
    assert wait_for_all(driven).code == 3
    batches.batches[first] = hidden
    assert wait_for_all(driven).code == 0
    assert driven.states() == {"p0": "claims", "p1": "claims"}
    assert len(batches.batches) == 2


def test_a_job_that_the_server_no_longer_knows_can_be_given_up(
    driven: Desk, batches: BatchServer
) -> None:
    first, second = submit_two(driven, batches)
    del batches.batches[first]
    done = driven.command("batch", "cancel", "--all")
    assert done.code == 0
    assert f"{first} · lost" in done.out
    assert f"{second} · cancelling" in done.out
    assert f"{first} · cancelled" in driven.command("batch", "cancel", first).out
    assert first not in driven.command("batch", "status").out


@pytest.mark.parametrize("status", ["completed", "expired"])
def test_a_job_that_ends_without_any_file_says_so_and_may_be_submitted_again(
    driven: Desk, batches: BatchServer, status: str
) -> None:
    driven.export()
    submit(driven, driven.requests)
    (batch,) = batches.batches.values()
    batch["status"] = status
    done = collect(driven)
    assert done.code == 3
    assert f"it ended ({status}) without any answer" in done.out
    assert "lost" in driven.command("batch", "status").out
    assert "3 requests" in driven.export().err
    assert submit(driven, driven.requests).code == 0
    assert wait_for_all(driven).code == 0
    assert set(driven.states().values()) == {"claims"}


def test_a_job_that_was_cancelled_before_any_answer_may_be_submitted_again(
    driven: Desk, batches: BatchServer
) -> None:
    driven.export()
    submit(driven, driven.requests)
    (batch,) = batches.batches.values()
    batch["status"] = "cancelled"
    collect(driven)
    assert submit(driven, driven.requests).code == 0
    assert wait_for_all(driven).code == 0


def test_a_torn_download_is_fetched_again(driven: Desk, batches: BatchServer) -> None:
    batches.faults = [Fault("GET /files/{id}/content")]
    driven.export()
    submit(driven, driven.requests)
    assert wait_for_all(driven).code == 0
    assert len(driven.states()) == 3


def test_a_server_without_a_batch_interface_is_named_as_such(
    driven: Desk, batches: BatchServer
) -> None:
    batches.faults = [Fault("POST /files", status=404, body={"detail": "Not Found"})]
    driven.export()
    done = submit(driven, driven.requests)
    assert done.code == 2
    assert "the server has no batch interface" in done.err


def test_a_key_is_sent_and_stands_nowhere(
    driven: Desk, batches: BatchServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = "sk-test-0123456789"
    monkeypatch.setenv("OPENAI_API_KEY", key)
    body = {"error": {"message": f"Incorrect API key provided: {key}"}}
    driven.export()
    batches.faults = [Fault("POST /batches", status=401, body=body)]
    refused = submit(driven, driven.requests)
    assert refused.code == 2
    assert "check the key" in refused.err
    submit(driven, driven.requests)
    done = wait_for_all(driven)
    assert done.code == 0
    assert batches.keys == {f"Bearer {key}"}
    assert key not in refused.err + done.err + done.out + read_journal(driven)
    assert key not in driven.requests.read_text()


def test_without_a_key_openai_is_not_asked(driven: Desk, batches: BatchServer) -> None:
    driven.model = ["--model", "openai/gpt-5-mini"]
    driven.export()
    done = submit(driven, driven.requests)
    assert done.code == 2
    assert "no OPENAI_API_KEY in the environment" in done.err


def test_help_loads_no_client() -> None:
    script = """
import sys
from extractor.cli import app
for name in ("export", "import", "submit", "status", "collect", "cancel"):
    try:
        app(["batch", name, "--help"])
    except SystemExit as left:
        assert left.code == 0
heavy = {"openai", "instructor", "sqlalchemy", "diskcache"} & set(sys.modules)
assert not heavy, heavy
"""
    ran = subprocess.run(
        [sys.executable, "-c", script], check=False, capture_output=True, text=True
    )
    assert (ran.returncode, ran.stderr) == (0, "")
