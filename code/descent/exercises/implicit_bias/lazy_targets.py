"""An output scale is a change of targets."""

import torch

from descent.exercises.measure import array, expect_close
from descent.exercises.model import Exercise, Wrong


def draw(seed: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Outputs at the start, outputs now, and targets."""
    generator = torch.Generator().manual_seed(seed)
    return tuple(torch.randn(3, 5, 1, generator=generator, dtype=torch.float64))


def check_loss(targets) -> None:
    """The losses agree for every output of the network."""
    for seed, alpha in ((0, 0.5), (1, 4.0)):
        start, now, y = draw(seed)
        wanted = array(targets(start, y, alpha), "the targets", start.shape)
        scaled = (alpha * (now - start) - y).square().mean() / (2 * alpha**2)
        expect_close((now - wanted).square().mean() / 2, scaled, f"the loss with α = {alpha:g}")


EXERCISE = Exercise(
    id="implicit_bias.lazy_targets",
    kind="prove",
    title="Asked for little",
    stars=1,
    minutes=10,
    name="targets",
    prompt=r"""
The lazy loss trains $\alpha\,(f-f_0)$ to be $y$:

$$L=\frac1{2n\alpha^2}\sum_i\bigl(\alpha\,(f(u_i)-f_0(u_i))-y_i\bigr)^2 .$$

Show that this is the ordinary loss $\frac1{2n}\sum_i(f(u_i)-t_i)^2$ of the same network with other
targets. Write them as `targets(start, y, alpha)`, where `start` holds the outputs $f_0(u_i)$.
""",
    stub='''
def targets(start, y, alpha):
    """Return the targets of the ordinary loss."""
    ...
''',
    solution="""
def targets(start, y, alpha):
    return start + y / alpha
""",
    hints=(
        "Take the factor $1/\\alpha^2$ into the square.",
        "$\\frac1\\alpha\\bigl(\\alpha(f-f_0)-y\\bigr)=f-f_0-\\frac y\\alpha$.",
        "Read off what $f$ is compared with.",
    ),
    checks=(check_loss,),
    probe=lambda answer: [answer(draw(s)[0], draw(s)[2], a).sum() for s, a in ((0, 0.5), (1, 4.0))],
    wrong={
        "times": Wrong(
            "def targets(start, y, alpha):\n    return start + alpha * y",
            "The output is multiplied by α after training, so the network itself must change by "
            "less, not more.",
        ),
        "no_start": Wrong(
            "def targets(start, y, alpha):\n    return y / alpha",
            "The loss looks at the *change* of the network since the start.",
        ),
        "start_too": Wrong(
            "def targets(start, y, alpha):\n    return (start + y) / alpha",
            "Only y is divided: the network's own output at the start is not scaled away.",
        ),
    },
    explanation=r"""
A large $\alpha$ asks for a small change of a network whose size is what it always was. Any smooth
function is nearly linear over small changes, so *every* model can be made lazy, at any width. That
is the point of Chizat, Oyallon and Bach: laziness is a scaling, not a virtue of wide networks.
""",
)
