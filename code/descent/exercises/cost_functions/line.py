"""Walk the straight line between two points."""

import torch

from descent.exercises.measure import array, expect_close
from descent.exercises.model import Exercise, Wrong


def bumpy(x: torch.Tensor) -> torch.Tensor:
    """A loss with a bump between two points, (*batch, 2) -> (*batch,)."""
    return (x[..., 0] ** 2 - 1) ** 2 + x[..., 1] ** 2 - 0.3 * x[..., 0]


STARTS = (((-1.0, 0.5), (1.0, 0.0)), ((1.5, 1.0), (1.0, 0.0)), ((0.0, 0.0), (0.5, 2.0)))


def bump(start: torch.Tensor, end: torch.Tensor) -> torch.Tensor:
    """The largest rise on the way, by brute force over pairs of places."""
    values = bumpy(start + torch.linspace(0, 1, 41, dtype=torch.float64)[:, None] * (end - start))
    rises = values[None, :] - values[:, None]
    return torch.triu(rises).max().clamp(min=0)


def answers(rise) -> list[float]:
    """What a program says for every pair of ends."""
    ends = torch.tensor(STARTS, dtype=torch.float64)
    return [float(array(rise(bumpy, a, b), "the rise", ())) for a, b in ends]


def check_rise(rise) -> None:
    """It is the largest rise above an earlier value."""
    ends = torch.tensor(STARTS, dtype=torch.float64)
    for mine, (a, b) in zip(answers(rise), ends, strict=True):
        expect_close(mine, bump(a, b), f"the rise from {a.tolist()} to {b.tolist()}", rtol=1e-6)


EXERCISE = Exercise(
    id="cost_functions.line",
    kind="code",
    title="Is the straight way open?",
    stars=2,
    minutes=15,
    name="rise",
    prompt=r"""
Write `rise(f, start, end)`: the largest amount by which $f$ on the straight line from `start` to
`end` climbs above a value that it had *earlier* on the line, at 41 even places; 0 if it never
rises. `f` takes a batch of points, (41, d), to their values.
""",
    stub='''
def rise(f, start, end):
    """Return the largest rise on the way from start to end."""
    ...
''',
    solution="""
def rise(f, start, end):
    parts = torch.linspace(0, 1, 41, dtype=start.dtype)[:, None]
    values = f(start + parts * (end - start))
    return (values - values.cummin(0).values).max()
""",
    hints=(
        "`torch.linspace(0, 1, 41)[:, None]` times the difference of the ends gives all places at "
        "once.",
        "At each place you need the lowest value so far: `cummin`.",
        "`(values - values.cummin(0).values).max()`.",
    ),
    checks=(check_rise,),
    probe=answers,
    wrong={
        "above_the_start": Wrong(
            """
def rise(f, start, end):
    parts = torch.linspace(0, 1, 41, dtype=start.dtype)[:, None]
    values = f(start + parts * (end - start))
    return (values.max() - values[0]).clamp(min=0)
""",
            "This is the height above the *start*. A run that starts high can pass a deep valley "
            "and a hill behind it without ever rising above its start.",
        ),
        "one_step": Wrong(
            """
def rise(f, start, end):
    parts = torch.linspace(0, 1, 41, dtype=start.dtype)[:, None]
    values = f(start + parts * (end - start))
    return values.diff().max().clamp(min=0)
""",
            "This is the largest rise from one place to the *next*. It shrinks when you look at "
            "more places; a hill is the sum of many.",
        ),
        "range": Wrong(
            """
def rise(f, start, end):
    parts = torch.linspace(0, 1, 41, dtype=start.dtype)[:, None]
    values = f(start + parts * (end - start))
    return values.max() - values.min()
""",
            "The order matters: a fall of the same size is no rise.",
        ),
    },
    explanation=r"""
A running minimum turns "above an earlier value" into one line. For trained networks the answer is
often 0 from the start to the end of training, and well above 0 between the ends of two runs.
""",
)
