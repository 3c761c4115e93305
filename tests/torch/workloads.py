"""The golden losses of tests/engine/workloads.rs, from PyTorch: python3 tests/torch/workloads.py

Needs torch and numpy. The data and the first weights are made here a second time, in numpy, from their definitions in
src/engine/bench/workloads.rs.
"""
import numpy as np
import torch

ROWS, FACTORS, STEPS = 4096, 8, 24
WORKLOADS = {
    "mnist": ([784, 512, 256, 64, 256, 512, 784], 3, 256),
    "class": ([784, 128, 32, 128, 784], 2, 128),
    "ecg": ([140, 32, 16, 8, 16, 32, 140], 3, 64),
    "lab": ([784, 250, 100, 10, 100, 250, 784], 3, 32),
}


def mulberry(seed, length):
    """Mulberry32, from 0 to 1."""
    with np.errstate(over="ignore"):
        a = np.uint32(seed) + np.uint32(0x6D2B79F5) * np.arange(1, length + 1, dtype=np.uint32)
        t = (a ^ (a >> np.uint32(15))) * (np.uint32(1) | a)
        t = (t + (t ^ (t >> np.uint32(7))) * (np.uint32(61) | t)) ^ t
        return (t ^ (t >> np.uint32(14))).astype(np.float64) / 2**32


def inputs(width):
    drawn = (mulberry(1, FACTORS * (width + ROWS)) * 2 - 1) * 1.5
    mix, factors = drawn[: FACTORS * width].reshape(FACTORS, width), drawn[FACTORS * width :].reshape(ROWS, FACTORS)
    return torch.tensor((1 / (1 + np.exp(-(factors @ mix)))).astype(np.float32))


def network(widths, z):
    pairs = list(zip(widths, widths[1:]))
    drawn, at, layers = mulberry(2, sum(i * o for i, o in pairs)), 0, []
    for number, (i, o) in enumerate(pairs):
        layer = torch.nn.Linear(i, o)
        weights = (drawn[at : at + i * o] * 2 - 1) * np.sqrt(6 / (i + o))
        layer.weight.data = torch.tensor(weights.reshape(i, o).T.astype(np.float32).copy())
        layer.bias.data.zero_()
        at += i * o
        layers.append(layer)
        if number + 1 == len(pairs):
            layers.append(torch.nn.Sigmoid())
        elif number + 1 != z:
            layers.append(torch.nn.ReLU())
    return torch.nn.Sequential(*layers)


# In f64: in f32, PyTorch's own losses of the large network are 5e-4 off by the 12th step.
torch.set_default_dtype(torch.float64)
for name, (widths, z, batch) in WORKLOADS.items():
    x, net = inputs(widths[0]).double(), network(widths, z).double()
    adam = torch.optim.Adam(net.parameters(), lr=1e-3, eps=1e-7)
    losses = []
    for step in range(STEPS):
        rows = x[step * batch % ROWS :][:batch]
        loss = torch.nn.functional.mse_loss(net(rows), rows)
        adam.zero_grad()
        loss.backward()
        adam.step()
        losses.append(loss.item())
    print(f"    // {name}, PyTorch {torch.__version__}")
    print(f'    ("{name}", [{", ".join(f"{loss:.7f}" for loss in losses)}]),')
