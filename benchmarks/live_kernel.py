"""From the question of a figure to the numbers of a kernel: the round trip behind a slider.

A figure is made in a kernel of its own, as JupyterLab would make it, and asked for settings between
those of its table. A figure of the result is the time on the wall from the question to the last
byte of the answer, as the page's side of the connection sees it. Run:
`python benchmarks/live_kernel.py [--quick]`.
"""

import os
import sys
import time
from statistics import median, quantiles

from jupyter_client.manager import KernelManager, start_new_kernel
from timing import save

FIGURE = """
import numpy as np
from IPython.display import display
from descent.explore import Axis, Explorer, Panel, choice, marks, readout, table

STEPS = np.arange({steps})

def runs(lr):
    "Mean loss of {walkers} noisy runs of gradient descent."
    noise = np.random.default_rng(0).normal(size=({walkers}, {steps}))
    x = np.ones({walkers})
    loss = np.empty({steps})
    for k in range({steps}):
        loss[k] = np.mean(x**2) / 2
        x = (1 - lr) * x - lr * noise[:, k]
    return {{"loss": loss}}

RATES = (0.1, 0.2, 0.4)
figure = Explorer(
    "bench/live", title="t", question="q",
    controls=[choice("lr", RATES, 0.2, label="lr")],
    signals=[table({{"loss": np.array([runs(r)["loss"] for r in RATES])}}, axes={{"lr": RATES}},
                   timed=True, live=runs)],
    panels=[Panel("p", Axis("k"), Axis("loss"), [marks.line("loss", "loss")])],
    readout=[readout("loss", "loss_last")],
)
display(figure)
print(figure.comm.comm_id)
"""


def round_trips(client, comm_id: str, count: int) -> list[float]:
    """Ask for one setting after the other and wait for each answer."""
    seconds = []
    for i in range(count):
        asked = {"ask": "numbers", "signal": 0, "settings": [0.2 + 0.1 * (i + 1) / (count + 2)]}
        data = {"method": "custom", "content": asked}
        message = client.session.msg("comm_msg", {"comm_id": comm_id, "data": data})
        start = time.perf_counter()
        client.shell_channel.send(message)
        while True:
            answer = client.get_iopub_msg(timeout=60)
            if answer["msg_type"] == "comm_msg" and answer["content"]["comm_id"] == comm_id:
                break
        seconds.append(time.perf_counter() - start)
        reply = answer["content"]["data"]["content"]
        assert reply["settings"] == asked["settings"], reply
    return seconds


def comm_of(client, code: str) -> str:
    """Make the figure in the kernel and return the name of its connection."""
    lines: list[str] = []
    client.execute_interactive(
        code,
        timeout=300,
        output_hook=lambda m: lines.append(m["content"].get("text", "")),
    )
    return "".join(lines).split()[-1]


def main() -> None:
    """Measure a small answer and one that takes some computing."""
    count = 20 if "--quick" in sys.argv else 200
    manager: KernelManager
    manager, client = start_new_kernel(kernel_name="python3")
    rows = []
    try:
        for steps, walkers in ((100, 1), (100, 1000), (1000, 1000)):
            comm_id = comm_of(client, FIGURE.format(steps=steps, walkers=walkers))
            seconds = round_trips(client, comm_id, count)
            cuts = quantiles(seconds, n=20)
            row = {"steps": steps, "runs": walkers, "bytes": 8 * steps}
            rows.append(row | {"median_ms": 1e3 * median(seconds), "p95_ms": 1e3 * cuts[-1]})
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    load = f"load average {os.getloadavg()[0]:.0f} on {os.cpu_count()} cores"
    save("live_kernel", rows, clock=f"time on the wall, {load}")


if __name__ == "__main__":
    main()
