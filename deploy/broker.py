"""The local Apache Kafka: one node, from the Maven artifacts in deploy/kafka/libs, with all it writes in one folder.

Comes in: a folder and a port (0 = any free). Goes out: a running broker and its address. A stopped or killed broker is
started again on the same folder with the same data.
"""

import base64
import shutil
import subprocess
import time
import uuid
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError

from deploy.ports import free_port, is_free

LIBS = Path(__file__).parent / "kafka" / "libs"
ARCHIVE = "classes.jsa"
"""Beside the jars: their classes as Java has read them once, so that a broker is there in half the time. Java goes
without one that is not of these jars in this place, or of another version of Java."""
FOLDER = "kafka"
"""Below the data folder: where a run has been, there is one."""
ANSWERS_WITHIN_MS = 3_000
READY_WITHIN_S = 60.0
ARCHIVED_WITHIN_S = 60.0
HEAP = ("-Xms256m", "-Xmx512m", "-XX:TieredStopAtLevel=1")
BRIEF = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
"""Of a program that is over before a better compiler or collector pays: half the processor time."""


class BrokerError(RuntimeError):
    """The broker cannot be started; the message says why and what to do."""


class LocalBroker:
    """A Kafka process of our own. `start` returns when it answers; `stop` when it has ended."""

    def __init__(self, folder: Path, port: int = 0, libs: Path = LIBS, options: tuple[str, ...] = ()) -> None:
        """`options` are Java's."""
        self.folder = folder
        self.libs = libs
        self._options = (*HEAP, *options)
        self.port = port or free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.folder / "broker.log"

    @property
    def pid(self) -> int:
        if self._process is None:
            raise BrokerError("the broker is not running")
        return self._process.pid

    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def prepare(self) -> list[str]:
        """Checks what is needed, formats the folder on first use, and returns the command that runs the broker."""
        self._check()
        properties = self._configure()
        return [*_java(self.libs), *self._options, "kafka.Kafka", str(properties)]

    def start(self, keep_open: tuple[int, ...] = ()) -> None:
        """`keep_open`: file descriptors that the broker holds for as long as it lives (a lock). It runs, or is gone:
        it has a session of its own, where a Ctrl-C does not reach it."""
        command = self.prepare()
        try:
            with self.log.open("ab") as log:
                self._process = subprocess.Popen(
                    command, stdout=log, stderr=log, start_new_session=True, pass_fds=keep_open
                )
            self._await_ready()
        except BaseException:
            self.kill()
            raise

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
            self._process.kill()
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
        if "," in str(self.folder):
            raise BrokerError(f"a comma in {self.folder} would make two folders of it for Kafka: choose another --data")
        if not is_free(self.port):
            raise BrokerError(f"port {self.port} is taken: choose another with --kafka, or 0 for any free one")

    def _configure(self) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        properties = self.folder / "server.properties"
        properties.write_text(_properties(self.folder / "log", self.port, free_port()), encoding="ascii")
        if not (self.folder / "log" / "meta.properties").exists():
            self._format(properties)
        return properties

    def _format(self, properties: Path) -> None:
        tool = [*_java(self.libs), *BRIEF, "kafka.tools.StorageTool"]
        made = subprocess.run(
            [*tool, "format", "-t", new_cluster_id(), "-c", str(properties), "--standalone"],
            check=False,
            capture_output=True,
            text=True,
        )
        if "UnsupportedClassVersionError" in made.stderr:
            raise BrokerError(
                "java is too old: Kafka needs Java 17 or later (Debian: apt-get install openjdk-17-jre-headless)"
            )
        if made.returncode:
            raise BrokerError(f"Kafka could not format {self.folder}: {made.stderr.strip() or made.stdout.strip()}")

    def _await_ready(self) -> None:
        deadline = time.monotonic() + READY_WITHIN_S
        while not is_ready(self.address):
            if not self.runs():
                raise BrokerError(f"the broker ended while starting; see {self.log}")
            if time.monotonic() > deadline:
                raise BrokerError(f"the broker did not answer within {READY_WITHIN_S:.0f} s; see {self.log}")
            time.sleep(0.1)


def archive_classes(libs: Path = LIBS) -> None:
    """Runs a broker once, which writes the archive when it ends."""
    archive = libs / ARCHIVE
    archive.unlink(missing_ok=True)
    with TemporaryDirectory() as folder:
        broker = LocalBroker(Path(folder), libs=libs, options=(f"-XX:ArchiveClassesAtExit={archive}",))
        broker.start()
        broker.stop(ARCHIVED_WITHIN_S)


def is_ready(address: str) -> bool:
    """Does a broker on this machine answer, and count itself among those that take topics? Cheap where none listens."""
    host, _, port = address.rpartition(":")
    return not is_free(int(port), host) and answers(address)


def answers(addresses: str) -> bool:
    """Does one of these brokers, `HOST:PORT,…`, know brokers that take topics?"""
    try:
        bounds = {"request_timeout_ms": ANSWERS_WITHIN_MS, "bootstrap_timeout_ms": ANSWERS_WITHIN_MS}
        admin = KafkaAdminClient(bootstrap_servers=addresses, **bounds)
        try:
            return bool(admin.describe_cluster()["brokers"])
        finally:
            admin.close()
    except (KafkaError, OSError, ValueError):
        return False


def cluster_id(of: uuid.UUID) -> str:
    """As Kafka writes them. One that began with "-" would be taken for an option: Kafka draws none, nor do we."""
    return base64.urlsafe_b64encode(of.bytes).decode().rstrip("=")


def new_cluster_id() -> str:
    return next(name for name in (cluster_id(uuid.uuid4()) for _ in iter(int, 1)) if not name.startswith("-"))


def _java(libs: Path) -> list[str]:
    """In UTF-8, whatever the settings of the terminal: else Java finds no folder whose name is not in ASCII."""
    archive = libs / ARCHIVE
    return [
        "env",
        "LC_ALL=C.UTF-8",
        "java",
        *([f"-XX:SharedArchiveFile={archive}"] if archive.exists() else []),
        "-cp",
        f"{libs}/*",
        f"-Dlog4j2.configurationFile={LIBS.parent / 'log4j2.properties'}",
    ]


def _escaped(path: Path) -> str:
    """As Java reads a file of properties: in Latin-1, all else by its UTF-16 units."""
    return "".join(c if " " < c <= "~" and c != "\\" else _by_units(c) for c in str(path))


def _by_units(character: str) -> str:
    units = memoryview(character.encode("utf-16-be"))
    return "".join(f"\\u{units[i : i + 2].hex()}" for i in range(0, len(units), 2))


def _properties(log: Path, port: int, controller: int) -> str:
    """The short broker session: a killed broker is let back in when its old session has ended (9 s by default)."""
    return f"""process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
controller.quorum.bootstrap.servers=127.0.0.1:{controller}
log.dirs={_escaped(log)}
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
offsets.retention.minutes=5256000
transactional.id.expiration.ms=2147483647
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=2000
"""
