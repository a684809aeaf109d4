"""How much of a weight survives a penalty under Adam."""

from descent.exercises.model import Exercise, Number, Wrong

EXERCISE = Exercise(
    id="adaptive_methods.decay",
    kind="predict",
    title="A penalty under Adam",
    stars=2,
    minutes=10,
    name="kept",
    question=Number(within=0.08, digits=2),
    prompt=r"""
A weight starts at 1. Its gradient is pure noise of standard deviation 20, plus the gradient
$\lambda x$ of a penalty with $\lambda = 0.5$. Adam runs with $\eta = 0.01$ for 2000 steps. Which
share of the weight is left, on average over many runs?
""",
    stub="kept = ...",
    solution="""
x = torch.ones(2000, dtype=torch.float64, requires_grad=True)
optimizer = torch.optim.Adam([x], lr=0.01, weight_decay=0.5)
noise = torch.Generator().manual_seed(0)
for _ in range(2000):
    x.grad = 20 * torch.randn(2000, generator=noise, dtype=torch.float64)
    optimizer.step()
kept = float(x.detach().mean())
""",
    hints=(
        "Adam divides its whole gradient by the root of the mean square. How large is that here?",
        "About 20. So one step removes the share $\\eta\\lambda/20$ of the weight, on average.",
        "$(1 - 0.01\\cdot 0.5/20)^{2000} \\approx e^{-0.5}$.",
    ),
    wrong={
        "decoupled": Wrong(
            "kept = (1 - 0.01 * 0.5) ** 2000",
            "That is decoupled decay, $(1-\\eta\\lambda)^k$. Here the penalty passes through "
            "Adam's denominator.",
            like=lambda kept: abs(float(kept)) < 0.02,
        ),
        "square": Wrong(
            "kept = (1 - 0.01 * 0.5 / 400) ** 2000",
            "You divide by the mean square. Adam divides by its root.",
        ),
        "linear": Wrong(
            "kept = 1 - 2000 * 0.01 * 0.5 / 20",
            "You add up the shares of the first weight. Each step removes a share of what is "
            "*left*.",
        ),
    },
    explanation=r"""
The noise sets the denominator to 20, and what is left after $k$ steps is
$(1-\eta\lambda/\sigma)^k \approx e^{-0.5} = 0.61$. Under decoupled decay $e^{-10}$ would be left.
The same coefficient means two different things, and under the penalty it means something else for
every weight.
""",
)
