"""The golden numbers of src/lessons/verdict/tests.rs and tests/engine/heartbeats.rs, from scikit-learn and numpy.

    python3 tests/sklearn/verdict.py                   the golden numbers
    python3 tests/sklearn/verdict.py scores.csv ...    AUC and average precision of exported scores

`scores.csv` is what the page's button and `hourglass evaluate --scores` write: index,label,error; label 0 is normal.
"""
import csv
import sys

import numpy as np
from sklearn.metrics import average_precision_score, roc_auc_score


def delong(abnormal, normal):
    """Area and variance, pair by pair, straight from the paper's definitions."""
    psi = (abnormal[:, None] > normal[None, :]) + 0.5 * (abnormal[:, None] == normal[None, :])
    by_abnormal, by_normal = psi.mean(axis=1), psi.mean(axis=0)
    return psi.mean(), by_abnormal.var(ddof=1) / len(abnormal) + by_normal.var(ddof=1) / len(normal)


def judge(name, labels, errors):
    abnormal = labels != 0
    area, variance = delong(errors[abnormal], errors[~abnormal])
    reach = 1.959964 * variance**0.5
    print(
        f"{name}: AUC {roc_auc_score(abnormal, errors):.9f} interval {area - reach:.9f} {area + reach:.9f} "
        f"average precision {average_precision_score(abnormal, errors):.9f}"
    )


def made(rows, ties):
    """Errors by a formula that Rust has too; rounded coarsely, so that many are equal."""
    i = np.arange(rows, dtype=np.float64)
    labels = (i % 7 % 3).astype(int)
    errors = np.sin(i * 0.7) + 0.8 * (labels != 0)
    return labels, (np.round(errors * ties) / ties).astype(np.float32)


if len(sys.argv) > 1:
    for path in sys.argv[1:]:
        with open(path, newline="") as file:
            rows = list(csv.DictReader(file))
        # As they are in the page: 32-bit floats.
        errors = np.array([row["error"] for row in rows], dtype=np.float32)
        judge(path, np.array([int(row["label"]) for row in rows]), errors)
else:
    judge("few ties", *made(500, 1e6))
    judge("many ties", *made(500, 5))
    judge("six", np.array([0, 0, 0, 1, 2, 1]), np.array([0.1, 0.4, 0.35, 0.4, 0.8, 0.05], dtype=np.float32))
