"""The records of the page benchmark, as JSON and as a table to read."""

import json
import os
import platform
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parents[1] / "results"
COLUMNS = {
    "page": "kind",
    "KB first / read": "kilobytes on the wire until the page is quiet / once read to its end",
    "plain KB": "the second number from a host that does not compress",
    "LCP": "largest contentful paint, seconds, phone (and from the host that does not compress)",
    "CLS": "cumulative layout shift, phone",
    "TBT": "total blocking time, milliseconds, phone",
    "live": "link to the first figure until it is alive, seconds, phone",
    "slider": "input to painted frame, p50 / p95 in milliseconds, each figure of the page, desktop",
    "slider, phone": "the same on the phone",
    "Lighthouse": "performance / accessibility / best practices",
}
DEVICES = ("desktop", "phone")
HEAD = "| " + " | ".join(COLUMNS) + " |\n|" + "---|" * len(COLUMNS)


def line(kind: str, row: dict[str, Any]) -> str:
    """Write one row of the table."""
    light, plain = row["compressed"], row["plain"]
    cells = [
        kind,
        f"{light['kb_first']:.0f} / {light['kb_read']:.0f}",
        f"{plain['kb_read']:.0f}",
        f"{light['lcp_ms'] / 1e3:.2f} ({plain['lcp_ms'] / 1e3:.2f})",
        f"{light['cls']:.3f}",
        f"{light['tbt_ms']:.0f}",
        *_figure_cells(row),
    ]
    found = row.get("lighthouse")
    names = ("performance", "accessibility", "best-practices")
    cells.append(" / ".join(str(found[name]) for name in names) if found else "–")
    return "| " + " | ".join(cells) + " |"


def _figure_cells(row: dict[str, Any]) -> list[str]:
    if "slider" not in row:
        return ["–"] * 3
    live = row["live_ms"]
    return [
        f"{live['compressed'] / 1e3:.2f} ({live['plain'] / 1e3:.2f})",
        *_slider_cells(row["slider"]),
    ]


def _slider_cells(sliders: dict[str, dict[str, Any]]) -> list[str]:
    return [f"{s['p50_ms']:.0f} / {s['p95_ms']:.0f}" for s in map(sliders.get, DEVICES) if s]


def keep(label: str, rows: dict[str, Any], setting: dict[str, Any]) -> None:
    """Add a record to the log and write the table anew.

    Args:
        label: Name of the record; one of the same name is replaced.
        rows: Kind of page to measurements.
        setting: How they were taken.
    """
    path = RESULTS / "page.json"
    log = json.loads(path.read_text("utf-8")) if path.exists() else {}
    machine = {"system": platform.system(), "cores": os.cpu_count()}
    log[label] = {"machine": machine | setting, "rows": rows}
    text = json.dumps(log, indent=1, default=float)
    path.write_text(text + "\n", "utf-8")
    (RESULTS / "page.md").write_text(_page(log), "utf-8")


def _page(log: dict[str, Any]) -> str:
    parts = [
        "# Weight and speed of the pages\n",
        "Written by `benchmarks/page`. The phone: 1.6 Mbit/s, 150 ms, processor slowed down 4 times"
        ", 390 pixels wide. In parentheses: from a host that does not compress.\n",
        *(f"- **{name}**: {meaning}" for name, meaning in list(COLUMNS.items())[1:]),
    ]
    for label, record in log.items():
        how = record["machine"]
        parts.append(
            f"\n## {label.capitalize()}\n\nMedians of {how['repeats']}; load of the {how['cores']} "
            f"cores at the start: {how['load_before']}.\n\n{HEAD}"
        )
        parts += [line(kind, row) for kind, row in record["rows"].items()]
        if every := record["rows"]["chapter"].get("every slider"):
            desktop, phone = _slider_cells(every)
            count = every["desktop"]["figures"]
            slowest = (f"{name} {ms:.0f}" for name, ms in every["phone"]["slowest"].items())
            parts.append(
                f"\nSliders of all {count} figures: desktop {desktop}, phone {phone} ms. "
                f"The slowest on the phone (p95): {', '.join(slowest)} ms."
            )
        if note := how.get("note"):
            parts.append(f"\n{note}")
    return "\n".join(parts) + "\n"
