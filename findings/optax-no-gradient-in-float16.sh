#!/usr/bin/env bash
# Optax 0.2.8: one step for weights of float16, of which one has a gradient of 0 and one of 0.001.
# Guess: the first stays, and the second moves by about the learning rate, as with weights of
# float32.
# Seen: by adam, adamw, rmsprop, nadam, adabelief and adan the first becomes NaN: the 1e-8 that is
# to keep 0 from being divided by 0 is itself 0 in float16. By all of these but rmsprop the second
# goes to minus infinity, since a thousandth of its square is 0 too. adagrad, radam, yogi, lion and
# sgd take finite steps. A dead ReLU, which elsewhere keeps its weights, loses them here.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    optax==0.2.8 jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import jax.numpy as jnp
import optax


def step(name, kind):
    optimizer = getattr(optax, name)(0.001)
    weights = jnp.ones(2, kind)
    updates, _ = optimizer.update(jnp.array([0, 0.001], kind), optimizer.init(weights), weights)
    return optax.apply_updates(weights, updates)


lost = {"adam": 2, "adamw": 2, "nadam": 2, "adabelief": 2, "adan": 2, "rmsprop": 1}
for name in (*lost, "adagrad", "radam", "yogi", "lion", "sgd"):
    half, single = step(name, jnp.float16), step(name, jnp.float32)
    print(name, "float16:", half, "float32:", single)
    assert jnp.abs(single - 1).max() < 0.005
    assert jnp.isfinite(half).tolist() == [lost.get(name, 0) < 1, lost.get(name, 0) < 2]
    assert not lost.get(name) or jnp.isnan(half[0])
PYTHON
