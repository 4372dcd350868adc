
for update, new in enumerate(expected_new, 1):
    for tensor in t.values():
        tensor.grad = None
    batches[(update - 1) % len(batches)]()
    torch.autograd.backward([t[name] for name in upstream], list(upstream.values()))
    optimizer.step()
    for name, numbers in new.items():
        ours = constant(numbers)
        theirs = t[name].detach()
        size = ours.abs().max().item()
        agrees = torch.allclose(theirs, ours, rtol=1e-9, atol=1e-10 * size, equal_nan=True)
        all_agree = all_agree and agrees
        if not agrees:
            print(f"\nupdate {update}, {name}: DIFFERS, backstep has {numbers}\n{theirs}")
print(f"\n{len(expected_new)} updates compared.")
