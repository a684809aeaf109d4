"""Where the sharpness of a network settles when it is trained with a fixed learning rate."""

from descent.exercises.model import Exercise, Number, Wrong

EXERCISE = Exercise(
    id="ill_conditioning.edge",
    kind="predict",
    title="Where the sharpness settles",
    stars=2,
    minutes=5,
    name="level",
    question=Number(within=0.1, digits=2),
    prompt=r"""
A network with tanh units is trained on 100 digits by full-batch gradient descent with learning rate
$\eta = 0.7$. Its sharpness, the largest eigenvalue $\lambda$ of the Hessian, rises during training
and
then stays at a level. What is $\eta\lambda/2$ there?
""",
    stub="level = ...",
    solution="""
from descent.data import digits


def sharpness(loss, parameters, iterations):
    gradient = torch.autograd.grad(loss, parameters, create_graph=True)
    v = [torch.ones_like(p) for p in parameters]
    for _ in range(iterations):
        v = torch.autograd.grad(gradient, parameters, v, retain_graph=True)
        size = torch.sqrt(sum(part.square().sum() for part in v))
        v = [part / size for part in v]
    return float(size)


data = digits(100)
torch.manual_seed(0)
layers = []
for fan_in, fan_out in ((64, 32), (32, 32), (32, 32)):
    layers += [torch.nn.Linear(fan_in, fan_out), torch.nn.Tanh()]
net = torch.nn.Sequential(*layers, torch.nn.Linear(32, 10))
parameters = list(net.parameters())

levels = []
for step in range(1000):
    loss = 0.5 * (net(data.inputs) - data.one_hot).square().sum(1).mean()
    if step >= 600 and step % 50 == 0:
        levels.append(0.7 * sharpness(loss, parameters, 40) / 2)
    gradient = torch.autograd.grad(loss, parameters)
    with torch.no_grad():
        for p, g in zip(parameters, gradient):
            p -= 0.7 * g
level = sum(levels) / len(levels)
""",
    hints=(
        "A step raises the cost when the curvature along it exceeds a threshold. Which one?",
        "The threshold is $2/\\eta$. Below it gradient descent is stable and the sharpness keeps "
        "rising.",
        "It rises until it meets the threshold and is held there.",
    ),
    wrong={
        "two": Wrong(
            "level = 2.0",
            "You may have in mind that $\\eta\\lambda = 2$. The question divides by two.",
        ),
        "half": Wrong(
            "level = 0.5",
            "At $\\eta\\lambda = 1$ the steepest direction is settled in one step. Nothing there "
            "stops the sharpness from rising.",
        ),
        "zero": Wrong(
            "level = 0.0",
            "The sharpness rises; it does not vanish at the minimum of this cost.",
            like=lambda level: abs(float(level)) < 0.2,
        ),
    },
    explanation=r"""
While $\lambda < 2/\eta$ the steps are stable, and on this problem training makes the minimum
sharper.
Beyond $2/\eta$ the steepest component grows from step to step, and that growth pushes the weights
back
to a flatter place. The two effects meet at $\eta\lambda/2 = 1$: the threshold at which a step
starts to raise the cost is where training lives.
""",
)
