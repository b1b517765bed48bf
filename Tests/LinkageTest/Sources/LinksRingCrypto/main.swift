import RingCrypto

print("RingCrypto is importable alone")
