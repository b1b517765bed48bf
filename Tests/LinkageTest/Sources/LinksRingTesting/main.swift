import RingTesting

print("RingTesting is importable alone")
