"""The book with a kernel behind it: cells run and can be changed, and strangers get nothing."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from axe_playwright_python.sync_playwright import Axe
from jupyter_server.serverapp import list_running_servers

from descent.exercises import load

ROOT = Path(__file__).parents[2]
LAB = "book/labs/momentum.html"
PATIENCE = 60_000
REFUSED = """window.refused = [];
document.addEventListener("securitypolicyviolation", (e) =>
  window.refused.push(`${e.effectiveDirective}: ${e.blockedURI} ${e.sample}`));"""


@dataclass
class Live:
    """A running server and what opens it."""

    url: str
    token: str
    info: dict

    def ask(self, path: str, method: str = "GET", **headers: str):
        """Send one request."""
        body = json.dumps({"name": "python3"}).encode() if method == "POST" else None
        request = Request(self.url + path, data=body, headers=headers, method=method)
        return urlopen(request, timeout=20)

    def status(self, path: str, method: str = "GET", **headers: str) -> int:
        """Return the status of an answer."""
        try:
            return self.ask(path, method, **headers).status
        except HTTPError as error:
            return error.code

    def kernels(self) -> list[dict]:
        """Return the kernels that run."""
        return json.load(self.ask("api/kernels", Authorization=f"token {self.token}"))


@pytest.fixture(scope="module")
def live(html_dir, tmp_path_factory) -> Iterator[Live]:
    """The server that `make live` starts, on a port of its own."""
    runtime = tmp_path_factory.mktemp("runtime")
    env = os.environ | {"JUPYTER_RUNTIME_DIR": str(runtime), "JUPYTER_TOKEN": secrets.token_hex(16)}
    command = [sys.executable, "-m", "descent.publish.live", "--no-browser", "--port=0"]
    with (runtime / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log)
    try:
        found: list[dict] = []
        for _ in range(600):
            found = list(list_running_servers(str(runtime)))
            if found or process.poll() is not None:
                break
            time.sleep(0.1)
        assert found, (runtime / "log").read_text()
        yield Live(found[0]["url"], env["JUPYTER_TOKEN"], found[0])
    finally:
        process.terminate()
        process.wait(timeout=30)


@pytest.fixture
def enter(live, visit):
    """Open a page with the token, under the policy of the book."""

    def go(path: str):
        query = f"descent/{path}?token={live.token}"
        seen = visit(query, base=live.url, bypass_csp=False, init=REFUSED)
        seen.page.locator(".live-bar button").first.wait_for(timeout=PATIENCE)
        return seen

    return go


def cell(page, number: int):
    """Return the cell with a number, from 1, among those that show code."""
    return page.locator("div.cell:has(.cell_input)").nth(number - 1)


def run(page, number: int) -> str:
    """Run a cell, wait for its end, and return what it printed."""
    one = cell(page, number)
    one.locator(".live-bar button").first.click()
    return ended(page, number)


def ended(page, number: int) -> str:
    """Wait until a cell has run, and return what it printed."""
    one = cell(page, number)
    words = one.locator(".live-bar [role=status]")
    words.filter(has_text="Done.").or_(words.filter(has_text="It ")).wait_for(timeout=PATIENCE)
    return "\n".join(one.locator(".live-output pre").all_text_contents()).strip()


def write(page, number: int, code: str) -> None:
    """Put other code into a cell."""
    editor = cell(page, number).locator("textarea")
    if editor.is_hidden():
        assert editor.input_value() == ""
        cell(page, number).get_by_role("button", name="Change").click()
    editor.fill(code)


def test_server_shows_nothing_without_the_token(live):
    for path in ("descent/index.html", f"descent/{LAB}", "descent/live.js"):
        with live.ask(path) as answer:
            assert "/login" in answer.url, "a stranger is asked for the token"
    assert live.status("api/kernels") == 403
    assert live.status("api/kernels", method="POST") == 403
    assert live.status("api/kernels", Authorization="token " + "0" * 32) == 403
    assert live.kernels() == []


def test_server_listens_on_the_loopback_address_alone(live):
    assert live.info["hostname"] == "127.0.0.1"
    assert live.url.startswith("http://127.0.0.1:")
    assert (
        live.status("api/status", Host="book.example", Authorization=f"token {live.token}") == 403
    )


def test_server_takes_no_order_from_another_site(live, enter):
    page = enter(LAB).page
    known = "; ".join(f"{c['name']}={c['value']}" for c in page.context.cookies())
    assert live.status("api/kernels", Cookie=known) == 200
    assert live.status("api/kernels", method="POST", Cookie=known) == 403, "no proof, no kernel"


def test_server_reads_no_file_outside_of_the_book(live):
    token = f"token {live.token}"
    for path in ("descent/../../Makefile", "descent/%2e%2e/%2e%2e/Makefile", "files/../Makefile"):
        assert live.status(path, Authorization=token) in (403, 404), path


def test_cell_runs_after_the_code_above_it_and_prints_what_is_stored(live, enter):
    seen = enter(LAB)
    stored = cell(seen.page, 2).locator(".cell_output pre").first.text_content().strip()
    assert run(seen.page, 2) == stored
    assert cell(seen.page, 1).locator("[role=status]").text_content() == "Done."
    assert len(live.kernels()) == 1, "one kernel for the page"
    assert run(seen.page, 2) == stored
    assert seen.page.evaluate("window.refused") == [] and seen.faults == []
    seen.page.goto("about:blank")
    for _ in range(100):
        if not live.kernels():
            break
        time.sleep(0.1)
    assert live.kernels() == [], "it ends with the visit"


def test_code_can_be_changed_stopped_and_may_fail(enter):
    page = enter(LAB).page
    write(page, 1, "import sys\nprint(6 * 7)\nprint('a', end='\\rbc')\nprint('d', file=sys.stderr)")
    cell(page, 1).locator("textarea").press("Shift+Enter")
    assert sorted(ended(page, 1).split()) == ["42", "bc", "d"]
    write(page, 1, "1 / 0")
    assert "ZeroDivisionError" in run(page, 1)
    assert "error" in cell(page, 1).locator("[role=status]").text_content()
    assert run(page, 2) == "", "what stands on failed code does not run"
    assert "code above" in cell(page, 2).locator("[role=status]").text_content()
    write(page, 1, "print('on')\nwhile True: pass")
    cell(page, 1).locator(".live-bar button").first.click()
    cell(page, 1).locator(".live-output", has_text="on").wait_for(timeout=PATIENCE)
    cell(page, 1).locator(".live-bar button").first.click()
    assert "KeyboardInterrupt" in ended(page, 1)
    write(page, 1, "import os\nos._exit(1)")
    assert run(page, 1) == ""
    assert "did not run" in cell(page, 1).locator("[role=status]").text_content()
    write(page, 1, "from IPython.display import HTML\nHTML('<b>new</b>')")
    run(page, 1)
    assert cell(page, 1).locator(".live-output b").text_content() == "new", "a new kernel"
    stored = cell(page, 1).locator("pre").first.text_content()
    cell(page, 1).get_by_role("button", name="Restore").click()
    assert cell(page, 1).locator(".cell_input").inner_text().split() == stored.split()


def test_exercise_is_checked_on_the_page_and_its_pass_is_kept(enter):
    exercise = next(e for e in load("momentum") if not e.question and not e.given)
    page = enter("book/exercises/momentum.html").page
    numbered = [c.text_content() for c in page.locator("div.cell .cell_input pre").all()]
    stub = next(i for i, text in enumerate(numbered, 1) if text.strip() == exercise.stub.strip())
    assert exercise.pass_code not in run(page, stub + 1), "the stub does not pass"
    write(page, stub, exercise.solution)
    assert exercise.pass_code in run(page, stub + 1)
    kept = json.loads(page.evaluate("localStorage.getItem('descent.progress')"))
    assert exercise.id in kept["passed"]


def test_cells_that_run_are_accessible(visit, live):
    seen = visit(f"descent/{LAB}?token={live.token}", base=live.url)  # Axe is a script of the test.
    run(seen.page, 2)
    found = Axe().run(seen.page, context={"include": [[".cell"]]}).response["violations"]
    assert [(f["id"], n["target"], n["failureSummary"]) for f in found for n in f["nodes"]] == []


def test_static_pages_know_nothing_of_a_kernel(html_dir):
    for page in html_dir.rglob("*.html"):
        text = page.read_text("utf-8")
        assert "live.js" not in text and "live-bar" not in text, page
