#!/usr/bin/env bash
# PaddlePaddle 3.3.1: the gradient of the sum of the eigenvalues, which is the trace, at a multiple
# of the identity.
# Guess: the identity, by eigvalsh and by the eigenvalues that eigh returns; NaN only where the
# eigenvectors are used, which are not unique there.
# Seen: the identity by eigvalsh, and NaN throughout by eigh. The part of the eigenvectors is
# worked out though nobody uses them, and is 0 times infinity. A covariance that begins as the
# identity has no gradient, by the choice between two names.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check paddlepaddle==3.3.1 numpy==2.4.6
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import numpy as np
import paddle


def gradient(eigenvalues, diagonal):
    matrix = paddle.to_tensor(np.diag(diagonal), stop_gradient=False)
    eigenvalues(matrix).sum().backward()
    return matrix.grad.numpy()


for diagonal in ([2.0, 2.0], [2.0, 3.0]):
    alone = gradient(paddle.linalg.eigvalsh, diagonal)
    beside = gradient(lambda x: paddle.linalg.eigh(x)[0], diagonal)
    print(diagonal, "eigvalsh:", alone.tolist(), "eigh:", beside.tolist())
    assert np.allclose(alone, np.eye(2))
    assert np.isnan(beside).all() if diagonal[0] == diagonal[1] else np.allclose(beside, np.eye(2))
PYTHON
