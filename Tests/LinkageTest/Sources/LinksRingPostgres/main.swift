import RingPostgres

print("RingPostgres is importable alone")
