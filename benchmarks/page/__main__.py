"""Weight and speed of the built book, on the phone and on the desktop.

Every kind of page is measured on its heaviest page. `benchmarks/results/page.json` keeps one record
per label, and `benchmarks/results/page.md` shows them side by side.

Run: make book && .venv/bin/python benchmarks/page [--quick] [--label after] [--no-lighthouse]
                                                   [--every-slider]
"""

import argparse
import os
import sys
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import lighthouse
import table
import visits
from hosts import HOSTS, serving
from playwright.sync_api import Browser, sync_playwright

from descent.publish.browser import FLAGS, MISSING, find_chromium

BOOK = Path(__file__).parents[2] / "_build" / "html"
KINDS = {
    "index": "book/index.html",
    "chapter": "book/chapters/*.html",
    "lab": "book/labs/*.html",
    "exercises": "book/exercises/*.html",
    "ledger": "book/ledger.html",
    "glossary": "book/glossary.html",
    "search": "search.html",
}
SLOWEST = 5  # Figures that the record names.


def heaviest(book: Path, pattern: str) -> str:
    """Name the largest page that matches a pattern."""
    pages = sorted(book.glob(pattern), key=lambda page: page.stat().st_size)
    if not pages:
        sys.exit(f"{book}/{pattern} does not exist: run `make book` first")
    return pages[-1].relative_to(book).as_posix()


def figures(browser: Browser, address: str) -> list[str]:
    """List the figures of a page by their ids."""
    with visits.opened(browser, visits.DESKTOP) as (page, _):
        page.goto(address)
        return page.eval_on_selector_all(".descent-figure", "all => all.map(f => f.id)")


def visit(browser: Browser, hosts: dict[str, str], path: str, repeats: int) -> dict[str, Any]:
    """Measure one page from both hosts."""
    row: dict[str, Any] = {"page": path}
    for host, base in hosts.items():
        rounds = [visits.milestones(browser, base + path) for _ in range(repeats)]
        middle = {key: median(r[key] for r in rounds) for key in rounds[0]}
        row[host] = visits.weigh(browser, base + path) | middle
    found = figures(browser, hosts["compressed"] + path)
    row["figures"] = len(found)
    if found:
        row |= liveness(browser, hosts, path, found[0], repeats)
    return row


def liveness(
    browser: Browser, hosts: dict[str, str], path: str, figure: str, repeats: int
) -> dict[str, Any]:
    """Measure how soon the first figure lives, and how fast its slider is."""
    live = {
        host: median(visits.first_live(browser, base + path, figure) for _ in range(repeats))
        for host, base in hosts.items()
    }
    return {"live_ms": live, "slider": sliders(browser, [hosts["compressed"] + path])}


def sliders(browser: Browser, addresses: list[str]) -> dict[str, dict[str, Any]]:
    """Sum up the frames of every slider of some pages, for each device, and name the slowest."""
    found: dict[str, dict[str, Any]] = {}
    for device, window in {"desktop": visits.DESKTOP, "phone": visits.PHONE}.items():
        times: dict[str, list[float]] = {}
        for address in addresses:
            dragged = visits.drag(browser, address, window)
            times |= {f"{address.rpartition('/')[2]}#{name}": ms for name, ms in dragged.items()}
        p95 = {name: visits.summary(ms)["p95_ms"] for name, ms in times.items()}
        slowest = sorted(p95, key=p95.__getitem__, reverse=True)[:SLOWEST]
        found[device] = visits.summary([ms for dragged in times.values() for ms in dragged])
        found[device] |= {"figures": len(times), "slowest": {name: p95[name] for name in slowest}}
    return found


def measure(
    book: Path, repeats: int, chromium: str, program: Path | None, *, every: bool
) -> dict[str, Any]:
    """Measure every kind of page."""
    rows = {}
    with ExitStack() as stack:
        hosts = {host: stack.enter_context(serving(book, host)) for host in HOSTS}
        playwright = stack.enter_context(sync_playwright())
        for kind, pattern in KINDS.items():
            path = heaviest(book, pattern)
            browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
            rows[kind] = visit(browser, hosts, path, repeats)
            browser.close()
            if program is not None:
                address = hosts["compressed"] + path
                reports = [lighthouse.report(program, chromium, address) for _ in range(repeats)]
                rows[kind]["lighthouse"] = lighthouse.scores(reports)
            print(table.line(kind, rows[kind]), flush=True)
        if every:
            pages = sorted(book.glob(KINDS["chapter"]))
            browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
            places = [hosts["compressed"] + page.relative_to(book).as_posix() for page in pages]
            rows["chapter"]["every slider"] = sliders(browser, places)
            browser.close()
    return rows


def main() -> None:
    """Measure, keep the record, and write the table anew."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="each timing once, not three times")
    parser.add_argument("--label", default="after", help="under which name the record is kept")
    parser.add_argument("--book", type=Path, default=BOOK, help="folder of a built book")
    parser.add_argument("--no-lighthouse", action="store_true")
    parser.add_argument("--every-slider", action="store_true", help="drag those of all chapters")
    options = parser.parse_args()
    chromium = find_chromium()
    if chromium is None:
        sys.exit(MISSING)
    program = None if options.no_lighthouse else lighthouse.install()
    repeats = 1 if options.quick else 3
    print(table.HEAD)
    load = os.getloadavg()[0]
    rows = measure(options.book, repeats, chromium, program, every=options.every_slider)
    table.keep(options.label, rows, {"repeats": repeats, "load_before": round(load, 2)})


if __name__ == "__main__":
    main()
