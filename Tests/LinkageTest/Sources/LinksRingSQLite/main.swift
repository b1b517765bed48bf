import RingSQLite

print("RingSQLite is importable alone")
