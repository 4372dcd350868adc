#!/usr/bin/env bash
# PyTorch 2.15.0, torch.onnx.export of F.pairwise_distance.
# Guess: (sum |a - b + eps|^p)^(1/p) for every p, as PyTorch computes it.
