"""The built book in a real browser: a loopback server, Chromium, and a record of each visit.

A test asks for `visit` and gets a page together with what the browser reported about it:

    def test_title(visit):
        seen = visit("book/index.html")
        assert seen.page.title() == "Descent"
        assert not seen.faults

Without a built book or a browser the tests are skipped with the reason, and fail where
DESCENT_REQUIRE_BROWSER is set.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, Response, sync_playwright

from descent.publish.browser import FLAGS, MISSING, find_chromium
from descent.publish.figures import place_figures
from descent.publish.serve import server
from sample_figures import written_page
from sample_panels import KINDS

ROOT = Path(__file__).parents[2]
HTML = ROOT / "_build" / "html"


@dataclass
class Visit:
    """One page and what the browser said while it was open."""

    page: Page
    base: str
    requests: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    responses: list[Response] = field(default_factory=list)
    opened: int = 0  # how many responses had come when the page was first quiet

    def listen(self) -> None:
        """Record requests, failed requests, console errors and exceptions."""
        self.page.on("request", self._requested)
        self.page.on("requestfailed", lambda r: self.faults.append(f"failed: {r.url} {r.failure}"))
        self.page.on("response", self._answered)
        self.page.on("console", self._logged)
        self.page.on("pageerror", lambda error: self.faults.append(f"exception: {error}"))

    def _requested(self, request: Request) -> None:
        self.requests.append(request.url)
        if not request.url.startswith((self.base, "data:", "blob:")):
            self.faults.append(f"leaves the host: {request.url}")

    def _answered(self, response: Response) -> None:
        self.responses.append(response)
        if response.status >= 400:
            self.faults.append(f"{response.status}: {response.url}")

    def _logged(self, message) -> None:
        if message.type in {"error", "warning"}:
            self.faults.append(f"console {message.type}: {message.text}")


def _unavailable(reason: str) -> None:
    if os.environ.get("DESCENT_REQUIRE_BROWSER"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def html_dir() -> Path:
    """Folder of the built book."""
    if not (HTML / "index.html").is_file():
        _unavailable("the book is not built: run `make book` first")
    return HTML


@pytest.fixture(scope="session")
def site(html_dir: Path) -> Iterator[str]:
    """Address of the book on a loopback server that compresses, as a host would."""
    with server(html_dir) as book:
        threading.Thread(target=book.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{book.server_port}/"
        book.shutdown()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium; DESCENT_CHROMIUM names another binary."""
    executable = find_chromium()
    if executable is None:
        _unavailable(MISSING)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
        yield chromium
        chromium.close()


Visitor = Callable[..., Visit]


@contextmanager
def _visitor(browser: Browser, site: str) -> Iterator[Visitor]:
    contexts = []

    def go(path, *, width=1280, height=900, base=site, until="load", init="", **options) -> Visit:
        size = {"width": width, "height": height}
        # Tests inject scripts of their own; test_policy.py visits the pages as a reader does.
        context = browser.new_context(**{"viewport": size, "bypass_csp": True, **options})
        contexts.append(context)
        seen = Visit(context.new_page(), base)
        seen.listen()
        seen.page.add_init_script(init)
        seen.page.goto(base + path, wait_until=until)
        return seen

    yield go
    for context in contexts:
        context.close()


@pytest.fixture
def visit(browser: Browser, site: str) -> Iterator[Visitor]:
    """Open a page of the book: `visit("book/index.html", width=390, color_scheme="dark")`.

    `base` replaces the server's address, for pages opened from disk; `until="networkidle"` waits
    until the page has been quiet for half a second; `init` is a script that runs before those of
    the page; every other keyword goes to the browser context. Each visit has its own storage: stay
    in it by navigating with `seen.page`.
    """
    with _visitor(browser, site) as go:
        yield go


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a page with one figure of every kind of panel."""
    outdir = tmp_path_factory.mktemp("samples")
    (outdir / "_static").mkdir()
    for script in ("descent-host.js", "study.js"):
        shutil.copy(ROOT / "book" / "_static" / script, outdir / "_static")
    page = outdir / "index.html"
    head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    head += '<link rel="icon" href="data:,"><title>Samples</title>'
    head += '<script defer src="_static/study.js"></script></head>'
    html = written_page(*(make() for make in KINDS.values())).replace("</head>", head)
    page.write_text("<!doctype html>" + place_figures(html, page, outdir), "utf-8")
    with server(outdir) as book:
        threading.Thread(target=book.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{book.server_port}/"
        book.shutdown()


@pytest.fixture(scope="session")
def open_samples(browser: Browser, samples: str) -> Callable:
    """A context that opens the page of samples and closes it at its end."""
    return lambda: _visitor(browser, samples)


@pytest.fixture
def visit_samples(open_samples: Callable) -> Iterator[Visitor]:
    """Open the page of samples: `visit_samples("index.html", width=390)`."""
    with open_samples() as go:
        yield go


@pytest.fixture(scope="session")
def look(browser: Browser, site: str) -> Iterator[Callable[..., Visit]]:
    """Open a page once for all the tests that only look at it: `look(path, width=390)`.

    Tests of one page run one after the other (see `pytest_collection_modifyitems`), and those that
    ask for the same visit share it: what they change they set back.
    """
    here, visits, stack = "", {}, ExitStack()

    def once(path: str, **options) -> Visit:
        nonlocal here
        if path != here:
            stack.close()
            visits.clear()
            here = path
        key = tuple(sorted(options.items()))
        if key not in visits:
            go = stack.enter_context(_visitor(browser, site))
            visits[key] = go(path, **{"until": "networkidle", **options})
            visits[key].opened = len(visits[key].responses)
        return visits[key]

    with stack:
        yield once
