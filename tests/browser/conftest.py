"""The page in a real browser, over the office of office.py, each test in its look; the clock stands at the office's.

A page that says anything on the console, fails or asks another machine fails its test. Without Chromium these tests
are skipped on a person's machine, and fail in CI.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.hands import Hand
from tests.browser.looks import LOOKS, Look, Words, in_turn

HERE = Path(__file__).parent
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SERVED_WITHIN_S = 240.0
CHART = "/?org=orbita"
PASSWORD = "of the office"
PATIENCE_MS = 30_000
expect.set_options(timeout=PATIENCE_MS)
CLOCK = "2026-04-14T09:41:00Z"
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
FILE_APART = 5
"""With this all eight looks are about as frequent in an ordinary run."""

Opening = Callable[..., Page]
Contexts = Callable[[Look, str | None], BrowserContext]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--every-look", action="store_true", help="the page in each language, scheme and size: eight times"
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "looks(*possible, why, count=1): in which looks of the page a test makes sense")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "look" in metafunc.fixturenames:
        metafunc.parametrize("look", _possible(metafunc.definition), ids=str)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--every-look"):
        items[:] = [item for item in items if not isinstance(item, pytest.Function) or _has_its_look(item)]


def _possible(item: pytest.Item) -> tuple[Look, ...]:
    mark = item.get_closest_marker("looks")
    return mark.args if mark and mark.args else LOOKS


def _has_its_look(item: pytest.Function) -> bool:
    if "look" not in item.fixturenames:
        return True
    mark = item.get_closest_marker("looks")
    count = mark.kwargs.get("count", 1) if mark else 1
    return item.callspec.params["look"] in in_turn(_possible(item), _place(item), count)


def _place(item: pytest.Function) -> int:
    """Of its file, its function in it and its case: the same whatever else is run. Files begin with different looks."""
    file = sorted(HERE.glob("test_*.py")).index(item.path)
    function = [name for name in vars(item.module) if name.startswith("test_")].index(item.originalname)
    cases = [list(mark.args[1]).index(item.callspec.params[mark.args[0]]) for mark in item.iter_markers("parametrize")]
    return FILE_APART * file + function + sum(cases)


@pytest.fixture
def hand(look: Look) -> Hand:
    return Hand(look)


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Its address."""
    with office_in(tmp_path_factory.mktemp("office")) as address:
        yield address


@contextmanager
def office_in(folder: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, str(HERE / "office.py"), str(folder / "store"), str(port)], stdout=output, stderr=output
        )
    try:
        _until_served(f"http://127.0.0.1:{port}", process, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


def _until_served(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + SERVED_WITHIN_S
    while True:
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        try:
            httpx.get(f"{address}/healthz")
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return


@pytest.fixture(scope="session")
def api(office: str) -> Callable[..., Any]:
    """What the API answers to a program of this machine, which sees all."""

    def ask(path: str, **parameters: Any) -> Any:
        headers = {"Authorization": "Bearer a token"}
        answer = httpx.get(f"{office}/api/v1/{path}", params=parameters, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return ask


def environment() -> dict[str, str | float | bool]:
    """Without the temporary folder of a store that this process has opened: its path is too long for a socket."""
    return {name: value for name, value in os.environ.items() if name != "TMPDIR"}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Of one module: as long as it is open this thread has a running loop, beside which others could have none."""
    if CHROMIUM is None and "CI" not in os.environ:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"], env=environment())


@pytest.fixture(scope="module")
def contexts(browser: Browser, office: str) -> Contexts:
    """One for each kind of person, signed in once: a browser that has been here before."""

    @cache
    def context(look: Look, user: str | None) -> BrowserContext:
        made = browser.new_context(
            viewport=PHONE if look.phone else DESKTOP,  # type: ignore[arg-type]
            has_touch=look.phone,
            is_mobile=look.phone,
            locale=look.locale,
            timezone_id=look.zone,
            color_scheme=look.scheme,
            accept_downloads=True,
        )
        made.set_default_timeout(PATIENCE_MS)
        if user is not None:
            given = {"name": user, "password": PASSWORD}
            assert made.request.post(f"{office}/api/v1/session", data=given).ok
        return made

    return context


@pytest.fixture(scope="module")
def dictionaries(browser: Browser, office: str) -> Any:
    """The page's own, by language."""
    page = browser.new_page()
    page.goto(f"{office}/sign-in")
    found = page.evaluate("async () => (await import('/static/js/i18n.js')).WORDS")
    page.close()
    return found


@pytest.fixture
def words(dictionaries: Any, look: Look) -> Words:
    return Words(dictionaries[look.language])


@pytest.fixture
def labels(api: Callable[..., Any], look: Look) -> dict[str, str]:
    """What the metrics are called."""
    return {metric["name"]: metric["label"][look.language] for metric in api("metrics")["metrics"]}


@pytest.fixture
def said() -> list[str]:
    """What a page has said that it should not have; a test that expects something clears it."""
    return []


@pytest.fixture
def opened(contexts: Contexts, look: Look, office: str, said: list[str]) -> Iterator[Opening]:
    pages = []

    def page(path: str = CHART, *, user: str | None = "provider") -> Page:
        page = contexts(look, user).new_page()
        pages.append(page)
        page.clock.set_fixed_time(CLOCK)
        page.on("console", lambda message: said.append(f"console {message.type}: {message.text}"))
        page.on("pageerror", lambda error: said.append(f"error: {error}"))
        page.on("request", lambda asked: said.append(f"asked {asked.url}") if not _own(asked.url, office) else None)
        page.goto(office + path)
        if user is not None:
            page.wait_for_selector(f"html[data-opened][lang={look.language}] main[aria-busy=false]")
        return page

    yield page
    for each in pages:
        each.evaluate("() => localStorage.clear()")
        each.close()
    assert said == []


def _own(url: str, office: str) -> bool:
    return url.startswith((office, "data:", "blob:"))
