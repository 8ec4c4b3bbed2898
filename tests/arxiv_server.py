"""A real HTTP server on the loopback that answers as the API of arXiv does, about invented papers.

It keeps to the query's days, order, start and number; the rest of the query it does not look at.
"""

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

Asked = dict[str, str]
Answer = tuple[int, str]
_DAYS = re.compile(r"submittedDate:\[(\d{12}) TO (\d{12})\]")


@dataclass(frozen=True)
class Paper:
    id: str
    published: str
    title: str = "A paper"
    summary: str = "FooNet wins. It is fast."

    def render(self) -> str:
        page = f"http://arxiv.org/abs/{self.id}"
        return (
            f"<entry><id>{page}</id><updated>{self.published}</updated>"
            f"<published>{self.published}</published><title>{escape(self.title)}</title>"
            f"<summary>{escape(self.summary)}</summary><author><name>A. Body</name></author>"
            f'<link href="{page}" rel="alternate" type="text/html"/></entry>'
        )


def render_feed(papers: list[Paper], total: int, start: int) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom">'
        '<opensearch:totalResults xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/">'
        f"{total}</opensearch:totalResults>"
        '<opensearch:startIndex xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/">'
        f"{start}</opensearch:startIndex>{''.join(paper.render() for paper in papers)}</feed>"
    )


@dataclass
class ArxivServer:
    """Answers from its papers, unless a fault is due.

    Attributes:
        faults: answers that are given first, in turn; None stands for a right one.
        asked: the parameters of every request.
        before: called with the number of each request before it is answered.
    """

    papers: list[Paper] = field(default_factory=list)
    faults: list[Answer | None] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    before: Callable[[int], None] = lambda _number: None

    def start(self) -> "ArxivServer":
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked = {
                    name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()
                }
                server.asked.append(asked)
                server.before(len(server.asked))
                status, text = server.answer(asked)
                body = text.encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_details: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url_format(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/api/query?{{}}"

    def answer(self, asked: Asked) -> Answer:
        if self.faults and (fault := self.faults.pop(0)) is not None:
            return fault
        found = self.papers
        if ids := [name for name in asked.get("id_list", "").split(",") if name]:
            found = [
                paper
                for paper in found
                if any(paper.id == name or paper.id.partition("v")[0] == name for name in ids)
            ]
        if days := _DAYS.search(asked.get("search_query", "")):
            found = [
                paper
                for paper in found
                if days[1] <= re.sub(r"\D", "", paper.published)[:12] <= days[2]
            ]
        found = sorted(
            found,
            key=lambda paper: paper.published,
            reverse=asked.get("sortOrder") == "descending",
        )
        start, number = int(asked["start"]), int(asked["max_results"])
        return 200, render_feed(found[start : start + number], len(found), start)
