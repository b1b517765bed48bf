import RingWebhooks

print("RingWebhooks is importable alone")
