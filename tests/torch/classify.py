"""The golden numbers of tests/engine/classify.rs, from PyTorch: python3 tests/torch/classify.py

Needs torch and numpy. The first weights and the waves are made here a second time: see golden.py.
"""
import numpy as np
import torch
import torch.nn as nn

u32 = np.uint32


def pcg4d(x, y, z, w):
    v = [np.atleast_1d(np.asarray(a, dtype=u32)) * u32(1664525) + u32(1013904223) for a in (x, y, z, w)]
    x, y, z, w = (a.copy() for a in np.broadcast_arrays(*v))
    for half in range(2):
        x += y * w
        y += z * x
        z += x * y
        w += y * z
        if half == 0:
            x, y, z, w = (a ^ (a >> u32(16)) for a in (x, y, z, w))
    return x


def uniform(length, stream, seed, limit):
    step = np.float32(np.float32(limit) / np.float32(1 << 23))
    bits = pcg4d(np.arange(length, dtype=u32), stream, seed & 0xFFFFFFFF, seed >> 32)
    return ((bits >> u32(8)).astype(np.int64) - (1 << 23)).astype(np.float32) * step


def wave(length, which):
    i = np.arange(length)
    v = np.sin(i * 0.7 + which * 1.3 + 0.1).astype(np.float32)
    v[(i + which) % 5 == 3] = 0
    return v


def show(name, values):
    print(f"const {name}: [f64; {len(values)}] = [{', '.join(f'{x:.12g}' for x in values)}];")


# Cross-entropy and its gradient by the logits, in f64: small ones, large ones, and all equal.
torch.set_default_dtype(torch.float64)
y = np.concatenate([wave(8, 0), wave(4, 1) * 300, np.full(4, -2.5, np.float32)]).astype(np.float32)
y = torch.tensor(y.astype(np.float64).reshape(4, 4), requires_grad=True)
goal = torch.tensor([2, 0, 1, 3])
rows = nn.functional.cross_entropy(y, goal, reduction="none")
rows.mean().backward()
show("LOSSES", rows.tolist())
show("GRADIENT", y.grad.flatten().tolist())

# 8-6-3-4, on 20 inputs in file order, classes i % 4, batches of 5: the loss of each of 12 steps of Adam.
sizes, layers = [8, 6, 3, 4], []
for i, (n_in, n_out) in enumerate(zip(sizes, sizes[1:])):
    layer = nn.Linear(n_in, n_out)
    w = uniform(n_in * n_out, 16 + 2 * i, 7, np.sqrt(6 / n_in))
    layer.weight.data = torch.tensor(w.reshape(n_out, n_in).astype(np.float64))
    layer.bias.data.zero_()
    layers += [layer, nn.ReLU()] if i == 0 else [layer]
net = nn.Sequential(*layers)
data = torch.tensor(np.abs(wave(160, 0)).reshape(20, 8).astype(np.float64))
adam = torch.optim.Adam(net.parameters(), lr=0.01)
losses = []
for step in range(12):
    batch = torch.arange(step * 5, step * 5 + 5) % 20
    adam.zero_grad()
    loss = nn.functional.cross_entropy(net(data[batch]), batch % 4)
    losses.append(loss.item())
    loss.backward()
    adam.step()
show("ADAM", losses)
