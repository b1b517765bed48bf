import RingCore

print("RingCore is importable alone")
