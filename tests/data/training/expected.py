"""Writes cases.jsonl: scenarios that are trained, and what torch.optim makes of them in float64.

Each line has a scenario, the loss before each of 20 updates and after the last, and every trained
parameter after the last. Run it with a Python that has PyTorch.
"""

import json
import random
from pathlib import Path

import torch
import torch.nn.functional as F

UPDATES = 20
CASES = 200
ACTIVATIONS = {
    "relu": F.relu,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "softplus": F.softplus,
    "gelu": F.gelu,
    "silu": F.silu,
}


def number(chance, scale=1.0):
    return round(chance.uniform(-scale, scale), 3)


def numbers(chance, *shape):
    if not shape:
        return number(chance)
    return [numbers(chance, *shape[1:]) for _ in range(shape[0])]


def optimizer(chance, kind):
    """Settings as a scenario has them, those of the class under the same names."""
    train = {"optimizer": kind, "lr": chance.choice([0.5, 0.1, 0.02, 0.003])}
    if chance.random() < 0.4:
        train["weight_decay"] = chance.choice([0.1, 0.01, 0.3])
    if chance.random() < 0.2:
        train["maximize"] = True
        train["lr"] = min(train["lr"], 0.02)
    if kind == "sgd":
        if chance.random() < 0.7:
            train["momentum"] = chance.choice([0.9, 0.5, 0.99])
            if chance.random() < 0.4:
                train["nesterov"] = True
            elif chance.random() < 0.6:
                train["dampening"] = chance.choice([0.5, 0.1, -0.2])
    elif kind in ("adam", "adamw"):
        train["lr"] = min(train["lr"], 0.1)
        if chance.random() < 0.5:
            train["betas"] = [chance.choice([0.9, 0.5, 0.0]), chance.choice([0.999, 0.9, 0.99])]
        if chance.random() < 0.3:
            train["eps"] = chance.choice([1e-3, 0.1, 1])
        if chance.random() < 0.3:
            train["amsgrad"] = True
    elif kind == "rmsprop":
        train["lr"] = min(train["lr"], 0.1)
        if chance.random() < 0.5:
            train["alpha"] = chance.choice([0.9, 0.5])
        if chance.random() < 0.4:
            train["momentum"] = chance.choice([0.9, 0.3])
        if chance.random() < 0.4:
            train["centered"] = True
            train["eps"] = 1e-3
    else:
        if chance.random() < 0.5:
            train["lr_decay"] = chance.choice([0.1, 0.5])
        if chance.random() < 0.5:
            train["initial_accumulator_value"] = chance.choice([0.1, 2])
        if chance.random() < 0.3:
            train["eps"] = 1e-4
    return train


def scenario(chance, kind):
    n, width = chance.randint(1, 3), chance.randint(1, 4)
    layers, shared, x = [], {}, numbers(chance, n, width)
    is_convolved = chance.random() < 0.2
    if is_convolved:
        x = numbers(chance, n, 1, width + 2)
        layers += [
            {"name": "conv", "op": "conv1d", "weight": numbers(chance, 2, 1, 3),
             "bias": numbers(chance, 2), "activation": "tanh"},
            {"name": "flat", "op": "flatten", "start_dim": 1},
        ]
        width *= 2
    for depth in range(chance.randint(1, 3)):
        out = chance.randint(1, 4)
        layer = {"name": f"fc{depth}", "op": "linear", "weight": numbers(chance, out, width)}
        if chance.random() < 0.8:
            layer["bias"] = numbers(chance, out)
        if chance.random() < 0.8:
            layer["activation"] = chance.choice([*ACTIVATIONS])
        layers.append(layer)
        width = out
        # Of a single number nothing is left, and its gradients are rounding alone.
        if width > 1 and chance.random() < 0.15:
            layers.append({"name": f"norm{depth}", "op": "layer_norm", "normalized_shape": [width],
                           "weight": numbers(chance, width), "bias": numbers(chance, width)})
    if chance.random() < 0.2:
        # The same square matrix twice.
        shared["again.weight"] = numbers(chance, width, width)
        for name in ("one", "two"):
            layers.append({"name": name, "op": "linear",
                           "weight": {"parameter": "again.weight"}, "activation": "tanh"})
    losses = ["mse_loss", "binary_cross_entropy_with_logits", "cross_entropy"]
    loss = chance.choice(losses if width > 1 else losses[:2])

    def target():
        if loss == "cross_entropy":
            return [chance.randrange(width) for _ in range(n)]
        if loss == "mse_loss":
            return numbers(chance, n, width)
        return [[chance.randint(0, 1) for _ in range(width)] for _ in range(n)]

    last = {"name": "loss", "op": loss, "target": target()}
    if chance.random() < 0.3:
        last["reduction"] = "sum"
    layers.append(last)
    train = {**optimizer(chance, kind), "steps": UPDATES}
    if chance.random() < 0.3:
        shape = (n, 1, len(x[0][0])) if is_convolved else (n, len(x[0]))
        train["batches"] = [
            {"x": numbers(chance, *shape), "loss.target": target()}
            for _ in range(chance.randint(1, 3))
        ]
    made = {"backstep": 1, "inputs": {"x": x}, "layers": layers}
    if shared:
        made["parameters"] = shared
    names = [*shared]
    names += [f"{layer['name']}.{key}" for layer in layers for key in ("weight", "bias")
              if isinstance(layer.get(key), list)]
    if chance.random() < 0.3:
        train["parameters"] = sorted(chance.sample(names, chance.randint(1, len(names))))
    return {**made, "train": train}


def parameters(scenario):
    """Every parameter by its name."""
    found = {name: torch.tensor(value, dtype=torch.float64)
             for name, value in scenario.get("parameters", {}).items()}
    for layer in scenario["layers"]:
        for key in ("weight", "bias"):
            if isinstance(layer.get(key), list):
                found[f"{layer['name']}.{key}"] = torch.tensor(layer[key], dtype=torch.float64)
    for tensor in found.values():
        tensor.requires_grad_()
    return found


def linear(x, weight, bias, is_other):
    if not is_other:
        return F.linear(x, weight, bias)
    made = x.flip(-1) @ weight.flip(-1).T
    return made if bias is None else made + bias


def layer_norm(x, shape, weight, bias, is_other):
    if not is_other:
        return F.layer_norm(x, shape, weight, bias)
    center = x - x.mean(-1, keepdim=True)
    return center / ((center * center).mean(-1, keepdim=True) + 1e-5).sqrt() * weight + bias


def run(scenario, known, batch, is_other=False):
    """The loss; with `is_other` the same by formulas that round otherwise."""
    x = torch.tensor(batch.get("x", scenario["inputs"]["x"]), dtype=torch.float64)
    for layer in scenario["layers"]:

        def of(key):
            value = layer.get(key)
            if isinstance(value, dict):
                return known[value["parameter"]]
            return known.get(f"{layer['name']}.{key}")

        if layer["op"] == "linear":
            x = linear(x, of("weight"), of("bias"), is_other)
        elif layer["op"] == "conv1d":
            x = F.conv1d(x, of("weight"), of("bias"))
        elif layer["op"] == "flatten":
            x = x.flatten(1)
        elif layer["op"] == "layer_norm":
            x = layer_norm(x, layer["normalized_shape"], of("weight"), of("bias"), is_other)
        else:
            of_classes = layer["op"] == "cross_entropy"
            target = torch.tensor(batch.get("loss.target", layer["target"]),
                                  dtype=torch.int64 if of_classes else torch.float64)
            x = getattr(F, layer["op"])(x, target, reduction=layer.get("reduction", "mean"))
        if "activation" in layer:
            x = ACTIVATIONS[layer["activation"]](x)
    return x


def trained(scenario, is_other=False):
    train = dict(scenario["train"])
    kind, updates = train.pop("optimizer"), train.pop("steps")
    batches = train.pop("batches", [{}])
    known = parameters(scenario)
    names = train.pop("parameters", [*known])
    classes = {"sgd": "SGD", "adam": "Adam", "adamw": "AdamW", "rmsprop": "RMSprop",
               "adagrad": "Adagrad"}
    made = getattr(torch.optim, classes[kind])([known[name] for name in names], foreach=False,
                                               **train)
    losses = []
    for update in range(updates):
        made.zero_grad()
        for tensor in known.values():
            tensor.grad = None
        loss = run(scenario, known, batches[update % len(batches)], is_other)
        losses.append(loss.item())
        loss.backward()
        made.step()
    losses.append(run(scenario, known, batches[updates % len(batches)], is_other).item())
    return losses, {name: known[name].detach().flatten().tolist() for name in names}


def is_rounding(scenario, losses, values):
    """Whether rounding decides what comes of it, as where gradients that cancel are made large."""
    other_losses, other_values = trained(scenario, True)
    lists = [(losses, other_losses), *((values[name], other_values[name]) for name in values)]
    return any(
        abs(one - other) > 1e-11 * max(max(map(abs, ones)), 1e-3)
        for ones, others in lists
        for one, other in zip(ones, others)
    )


def main():
    chance = random.Random(20)
    kinds = ["sgd", "adam", "adamw", "rmsprop", "adagrad"]
    lines = []
    while len(lines) < CASES:
        case = scenario(chance, kinds[len(lines) % len(kinds)])
        losses, values = trained(case)
        numbers = [*losses, *(one for value in values.values() for one in value)]
        if max(map(abs, numbers)) > 1e6 or is_rounding(case, losses, values):
            continue
        lines.append(json.dumps({"scenario": case, "losses": losses, "values": values},
                                separators=(",", ":")))
    Path(__file__).with_name("cases.jsonl").write_text("\n".join(lines) + "\n")


main()
