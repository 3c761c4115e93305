"""The golden numbers of tests/engine/golden.rs, from PyTorch: python3 tests/torch/golden.py

Needs torch and numpy, and for the last part MNIST under $HOURGLASS_DATA. The integers that decide a run (first
weights, order of the batches) are made here a second time, in numpy, from their definitions in
src/kernels/random.rs and src/kernels/init.rs.
"""
import gzip
import os
import sys

import numpy as np
import torch
import torch.nn as nn

torch.set_num_threads(2)
u32 = np.uint32


def pcg4d(x, y, z, w):
    v = [np.atleast_1d(np.asarray(a, dtype=u32)) * u32(1664525) + u32(1013904223) for a in (x, y, z, w)]
    x, y, z, w = np.broadcast_arrays(*v)
    x, y, z, w = x.copy(), y.copy(), z.copy(), w.copy()
    for half in range(2):
        x += y * w
        y += z * x
        z += x * y
        w += y * z
        if half == 0:
            x, y, z, w = (a ^ (a >> u32(16)) for a in (x, y, z, w))
    return x, y, z, w


def mixed(value, key):
    h = (value ^ key) * u32(0x85EBCA6B)
    h = (h ^ (h >> u32(13))) * u32(0xC2B2AE35)
    return h ^ (h >> u32(16))


def order(length, epoch, seed):
    """Where each place of an epoch is in the file."""
    bits = max(int(length - 1).bit_length(), 2)
    half = bits // 2
    low, high = u32((1 << half) - 1), u32((1 << (bits - half)) - 1)
    keys = [k[0] for k in pcg4d(epoch, 1, seed & 0xFFFFFFFF, seed >> 32)]
    at = np.arange(length, dtype=u32)
    todo = np.ones(length, dtype=bool)
    while todo.any():
        a, b = at[todo] & low, at[todo] >> u32(half)
        for key in keys:
            a ^= mixed(b, key) & low
            b ^= mixed(a, key ^ u32(0x9E3779B9)) & high
        at[todo] = (b << u32(half)) | a
        todo = at >= length
    return at.astype(np.int64)


def uniform(length, stream, seed, limit):
    step = np.float32(np.float32(limit) / np.float32(1 << 23))
    bits = pcg4d(np.arange(length, dtype=u32), stream, seed & 0xFFFFFFFF, seed >> 32)[0]
    return ((bits >> u32(8)).astype(np.int64) - (1 << 23)).astype(np.float32) * step


def network(sizes, z, act, out, seed):
    """The project's autoencoder with He's first weights."""
    layers = []
    for i, (n_in, n_out) in enumerate(zip(sizes, sizes[1:])):
        layer = nn.Linear(n_in, n_out)
        w = uniform(n_in * n_out, 16 + 2 * i, seed, np.sqrt(6 / n_in))
        layer.weight.data = torch.tensor(w.reshape(n_out, n_in))
        layer.bias.data.zero_()
        layers.append(layer)
        if i + 2 == len(sizes):
            layers += [out()] if out else []
        elif i + 1 != z:
            layers.append(act())
    return nn.Sequential(*layers)


def wave(length, which):
    i = np.arange(length)
    v = np.sin(i * 0.7 + which * 1.3 + 0.1).astype(np.float32)
    v[(i + which) % 5 == 3] = 0
    return v


def show(name, losses):
    print(f"const {name}: [f32; {len(losses)}] = [{', '.join(f'{x:.7g}' for x in losses)}];")


def small(name, loss, optimiser, act, out):
    """8-6-3-6-8 on 20 inputs in file order, batches of 5."""
    data = torch.tensor(np.abs(wave(20 * 8, 0)).reshape(20, 8))
    net = network([8, 6, 3, 6, 8], 2, act, out, 7)
    opt = optimiser(net.parameters())
    losses = []
    for step in range(12):
        x = data[torch.arange(step * 5, step * 5 + 5) % 20]
        opt.zero_grad()
        value = loss(net(x), x)
        losses.append(value.item())
        value.backward()
        opt.step()
    show(name, losses)


small("SGD", nn.MSELoss(), lambda p: torch.optim.SGD(p, lr=0.5), nn.ReLU, nn.Sigmoid)
small("MOMENTUM", nn.MSELoss(), lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9), nn.Tanh, None)
small("ADAM", nn.MSELoss(), lambda p: torch.optim.Adam(p, lr=0.01), lambda: nn.LeakyReLU(0.01), nn.Sigmoid)
small("ADAM_BCE", nn.BCELoss(), lambda p: torch.optim.Adam(p, lr=0.01), nn.Sigmoid, nn.Sigmoid)


def idx(path, header):
    with gzip.open(path) as file:
        return np.frombuffer(file.read()[header:], dtype=np.uint8)


folder = os.environ.get("HOURGLASS_DATA")
if not folder:
    sys.exit("HOURGLASS_DATA is not set: the lab's run on MNIST was left out")
train = idx(f"{folder}/mnist/train-images-idx3-ubyte.gz", 16).reshape(-1, 784)
test = torch.tensor(idx(f"{folder}/mnist/t10k-images-idx3-ubyte.gz", 16).reshape(-1, 784).astype(np.float32) / 255)
steps = int(sys.argv[1]) if len(sys.argv) > 1 else 200
net = network([784, 250, 100, 10, 100, 250, 784], 3, nn.ReLU, nn.Sigmoid, 42)
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
places = order(60000, 0, 42)
losses = []
for step in range(steps):
    x = torch.tensor(train[places[step * 32 : step * 32 + 32]].astype(np.float32) * np.float32(1 / 255))
    opt.zero_grad()
    value = nn.functional.mse_loss(net(x), x)
    losses.append(value.item())
    value.backward()
    opt.step()
show("LAB", losses[::10] + [losses[-1]])
with torch.no_grad():
    error = ((net(test) - test) ** 2).sum(1).mean().item()
print(f"// after {steps} steps: squared error summed over pixels, mean over the test set: {error:.3f}")
