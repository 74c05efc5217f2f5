"""A ClickHouse server for tests: the embedded engine in a process of its own, behind ClickHouse's HTTP interface.

Comes in: `python tests/faults/front.py --folder DIR --port PORT`. Goes out: what `clickhouse_connect` needs of a
server: statements in the body or the address, parameters and settings in the address, inserts with data in any format,
compressed or not, error codes in a header. There are no sessions: a request that names one is refused. A SIGTERM, and
a kill, leave the folder as those of a server do.
"""

import argparse
import re
import signal
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import chdb
import lz4.frame

from clickhouse.engine import open_embedded

OF_THE_TRANSPORT = frozenset(
    {
        "database",
        "query",
        "query_id",
        "wait_end_of_query",
        "client_protocol_version",
        "enable_http_compression",
        "cancel_http_readonly_queries_on_client_close",
        "send_progress_in_http_headers",
        "http_headers_progress_interval_ms",
    }
)
INSERT = re.compile(rb"\s*(INSERT\s+INTO\s.*?)\s+FORMAT\s+(\w+)\s*?\n", re.IGNORECASE | re.DOTALL)
"""The statement of an insert with data; the data are all that follows."""
CODE = re.compile(r"Code: (\d+)\.")
FORMAT = re.compile(r"\bFORMAT\s+\w+\s*;?\s*$", re.IGNORECASE)
NO_SUCH_SESSION = "Code: 372. DB::Exception: this server keeps no sessions (SESSION_NOT_FOUND)"


class Front(ThreadingHTTPServer):
    """A thread for each connection, a handle of the engine for each request."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, port: int, engine: str) -> None:
        super().__init__(("127.0.0.1", port), Request)
        self.engine = engine


class Request(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Front

    def do_GET(self) -> None:
        if urlsplit(self.path).path == "/ping":
            self._answer(200, b"Ok.\n", {})
        else:
            self._run(b"")

    def do_POST(self) -> None:
        self._run(_unpacked(self.headers.get("Content-Encoding"), b"".join(self._body())))

    def _run(self, body: bytes) -> None:
        address = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
        statement = b"\n".join(filter(None, (address.get("query", "").encode(), body)))
        try:
            if "session_id" in address:
                raise RuntimeError(NO_SUCH_SESSION)  # noqa: TRY301
            with closing(opened(self.server.engine)) as handle:
                answer, headers = executed(handle, statement, address)
        except RuntimeError as error:
            code = CODE.search(str(error))
            self._answer(500, str(error).encode(), {"X-ClickHouse-Exception-Code": code[1] if code else "1002"})
        else:
            self._answer(200, answer, headers)

    def _body(self) -> Iterator[bytes]:
        if self.headers.get("Transfer-Encoding") != "chunked":
            yield self.rfile.read(int(self.headers.get("Content-Length", 0)))
            return
        while size := int(self.rfile.readline(), 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()

    def _answer(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "X-ClickHouse-Timezone": "UTC", "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Only what fails: the rest are thousands of lines."""

    def log_error(self, format: str, *args: Any) -> None:  # noqa: A002
        sys.stderr.write(f"{format % args}\n")


def opened(engine: str) -> Any:
    return chdb.connect(engine)  # type: ignore[no-untyped-call]


def executed(handle: Any, statement: bytes, address: Mapping[str, str]) -> tuple[bytes, dict[str, str]]:
    """The answer and its headers. The handle is the request's own, so its settings end with it."""
    if database := address.get("database"):
        handle.query(f"USE `{database}`", "TabSeparated")
    settings = {name: value for name, value in address.items() if _is_setting(name)}
    for name in sorted(settings, key=lambda name: name == "readonly"):  # behind that one nothing can be set
        handle.query(f"SET {name} = {_quoted(settings[name])}", "TabSeparated")
    parameters = {name.removeprefix("param_"): value for name, value in address.items() if name.startswith("param_")}
    insert = INSERT.match(statement)
    if insert is not None and insert.end() < len(statement):
        return _inserted(handle, insert, statement[insert.end() :])
    return _asked(handle, statement.decode(), parameters)


def _asked(handle: Any, sql: str, parameters: Mapping[str, str]) -> tuple[bytes, dict[str, str]]:
    """Where no format is asked for, a line of names tells an empty result from a statement that has none."""
    if FORMAT.search(sql):
        return handle.query(sql, "TabSeparated", params=parameters).bytes() or b"", {"X-ClickHouse-Format": "Native"}
    named = handle.query(sql, "TabSeparatedWithNames", params=parameters).bytes() or b""
    return named.partition(b"\n")[2], {"X-ClickHouse-Format": "TabSeparated"} if named else {}


def _inserted(handle: Any, insert: re.Match[bytes], rows: bytes) -> tuple[bytes, dict[str, str]]:
    """The engine takes data beside a statement from files only."""
    with tempfile.NamedTemporaryFile(suffix=".rows") as file:
        file.write(rows)
        file.flush()
        handle.query(f"{insert[1].decode()} FROM INFILE '{file.name}' FORMAT {insert[2].decode()}", "TabSeparated")
    return b"", {"X-ClickHouse-Summary": "{}"}


def _is_setting(name: str) -> bool:
    return name not in OF_THE_TRANSPORT and not name.startswith("param_")


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _unpacked(encoding: str | None, body: bytes) -> bytes:
    if encoding is None:
        return body
    if encoding != "lz4":
        raise NotImplementedError(encoding)
    unpacked: bytes = lz4.frame.decompress(body)
    return unpacked


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--folder", type=Path, required=True)
    options.add_argument("--port", type=int, required=True)
    given = options.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with open_embedded(given.folder) as engine:
        where = f"{engine.connection['path']}?{urlencode(engine.connection['chdb_options'])}"
        with closing(opened(where)), Front(given.port, where) as front:  # the first handle keeps the engine open
            front.serve_forever(poll_interval=0.1)


if __name__ == "__main__":
    main()
