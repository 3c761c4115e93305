"""The golden numbers of tests/engine/siamese.rs, from PyTorch: python3 tests/torch/contrastive.py

The contrastive loss y d² + (1 - y) max(0, m - d)² of seven pairs of three values, in f64, with d by
torch.linalg.norm: the losses, and the gradients of their mean by all codes.
"""
import math

import torch


def wave(length, which):
    return [0.0 if (i + which) % 5 == 3 else math.sin(i * 0.7 + which * 1.3 + 0.1) for i in range(length)]


rows, cols, margin = 7, 3, 0.75
z = torch.tensor(wave(2 * rows * cols, 0), dtype=torch.float64).reshape(2 * rows, cols)
z[rows] = z[0]  # d = 0, a different pair
z[rows + 1] = z[1]  # d = 0, the same
z[rows + 2] = z[2] + torch.tensor([0.0, margin, 0.0], dtype=torch.float64)  # d = m, a different pair
z[rows + 4] = z[4] + torch.tensor([0.1, -0.2, 0.05], dtype=torch.float64)  # within the margin
z[rows + 5] = z[5] + torch.tensor([0.1, -0.2, 0.05], dtype=torch.float64)
same = torch.tensor([0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0], dtype=torch.float64)
z.requires_grad_(True)
d = torch.linalg.norm(z[:rows] - z[rows:], dim=1)
losses = same * d**2 + (1 - same) * torch.clamp(margin - d, min=0) ** 2
losses.mean().backward()
print("losses", [round(x, 9) for x in losses.tolist()])
print("dz", [round(x, 9) for x in z.grad.flatten().tolist()])
