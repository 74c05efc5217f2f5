"""`pulse report` where something else answers: one line, and none of it a traceback."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from click.testing import CliRunner

from deploy.cli import main

PAGE = b"<html>a page of a proxy</html>"


@contextmanager
def answering(code: int, body: bytes) -> Iterator[str]:
    """A server that answers so whatever it is asked."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(code)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("code", "body", "exit_code", "line"),
    [
        (502, PAGE, 1, "answers 502 Bad Gateway, which is no answer of `pulse serve`"),
        (200, PAGE, 1, "answers 200 OK, which is no answer of `pulse serve`"),
        (500, b"[]", 1, "answers 500 Internal Server Error, which is no answer of `pulse serve`"),
        (422, b'{"detail": "no organisation x"}', 1, "Error: no organisation x"),
        (422, b'{"detail": "no such step", "parameter": "step"}', 2, "Error: --step: no such step"),
    ],
)
def test_an_answer_that_is_none_of_ours_is_one_clear_line(code: int, body: bytes, exit_code: int, line: str) -> None:
    with answering(code, body) as url:
        told = CliRunner().invoke(main, ["report", "--url", url])
    assert (told.exit_code, line in told.stderr) == (exit_code, True), told.output
    assert told.exception is None or isinstance(told.exception, SystemExit)
