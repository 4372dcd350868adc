"""Compares the figures of `backstep inspect --format csv` with the same figures of the exported arrays, by NumPy.

    python figures.py HEALTH.csv ARRAYS.npz
"""

import csv
import sys

import numpy as np

FIGURES = {
    "min": np.min,
    "max": np.max,
    "mean": np.mean,
    "mean_size": lambda x: np.mean(np.abs(x)),
    "largest": lambda x: np.max(np.abs(x)),
    "norm": lambda x: np.sqrt(np.sum(x * x)),
    "rms": lambda x: np.sqrt(np.mean(x * x)),
    "zeros": lambda x: np.sum(x == 0),
    "nan": lambda x: np.sum(np.isnan(x)),
    "infinite": lambda x: np.sum(np.isinf(x)),
}

arrays = np.load(sys.argv[2])
count = dead = 0
with open(sys.argv[1], encoding="utf-8") as table:
    for row in csv.DictReader(table):
        name = row["tensor"]
        values = arrays["value/" + name]
        for side, array in [("value", values), ("gradient", arrays[name])]:
            if row[side + "_rms"] == "":
                continue
            for figure, of in FIGURES.items():
                told, expected = float(row[f"{side}_{figure}"]), float(of(array))
                # A mean may cancel, so that it is right beside the size of the numbers.
                size = np.max(np.abs(array)) if figure == "mean" else abs(expected)
                assert abs(told - expected) <= 1e-12 * size, (name, side, figure, told, expected)
                count += 1
        if row["units"] and values.ndim == 4:
            closed = int(np.sum(np.all(values <= 0, axis=(0, 2, 3))))
            assert closed == int(row["dead"]), (name, closed, row["dead"])
            dead += 1
assert count >= 60, count
print(count, "figures,", dead, "counts of dead channels")
