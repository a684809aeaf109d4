"""One palette for the live figures and their printed frames, in a light and a dark theme."""

Theme = dict[str, str]

# Hues follow Okabe and Ito (2008); lightness is moved so that every stroke keeps a contrast of at
# least 3 : 1 on its ground. Dash and marker repeat what the color says.
LIGHT: Theme = {
    "ground": "#ffffff",
    "ink": "#1c2430",
    "muted": "#56616e",
    "grid": "#e3e7ec",
    "edge": "#cfd6de",
    "accent": "#0963bf",
    "c0": "#0963bf",
    "c1": "#c84a00",
    "c2": "#007f5a",
    "c3": "#9b5595",
    "c4": "#323744",
    "low": "#cfe3f4",
    "high": "#fbfcfe",
    "below": "#2a6fb0",
    "middle": "#f6f6f4",
    "above": "#c65d12",
}
DARK: Theme = {
    "ground": "#171b21",
    "ink": "#e9edf2",
    "muted": "#a9b4c0",
    "grid": "#2b323b",
    "edge": "#3a434e",
    "accent": "#7ca6ff",
    "c0": "#7ca6ff",
    "c1": "#ff923e",
    "c2": "#43b98a",
    "c3": "#d0aee4",
    "c4": "#dde5e3",
    "low": "#22435f",
    "high": "#1a1f26",
    "below": "#58aef0",
    "middle": "#22272e",
    "above": "#ff9142",
}
THEMES: dict[str, Theme] = {"light": LIGHT, "dark": DARK}

COLORS = 5
DASHES: tuple[tuple[int, ...], ...] = ((), (7, 4), (9, 3, 2, 3), (2, 3), (12, 4))
MARKERS = ("circle", "square", "triangle", "diamond", "cross")

# Stops of viridis (Smith and van der Walt, 2015, public domain) for magnitudes without a middle.
SEQUENTIAL = (
    "#440154",
    "#472d7b",
    "#3b528b",
    "#2c728e",
    "#21918c",
    "#28ae80",
    "#5ec962",
    "#addc30",
    "#fde725",
)


def ramp(kind: str, theme: Theme) -> tuple[str, ...]:
    """Return the color stops of a heat map or of filled contours.

    Args:
        kind: "sequential", "diverging" (the middle is the middle of the range) or "tint" (pale, for
            grounds under paths).
        theme: One of `THEMES`.

    Returns:
        Colors from low to high.

    >>> ramp("diverging", LIGHT)
    ('#2a6fb0', '#f6f6f4', '#c65d12')
    """
    kinds = {
        "sequential": SEQUENTIAL,
        "diverging": (theme["below"], theme["middle"], theme["above"]),
        "tint": (theme["low"], theme["high"]),
    }
    if kind not in kinds:
        raise ValueError(f"ramp is {kind!r}; it must be one of {', '.join(kinds)}")
    return kinds[kind]


def css_variables() -> str:
    """Return both themes as custom properties, for pages, JupyterLab and VS Code."""

    def block(selector: str, theme: Theme) -> str:
        body = "".join(f"--dx-{name}:{color};" for name, color in theme.items())
        return f"{selector}{{{body}}}\n"

    dark = ("html[data-theme=dark]", "body[data-jp-theme-light=false]", "body.vscode-dark")
    selector = ",".join(f"{where} .descent-figure" for where in dark)
    # A page that names no theme follows the reader's system; JupyterLab always names one.
    system = "html:not([data-theme]) body:not([data-jp-theme-light]) .descent-figure"
    quiet = f"@media screen and (prefers-color-scheme:dark){{{block(system, DARK)}}}\n"
    chosen = f"@media screen{{{block(selector, DARK)}}}\n"
    return block(".descent-figure", LIGHT) + quiet + chosen  # Paper is always light.
