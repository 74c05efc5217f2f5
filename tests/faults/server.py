"""The flow with its store in a server: two `pulse load` and a `pulse dashboard` as processes of their own.

The server is the one whose address PULSE_TEST_CLICKHOUSE names, in a database that is dropped afterwards; else our own
(`front.py`), which a fault may kill. The bounds of an insert are shortened, so that a round can wait beyond them.
"""

import os
import sys
from collections.abc import Mapping, Sized
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import httpx

from clickhouse.engine import connect
from deploy.ports import free_port
from tests.faults.positions import LOADER_STAGES
from tests.faults.processes import Program
from tests.faults.system import NotReady, System, await_answer, await_true

ADDRESS = os.environ.get("PULSE_TEST_CLICKHOUSE")
LOADERS = 2
INSERT_BY_S = 8
ANSWERS_WITHIN_S = 12
"""As long as a loader waits for the server's answer: longer than the deadline of an insert, as it is in production."""
SHORTENED = (
    "import clickhouse.engine, clickhouse.loader.run as loader, deploy.cli; "
    f"loader.INSERT_WITHIN_MS = {INSERT_BY_S}_000; clickhouse.engine.INSERT_WITHIN_S = {ANSWERS_WITHIN_S}; "
    "deploy.cli.main()"
)


class ServerSystem(System):
    """`front` is our own server; None where it is somebody else's."""

    front: Program | None = None

    def _store(self) -> tuple[list[Program], Program]:
        self.database = f"pulse_faults_{uuid4().hex[:8]}"
        self.url = ADDRESS or self._own_server()
        self.of_store = ("--clickhouse", self.url, "--database", self.database)
        loaders = [self._loader(number) for number in range(LOADERS)]
        return loaders, self._program("dashboard", "dashboard", "--http", str(self.http), *self.of_store)

    def _own_server(self) -> str:
        port = free_port()
        command = [sys.executable, str(Path(__file__).with_name("front.py"))]
        command += ["--folder", str(self.data / "server"), "--port", str(port)]
        self.front = Program("server", command, self.folder / "logs" / "server.log", self.ledger)
        self.supervisor.programs.append(self.front)
        return f"http://127.0.0.1:{port}"

    def _loader(self, number: int) -> Program:
        name = f"load-{number}"
        command = [sys.executable, "-c", SHORTENED, *self.command("load", *self.of_store)[1:]]
        loader = Program(name, command, self.folder / "logs" / f"{name}.log", self.ledger)
        self.supervisor.programs.append(loader)
        return loader

    def command(self, *arguments: str) -> list[str]:
        """One that has nothing to do with Kafka takes no address of it."""
        command = super().command(*arguments)
        return command[: command.index("--kafka")] if arguments[0] == "migrate" else command

    def __exit__(self, *exc: object) -> None:
        super().__exit__(*exc)
        if ADDRESS:
            with connect(ADDRESS) as engine, closing(engine.writer("default")) as client:
                client.command(f"DROP DATABASE IF EXISTS {self.database} SYNC")

    def start_server(self) -> None:
        """With a schema."""
        if self.front is not None and self.front.pid is None:
            self.front.start()
        self.await_server()
        self.must("migrate", *self.of_store)

    def await_server(self, within_s: float = 60.0) -> None:
        await_answer(f"{self.url.rstrip('/')}/ping", self.front or self.api, within_s)

    def start_store(self) -> None:
        if self.api.pid is None:
            self.start_server()
            self.api.start()
        self.scale_loaders(LOADERS)

    def scale_loaders(self, count: int) -> None:
        """Returns when each of so many has its share."""
        for loader in self.loaders[:count]:
            if loader.pid is None:
                loader.start()
        for loader in self.loaders[count:]:
            self.stop(loader)
        self.settle_loaders(count)

    def settle_loaders(self, count: int, within_s: float = 60.0) -> None:
        with closing(self.positions()) as positions:
            await_true(
                lambda: all(
                    self._shared(positions.owners(stage), positions.of(stage), count) for stage in LOADER_STAGES
                ),
                f"{count} loaders to share the partitions",
                within_s,
            )

    @staticmethod
    def _shared(owners: Mapping[str, Sized], partitions: Sized, count: int) -> bool:
        return len(owners) == count and sum(map(len, owners.values())) == len(partitions)

    def verify(self) -> tuple[int, str]:
        """And the dashboard, which reads the same store, is well."""
        found = super().verify()
        ready = httpx.get(f"http://127.0.0.1:{self.http}/readyz", timeout=15.0)
        if not ready.is_success:
            raise NotReady(f"the dashboard is not ready: {ready.text}")
        return found
