"""Holds the pictures that the Denoise lesson exports to the figures that it shows.

    python3 tests/numpy/denoise.py pictures.npz

Needs numpy alone; where $HOURGLASS_DATA has mnist/ and the pictures are of it, the clean ones are compared with the file
and PCA is fitted again. For each method the decibels are computed anew from the exported arrays and compared with
figures.csv, which the page wrote from what it shows: they must agree to 0.01 dB. The median filter is repeated on the
noisy pictures, with the edge going on (as scipy.ndimage.median_filter(x, 3, mode="nearest")), and must agree exactly.
"""
import csv
import gzip
import io
import os
import sys

import numpy as np

METHODS = ["noisy", "plain", "denoising", "pca", "median"]
archive = np.load(sys.argv[1])
figures = {row["method"]: row for row in csv.DictReader(io.StringIO(archive["figures.csv"].decode()))}
clean = archive["clean"].astype(np.float64)
assert sorted(figures) == sorted(METHODS), figures
wrong = []


def decibels(y):
    return 10 * np.log10(1 / np.mean((y - clean) ** 2))


for method in METHODS:
    y = archive[method].astype(np.float64)
    assert y.shape == clean.shape and y.dtype == np.float64, (method, y.shape)
    for column, value in [("psnr", decibels(y)), ("psnr_clipped", decibels(y.clip(0, 1)))]:
        shown = float(figures[method][column])
        print(f"{method:10} {column:13} numpy {value:8.4f}  page {shown:8.4f}")
        if not abs(value - shown) < 0.01:
            wrong.append((method, column))

width = {784: 28}.get(clean.shape[1], clean.shape[1])
pictures = archive["noisy"].reshape(len(clean), -1, width)
if width == 28:
    pictures = pictures.clip(0, 1)
padded = np.pad(pictures, ((0, 0), (1, 1), (1, 1)), mode="edge")
rows, cols = pictures.shape[1:]
near = [padded[:, i : i + rows, j : j + cols] for i in range(3) for j in range(3)]
if not np.array_equal(np.median(np.stack(near), axis=0).reshape(clean.shape), archive["median"]):
    wrong.append("median filter")


def mnist(name):
    with gzip.open(f"{os.environ['HOURGLASS_DATA']}/mnist/{name}-images-idx3-ubyte.gz") as file:
        return np.frombuffer(file.read()[16:], dtype=np.uint8).reshape(-1, 784).astype(np.float32) * np.float32(1 / 255)


if "HOURGLASS_DATA" in os.environ and clean.shape[1] == 784:
    test = mnist("t10k")[: len(clean)]
    if np.array_equal(test, archive["clean"]):
        train = mnist("train").astype(np.float64)
        mean = train.mean(0)
        vectors = np.linalg.eigh(np.cov(train.T, bias=True))[1][:, ::-1]
        residual = archive["pca"] - mean
        # As many components as the exported pictures need.
        z = np.linalg.matrix_rank(residual, tol=1e-2 * np.linalg.norm(residual, 2) / 100)
        v = vectors[:, :z]
        again = (archive["noisy"] - mean) @ v @ v.T + mean
        gap = abs(decibels(again) - decibels(archive["pca"]))
        print(f"PCA fitted again, {z} components: {gap:.6f} dB apart")
        if gap >= 0.01:
            wrong.append("PCA")

print("all agree" if not wrong else f"these differ: {wrong}")
sys.exit(bool(wrong))
