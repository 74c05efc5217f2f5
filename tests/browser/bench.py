"""How fast the page is in a real browser: `python tests/browser/bench.py [ROUNDS]`, by hand, prints medians.

Over the office of office.py on this machine: a fresh load until the chart is painted, five series over a year of hours
from their answer until they are painted, and a line hidden or shown from the click until that is painted.
"""

import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from conftest import CHROMIUM, CLOCK, DESKTOP, office_in
from playwright.sync_api import Browser, Page, sync_playwright

YEAR = "/?org=orbita&m=calls,calls_answered,calls_missed,contacts,orders&step=hour&from=2025-04-01&to=2026-04-01"
PAINTED = """
Date.now = () => Date.parse('%CLOCK%');
window.painted = [];
new PerformanceObserver(list => {
  for (const mark of list.getEntriesByName('drawn'))
    requestAnimationFrame(() => setTimeout(() => window.painted.push({ drawn: mark.startTime, at: performance.now() })));
}).observe({ type: 'mark', buffered: true });
""".replace("%CLOCK%", CLOCK)
FIRST = "() => window.painted[0]?.at"
FROM_ANSWER = """() => window.painted[0].at - Math.max(...performance.getEntriesByType('resource')
  .filter(one => one.name.includes('/timeseries?') && one.responseEnd < window.painted[0].drawn).map(one => one.responseEnd))"""
TOGGLED = """async () => {
  const before = window.painted.length;
  const began = performance.now();
  document.querySelector("[data-key='pill contacts']").click();
  while (window.painted.length === before) await new Promise(requestAnimationFrame);
  return window.painted.at(-1).at - began;
}"""


def fresh(browser: Browser, address: str) -> Page:
    page = browser.new_context(viewport=DESKTOP).new_page()  # type: ignore[arg-type]
    page.add_init_script(PAINTED)
    page.goto(address)
    page.wait_for_function(FIRST)
    return page


def median(of: Callable[[], float], rounds: int) -> str:
    found = sorted(of() for _ in range(rounds))
    return f"median {statistics.median(found):6.0f} ms, best {found[0]:6.0f} ms, worst {found[-1]:6.0f} ms of {rounds}"


def measured(browser: Browser, office: str, rounds: int) -> None:
    def load(path: str, read: str) -> float:
        page = fresh(browser, office + path)
        found = float(page.evaluate(read))
        page.context.close()
        return found

    print("fresh load, first chart painted       ", median(lambda: load("/?org=orbita", FIRST), rounds))
    print("5 series x a year of hours, from answer", median(lambda: load(YEAR, FROM_ANSWER), rounds))
    page = fresh(browser, office + YEAR)
    page.wait_for_load_state("networkidle")
    print("the same, a line toggled              ", median(lambda: float(page.evaluate(TOGGLED)), rounds))


def main(rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder, office_in(Path(folder)) as office, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        measured(browser, office, rounds)
        browser.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 9)
