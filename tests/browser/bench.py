"""How fast the page is in a real browser: `python -m tests.browser.bench [ROUNDS]`, by hand, prints medians.

Over the office of office.py on this machine: a fresh load until the chart is painted, five series over a year of hours
from their answer until they are painted, and a line hidden or shown from the click until that is painted.
"""

import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, sync_playwright

from tests.browser.conftest import CHROMIUM, CLOCK, DESKTOP, PASSWORD, office_in

YEAR = "/?org=orbita&m=calls,calls_answered,calls_missed,contacts,orders&step=hour&from=2025-04-01&to=2026-04-01"
PAINTED = """
Date.now = () => Date.parse('%CLOCK%');
window.painted = [];
new PerformanceObserver(list => {
  for (const { startTime } of list.getEntriesByName('drawn'))
    requestAnimationFrame(() => setTimeout(() => window.painted.push({ drawn: startTime, at: performance.now() })));
}).observe({ type: 'mark', buffered: true });
""".replace("%CLOCK%", CLOCK)
FIRST = "() => window.painted[0]?.at"
FROM_ANSWER = """() => {
  const { drawn, at } = window.painted[0];
  const answers = performance.getEntriesByType('resource').filter(one => one.name.includes('/timeseries?'));
  return at - Math.max(...answers.map(one => one.responseEnd).filter(end => end < drawn));
}"""
TOGGLED = """async () => {
  const before = window.painted.length;
  const began = performance.now();
  document.querySelector("[data-key='pill contacts']").click();
  while (window.painted.length === before) await new Promise(requestAnimationFrame);
  return window.painted.at(-1).at - began;
}"""


class Bench:
    """Beside each time the processor time of the page's own thread, which other work on the machine leaves alone."""

    def __init__(self, browser: Browser, office: str, rounds: int) -> None:
        self.browser, self.office, self.rounds = browser, office, rounds

    def signed_in(self) -> BrowserContext:
        """A browser that has never been here."""
        context = self.browser.new_context(viewport=DESKTOP)  # type: ignore[arg-type]
        context.request.post(f"{self.office}/api/v1/session", data={"name": "provider", "password": PASSWORD})
        context.add_init_script(PAINTED)
        return context

    def shown(self, context: BrowserContext, path: str) -> tuple[Page, CDPSession]:
        page = context.new_page()
        session = context.new_cdp_session(page)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        page.goto(self.office + path)
        page.wait_for_function(FIRST, timeout=120_000)
        return page, session

    def loads(self, path: str, read: str) -> Callable[[], tuple[float, float]]:
        def once() -> tuple[float, float]:
            context = self.signed_in()
            page, session = self.shown(context, path)
            found = float(page.evaluate(read)), busy_ms(session)
            context.close()
            return found

        return once

    def toggles(self, path: str) -> Callable[[], tuple[float, float]]:
        page, session = self.shown(self.signed_in(), path)
        page.wait_for_selector("html[data-opened]", timeout=120_000)

        def once() -> tuple[float, float]:
            before = busy_ms(session)
            return float(page.evaluate(TOGGLED)), busy_ms(session) - before

        return once

    def say(self, name: str, once: Callable[[], tuple[float, float]]) -> None:
        found = [once() for _ in range(self.rounds)]
        took, busy = ([one[part] for one in found] for part in (0, 1))
        sys.stdout.write(
            f"{name:40} median {statistics.median(took):6.0f} ms, best {min(took):6.0f}; "
            f"cpu median {statistics.median(busy):5.0f} ms, best {min(busy):5.0f}; of {self.rounds}\n"
        )


def busy_ms(session: CDPSession) -> float:
    metrics = session.send("Performance.getMetrics")["metrics"]
    return next(float(one["value"]) for one in metrics if one["name"] == "TaskDuration") * 1_000


def main(rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder, office_in(Path(folder)) as office, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        bench = Bench(browser, office, rounds)
        bench.say("fresh load, first chart painted", bench.loads("/?org=orbita", FIRST))
        bench.say("5 series x a year of hours, from answer", bench.loads(YEAR, FROM_ANSWER))
        bench.say("the same, a line hidden or shown", bench.toggles(YEAR))
        browser.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 9)
