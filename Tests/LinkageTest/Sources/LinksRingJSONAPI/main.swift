import RingJSONAPI

print("RingJSONAPI is importable alone")
