#!/usr/bin/env bash
# How many multiplications a layer of PyTorch 2.15.0 takes, by torchinfo 1.8.0, thop 0.1.1, fvcore
# 0.1.5 and PyTorch's own FlopCounterMode (halved, since it counts additions too).
# Guess: the same from all four, but for the bias.
# Seen: six layers, and none has the same from all. A linear layer over ten words is counted once
# by torchinfo; an image without a batch axis five times by thop and three eighths of a time by
# torchinfo; a transposed convolution without overlap four times by both; self-attention takes none
# by either, and an LSTM none by fvcore and by PyTorch itself. To look five words up takes 800 by
# torchinfo.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.15.0 numpy==2.4.6 \
    setuptools==81.0.0 torchinfo==1.8.0 thop==0.1.1.post2209072238 fvcore==0.1.5.post20221221
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import logging

import thop
import torch
import torchinfo
from fvcore.nn import FlopCountAnalysis
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

logging.getLogger("fvcore").setLevel(logging.ERROR)


def counts(layer, *inputs):
    layer.eval()
    with FlopCounterMode(display=False) as own:
        layer(*inputs)
    return (
        torchinfo.summary(layer, input_data=list(inputs), verbose=0).total_mult_adds,
        int(thop.profile(layer, inputs, verbose=False)[0]),
        int(FlopCountAnalysis(layer, inputs).total()),
        own.get_total_flops() // 2,
    )


words, image = torch.zeros(1, 10, 4), torch.zeros(2, 10, 10)
for name, right, expected, found in (
    ("linear", 120, (12, 120, 120, 120), counts(nn.Linear(4, 3, bias=False), words)),
    ("image", 3456, (1296, 17280, 3456, 3456), counts(nn.Conv2d(2, 3, 3, bias=False), image)),
    (
        "transposed",
        2400,
        (9600, 9600, 2400, 2400),
        counts(nn.ConvTranspose2d(2, 3, 2, stride=2, bias=False), image[None]),
    ),
    (
        "attention",
        1440,
        (0, 0, 1440, 1440),
        counts(nn.MultiheadAttention(4, 1, bias=False, batch_first=True), *[words] * 3),
    ),
    (
        "LSTM",
        1800,
        (1800, 2200, 0, 0),
        counts(nn.LSTM(4, 5, bias=False, batch_first=True), words),
    ),
    ("embedding", 0, (800, 0, 0, 0), counts(nn.Embedding(100, 8), torch.zeros(1, 5, dtype=int))),
):
    print(name, right, "torchinfo, thop, fvcore, PyTorch:", found)
    assert found == expected
PYTHON
