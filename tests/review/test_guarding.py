"""Nobody gets in but the page that was opened with the secret address."""

from pathlib import Path

import pytest

from extractor.review.guarding import MOST_BODY_BYTES
from tests.review.conftest import HOST, PORT, TOKEN, Reviewer

DECISION = {"base": 0, "decision": {"action": "finish", "reject_rest": True}}


@pytest.mark.parametrize("path", ["/", "/wrong/", f"/{TOKEN[:-1]}/", f"/{TOKEN}x/", f"/{TOKEN}"])
def test_without_the_token_there_is_nothing(ann: Reviewer, path: str) -> None:
    answer = ann.client.get(path, follow_redirects=False)
    assert (answer.status_code, answer.text) == (404, "Not found.")


@pytest.mark.parametrize("host", ["evil.example", f"evil.example:{PORT}", "127.0.0.1:1", ""])
def test_a_name_that_was_made_to_point_here_is_refused(ann: Reviewer, host: str) -> None:
    assert ann.client.get(f"/{TOKEN}/", headers={"host": host}).status_code == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_page_of_another_site_reads_nothing(ann: Reviewer, site: str) -> None:
    answer = ann.client.get(f"{ann.root}/abstracts", headers={"sec-fetch-site": site})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": f"https://{HOST}"}, 403),
        ({"origin": f"http://localhost:{PORT}"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"content-type": "text/plain"}, 415),
        ({"content-type": "application/x-www-form-urlencoded"}, 415),
    ],
)
def test_a_page_of_another_site_decides_nothing(
    ann: Reviewer, headers: dict[str, str], status: int
) -> None:
    answer = ann.client.post(
        f"{ann.root}/abstracts/{ann.key('survey')}/decisions", json=DECISION, headers=headers
    )
    assert answer.status_code == status
    assert ann.view("survey")["version"] == 0


def test_a_request_without_an_origin_decides_nothing(ann: Reviewer) -> None:
    del ann.client.headers["origin"]
    assert ann.post("survey", "decisions", DECISION).status_code == 403


def test_a_body_that_never_ends_is_cut_off(ann: Reviewer) -> None:
    body = b"[" + b" " * MOST_BODY_BYTES
    path = f"{ann.root}/abstracts/{ann.key('survey')}/decisions"
    answer = ann.client.post(path, content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 413


def test_every_answer_carries_a_strict_policy_and_no_cookie(ann: Reviewer) -> None:
    for path in (f"/{TOKEN}/", f"{ann.root}/abstracts", "/wrong/", f"/{TOKEN}/nowhere"):
        headers = ann.client.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert "set-cookie" not in headers
        assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize(
    "path",
    [
        "claims.db",
        "..",
        "../",
        "../claims.db",
        "..%2fclaims.db",
        "%2e%2e/claims.db",
        "assets/",
        "api/",
    ],
)
def test_no_file_and_no_folder_can_be_read(ann: Reviewer, store: Path, path: str) -> None:
    answer = ann.client.get(f"/{TOKEN}/{path}")
    assert answer.status_code in (403, 404)
    assert b"SQLite" not in answer.content
    assert b"mossbert" not in answer.content


@pytest.mark.parametrize(
    "body",
    [
        "not json",
        {},
        {"base": -1, "decision": {"action": "finish"}},
        {"base": 0, "decision": {"action": "drop tables"}},
        {"base": 0, "decision": {"action": "finish", "annotator": "someone else"}},
        {"base": 0, "decision": {"action": "put", "label": {"key": "../../etc"}}},
        {"base": 0, "decision": {"action": "put", "label": {"key": "k", "claim": {"method": 1}}}},
    ],
)
def test_what_the_page_would_never_send_is_refused(ann: Reviewer, body: object) -> None:
    answer = ann.post("mossbert", "decisions", body)
    assert answer.status_code == 422
    assert answer.json()["error"]
    assert ann.view("mossbert")["version"] == 0


def test_an_unknown_abstract_or_set_is_not_found(ann: Reviewer) -> None:
    for path in ("api/joint/abstracts/0000", "api/elsewhere/abstracts", "api/ben/summary"):
        assert ann.client.get(f"/{TOKEN}/{path}").status_code == 404
