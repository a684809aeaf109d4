"""Who loses when the bowl is turned."""

from descent.exercises.model import Choice, Exercise, Wrong

EXERCISE = Exercise(
    id="adaptive_methods.turn",
    kind="predict",
    title="Turned by 45 degrees",
    stars=1,
    minutes=5,
    name="slowest",
    question=Choice(
        {
            "sgd": "gradient descent",
            "adagrad": "AdaGrad",
            "same": "both need about the same",
        }
    ),
    prompt=r"""
A bowl has $\kappa = 300$, and its axes are turned by 45° against the coordinates. Gradient descent
and AdaGrad each get their own best learning rate and start at the same point. Which needs more
steps to bring the loss to a thousandth: `"sgd"`, `"adagrad"`, or `"same"` (within ten percent)?
""",
    stub="slowest = ...",
    solution="""
from descent import SGD, AdaGrad, sweep
from descent.adaptive_methods import turned_bowl

f = turned_bowl(300.0, torch.pi / 4)
flat = torch.tensor([1.0, 1.0], dtype=torch.float64) / 2**0.5
steep = torch.tensor([-1.0, 1.0], dtype=torch.float64) / 2**0.5
start = flat + steep / 300**0.5
grid = {"lr": torch.logspace(-3, 0, 40, dtype=torch.float64)}

needed = {}
for name, rule in (("sgd", SGD(1.0)), ("adagrad", AdaGrad(1.0))):
    target = 1e-3 * float(f(start))
    hit = sweep(f, rule, start, 1500, grid=grid, target=target).hit
    needed[name] = int(hit[hit >= 0].min())
close = max(needed.values()) < 1.1 * min(needed.values())
slowest = "same" if close else max(needed, key=needed.get)
""",
    hints=(
        "At 45° both coordinates see the same mixture of steep and flat. What rates does AdaGrad "
        "give them?",
        "Nearly equal rates: the direction of gradient descent. What happens to AdaGrad's rates as "
        "steps go by?",
        "AdaGrad's rates only fall, while gradient descent keeps the best one to the end.",
    ),
    wrong={
        "sgd": Wrong(
            'slowest = "sgd"',
            "That is the answer at 0°, where AdaGrad has a rate for the steep and one for the flat "
            "direction. Here both coordinates are equally steep.",
        ),
        "same": Wrong(
            'slowest = "same"',
            "Equal rates make the *directions* agree. But AdaGrad's rates keep falling, and a "
            "valley is long.",
        ),
    },
    explanation=r"""
Equal rates are gradient descent, and falling ones are slower than the best constant rate. Turned by
45°, $\kappa_D = \kappa$: a rate for each coordinate repairs nothing, and its price remains.
""",
)
