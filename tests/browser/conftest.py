"""The page in a real browser, over the office of office.py; its clock stands at the office's.

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

Opening = Callable[..., Page]
Contexts = Callable[[bool, str, Any, str | None], BrowserContext]


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
    def context(phone: bool, language: str, scheme: Any, user: str | None) -> BrowserContext:
        made = browser.new_context(
            viewport=PHONE if phone else DESKTOP,  # type: ignore[arg-type]
            has_touch=phone,
            locale=language,
            color_scheme=scheme,
            accept_downloads=True,
        )
        made.set_default_timeout(PATIENCE_MS)
        if user is not None:
            given = {"name": user, "password": PASSWORD}
            assert made.request.post(f"{office}/api/v1/session", data=given).ok
        return made

    return context


@pytest.fixture
def said() -> list[str]:
    """What a page has said that it should not have; a test that expects something clears it."""
    return []


@pytest.fixture
def opened(contexts: Contexts, office: str, said: list[str]) -> Iterator[Opening]:
    pages = []

    def page(
        path: str = CHART,
        *,
        phone: bool = False,
        language: str = "ru-RU",
        scheme: Any = "light",
        user: str | None = "provider",
    ) -> Page:
        page = contexts(phone, language, scheme, user).new_page()
        pages.append(page)
        page.clock.set_fixed_time(CLOCK)
        page.on("console", lambda message: said.append(f"console {message.type}: {message.text}"))
        page.on("pageerror", lambda error: said.append(f"error: {error}"))
        page.on("request", lambda asked: said.append(f"asked {asked.url}") if not _own(asked.url, office) else None)
        page.goto(office + path)
        if user is not None:
            page.wait_for_selector("html[data-opened] main[aria-busy=false]")
        return page

    yield page
    for each in pages:
        each.evaluate("() => localStorage.clear()")
        each.close()
    assert said == []


def _own(url: str, office: str) -> bool:
    return url.startswith((office, "data:", "blob:"))
