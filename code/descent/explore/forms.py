"""The markup of what a reader operates: sliders, buttons, and the form of a guess."""

from collections.abc import Mapping
from html import escape
from typing import Any

from descent.explore.controls import Slider

# JupyterLab leaves the keys to an element with this attribute.
KEYS = "data-lm-suppress-shortcuts"


def slider(control: Slider, value: float) -> str:
    """Write one slider; its steps are the allowed values.

    Args:
        control: The slider.
        value: Its setting.

    Returns:
        A `label` element.
    """
    distances = [abs(v - value) for v in control.values]
    index = distances.index(min(distances))
    text, label = escape(control.text(value)), escape(control.label)
    return (
        f'<label class="dx-slider"><span>{label}</span>'
        f'<output data-of="{control.name}">{text}</output>'
        f'<input type="range" {KEYS} min="0" max="{len(control.values) - 1}" step="1" '
        f'value="{index}" data-control="{control.name}" data-value="{value}" '
        f'aria-label="{escape(control.label, quote=True)}" '
        f'aria-valuetext="{escape(text, quote=True)}" disabled></label>'
    )


def buttons(spec: Mapping[str, Any]) -> str:
    """Write the buttons; what concerns time only where time matters.

    Args:
        spec: What the page knows of the figure.

    Returns:
        A `div` element.
    """
    known = {"play": "▶ Play", "forward": "Step", "reset": "Reset", "pin": "Pin"}
    if not spec["timed"]:
        del known["play"], known["forward"]
    shown = "".join(
        f'<button type="button" {KEYS} data-action="{action}"'
        f"{_ROLES.get(action, '')} disabled>{text}</button>"
        for action, text in {**known, "share": "Copy link"}.items()
    )
    return f'<div class="dx-buttons">{shown}{_time(spec) if spec["timed"] else ""}</div>'


_ROLES = {
    "pin": ' aria-pressed="false" title="Keep what is drawn, to compare other settings with it"',
    "share": ' title="Copy the address of this page with the present settings"',
}


def _time(spec: Mapping[str, Any]) -> str:
    """Write the slider of the time that is shown."""
    last, clock = spec["steps"], escape(spec["clock"], quote=True)
    end = spec["times"][-1] if spec["times"] else last
    return (
        f'<label class="dx-slider dx-time"><span>{clock}</span>'
        f'<output class="dx-clock">{end:g} of {end:g}</output>'
        f'<input type="range" {KEYS} min="0" max="{last}" step="1" value="{last}" data-time '
        f'aria-label="{clock}" aria-valuetext="{end:g} of {end:g}" disabled></label>'
    )


def guess_form(spec: Mapping[str, Any], question: str) -> str:
    """Write the form in which a reader guesses before the answer is shown.

    Args:
        spec: What the page knows of the figure.
        question: What is asked.

    Returns:
        A `form` element.
    """
    item = next(r for r in spec["readout"] if r["name"] == spec["guess"]["name"])
    if words := item.get("words"):
        name = "guess-" + escape(spec["id"].replace("/", "-"), quote=True)
        options = "".join(
            f'<label><input type="radio" name="{name}" value="{i}" disabled> {escape(word)}</label>'
            for i, word in enumerate(words)
        )
        field = f"<fieldset><legend>{escape(question)}</legend>{options}</fieldset>"
    else:
        unit = f" {escape(item['unit'])}" if item["unit"] else ""
        box = f'<input type="number" step="any" autocomplete="off" {KEYS} disabled>'
        field = f"<label>{escape(question)} {box}{unit}</label>"
    return (
        f'<form class="dx-guess" novalidate>{field} <button type="submit" disabled>Commit</button>'
        '<p class="dx-verdict" role="status"></p></form>'
    )
