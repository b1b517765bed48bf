import RingWHEP

print("RingWHEP is importable alone")
