"""Times PyTorch on the networks that backstep is measured on, in float64.

Each line of the input names a network, a batch and a number of threads; the answer is how many seconds the forward run took, and how
many all gradients of the input and the parameters.
"""

import statistics
import sys
import time

import torch
from torch.nn import functional as F

SECONDS = 0.3
LEAST_RUNS = 3
torch.set_default_dtype(torch.float64)


def leaf(*shape):
    return torch.rand(shape).sub_(0.5).mul_(0.2).requires_grad_()


def lenet(x, w):
    x = F.max_pool2d(F.relu(F.conv2d(x, w[0], w[1], padding=2)), 2)
    x = F.max_pool2d(F.relu(F.conv2d(x, w[2], w[3])), 2)
    x = F.relu(F.linear(x.flatten(1), w[4], w[5]))
    return F.linear(F.relu(F.linear(x, w[6], w[7])), w[8], w[9])


def vgg(x, w):
    x = F.relu(F.conv2d(x, w[0], w[1], padding=1))
    x = F.max_pool2d(F.relu(F.conv2d(x, w[2], w[3], padding=1)), 2)
    x = F.relu(F.conv2d(x, w[4], w[5], padding=1))
    x = F.max_pool2d(F.relu(F.conv2d(x, w[6], w[7], padding=1)), 2)
    return F.linear(F.relu(F.linear(x.flatten(1), w[8], w[9])), w[10], w[11])


NETWORKS = {
    "lenet": (lenet, (1, 28, 28), [(6, 1, 5, 5), (16, 6, 5, 5), (120, 400), (84, 120), (10, 84)]),
    "vgg": (vgg, (3, 32, 32), [(32, 3, 3, 3), (32, 32, 3, 3), (64, 32, 3, 3), (64, 64, 3, 3), (256, 4096), (10, 256)]),
}


def measure(name, batch):
    network, shape, weights = NETWORKS[name]
    x = leaf(batch, *shape)
    parameters = [parameter for weight in weights for parameter in (leaf(*weight), leaf(weight[0]))]
    target = torch.arange(batch) % 10
    forward, backward = [], []
    end = time.perf_counter() + SECONDS
    while len(forward) <= LEAST_RUNS or time.perf_counter() < end:
        start = time.perf_counter()
        loss = F.cross_entropy(network(x, parameters), target)
        middle = time.perf_counter()
        torch.autograd.grad(loss, [x, *parameters])
        forward.append(middle - start)
        backward.append(time.perf_counter() - middle)
    # The first run finds everything cold.
    return statistics.median(forward[1:]), statistics.median(backward[1:])


for line in sys.stdin:
    name, batch, threads = line.split()
    torch.set_num_threads(int(threads))
    print(*measure(name, int(batch)), flush=True)
