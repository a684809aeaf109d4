"""The figure as a widget: alive in JupyterLab through anywidget, and in a page without a kernel."""

from collections.abc import Mapping, Sequence
from typing import Any

import anywidget
import numpy as np
import traitlets

from descent.explore import assets, describe, live, numbers, style
from descent.explore.controls import Control, Slider
from descent.explore.guess import Guess, without_hidden
from descent.explore.names import Field, Names, Series, look_up
from descent.explore.panels import Panel
from descent.explore.readouts import Readout
from descent.explore.signals import Signal
from descent.explore.skeleton import figure_html
from descent.explore.tables import Table, tables_data

MAX_SLIDERS = 3


class Explorer(anywidget.AnyWidget):
    """A figure whose reader moves sliders and points.

    Args:
        id: "<stem>/<name>", by which pages and tests find the figure.
        title: What the figure shows.
        question: What the reader can find out by dragging.
        controls: Sliders (at most 3) and points.
        signals: What is computed, in order.
        panels: What is drawn.
        readout: Numbers beneath the panels.
        caption: Text below, "" for none.
        play: A series over steps that play and step move through; None where time does not matter.
        clock: What a step is called.
        guess: A question that the reader answers before the figure shows the answer.

    Raises:
        ValueError: If there are too many sliders, or something asks for an unknown name, or binds
            a name twice.
    """

    _esm = traitlets.Unicode().tag(sync=True)
    _css = traitlets.Unicode().tag(sync=True)
    spec = traitlets.Dict().tag(sync=True)
    data = traitlets.Bytes().tag(sync=True)
    values = traitlets.Dict().tag(sync=True)
    html = traitlets.Unicode().tag(sync=True)
    stills = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        id: str,
        *,
        title: str,
        question: str,
        controls: Sequence[Control],
        signals: Sequence[Signal],
        panels: Sequence[Panel],
        readout: Sequence[Readout],
        caption: str = "",
        play: str | None = None,
        clock: str = "step",
        guess: Guess | None = None,
    ) -> None:
        self.controls, self.signals = tuple(controls), tuple(signals)
        self.panels, self.readout = tuple(panels), tuple(readout)
        self.guess = guess
        if sum(isinstance(c, Slider) for c in controls) > MAX_SLIDERS:
            raise ValueError(f"{id} has more than {MAX_SLIDERS} sliders")
        start = {c.name: c.start for c in self.controls}
        self.names = self._prepare(id, start)
        tables = [s for s in self.signals if isinstance(s, Table)]
        data, header = tables_data(tables)
        caption = f"{caption} {_rounding_text(tables)}".strip()
        head = {"id": id, "title": title, "question": question, "caption": caption}
        spec = {**head, **self._spec(play), "clock": clock, "data": header}
        spec |= {"guess": guess.spec()} if guess else {}
        functions = {k: v for i, s in enumerate(signals) for k, v in s.functions(f"f{i}").items()}
        super().__init__(
            spec=spec,
            data=data,
            values=start,
            html=self._html(spec, start),
            _esm=assets.module(functions),
            _css=assets.style_sheet(),
        )
        self.on_msg(self._answer)

    def _answer(self, _: Any, asked: dict[str, Any], buffers: Sequence[bytes]) -> None:
        """Answer a page that asks for settings between those of the tables."""
        if (found := live.answer(self.controls, self.signals, asked)) is not None:
            self.send(*found)

    def _prepare(self, id: str, start: Mapping[str, Any]) -> Names:
        """Trace every signal at the first frame, and check every name that is asked for."""
        names: Names = {k: v if np.ndim(v) == 0 else np.array(v) for k, v in start.items()}
        for signal in self.signals:
            signal.prepare(names)
            fresh: Names = dict(names)
            signal.evaluate(fresh)
            if twice := [k for k in names if fresh[k] is not names[k]]:
                raise ValueError(f"{id}: {', '.join(twice)} is bound twice")
            names = fresh
        for panel in self.panels:
            for mark in panel.marks:
                for name in mark.names:
                    look_up(names, name, f"{id}, panel {panel.title!r}")
        for item in self.readout:
            item.value(names)
        if self.guess and self.guess.name not in [r.name for r in self.readout]:
            raise ValueError(f"{id}: the guess {self.guess.name!r} is not in the readout")
        return names

    def _spec(self, play: str | None) -> dict[str, Any]:
        """Return the parts of the spec that are lists."""
        timed = look_up(self.names, play, "play") if play else None
        if play and not (isinstance(timed, Series) and timed.timed):
            raise ValueError(f"play is {play!r}, which is not a series over steps")
        colors = [k for k, v in style.LIGHT.items() if v.startswith("#")]
        look: dict[str, Any] = {"colors": colors, "sequential": list(style.SEQUENTIAL)}
        look |= {"dashes": [list(d) for d in style.DASHES], "markers": list(style.MARKERS)}
        return {
            "controls": [c.spec() for c in self.controls],
            "signals": [s.spec(f"f{i}") for i, s in enumerate(self.signals)],
            "panels": [p.spec() for p in self.panels],
            "readout": [r.spec() for r in self.readout],
            "timed": play,
            "steps": len(timed.at) - 1 if isinstance(timed, Series) else 0,
            "times": _times(timed),
            "look": look,
        }

    def _html(self, spec: Mapping[str, Any], start: Mapping[str, Any]) -> str:
        hidden = self.guess.hidden if self.guess else ()
        texts = ["?" if r.name in hidden else r.text(self.names) for r in self.readout]
        answers = [r.label + ": " + r.text(self.names) for r in self.readout if r.name in hidden]
        shown = f"Shown for {describe.settings_text(self.controls, start)}."
        return figure_html(
            spec,
            self.controls,
            start,
            texts=texts,
            alts=[describe.panel_text(p, self.names) for p in self._shown(spec)],
            settings=f"{shown} The answer is {'; '.join(answers)}." if answers else shown,
            question=self.guess.question if self.guess else "",
        )

    def _shown(self, spec: Mapping[str, Any]) -> list[dict[str, Any]]:
        return without_hidden(self.guess, self.panels, spec["panels"])

    def bindings(self, step: int | None = None, **settings: Any) -> Names:
        """Compute every name in Python.

        Args:
            step: Step that is shown; None for the last.
            **settings: Control to value; the others keep their present values.

        Returns:
            Name to number, vector, `Series` or `Field`.

        Raises:
            ValueError: If a setting is unknown or out of range.
        """
        known = {c.name: c for c in self.controls}
        if unknown := settings.keys() - known.keys():
            raise ValueError(f"{sorted(unknown)} are no controls; they are {', '.join(known)}")
        chosen = {**self.values, **settings}
        names: Names = {}
        for name, control in known.items():
            value = control.check(chosen[name])
            names[name] = value if isinstance(value, float) else np.array(value)
        time = None if step is None else self._time(step)
        for signal in self.signals:
            signal.evaluate(names, time)
        return names

    def _time(self, step: int) -> float:
        """Return the time of a step: its own number, unless the series says otherwise."""
        times = self.spec["times"]
        return float(times[step] if times else step)

    def evaluate(self, step: int | None = None, **settings: Any) -> dict[str, Any]:
        """Compute in Python what the page shows.

        Args:
            step: Step that is shown; None for the last.
            **settings: Control to value; the others keep their present values.

        Returns:
            "readout": label to number; "text": label to what is read; "signals": name to number or
            array.
        """
        names = self.bindings(step, **settings)
        arrays = {k: v.values if isinstance(v, Series | Field) else v for k, v in names.items()}
        return {
            "readout": {r.label: r.value(names) for r in self.readout},
            "text": {r.label: r.text(names) for r in self.readout},
            "signals": arrays,
        }

    @property
    def alt(self) -> str:
        """The text alternative, with the numbers of the first frame."""
        parts = [describe.panel_text(p, self.names) for p in self._shown(self.spec)]
        start = {c.name: c.start for c in self.controls}
        settings = describe.settings_text(self.controls, start)
        hidden = self.guess.hidden if self.guess else ()
        shown = [r for r in self.readout if r.name not in hidden]
        read = describe.readout_text(shown, self.names)
        return f"{self.spec['title']}. At {settings}: {read}. {' '.join(parts)}"

    def png(self, theme: str = "light", **settings: Any) -> bytes:
        """Draw the whole figure with matplotlib.

        Args:
            theme: "light" or "dark".
            **settings: As for `evaluate`.

        Returns:
            A PNG file, the same at every call.
        """
        from descent.plots import draw_figure

        return draw_figure(self.spec, self.bindings(**settings), theme, "png")

    def svg(self, theme: str = "light", **settings: Any) -> bytes:
        """Draw the whole figure with matplotlib.

        Args:
            theme: "light" or "dark".
            **settings: As for `evaluate`.

        Returns:
            An SVG file, the same at every call.
        """
        from descent.plots import draw_figure

        return draw_figure(self.spec, self.bindings(**settings), theme, "svg")

    def __repr__(self) -> str:
        """Return the text alternative."""
        return self.alt

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict, dict] | None:
        """Return the view, with the still pictures of the first frame in the widget's state."""
        from descent.plots import draw_panel_pictures

        if not self.stills:
            panels = [draw_panel_pictures(p, self.names) for p in self._shown(self.spec)]
            self.stills = {theme: [p[theme] for p in panels] for theme in style.THEMES}
        found = super()._repr_mimebundle_(**kwargs)
        if found is not None:
            found[0]["text/plain"] = self.alt
        return found


def _times(timed: Any) -> list[float] | None:
    """Return the time of each step, or None where it is the step's number."""
    if not isinstance(timed, Series) or np.array_equal(timed.at, np.arange(len(timed.at))):
        return None
    return timed.at.tolist()


def _rounding_text(tables: Sequence[Table]) -> str:
    """Say where the numbers come from and how far packing may have moved them."""
    if not tables:
        return ""
    percent = numbers.text(100 * max(t.rounding for t in tables), 1)
    return f"The sliders choose among stored results, rounded by at most {percent} %."
