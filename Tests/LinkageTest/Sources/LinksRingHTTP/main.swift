import RingHTTP

print("RingHTTP is importable alone")
