"""Runs a program and writes its peak memory in bytes to a file: measure.py FILE PROGRAM ...

The kernel counts a child's peak from the memory of the process that started it, and the test runner
has grown by then; this one is small.
"""

import os
import sys

child = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ)
_, status, usage = os.wait4(child, 0)
with open(sys.argv[1], "w", encoding="ascii") as report:
    report.write(str(usage.ru_maxrss * 1024))
code = os.waitstatus_to_exitcode(status)
if code < 0:
    os.kill(os.getpid(), -code)
sys.exit(code)
