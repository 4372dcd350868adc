"""Writes random nets as scenarios, and beside each its gradients in bf16 or f16 by the rule of the formats' chapter,
worked out with NumPy: every tensor's values and gradients are rounded once they are complete, by way of float32, and
sums and products are float64, each in the order of its terms.

    python nets.py FOLDER
"""

import json
import random
import struct
import sys
from pathlib import Path

import numpy as np

SAMPLES, WIDTH = 3, 4


def rounded(array, precision):
    with np.errstate(over="ignore", invalid="ignore"):
        single = np.asarray(array, dtype=np.float64).astype(np.float32)
        if precision == "f16":
            return single.astype(np.float16).astype(np.float64)
    bits = single.view(np.uint32).astype(np.uint64)
    even = (bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000
    near = even.astype(np.uint32).view(np.float32).astype(np.float64)
    return np.where(np.isnan(single), np.nan, near)


def drawn(chance, shape, low, high):
    """Numbers of very different sizes, some of them 0."""
    number = lambda: 0.0 if chance.random() < 0.1 else chance.choice([-1, 1]) * 10 ** chance.uniform(low, high)
    return np.array([number() for _ in range(int(np.prod(shape)))]).reshape(shape)


def slope(z, activation):
    """The slope of an activation, and whether nothing passes whatever it is multiplied with."""
    if activation == "relu":
        return (0.0, True) if z <= 0 else (1.0, False)
    if activation == "leaky_relu":
        return (1.0 if z > 0 else 0.01), False
    return None, False


def value(z, activation):
    if activation == "relu":
        return 0.0 if z < 0 else z
    return z if z > 0 or np.isnan(z) else 0.01 * z


def term(upstream, z, activation, *factors):
    local, is_closed = slope(z, activation)
    if is_closed:
        return 0.0
    product = upstream
    for factor in ([] if local is None else [local]) + list(factors):
        product = product * factor
    return product


class Net:
    def __init__(self, seed):
        self.chance = chance = random.Random(seed)
        self.precision = ["bf16", "f16"][seed % 2]
        self.loss_scale = chance.choice([1, 1, 8, 1024, 0.5])
        self.round = lambda array: rounded(array, self.precision)
        low = -3 if self.precision == "f16" else -12
        self.given_x = drawn(chance, (SAMPLES, WIDTH), low, 1)
        self.values = {"x": self.round(self.given_x)}
        self.before = {}
        self.scenario = {
            "backstep": 1,
            "precision": self.precision,
            "loss_scale": self.loss_scale,
            "inputs": {"x": self.given_x.tolist()},
            "layers": [],
        }
        self.layers = []
        for number in range(chance.randint(2, 6)):
            self.add(f"l{number}", low)
        last = self.layers[-1]["name"]
        self.upstream = drawn(chance, (SAMPLES, WIDTH), 3 * low, 3.5)
        self.scenario["upstream"] = {last: self.upstream.tolist()}

    def add(self, name, low):
        chance = self.chance
        names = ["x"] + [layer["name"] for layer in self.layers]
        kind = chance.choice(["linear", "linear", "relu", "leaky_relu", "add", "mul"])
        if kind in ("add", "mul") and len(names) < 2:
            kind = "linear"
        count = 2 if kind in ("add", "mul") else 1
        reads = [names[-1]] if count == 1 else [names[-1], chance.choice(names[:-1])]
        layer = {"name": name, "op": kind, "from": reads if count == 2 else reads[0]}
        kept = {"name": name, "op": kind, "reads": reads, "activation": None}
        inputs = [self.values[read] for read in reads]
        if kind == "linear":
            weight, bias = drawn(chance, (WIDTH, WIDTH), low, 1), drawn(chance, (WIDTH,), low, 1)
            layer["weight"], layer["bias"] = weight.tolist(), bias.tolist()
            self.values[name + ".weight"], self.values[name + ".bias"] = self.round(weight), self.round(bias)
            kept["activation"] = chance.choice([None, "relu", "leaky_relu"])
            z = self.linear(inputs[0], name)
            if kept["activation"]:
                layer["activation"] = kept["activation"]
            self.before[name] = z
            self.values[name] = z if not kept["activation"] else self.each(z, kept["activation"])
        elif kind in ("relu", "leaky_relu"):
            self.values[name] = self.each(inputs[0], kind)
        else:
            with np.errstate(all="ignore"):
                self.values[name] = self.round(inputs[0] + inputs[1] if kind == "add" else inputs[0] * inputs[1])
        self.layers.append(kept)
        self.scenario["layers"].append(layer)

    def each(self, z, activation):
        return self.round(np.vectorize(lambda z: value(z, activation), otypes=[np.float64])(z))

    def linear(self, x, name):
        weight, bias = self.values[name + ".weight"], self.values[name + ".bias"]
        output = np.zeros((SAMPLES, WIDTH))
        with np.errstate(all="ignore"):
            for sample in range(SAMPLES):
                for out in range(WIDTH):
                    total = np.float64(0.0)
                    for read in range(WIDTH):
                        total = total + x[sample, read] * weight[out, read]
                    output[sample, out] = total + bias[out]
        return self.round(output)

    def gradients(self):
        sums = {name: np.zeros(array.shape) for name, array in self.values.items()}
        last = self.layers[-1]["name"]
        sums[last] = self.round(self.upstream * self.loss_scale)
        reached = {last}
        with np.errstate(all="ignore"):
            for layer in reversed(self.layers):
                name, reads = layer["name"], layer["reads"]
                if name not in reached:
                    continue
                # What comes from this layer's readers is all there.
                upstream = sums[name] = self.round(sums[name])
                reached.update(reads)
                if layer["op"] == "linear":
                    self.linear_back(layer, upstream, sums)
                    continue
                x = [self.values[read] for read in reads]
                for at in np.ndindex(SAMPLES, WIDTH):
                    if layer["op"] == "mul":
                        sums[reads[0]][at] += upstream[at] * x[1][at]
                        sums[reads[1]][at] += upstream[at] * x[0][at]
                    elif layer["op"] == "add":
                        for read in reads:
                            sums[read][at] += upstream[at]
                    else:
                        sums[reads[0]][at] += term(upstream[at], x[0][at], layer["op"])
        return {name: self.round(array) for name, array in sums.items()}

    def linear_back(self, layer, upstream, sums):
        name, (read,) = layer["name"], layer["reads"]
        x, weight, z = self.values[read], self.values[name + ".weight"], self.before[name]
        activation = layer["activation"]
        for sample in range(SAMPLES):
            for out in range(WIDTH):
                u, before = upstream[sample, out], z[sample, out]
                for place in range(WIDTH):
                    sums[read][sample, place] += term(u, before, activation, weight[out, place])
                    sums[name + ".weight"][out, place] += term(u, before, activation, x[sample, place])
                sums[name + ".bias"][out] += term(u, before, activation)


def bits(array):
    return [struct.unpack("<Q", struct.pack("<d", number))[0] for number in array.ravel().tolist()]


def main():
    folder = Path(sys.argv[1])
    for seed in range(50):
        net = Net(seed)
        expected = {
            "values": {name: bits(array) for name, array in net.values.items()},
            "gradients": {name: bits(array) for name, array in net.gradients().items()},
        }
        (folder / f"{seed}.json").write_text(json.dumps(net.scenario))
        (folder / f"{seed}.expected.json").write_text(json.dumps(expected))


main()
