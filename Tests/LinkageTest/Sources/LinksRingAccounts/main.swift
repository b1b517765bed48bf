import RingAccounts

print("RingAccounts is importable alone")
