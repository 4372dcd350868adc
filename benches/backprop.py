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


def resnet(x, w):
    w = iter(w)

    def conv(x, stride):
        weight = next(w)
        return F.conv2d(x, weight, stride=stride, padding=weight.shape[-1] // 2)

    def batch_norm(x):
        n = x.shape[1]
        mean, variance = torch.zeros(n), torch.ones(n)
        return F.batch_norm(x, mean, variance, next(w), next(w))

    x = F.max_pool2d(F.relu(batch_norm(conv(x, 2))), 3, 2, 1)
    for stage in range(4):
        for block in range(2):
            stride = 2 if stage and not block else 1
            y = F.relu(batch_norm(conv(x, stride)))
            y = batch_norm(conv(y, 1))
            if stride == 2:
                x = batch_norm(conv(x, 2))
            x = F.relu(y + x)
    return F.linear(F.adaptive_avg_pool2d(x, 1).flatten(1), next(w), next(w))


def resnet_parameters():
    def norm(n):
        return [(n,), (n,)]

    shapes, n_in = [(64, 3, 7, 7), *norm(64)], 64
    for stage, n in enumerate((64, 128, 256, 512)):
        for block in range(2):
            shapes += [(n, n_in, 3, 3), *norm(n), (n, n, 3, 3), *norm(n)]
            if stage and not block:
                shapes += [(n, n_in, 1, 1), *norm(n)]
            n_in = n
    return [*shapes, (1000, 512), (1000,)]


def transformer(x, w):
    w = iter(w)

    def norm(x):
        return F.layer_norm(x, (128,), next(w), next(w))

    def linear(x):
        return F.linear(x, next(w), next(w))

    def heads(x):
        return linear(x).reshape(64, 8, 16).transpose(0, 1)

    for _ in range(4):
        y = norm(x)
        query, key, value = heads(y), heads(y), heads(y)
        y = torch.softmax(query @ key.transpose(1, 2), -1) @ value
        x = x + linear(y.transpose(0, 1).reshape(64, 128))
        x = x + linear(F.gelu(linear(norm(x))))
    return x


def transformer_parameters():
    norm, square = [(128,), (128,)], [(128, 128), (128,)]
    return 4 * [*norm, *square, *square, *square, *square, *norm, (512, 128), (512,), (128, 512), (128,)]


def with_bias(*weights):
    return [shape for weight in weights for shape in (weight, weight[:1])]


# Each with the shape of one input, and those of its parameters.
NETWORKS = {
    "lenet": (lenet, (1, 28, 28), with_bias((6, 1, 5, 5), (16, 6, 5, 5), (120, 400), (84, 120), (10, 84))),
    "vgg": (
        vgg,
        (3, 32, 32),
        with_bias((32, 3, 3, 3), (32, 32, 3, 3), (64, 32, 3, 3), (64, 64, 3, 3), (256, 4096), (10, 256)),
    ),
    "resnet": (resnet, (3, 64, 64), resnet_parameters()),
    "transformer": (transformer, (64, 128), transformer_parameters()),
}


def measure(name, batch):
    network, shape, parameters = NETWORKS[name]
    x = leaf(*shape) if name == "transformer" else leaf(batch, *shape)
    parameters = [leaf(*shape) for shape in parameters]
    # Without a loss every output is given an upstream gradient of 1.
    target = torch.arange(batch) % 10 if name in ("lenet", "vgg") else None
    forward, backward = [], []
    end = time.perf_counter() + SECONDS
    while len(forward) <= LEAST_RUNS or time.perf_counter() < end:
        start = time.perf_counter()
        y = network(x, parameters)
        loss = y if target is None else F.cross_entropy(y, target)
        middle = time.perf_counter()
        torch.autograd.grad(loss, [x, *parameters], torch.ones_like(loss))
        forward.append(middle - start)
        backward.append(time.perf_counter() - middle)
    # The first run finds everything cold.
    return statistics.median(forward[1:]), statistics.median(backward[1:])


for line in sys.stdin:
    name, batch, threads = line.split()
    torch.set_num_threads(int(threads))
    print(*measure(name, int(batch)), flush=True)
