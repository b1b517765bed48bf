import RingDevices

print("RingDevices is importable alone")
