"""How exactly the book's rules equal published implementations: the numbers of the table."""

import numpy as np

from descent.conformance import ALL, CALM, draw
from descent.experiments.cache import experiment


@experiment
def largest_deviation(name: str, draws: int = 4, steps: int = 200) -> dict[str, np.ndarray]:
    """Compare a rule with its counterpart at random settings.

    Args:
        name: A key of `descent.conformance.ALL`.
        draws: Number of settings, each with its own network and data.
        steps: Number of updates.

    Returns:
        `deviation`: the largest relative difference of any parameter at any step, over all calm
        settings; `calm`: how many settings did not amplify rounding.
    """
    comparison = ALL[name]
    settings = [(draw(comparison.ranges, seed), seed) for seed in range(draws)]
    calm = [(h, s) for h, s in settings if comparison.amplification(h, s, steps) < CALM]
    worst = max((comparison.deviation(h, s, steps) for h, s in calm), default=np.nan)
    return {"deviation": np.array(worst), "calm": np.array(len(calm))}


def conformance_table(draws: int = 2) -> str:
    """Measure every comparison, and print the results as a table.

    Args:
        draws: Number of settings for each.

    Returns:
        An HTML table.
    """
    rows = []
    for name, c in ALL.items():
        found = largest_deviation(name, draws)
        note = f" ({c.note})" if c.note else ""
        rival = c.rival.replace(".", ".<wbr>")
        cells = [f"<code>{name}</code>", f"{float(found['deviation']):.0e}"]
        cells += [f"{int(found['calm'])} of {draws}", f"<code>{rival}</code>{note}"]
        cells.append(", ".join(c.ranges).replace("_", "_<wbr>"))
        rows.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    names = ("rule", "largest deviation", "settings", "counterpart", "drawn at random")
    head = "".join(f"<th>{name}</th>" for name in names)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
