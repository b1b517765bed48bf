import RingMedia

print("RingMedia is importable alone")
