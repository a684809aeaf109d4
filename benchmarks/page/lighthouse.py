"""Lighthouse, installed once beside the book's other caches and run on one address."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from statistics import median
from typing import Any

HERE = Path(__file__).parent
FOLDER = HERE.parents[1] / ".descent_cache" / "lighthouse"
CATEGORIES = ("performance", "accessibility", "best-practices")
FLAGS = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run"


def install() -> Path:
    """Install the pinned version where it is missing.

    Returns:
        Its command-line program.

    Raises:
        FileNotFoundError: If there is no npm.
    """
    program = FOLDER / "node_modules" / "lighthouse" / "cli" / "index.js"
    names = ("package.json", "package-lock.json")
    same = all(
        (FOLDER / n).is_file() and (FOLDER / n).read_bytes() == (HERE / n).read_bytes()
        for n in names
    )
    if same and program.is_file():
        return program
    npm = shutil.which("npm")
    if npm is None:
        raise FileNotFoundError("Lighthouse needs node and npm; without them: --no-lighthouse")
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in names:
        shutil.copy(HERE / name, FOLDER / name)
    print("Installing Lighthouse (once) ...", flush=True)
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
    subprocess.run([npm, "ci", *quiet], cwd=FOLDER, check=True)
    return program


def report(program: Path, chromium: str, address: str) -> dict[str, Any]:
    """Run Lighthouse once, with its own default of a slow phone.

    Args:
        program: What `install` returned.
        chromium: Path of the browser.
        address: Of the page.

    Returns:
        Its report.
    """
    only = f"--only-categories={','.join(CATEGORIES)}"
    command = ["node", str(program), address, "--output=json", "--quiet", only]
    run = subprocess.run(
        [*command, f"--chrome-flags={FLAGS}"],
        env={**os.environ, "CHROME_PATH": chromium},
        capture_output=True,
        check=True,
    )
    return json.loads(run.stdout)


def scores(reports: list[dict[str, Any]]) -> dict[str, Any]:
    """Sum up several reports on one page.

    Args:
        reports: What `report` returned.

    Returns:
        Median score of each category from 0 to 100, and every audit that failed in a category
        that must be perfect.
    """
    found: dict[str, Any] = {
        name: round(100 * median(r["categories"][name]["score"] for r in reports))
        for name in CATEGORIES
    }
    found["failed"] = sorted(
        {
            ref["id"]
            for r in reports
            for name in CATEGORIES[1:]
            for ref in r["categories"][name]["auditRefs"]
            if ref["weight"] and r["audits"][ref["id"]]["score"] not in {None, 1}
        }
    )
    return found
