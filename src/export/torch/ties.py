def tied_max_pool(x, ties, windows, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False):
    """Max pooling with another rule for ties than PyTorch's, which gives the gradient to the first.

    PyTorch has none of these, so this is done by hand: the windows are laid out along a new axis, with -inf for padding. `windows`
    says how many there are along each axis; `ceil_mode` has had its say in that.
    """
    n_axes = len(windows)

    def per_axis(size):
        return size if isinstance(size, list) else [size] * n_axes

    kernel, dilation = per_axis(kernel_size), per_axis(dilation)
    padding = [sides[0] if isinstance(sides, list) else sides for sides in per_axis(padding)]
    stride = kernel if stride is None else per_axis(stride)
    for axis in range(n_axes):
        dim = x.dim() - n_axes
        size = x.shape[dim]
        starts = torch.arange(windows[axis])[:, None] * stride[axis] - padding[axis]
        places = starts + torch.arange(kernel[axis]) * dilation[axis]
        places[(places < 0) | (places >= size)] = size
        x = torch.cat([x, torch.full_like(x.narrow(dim, 0, 1), -inf)], dim)
        x = x.index_select(dim, places.flatten()).unflatten(dim, places.shape).movedim(dim + 1, -1)
    x = x.flatten(-n_axes)
    if ties == "split":
        return x.amax(-1)  # whose gradient is shared evenly
    largest = x.amax(-1, keepdim=True).detach()
    winners = torch.where((x == largest) & (x > -inf), x, 0.0).sum(-1)
    # The value of the largest with the gradient of the sum.
    return largest.squeeze(-1) + (winners - winners.detach())


