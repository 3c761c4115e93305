"""Holds `hourglass neighbours` to scikit-learn's KNeighborsClassifier, to the last image.

    python3 tests/sklearn/neighbours.py HOURGLASS WEIGHTS [codes|values ...] [--cosine] [--device cpu|gpu]

HOURGLASS is the program, WEIGHTS a safetensors file for MNIST, and $HOURGLASS_DATA has mnist/. Needs numpy and
scikit-learn. Both sides get the same numbers: the codes that `hourglass encode` exports, as 32-bit floats, and pixels
as whole numbers from 0 to 255. For every k from 1 to 25 and every test image the two votes are compared. Where
neighbours k and k + 1 are equally far, scikit-learn takes either and this project the first in the file: those images
are counted, and compared with a plain sort in numpy instead.
"""
import gzip
import json
import os
import subprocess
import sys
import tempfile

import numpy as np
from sklearn.neighbors import KNeighborsClassifier

MOST = 25
arguments = sys.argv[1:]
cosine = "--cosine" in arguments
device = arguments[arguments.index("--device") + 1] if "--device" in arguments else "cpu"
program, weights, *spaces = [a for a in arguments if a not in ("--cosine", "--device", device)]
folder = tempfile.mkdtemp()


def hourglass(*options):
    return subprocess.run([program, *options], check=True, capture_output=True, text=True).stdout


def pixels(name, header):
    with gzip.open(f"{os.environ['HOURGLASS_DATA']}/mnist/{name}-idx{3 if header == 16 else 1}-ubyte.gz") as file:
        return np.frombuffer(file.read()[header:], dtype=np.uint8)


def codes(part):
    path = f"{folder}/{part}.csv"
    hourglass("encode", "--weights", weights, "--part", part, "--out", path, "--device", device)
    table = np.loadtxt(path, delimiter=",", skiprows=1, dtype=np.float32)
    # The shortest decimal that gives the float back, read as that float.
    return table[:, 2:].astype(np.float64), table[:, 1].astype(np.int64)


def load(space):
    if space == "codes":
        return *codes("train"), *codes("test")
    images = [pixels(f"{name}-images", 16).reshape(-1, 784).astype(np.float64) for name in ("train", "t10k")]
    labels = [pixels(f"{name}-labels", 8).astype(np.int64) for name in ("train", "t10k")]
    return images[0], labels[0], images[1], labels[1]


def votes(labels):
    """[rows, k]: the most frequent of the first 1 ... k labels, of equals the lowest."""
    counts = np.zeros((len(labels), 10), dtype=np.int64)
    out = []
    for k in range(labels.shape[1]):
        counts[np.arange(len(labels)), labels[:, k]] += 1
        out.append(counts.argmax(1))
    return np.array(out).T


wrong = 0
for space in spaces or ["codes", "values"]:
    train, known, test, truth = load(space)
    path = f"{folder}/neighbours.csv"
    said = json.loads(
        hourglass("neighbours", "--weights", weights, "--by", space, "--k", str(MOST), "--out", path, "--device", device,
                  "--json", *(["--cosine"] if cosine else []))
    )
    table = np.loadtxt(path, delimiter=",", skiprows=1)
    places = table[:, 4::3].astype(np.int64)
    ours = votes(known[places])
    metric = "cosine" if cosine else "euclidean"
    print(f"{space}, {metric}, on {said['device']}: {len(test)} among {len(train)} in {said['seconds']:.1f} s")
    for k in (1, 3, 5, 9, 15, 25):
        model = KNeighborsClassifier(k, metric=metric).fit(train, known)
        theirs = model.predict(test)
        different = np.flatnonzero(theirs != ours[:, k - 1])
        settled = []
        for image in different:
            if cosine:
                distance = 1 - train @ test[image] / np.linalg.norm(train, axis=1) / np.linalg.norm(test[image])
            else:
                distance = ((train - test[image]) ** 2).sum(1)
            order = np.argsort(distance, kind="stable")
            # Equally far to within f64's own rounding, and so anybody's choice.
            tied = abs(distance[order[k]] - distance[order[k - 1]]) <= 1e-12 * max(distance[order[k]], 1e-3)
            if tied and votes(known[order[None, :k]])[0, -1] == ours[image, k - 1]:
                settled.append(int(image))
        right, share = (theirs == truth).sum(), said["right"][k - 1]
        wrong += len(different) - len(settled)
        print(f"  k = {k:2}: {share} right here, {right} in scikit-learn; {len(different)} votes differ, {len(settled)} of them by ties {settled}")
sys.exit(f"{wrong} votes differ" if wrong else 0)
