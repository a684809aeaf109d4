"""Checks inside the chapter, where a reader might nod and read on."""

from descent.exercises.checkpoint import checkpoint
from descent.exercises.model import Choice, Number, Wrong

MEMORY = checkpoint(
    id="cost_functions.memory",
    title="A thousand random labels",
    question=Number("%", within=0.03),
    prompt=r"""
A network with 256 hidden units is trained on 1000 digits whose labels were drawn at random. What
percentage of these random labels does it give back after 48 epochs?
""",
    solution="""
from statistics import median

from descent.experiments import cost_functions as runs

learned = runs.random_labels()["train"]
answer = 100 * median(learned[runs.FRACTIONS.index(1.0), 0, :, -1].tolist())
""",
    hints=(
        "How many weights does the network have, and how many labels?",
        "It has 19,210 weights. Nothing forces them to make sense of the labels.",
        "Almost all.",
    ),
    explanation=r"""
Almost all of them. The network has no way of knowing that there is nothing to understand: it finds
some function that passes through every example.
""",
    wrong={
        "chance": Wrong(
            "answer = 10.0",
            "That is what it gets right on *new* digits. These are the labels that it was trained "
            "on.",
        ),
        "half": Wrong(
            "answer = 50.0",
            "More. It has nineteen weights for each label, and time.",
        ),
    },
)

HALF = checkpoint(
    id="cost_functions.half",
    title="Half as many parameters as examples",
    question=Number("times", within=0.1),
    prompt=r"""
Least squares with 100 parameters on 200 examples. How many times as large as the training risk is
the true risk, on average?
""",
    solution="""
from descent.cost_functions import least_squares_risks

sizes = [torch.tensor(v, dtype=torch.float64) for v in (100.0, 200.0, 1.0)]
risks = least_squares_risks(*sizes)
answer = float(risks["population"] / risks["train"])
""",
    hints=(
        "Training risk is $\\sigma^2(1-d/n)$. What is $d/n$ here?",
        "The training risk is half the noise. The true risk is above the noise: by how much?",
        "$1+\\frac{d}{n-d-1}$ is about 2. Two over one half.",
    ),
    explanation=r"""
The training risk is half of the noise variance and the true one twice it: a factor of four, and the
data say nothing about it but their number. With ten times as many examples as parameters the factor
is still 1.2.
""",
    wrong={
        "two": Wrong(
            "answer = 2.0",
            "The true risk is about twice the *noise*. The training risk is not the noise: it is "
            "below it.",
        ),
        "one": Wrong(
            "answer = 1.0",
            "That would need infinitely many examples for each parameter.",
        ),
        "one_half": Wrong("answer = 0.5", "Which of the two risks is the larger?"),
    },
)

ASKED = checkpoint(
    id="cost_functions.asked",
    title="What a network trained by squares says",
    question=Number(within=0.05),
    prompt=r"""
A network is trained on labels $\pm1$ with the *squared* loss, to the very bottom of the true risk.
At some input its output is 0.6. What is the probability of the label $+1$ there?
""",
    solution="""
from descent.cost_functions import best_score

share = torch.linspace(0.01, 0.99, 9801, dtype=torch.float64)
scores = best_score("square", share)
answer = float(share[(scores - 0.6).abs().argmin()])
""",
    hints=(
        "Which score makes $p\\,(1-z)^2+(1-p)(1+z)^2$ smallest?",
        "The lowest point is at $z=2p-1$: the mean of the label.",
        "Solve $2p-1=0.6$.",
    ),
    explanation=r"""
The squared loss asks for the mean of the label, $2p-1$. So $p=(1+z)/2=0.8$. Under the logistic loss
the same output 0.6 would mean $p=\sigma(0.6)=0.65$, and under the hinge loss it would mean that
training is not finished.
""",
    wrong={
        "itself": Wrong(
            "answer = 0.6",
            "With labels 0 and 1 it would be. Here an output of 0 means an even chance.",
        ),
        "sigmoid": Wrong(
            "answer = 0.6457",
            "That is how to read an output of the *logistic* loss.",
        ),
        "certain": Wrong(
            "answer = 1.0",
            "The sign says which label is likelier; the size says by how much.",
        ),
    },
)

WHERE = checkpoint(
    id="cost_functions.where",
    title="The gradient at the stop",
    question=Choice(
        {
            "same": "between a third and one and a half times the first gradient",
            "tenth": "between a hundredth and a third of the first gradient",
            "zero": "less than a hundredth of the first gradient",
        }
    ),
    prompt=r"""
A network learns digits of which a fifth is mislabeled. Early stopping returns the weights with the
lowest validation loss. How long is the gradient of the *training* loss there?
""",
    solution="""
from descent.experiments import cost_functions as runs

found = runs.gradient_at_the_stop()
norm = found["norm"][runs.NOISE.index(0.2)]
best = found["validation"][runs.NOISE.index(0.2)].argmin(-1)
ratio = (norm[range(3), best] / norm[:, 0]).mean()
holds = {
    "same": 1 / 3 < ratio < 1.5,
    "tenth": 0.01 < ratio <= 1 / 3,
    "zero": ratio <= 0.01,
}
""",
    hints=(
        "Does validation know where the training loss has its minimum?",
        "The training loss will still fall to a small part of its value after the stop.",
        "To fall that far, it needs a slope.",
    ),
    explanation=r"""
Nothing makes the two coincide. The training loss is less than half way down when validation turns,
and its gradient is about as long as at the start. Early stopping halts on a slope.
""",
    wrong={
        "tenth": "Plausible, if training were nearly done. Look again at how much of the training "
        "loss is left at that epoch.",
        "zero": "That is a critical point of the training loss. Validation turned long before.",
    },
)

EQUAL = checkpoint(
    id="cost_functions.equal",
    title="Equal in everything you logged",
    question=Choice(
        {
            "loss": "the one with the lower training loss",
            "fast": "the one that reached it in fewer steps",
            "neither": "neither fact tells",
        }
    ),
    prompt=r"""
Two networks of the same shape reached a training loss of at most 0.01 on the same 300 digits. One
took fewer steps, one ended a little lower. Which of the two has the lower test error?
""",
    solution="""
import numpy as np

from descent.experiments import cost_functions as runs

found = runs.same_value()
better = np.less.outer(*[found["error"].ravel()] * 2)


def tells(name):
    values = found[name].ravel()
    return np.less.outer(values, values)[better].mean() > 0.8


holds = {"loss": tells("loss"), "fast": tells("step")}
holds["neither"] = not any(holds.values())
""",
    hints=(
        "Both facts are about the training loss. What is the question about?",
        "Look at the table: which starts were fast, and how well did they do?",
        "The fastest starts of the table were the worst ones.",
    ),
    explanation=r"""
Neither. In the table the two kinds of start with the worst test errors were the fastest. What
decided was where the run began, and that is not in the value.
""",
    wrong={
        "loss": "All of them stopped at 0.01 or just below. The test errors differ by a factor of "
        "almost four.",
        "fast": "Here it is rather the other way round: the largest starts and the spoiled ones "
        "were the fastest.",
    },
)

CHECKS = (MEMORY, HALF, ASKED, WHERE, EQUAL)
