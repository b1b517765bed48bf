import RingPartner

print("RingPartner is importable alone")
