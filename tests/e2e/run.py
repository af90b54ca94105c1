#!/usr/bin/python3
"""Runs the end-to-end tests: whole runs of the program, judged by their files.

Usage: run.py BINARY [WORD...]      only tests whose file or name holds one of the words

Tests are the functions test_* of the files e2e_*.py; each gets a Bench (harness.py) with a
temporary folder of its own. Two run at a time, for most of a test is waiting for a disk or a
judge. Trait packs are read from $SGR_SHARED (default: ../shared beside the repository); tests that
need them, or numpy, Pillow, pngcheck, strace, Chromium or root, are skipped without. Prints a line
per test, then `N passed, N failed, N skipped`. Exits with 1 when one failed.
"""

import concurrent.futures
import importlib
import os
import pathlib
import shutil
import sys
import tempfile
import time
import traceback

# Neither a user nor a test wants compiled files in the source tree.
sys.dont_write_bytecode = True

from art import make_painting
from harness import Bench, Failed, Skipped

HERE = pathlib.Path(__file__).resolve().parent


def list_tests(words):
    """Every wanted test as (name, function), in the order of the files."""
    for path in sorted(HERE.glob("e2e_*.py")):
        module = importlib.import_module(path.stem)
        for name, function in list(vars(module).items()):
            label = f"{path.stem[4:]}.{name.removeprefix('test_')}"
            if name.startswith("test_") and (not words or any(word in label for word in words)):
                yield label, function


def own_line(error):
    """Where in the test's own file an unexpected error came from."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__)
              if os.path.basename(frame.filename).startswith("e2e_")]
    return f"{os.path.basename(frames[-1].filename)}:{frames[-1].lineno}: " if frames else ""


def run_test(label, function, program, painting):
    """Runs one test and prints its line."""
    start = time.monotonic()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="serigraph-e2e-"))
    bench = Bench(program, folder, painting)
    try:
        function(bench)
        outcome, reason = "ok", ""
    except Skipped as error:
        outcome, reason = "skipped", f": {error}"
    except Exception as error:  # Whatever goes wrong in one test, the others must run.
        kind = "" if isinstance(error, Failed) else f"{type(error).__name__}: "
        outcome, reason = "FAIL", f": {own_line(error)}{kind}{error}"
    finally:
        bench.clean_up()
        shutil.rmtree(folder, ignore_errors=True)
    notes = "".join(f", {note}" for note in bench.notes)
    line = f"{outcome:7} {label} ({time.monotonic() - start:.1f} s{notes}){reason}"
    print(" ".join(line.split("\n")), flush=True)
    return outcome


def run_tests(tests, program):
    """Runs all tests and returns their outcomes."""
    with tempfile.TemporaryDirectory(prefix="serigraph-e2e-") as folder:
        painting = make_painting(pathlib.Path(folder) / "painting")
        with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
            runs = [pool.submit(run_test, label, function, program, painting)
                    for label, function in tests]
            return [run.result() for run in runs]


def main(arguments):
    if not arguments or arguments[0].startswith("-"):
        print(__doc__, file=sys.stderr)
        return 2
    program = pathlib.Path(arguments[0]).resolve()
    if not os.access(program, os.X_OK):
        print(f"run.py: {program} is not a program", file=sys.stderr)
        return 2
    outcomes = run_tests(list_tests(arguments[1:]), program)
    if not outcomes:
        print("run.py: no test has such a name", file=sys.stderr)
        return 2
    print(", ".join(f"{outcomes.count(outcome)} {word}" for outcome, word in
                    (("ok", "passed"), ("FAIL", "failed"), ("skipped", "skipped"))))
    return 1 if "FAIL" in outcomes else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
