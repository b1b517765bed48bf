import RingSimulator

print("RingSimulator is importable alone")
