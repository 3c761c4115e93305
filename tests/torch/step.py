"""The command line against autograd: python3 tests/torch/step.py [PROGRAM]

One long step of SGD in file order, whose (w_before - w_after) / lr is the gradient, for both losses; and 100 steps of
Adam. Needs torch, numpy and safetensors, and `hourglass` (target/release/hourglass without PROGRAM).
"""
import json
import pathlib
import struct
import subprocess
import sys
import tempfile

import numpy as np
import torch
import torch.nn as nn
from safetensors.torch import load_file, save_file

program = sys.argv[1] if len(sys.argv) > 1 else "target/release/hourglass"
ROWS, SIDE, HIDDEN, Z = 40, 6, 9, 3
torch.manual_seed(5)
pixels = np.random.default_rng(5).integers(0, 256, (ROWS, SIDE, SIDE), dtype=np.uint8)
x = torch.tensor(pixels.reshape(ROWS, -1) / 255, dtype=torch.float64)


class Autoencoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(SIDE * SIDE, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, Z))
        self.decoder = nn.Sequential(nn.Linear(Z, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, SIDE * SIDE), nn.Sigmoid())

    def forward(self, x):
        return self.decoder(self.encoder(x))


def run(folder, net, recipe, steps, rate, device):
    """The tensors after so many steps of the command line, from this network's weights."""
    (folder / "data.idx").write_bytes(struct.pack(">BBBBIII", 0, 0, 8, 3, ROWS, SIDE, SIDE) + pixels.tobytes())
    (folder / "recipe.json").write_text(json.dumps(recipe))
    save_file({name: w.float().contiguous() for name, w in net.state_dict().items()}, folder / "first.safetensors")
    paths = {"--data": "data.idx", "--recipe": "recipe.json", "--init": "first.safetensors", "--out": "out.safetensors"}
    command = [program, "train", "--order", "file", "--steps", str(steps), "--rate", str(rate), "--device", device]
    command += [part for flag, name in paths.items() for part in (flag, str(folder / name))]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return load_file(folder / "out.safetensors")


losses = {"Mse": nn.MSELoss(), "Bce": nn.BCELoss()}
recipe = {"encoder": [HIDDEN], "z": Z, "batch": ROWS, "epochs": 1}
for device in ("cpu", "gpu"):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for loss, of in losses.items():
            # What the file can hold, in f64: autograd rounds nothing that matters.
            net = Autoencoder().float().double()
            of(net(x), x).backward()
            rate = 2.0**14
            after = run(folder, net, recipe | {"loss": loss, "optimiser": "Sgd"}, 1, rate, device)
            for tensor, w in net.named_parameters():
                gradient = (w.detach().float().double() - after[tensor].double()) / rate
                off = (gradient - w.grad).abs().max() / w.grad.abs().max()
                print(f"{device} {loss} {tensor}: off by {off:.1e} of the largest")
                assert off <= 1e-4
        net = Autoencoder().float().double()
        after = run(folder, net, recipe | {"batch": 16}, 100, 1e-3, device)
        adam = torch.optim.Adam(net.parameters(), lr=1e-3)
        for step in range(100):
            rows = [(16 * step + i) % ROWS for i in range(16)]
            adam.zero_grad()
            losses["Mse"](net(x[rows]), x[rows]).backward()
            adam.step()
        off = max((w.detach() - after[tensor].double()).abs().max().item() for tensor, w in net.named_parameters())
        print(f"{device}: weights after 100 steps of Adam are off by at most {off:.1e}")
        assert off <= 1e-3
