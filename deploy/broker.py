"""The local Apache Kafka: one node, from the Maven artifacts in deploy/kafka/libs, with all it writes in one folder.

Comes in: a folder and a port (0 = any free). Goes out: a running broker and its address. A stopped or killed broker is
started again on the same folder with the same data.
"""

import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Self

from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError

LIBS = Path(__file__).parent / "kafka" / "libs"
READY_WITHIN_S = 60.0


class BrokerError(RuntimeError):
    """The broker cannot be started; the message says why and what to do."""


class LocalBroker:
    """A Kafka process of our own. `start` returns when it answers; `stop` when it has ended."""

    def __init__(self, folder: Path, port: int = 0, libs: Path = LIBS) -> None:
        self.folder = folder
        self.libs = libs
        self.port = port or free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        if self._process is None:
            raise BrokerError("the broker is not running")
        return self._process.pid

    def start(self) -> None:
        self._check()
        properties = self._configure()
        with (self.folder / "broker.log").open("ab") as log:
            self._process = subprocess.Popen(
                [*_java(self.libs), "-Xms256m", "-Xmx512m", "-XX:TieredStopAtLevel=1", "kafka.Kafka", str(properties)],
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._await_ready()

    def stop(self, within_s: float = 20.0) -> None:
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(within_s)
        except subprocess.TimeoutExpired:
            self.kill()
        self._process = None

    def kill(self) -> None:
        """As a power cut would: no clean shutdown."""
        if self._process is not None:
            os.kill(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def _check(self) -> None:
        if shutil.which("java") is None:
            raise BrokerError(
                "no java found: install Java 17 or later (Debian: apt-get install openjdk-17-jre-headless)"
            )
        if not any(self.libs.glob("kafka_*.jar")):
            raise BrokerError(f"no Kafka in {self.libs}: run `make setup`")
        if not _is_free(self.port):
            raise BrokerError(f"port {self.port} is taken: choose another with --kafka, or 0 for any free one")

    def _configure(self) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        properties = self.folder / "server.properties"
        properties.write_text(_properties(self.folder / "log", self.port, free_port()))
        if not (self.folder / "log" / "meta.properties").exists():
            self._format(properties)
        return properties

    def _format(self, properties: Path) -> None:
        tool = [*_java(self.libs), "kafka.tools.StorageTool"]
        identity = subprocess.run([*tool, "random-uuid"], check=True, capture_output=True, text=True).stdout.strip()
        made = subprocess.run(
            [*tool, "format", "-t", identity, "-c", str(properties), "--standalone"],
            check=False,
            capture_output=True,
            text=True,
        )
        if made.returncode:
            raise BrokerError(f"Kafka could not format {self.folder}: {made.stderr.strip() or made.stdout.strip()}")

    def _await_ready(self) -> None:
        deadline = time.monotonic() + READY_WITHIN_S
        while not is_ready(self.address):
            if self._process is None or self._process.poll() is not None:
                raise BrokerError(f"the broker ended while starting; see {self.folder / 'broker.log'}")
            if time.monotonic() > deadline:
                self.kill()
                raise BrokerError(
                    f"the broker did not answer within {READY_WITHIN_S:.0f} s; see {self.folder}/broker.log"
                )
            time.sleep(0.1)


def is_ready(address: str) -> bool:
    """Does a broker answer a metadata request there?"""
    host, _, port = address.rpartition(":")
    if _is_free(int(port), host):
        return False
    try:
        admin = KafkaAdminClient(bootstrap_servers=address, request_timeout_ms=3_000)
        admin.close()
    except (KafkaError, OSError, ValueError):
        return False
    return True


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _is_free(port: int, host: str = "127.0.0.1") -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((host, port)) != 0


def _java(libs: Path) -> list[str]:
    return ["java", "-cp", f"{libs}/*", f"-Dlog4j2.configurationFile={LIBS.parent / 'log4j2.properties'}"]


def _properties(log: Path, port: int, controller: int) -> str:
    return f"""process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
controller.quorum.bootstrap.servers=127.0.0.1:{controller}
log.dirs={log}
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
"""
