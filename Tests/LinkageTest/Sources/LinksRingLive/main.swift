import RingLive

print("RingLive is importable alone")
