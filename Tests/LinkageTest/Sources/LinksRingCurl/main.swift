import RingCurl

print("RingCurl is importable alone")
