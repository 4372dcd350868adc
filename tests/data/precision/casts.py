"""Prints what PyTorch makes of float64 numbers in float32, bfloat16 and float16: the bits of each, a line a number.

    python casts.py > casts.txt
"""

import random
import struct

import torch


def float_of(pattern):
    return struct.unpack("<d", struct.pack("<Q", pattern))[0]


def double_bits(number):
    return struct.unpack("<Q", struct.pack("<d", number))[0]


def numbers():
    yield from (0.0, -0.0, float("inf"), float("-inf"), 65504.0, 65519.999, 65520.0, 65519.9999999, -65520.0)
    yield from (1 + 2**-8 + 2**-40, 1 + 2**-8 + 2**-20, 1 + 2**-11 + 2**-40, 1 + 3 * 2**-11, 2**-24, 2**-25, 2**-26)
    yield from (2**-25 * (1 + 2**-52), 3 * 2**-25, 2**-133, 2**-134, 2**-149, 2**-150, 3 * 2**-134, 1e-45, 1e-320)
    yield from (3.3895313892515355e38, 3.3961775292304957e38, 3.4e38, 3.4028235677973366e38, 1e39, 1.7e308, 0.1)
    chance = random.Random(1)
    formats = [(torch.float16, 0x7C00), (torch.bfloat16, 0x7F80)]
    for _ in range(120):
        for dtype, infinity in formats:
            pattern = chance.randrange(infinity - 1)
            pair = torch.tensor([pattern, pattern + 1], dtype=torch.int16).view(dtype).double().tolist()
            middle = (pair[0] + pair[1]) / 2
            for nudge in (0, 1, -1):
                yield chance.choice([-1, 1]) * float_of(double_bits(middle) + nudge * chance.choice([1, 2**10, 2**28, 2**30]))
    for _ in range(120):
        yield chance.choice([-1, 1]) * 2 ** chance.uniform(-152, 130)
        yield chance.choice([-1, 1]) * 2 ** chance.uniform(-28, 17)


for number in numbers():
    double = torch.tensor([number], dtype=torch.float64)
    single, brain, half = (double.to(dtype) for dtype in (torch.float32, torch.bfloat16, torch.float16))
    patterns = [
        double_bits(number),
        single.view(torch.int32).item() & 0xFFFFFFFF,
        brain.view(torch.int16).item() & 0xFFFF,
        half.view(torch.int16).item() & 0xFFFF,
    ]
    print(*(f"{pattern:0{width}x}" for pattern, width in zip(patterns, (16, 8, 4, 4))))
