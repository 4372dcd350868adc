
all_agree = True
for name, numbers in expected.items():
    ours = constant(numbers)
    theirs = torch.zeros_like(ours) if t[name].grad is None else t[name].grad
    agrees = torch.allclose(theirs, ours, rtol=1e-9, atol=1e-10, equal_nan=True)
    all_agree = all_agree and agrees
    print(f"\n{name}: {'agrees' if agrees else f'DIFFERS, backstep has {numbers}'}")
    print(theirs)
