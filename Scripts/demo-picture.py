#!/usr/bin/env python3
"""Draws the output of the demo as a picture of a terminal: make demo | Scripts/demo-picture.py > Documentation/demo.svg"""
import re
import sys
from html import escape

lines = [re.sub(r"/\S*/(ring-demo-)[0-9A-F]{8}[-0-9A-F]*", r"…/\1…", line.rstrip("\n")) for line in sys.stdin]
while lines and not re.match(r"\d+\. ", lines[0]):
    lines.pop(0)
lines = ["$ make demo", ""] + lines
width, height = 980, 18 * len(lines) + 56
print(f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" role="img" aria-label="make demo in a terminal">')
print(f'<rect width="{width}" height="{height}" rx="10" fill="#161b22"/>')
for index, colour in enumerate(("#ff5f57", "#febc2e", "#28c840")):
    print(f'<circle cx="{22 + 20 * index}" cy="20" r="6" fill="{colour}"/>')
print('<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="13" xml:space="preserve">')
for index, line in enumerate(lines):
    if re.match(r"\d+\. |That was|\$", line):
        style = 'fill="#f0f6fc" font-weight="bold"'
    elif re.match(r"\s+\d+ ms$", line):
        style = 'fill="#6e7681"'
    else:
        style = 'fill="#c9d1d9"'
    if line:
        print(f'<text x="20" y="{52 + 18 * index}" {style}>{escape(line)}</text>')
print("</g></svg>")
