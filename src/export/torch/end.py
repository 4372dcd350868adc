print("\nPyTorch agrees with backstep." if all_agree else "\nPyTorch differs from backstep.")
sys.exit(0 if all_agree else 1)
