import RingOAuth

print("RingOAuth is importable alone")
