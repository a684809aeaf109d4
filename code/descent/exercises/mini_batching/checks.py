"""Checks inside the chapter on mini-batches, where a reader might nod and read on."""

from descent.exercises.checkpoint import checkpoint
from descent.exercises.model import Choice, Number, Wrong

HALF_THE_ERROR = checkpoint(
    id="mini_batching.half_the_error",
    title="The last half",
    question=Number(unit="examples", within=0.03, digits=3),
    prompt=r"""
A data set has 1000 examples. The mean gradient of 100 of them, drawn *without* replacement, has
some error. How many examples must you draw to halve it?
""",
    solution="""
from descent import mini_batching as mb

want = mb.standard_error(1.0, 100, population=1000) / 2
answer = 100
while mb.standard_error(1.0, answer, population=1000) > want:
    answer = answer + 1
""",
    hints=(
        "With replacement the answer would be 400. What do you know once you have drawn all 1000?",
        "The variance is proportional to $(N-n)/n = N/n - 1$.",
        "At $n=100$ that is 9. A quarter of it is 2.25, so $1000/n = 3.25$.",
    ),
    explanation=r"""
The variance is proportional to $N/n-1$, which falls from 9 to a quarter, 2.25, at
$n = 1000/3.25 = 308$. The finite data set helps: what has been drawn already cannot surprise again.
""",
    wrong={
        "four_times": Wrong(
            "answer = 400",
            "Right with replacement. Without it, the examples that are left are fewer, and so is "
            "what they can change.",
        ),
        "double": Wrong(
            "answer = 200",
            "Twice the examples halve the *variance*, roughly. The error is its root.",
        ),
    },
)

DUPLICATES = checkpoint(
    id="mini_batching.duplicates",
    title="Ten copies of everything",
    question=Choice(
        {
            "same": "None: with the same batches of 32 the run is the same in law.",
            "slower": "It needs ten times the steps: there is ten times as much to learn from.",
            "noisier": "Its gradients are noisier: a batch now holds a smaller part of the data.",
            "calmer": "Its gradients are less noisy: there are more examples.",
        }
    ),
    prompt=r"""
You copy every example of a data set ten times. Batches of 32 are drawn with replacement. What
changes for SGD, step by step?
""",
    solution="""
from descent import mini_batching as mb

generator = torch.Generator().manual_seed(0)
rows = torch.randn(50, 4, generator=generator, dtype=torch.float64)
once, tenfold = (mb.gradient_noise(g) for g in (rows, rows.repeat(10, 1)))
before, after = (noise.trace / 32 for noise in (once, tenfold))
equal = abs(once.square - tenfold.square) < 1e-12
holds = {
    "same": equal and abs(after - before) < 1e-12,
    "slower": not equal,
    "noisier": after > before + 1e-12,
    "calmer": after < before - 1e-12,
}
""",
    hints=(
        "What is the probability that the next example is the third one, before and after?",
        "The law of one drawn example has not changed. What follows for a batch of 32?",
        "Mean and covariance of one example's gradient are those of its law.",
    ),
    explanation=r"""
A drawn example has the same law as before, so a batch has, too, and so has the whole run. Only the
full gradient has become ten times as expensive. SGD pays for information, full-batch descent for
examples.
""",
    wrong={
        "slower": "An *epoch* has ten times the steps. The way to the minimum has as many as "
        "before.",
        "noisier": "The noise of a mean of 32 depends on 32 and on one example's spread, not on "
        "the share of the data.",
        "calmer": "Copies do not make the examples agree more. One example's spread is the same.",
    },
)

AT_THE_BEND = checkpoint(
    id="mini_batching.at_the_bend",
    title="Four times the bend",
    question=Number(unit="times", within=0.03, digits=2),
    prompt=r"""
Your batch size is exactly critical. You get four times as many machines, and make the batch four
times as large, with the best learning rate for it. By which factor does the number of steps fall?
""",
    solution="""
from descent import mini_batching as mb

curve = mb.Hyperbola(steps=100.0, examples=100.0 * 64)
answer = curve.steps_at(curve.critical) / curve.steps_at(4 * curve.critical)
""",
    hints=(
        "$S = S_{\\min}(1 + B_c/B)$. What is it at $B=B_c$?",
        "$2\\,S_{\\min}$. And at $4B_c$?",
        "$1.25\\,S_{\\min}$.",
    ),
    explanation=r"""
From $2S_{\min}$ to $1.25S_{\min}$, a factor of 1.6, for four times the machines. The examples rise
from $2E_{\min}$ to $5E_{\min}$. All machines in the world would bring a factor of 2.
""",
    wrong={
        "linear": Wrong(
            "answer = 4",
            "That is perfect scaling, which holds far below the critical batch size.",
        ),
        "all": Wrong(
            "answer = 2",
            "That is what an infinite batch would bring. Four times is not infinite.",
        ),
        "root": Wrong(
            "answer = 2**0.5",
            "The square root belongs to the error of the gradient. Ask for the steps.",
        ),
    },
)

WHICH_POWER = checkpoint(
    id="mini_batching.which_power",
    title="Outside the theorem",
    question=Choice(
        {
            "no": "It does not converge: the squares of its rates add up to infinity.",
            "slow": "It converges in mean square, more slowly than $1/k$.",
            "equal": "It converges as fast as $1/k$: only constants differ.",
            "stops": "It stops before the minimum: its rates have a finite sum.",
        }
    ),
    prompt=r"""
The rates $\eta_k = 0.3\,k^{-0.4}$ break one of the two conditions of Robbins and Monro. What
happens to SGD on a bowl with curvature 1 and constant noise?
""",
    solution="""
from descent import mini_batching as mb

def end(power, steps):
    bias, variance = mb.bias_and_variance(mb.power_rates(0.3, power, steps))
    return float(bias[-1] ** 2 + variance[-1])

early, late = end(0.4, 1000), end(0.4, 8000)
left = float(mb.bias_and_variance(mb.power_rates(0.3, 0.4, 8000))[0][-1])
slope = torch.tensor(late / early).log() / torch.tensor(8.0).log()
holds = {
    "no": bool(slope > -0.05),
    "slow": bool(-0.9 < slope < -0.05),
    "equal": bool(slope < -0.9),
    "stops": left > 0.01,
}
""",
    hints=(
        "Which condition fails: $\\sum\\eta_k=\\infty$ or $\\sum\\eta_k^2<\\infty$?",
        "The second. What does the noise keep up, when the rate is nearly constant for a while?",
        "About $\\eta_k\\sigma^2/2$, which goes wherever the rate goes.",
    ),
    explanation=r"""
The squares add up to infinity, but the noise that they bring in is forgotten: at any time the mean
square is about $\eta_k/2$, which tends to 0 like $k^{-0.4}$. The condition is sufficient for a
theorem about almost every path; it is not necessary for convergence in mean square.
""",
    wrong={
        "no": "So the theorem does not promise it. Look at what really happens: old noise is "
        "forgotten.",
        "equal": "At $1/k$ the rate is what remains, and it falls faster.",
        "stops": "They do not: powers up to 1 have infinite sums.",
    },
)

EQUAL_FUNCTION = checkpoint(
    id="mini_batching.equal_function",
    title="A sharper copy",
    question=Choice(
        {
            "sharper": "It is sharper, and generalizes exactly as well.",
            "worse": "It is sharper, and generalizes worse.",
            "same": "It is exactly as sharp: it is the same function.",
            "flatter": "It is flatter, and generalizes better.",
        }
    ),
    prompt=r"""
Take a trained ReLU network. Multiply the weights and biases of its first layer by 10 and divide the
weights of its second layer by 10. What has become of its minimum?
""",
    solution="""
from descent.curvature import sharpness
from descent.data import digits
from descent.networks import MLP, Empirical
from descent.saddles import rescale

data = digits(200, 200, seed=0, dtype=torch.float64)
f = Empirical(MLP((64, 16, 10), "relu"), data)
x = f.network.init(0, dtype=torch.float64)
for _ in range(300):
    x = x - 0.2 * f.grad(x)
copy = rescale(f.network, x, 0, 10.0)
ratio = float(sharpness(f, copy) / sharpness(f, x))
moved = abs(float(f.test(copy) - f.test(x))) > 1e-9
holds = {
    "sharper": ratio > 1.5 and not moved,
    "worse": ratio > 1.5 and moved,
    "same": abs(ratio - 1) < 0.01,
    "flatter": ratio < 0.9,
}
""",
    hints=(
        "What does the network compute for any input, before and after?",
        "The same: ReLU passes positive factors through. So its test loss is the same.",
        "The second layer's weights are small now: how much does a step of fixed length change "
        "what they compute, and with which inputs?",
    ),
    explanation=r"""
The function is the same, so the test loss is the same to the last digit. But the second layer now
multiplies inputs that are ten times as large, so the curvature along its weights is a hundred times
what it was. Sharpness measured in weights cannot by itself say how well a network generalizes.
""",
    wrong={
        "worse": "It computes the same outputs for every input. How could it err more often?",
        "same": "The function of the *inputs* is the same. The loss as a function of the *weights* "
        "lives in other coordinates now.",
        "flatter": "The first layer's directions become flatter. The largest eigenvalue asks for "
        "the steepest.",
    },
)
