#!/usr/bin/env python3
"""Measures how long ringctl takes from start to end, for words that do nothing else: the median of many runs, in milliseconds.

    Scripts/start-time.py PROGRAM [RUNS]

The first line is a program that does nothing (/bin/true), which is the machine's share. The time of the processor is that of all
threads; on a machine without other work the elapsed time is close to it.
"""
import os
import statistics
import sys
import tempfile
import time

SILENT = [(os.POSIX_SPAWN_OPEN, descriptor, "/dev/null", os.O_WRONLY, 0) for descriptor in (1, 2)]
program, runs = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 200
with tempfile.TemporaryDirectory() as home:
    environment = {"HOME": home, "PATH": "/usr/bin:/bin"}
    for words in (["/bin/true"], [program, "version"], [program, "help"], [program, "completions", "bash"], [program, "completions", "devices"]):
        elapsed, processor = [], []
        for _ in range(runs):
            begin = time.perf_counter()
            child = os.posix_spawn(words[0], words, environment, file_actions=SILENT)
            usage = os.wait4(child, 0)[2]
            elapsed.append((time.perf_counter() - begin) * 1000)
            processor.append((usage.ru_utime + usage.ru_stime) * 1000)
        print(
            f"{' '.join(words[1:]) or words[0]}: median {statistics.median(elapsed):.1f} ms elapsed, "
            f"{statistics.median(processor):.1f} ms of the processor")
