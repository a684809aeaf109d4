"""Every number that the chapter on long-term dependencies prints, derived again."""

import math
from functools import cache

import numpy as np
import pytest
import torch

from claims import claimed
from descent import SGD, run
from descent import long_term_dependencies as lt
from descent.experiments import long_term_dependencies as runs
from descent.networks.inits import INITS

F64 = torch.float64
SEEDS = "training on other machines rounds differently"
UNIT = lt.OneUnit()
SHEAR = torch.tensor([[0.9, 10.0], [0.0, 0.9]], dtype=F64)


def number(value):
    return torch.tensor(value, dtype=F64)


# --- the puzzle ----------------------------------------------------------------------------------


def follow(rule, start, steps):
    probes = {"g": lambda f, x: f.grad(x).norm(dim=-1)}
    return run(UNIT, rule, start, steps, probes=probes)


def test_the_puzzle():
    start = number([5.0, -2.5])
    path = follow(SGD(0.05), start, 200)
    loss = path.loss
    calm = int((loss.diff() > 0).int().argmax())
    claimed("ltd-puzzle-start").matches(loss[0])
    claimed("ltd-puzzle-calm").matches(calm)
    claimed("ltd-puzzle-jump").matches(loss[calm], loss[calm + 1])
    claimed("ltd-puzzle-gradient").matches(path.probes["g"].max())
    claimed("ltd-puzzle-end").matches(loss[-1])
    claimed("ltd-puzzle-worse").matches(loss[-1] / loss[0])
    clipped = follow(lt.ClipNorm(SGD(0.05), 1.0), start, 400).loss
    claimed("ltd-puzzle-clipped").matches(clipped[350:].median())
    assert torch.equal(clipped[: calm + 2], loss[: calm + 2]), "falls over the same edge"
    assert int(path.probes["g"].argmax()) - calm <= 5, "a few steps later"


# --- powers --------------------------------------------------------------------------------------


def test_slopes_of_random_powers():
    generator, found, radii = torch.Generator().manual_seed(0), [], (0.9, 1.0, 1.1)
    for radius in radii:
        w = torch.randn(32, 32, dtype=F64, generator=generator)
        logs = lt.power_norms(radius * w / lt.spectral_radius(w), 400)
        found.append((logs[400] - logs[300]) / 100)
    claimed("ltd-slopes").matches(*found)
    claimed("ltd-slopes-theory").matches(*np.log(radii))


def test_the_transient_and_its_bound():
    norms = lt.power_norms(SHEAR, 200).exp()
    claimed("ltd-transient-peak").matches(norms.max())
    claimed("ltd-transient-at").matches(norms.argmax())
    claimed("ltd-transient-back").matches(int((norms > 1).nonzero().max()) + 1)
    bound = lt.kreiss(SHEAR)
    claimed("ltd-kreiss").matches(bound)
    claimed("ltd-kreiss-upper").matches(2 * math.e * bound)


# --- memories ------------------------------------------------------------------------------------


@cache
def memories():
    return runs.memories()


def slopes(logs):
    """Median, least and greatest change per step between lags 10 and 60."""
    found = (logs[60] - logs[10]) / 50
    return np.median(found), found.min(), found.max()


def test_slopes_of_memories():
    gaussian, orthogonal, lstm = (memories()[k] for k in ("gaussian", "orthogonal", "lstm"))
    gain, bias = runs.GAINS.index, runs.FORGETS.index
    claimed("ltd-memory-small").matches(*slopes(gaussian[gain(0.5)]))
    claimed("ltd-memory-one").matches(*slopes(gaussian[gain(1.0)]))
    claimed("ltd-memory-large").matches(*slopes(gaussian[gain(1.5)]))
    claimed("ltd-memory-orthogonal").matches(*slopes(orthogonal[gain(1.0)]))
    claimed("ltd-memory-lstm").matches(*slopes(lstm[bias(1.0)]))
    claimed("ltd-memory-open").matches(*slopes(lstm[bias(4.0)]))
    claimed("ltd-memory-gru").matches(*slopes(memories()["gru"]))


def test_forget_gates_and_identities():
    claimed("ltd-gate-hundred").matches((1 / (1 + math.exp(-4))) ** 100)
    logs = memories()["identity"]
    early = np.exp(logs[60])
    claimed("ltd-identity-early").matches(early.min())
    assert np.ptp(early) == pytest.approx(0), "in all ten networks"
    claimed("ltd-identity-dead").matches(np.isneginf(logs[100]).sum())
    gru, tanh = memories()["gru"], memories()["gaussian"][runs.GAINS.index(1.0)]
    assert gru[60].max() < tanh[60].min(), "the GRU forgets faster than a plain tanh network"


# --- the cliff -----------------------------------------------------------------------------------


def test_the_edge():
    five, six = number(5.0), number(6.0)
    claimed("ltd-edge-factor").matches(UNIT.factor(five))
    claimed("ltd-edge-steep").matches(UNIT.factor(six))
    claimed("ltd-edge-all").matches(UNIT.factor(five) ** 50)
    claimed("ltd-edge-steep-all").matches(UNIT.factor(six) ** 50 / 1e6)
    claimed("ltd-edge-first").matches(1 / UNIT.factor(number(1.0)))


def grid_ratio(n):
    """Largest over median gradient on a grid."""
    w, b = torch.linspace(3.5, 7, n, dtype=F64), torch.linspace(-4.6, -1.4, n, dtype=F64)
    x = torch.stack(torch.meshgrid(w, b, indexing="ij"), -1)
    size = UNIT.grad(x).norm(dim=-1)
    return size.max() / size.median()


def test_steepness_measures_the_grid():
    reason = "the largest value stands on a wall thinner than rounding"
    claimed("ltd-grid-coarse").matches(grid_ratio(50))
    claimed("ltd-grid-middle").matches(grid_ratio(200), tol=20, reason=reason)
    claimed("ltd-grid-fine").matches(grid_ratio(800), tol=5000, reason=reason)


def test_random_starts():
    g = torch.Generator().manual_seed(0)
    w, b = (torch.rand(2000, generator=g, dtype=F64) for _ in range(2))
    starts = torch.stack([3.5 + 3.5 * w, -4.6 + 3.2 * b], -1)
    plain, clipped = (
        run(UNIT, rule, starts, 400, keep="last")
        for rule in (SGD(0.05), lt.ClipNorm(SGD(0.05), 1.0))
    )
    chaos = "runs beside the edge amplify rounding"
    claimed("ltd-random-plain").matches(share(plain.final_loss < 1e-3), tol=0.01, reason=chaos)
    claimed("ltd-random-norm").matches(share(clipped.final_loss < 1e-3), tol=0.01, reason=chaos)
    claimed("ltd-random-lost").matches(share(far(plain)), tol=0.005, reason=chaos)
    assert not far(clipped).any(), "none is lost"
    wrong = [share(path.final_loss > 0.1) for path in (plain, clipped)]
    claimed("ltd-random-wrong").matches(*wrong, tol=0.01, reason=chaos)


def share(chosen):
    return chosen.double().mean()


def far(path):
    return path.final_x.abs().amax(-1) > 15


def test_cut_values_turn_the_gradient():
    g, cosines = torch.Generator().manual_seed(0), []
    for n in (10, 100, 1000):
        normal, scale = (torch.randn(2000, n, generator=g, dtype=F64) for _ in range(2))
        gradients = normal * torch.exp(2 * scale)
        turned = lt.clip_value(gradients, 0.1)
        cosines.append(torch.cosine_similarity(gradients, turned, -1).mean())
    claimed("ltd-value-cosine").matches(*cosines)


def test_where_clipped_examples_rest():
    crowd = number([-1.0, -0.6, -0.3, -0.1, 0.1, 0.3, 0.6, 1.0, 9.0])
    claimed("ltd-each-rest").matches(lt.huber_location(crowd, 0.5))
    assert float(crowd.mean()) == pytest.approx(1.0), "the best x for the mean of squares"
    assert float(lt.huber_location(crowd, 1e-3)) == pytest.approx(float(crowd.median()), abs=1e-2)


def test_far_signal_against_noise():
    found = runs.far_signal()
    far, noise = (np.median(found[name], axis=1) for name in ("far", "noise"))
    claimed("ltd-far-mean").matches(*far)
    claimed("ltd-far-noise").matches(*noise)
    need = (noise / far) ** 2
    claimed("ltd-far-batch").matches(need[0], tol=500, reason="printed to one digit")
    claimed("ltd-far-batch-middle").matches(need[1])
    claimed("ltd-far-batch-one").matches(need[2])


# --- depth ---------------------------------------------------------------------------------------


def layer_slopes(shared):
    gains = (0.5**0.5, 1.0, 2**0.5)
    return [lt.product_norms(100, 50, g, 40, shared=shared)[-1].mean() / 50 for g in gains]


def test_fresh_and_shared_layers():
    claimed("ltd-fresh").matches(*layer_slopes(False))
    claimed("ltd-shared").matches(*layer_slopes(True))


def test_the_drift():
    mean, spread = lt.drift(100)
    claimed("ltd-drift").matches(mean)
    claimed("ltd-drift-spread").matches(spread)


def relu_factor(scheme):
    """Geometric mean of the factor of eight ReLU layers of width 64."""
    g = torch.Generator().manual_seed(0)
    u, logs = torch.randn(64, 100, generator=g), []
    for _ in range(8):
        w = torch.empty(64, 64)
        INITS[scheme](w, torch.zeros(64), g)
        after = torch.relu(w @ u)
        logs.append(float((after.norm() / u.norm()).log()))
        u = after
    return math.exp(np.mean(logs))


def test_factors_of_relu_layers():
    claimed("ltd-default-factor").matches(relu_factor("torch"))
    claimed("ltd-he-factor").matches(relu_factor("he"))


def deep(remedy):
    """Accuracies of the seeds at the best learning rate, and ratios of first to last gradient."""
    found = runs.deep(remedy)
    best = found["accuracy"][np.median(found["accuracy"], axis=1).argmax()]
    return best, found["gradient"][:, 0] / found["gradient"][:, -1]


def test_deep_networks():
    accuracy, ratio = deep("default")
    claimed("ltd-deep-default").holds_for(accuracy)
    claimed("ltd-deep-default-ratio").holds_for(ratio)
    assert runs.deep("default")["accuracy"].max() < 0.11, "at none of the learning rates"
    accuracy, ratio = deep("he")
    claimed("ltd-deep-he").holds_for(accuracy, slack=0.09, reason=SEEDS)
    claimed("ltd-deep-he-ratio").holds_for(ratio)
    accuracy, ratio = deep("normalized")
    claimed("ltd-deep-norm").holds_for(accuracy, slack=0.12, reason=SEEDS)
    claimed("ltd-deep-norm-ratio").holds_for(ratio)


def test_critical_gains():
    weights, none = number([0.9, 1.5]), number(0.0)
    below, above = lt.gradient_factor(weights, none)
    claimed("ltd-chi-small").matches(below)
    claimed("ltd-chi-large").matches(above)
    claimed("ltd-chi-biases").matches(lt.gradient_factor(weights[1], number(0.6)))
    assert float(lt.gradient_factor(number(1.0), none)) == pytest.approx(1, abs=0.01)


# --- learning ------------------------------------------------------------------------------------


@cache
def ends(task, network):
    """Losses of the seeds at the end, at the better learning rate."""
    [arm] = [arm for arm in runs.ARMS if arm[:2] == (task, network)]
    last = runs.learn(*arm)["loss"][-1]
    return last[np.median(last, axis=-1).argmin()]


def test_adding():
    claimed("ltd-add-tanh").holds_for(ends("adding", "tanh"), slack=0.02, reason=SEEDS)
    orthogonal = ends("adding", "orthogonal tanh")
    claimed("ltd-add-orthogonal").holds_for(orthogonal, slack=0.02, reason=SEEDS)
    linear = ends("adding", "orthogonal linear")
    claimed("ltd-add-linear").holds_for(linear, slack=0.02, reason=SEEDS)
    identity = ends("adding", "identity ReLU")
    claimed("ltd-add-identity").holds_for(identity, slack=0.02, reason=SEEDS)
    claimed("ltd-linear-best").matches(1 / 6 - 1 / 120)
    for failing in ("tanh", "orthogonal tanh", "orthogonal linear"):
        assert np.median(ends("adding", failing)) == pytest.approx(0.158, abs=0.01)
    claimed("ltd-add-gru").holds_for(ends("adding", "GRU"), slack=0.005, reason=SEEDS)
    claimed("ltd-add-lstm").holds_for(ends("adding", "LSTM"), slack=0.01, reason=SEEDS)


def test_copying():
    claimed("ltd-log8").matches(math.log(8))
    claimed("ltd-copy-tanh").holds_for(ends("copying", "tanh"), slack=0.1, reason=SEEDS)
    orthogonal = ends("copying", "orthogonal tanh")
    claimed("ltd-copy-orthogonal").holds_for(orthogonal, slack=0.2, reason=SEEDS)
    linear = ends("copying", "orthogonal linear")
    claimed("ltd-copy-linear").holds_for(linear, slack=0.05, reason=SEEDS)
    identity = ends("copying", "identity ReLU")
    claimed("ltd-copy-identity").holds_for(identity, slack=0.1, reason=SEEDS)
    claimed("ltd-copy-gru").holds_for(ends("copying", "GRU"), slack=0.2, reason=SEEDS)
    claimed("ltd-copy-lstm").holds_for(ends("copying", "LSTM"), slack=0.1, reason=SEEDS)


def test_who_learns_what():
    worst = {(task, name): ends(task, name).max() for task, name, _ in runs.ARMS}
    adders = {name for (task, name), loss in worst.items() if task == "adding" and loss < 0.03}
    copiers = {name for (task, name), loss in worst.items() if task == "copying" and loss < 0.1}
    assert adders == {"identity ReLU", "GRU", "LSTM"} and copiers == {"orthogonal linear"}


def test_truncated_learning():
    [(*_, rates)] = [arm for arm in runs.ARMS if arm[:2] == ("adding", "LSTM")]
    cut = runs.learn("adding", "LSTM", rates, 10, steps=700)["loss"][-1, 0]
    claimed("ltd-cut-ten").holds_for(cut, slack=0.02, reason=SEEDS)
    claimed("ltd-cut-cost").matches(np.median(cut) / np.median(ends("adding", "LSTM")))
    assert cut.max() < 1 / 12


def test_the_chain():
    chain = lt.Chain()
    seen = chain.influence(100).cumsum(0)
    claimed("ltd-chain-worst").matches(seen.max())
    claimed("ltd-chain-needed").matches(chain.needed())
    assert chain.rest == -6 and seen[9] == pytest.approx(10) and int(seen.argmax()) + 1 == 19
