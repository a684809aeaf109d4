"""Where clipping of single examples ends."""

from descent.exercises.model import Exercise, Number, Wrong

EXERCISE = Exercise(
    id="long_term_dependencies.resting",
    kind="predict",
    title="Voted down",
    stars=2,
    minutes=10,
    name="rest",
    question=Number(within=0.02, digits=2),
    prompt=r"""
Four examples have the losses $\tfrac12(x-a_i)^2$ with $a = -1, 0, 1, 10$.
At every step the gradient of *each example* is clipped at 1, and then the mean is taken.
Where does gradient descent with a small learning rate come to rest?
""",
    stub="rest = ...",
    solution="""
a = torch.tensor([-1.0, 0.0, 1.0, 10.0], dtype=torch.float64)
x = torch.tensor(5.0, dtype=torch.float64)
for _ in range(5000):
    x = x - 0.05 * (x - a).clamp(-1, 1).mean()

rest = float(x)
""",
    hints=(
        "At rest the four clipped gradients add up to zero.",
        "Guess which are clipped: the far example surely. Suppose that $x$ is between 0 and 1.",
        "Then $x+1$ is clipped to 1 and $x-10$ to $-1$: they cancel.",
    ),
    wrong={
        "mean": Wrong(
            "rest = 2.5",
            "That is the mean, where the *unclipped* gradients add up to zero.",
        ),
        "crowd": Wrong(
            "rest = 0.0",
            "That is the mean of the three near ones. The far example has lost its weight, not its "
            "vote.",
        ),
        "clip_of_mean": Wrong(
            "rest = 10.0",
            "No example can pull harder than 1, so three near ones outvote a far one.",
        ),
    },
    explanation=r"""
Between 0 and 1 the gradients of $-1$ and $10$ are clipped to $1$ and $-1$ and cancel; what is left
is $x+(x-1)=0$, so the run ends at 0.5.
That is the minimum of Huber's loss, here halfway between the two in the middle, a median. The
far example still votes, with one vote.
""",
)
