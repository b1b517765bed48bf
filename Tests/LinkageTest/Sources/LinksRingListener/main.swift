import RingListener

print("RingListener is importable alone")
