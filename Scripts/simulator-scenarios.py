#!/usr/bin/env python3
"""Writes the scenario files of Scenarios/ into RingSimulator's source, so that the program holds them wherever it is."""
import pathlib

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = ROOT / "Sources/RingSimulator/Scenarios/BuiltInScenarios.swift"
SCHEMA = "scenario.schema.json"

lines = [
    "// Made by Scripts/simulator-scenarios.py; not written by hand.", "",
    "/// The files of the folder Scenarios, by their names without the ending.", "enum BuiltInScenarios {",
    "    static let texts: [String: String] = [",
]
for file in sorted((ROOT / "Scenarios").glob("*.json")):
    if file.name == SCHEMA:
        continue
    # One string for each file: its lines keep their own indentation.
    lines.append(f'        "{file.stem}": """')
    lines += [("        " + line.replace("\\", "\\\\")).rstrip() for line in file.read_text().splitlines()]
    lines.append('        """,')
lines += ["    ]", "}", ""]
TARGET.write_text("\n".join(lines))
