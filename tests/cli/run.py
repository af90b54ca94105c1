#!/usr/bin/python3
"""Runs the program's command-line tests.

Usage: run.py PROGRAM [--art FOLDER] [--only TEXT]

PROGRAM is the `serigraph` to test; FOLDER is the art that some cases need, by default
examples/critters of the repository this file is in. --only runs the cases whose name holds TEXT.

Two kinds of cases: rows of cases_words.py and cases_art.py, which say what one call answers, and
functions of checks.py, for what takes several calls, signals, or a terminal. Prints a line for each
case that fails or is skipped, then `N passed, N failed, N skipped`. Exits with 1 when one failed.
"""

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import cases_art
import cases_words
import checks
from case import Failed, Skipped

ROOT = pathlib.Path(__file__).resolve().parents[2]
TIMEOUT_S = 120


class Tool:
    """The program under test, with the folders that cases use."""

    def __init__(self, program, art, folder):
        self.program, self.art, self.folder = program, art, folder
        self.root = ROOT

    def environment(self, changes):
        """Nothing of the caller's environment that would change what is printed."""
        kept = {name: value for name, value in os.environ.items()
                if name not in ("NO_COLOR", "TERM")}
        return {**kept, "TERM": "xterm", **changes}

    def fill(self, text):
        return text.replace("{art}", str(self.art)).replace("{tmp}", str(self.folder))

    def run(self, arguments, environment=None, **options):
        """Runs it in the case's own folder; stdout and stderr come back as bytes."""
        command = [str(self.program)] + [self.fill(argument) for argument in arguments]
        options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
        return subprocess.run(command, cwd=self.folder, stdin=subprocess.DEVNULL, check=False,
                              timeout=TIMEOUT_S, env=self.environment(environment or {}),
                              **options)


def check_match(what, pattern, text):
    """None for the pattern leaves the text alone; an empty pattern wants it empty."""
    if pattern is None:
        return
    if pattern == "" and text:
        raise Failed(f"{what} is not empty: {text[:300]!r}")
    if not re.search(pattern, text, re.MULTILINE):
        raise Failed(f"{what} has no {pattern!r}: {text[:300]!r}")


def check_failure_form(arguments, code, stdout, stderr):
    """What holds for every failure: one line that begins with the name, and with --json one
    document that says the same."""
    lines = [line for line in stderr.splitlines() if line.startswith("serigraph: ")]
    if len(lines) != 1 or not stderr.endswith(lines[0] + "\n"):
        raise Failed(f"not one error line at the end of stderr: {stderr[:300]!r}")
    if "--json" not in arguments:
        return
    document = json.loads(stdout)
    if document["exit_code"] != code or lines[0] != "serigraph: " + document["error"]:
        raise Failed(f"the document does not say what stderr does: {stdout[:300]!r}")


def run_case(tool, case):
    if any("{art}" in argument for argument in case.arguments) and not tool.art.is_dir():
        raise Skipped(f"no art at {tool.art}")
    result = tool.run(case.arguments, case.environment)
    stdout, stderr = result.stdout.decode(), result.stderr.decode()
    if result.returncode != case.exit:
        raise Failed(f"exit {result.returncode}, not {case.exit}: {stderr[:300]!r}")
    check_match("stdout", case.stdout, stdout)
    check_match("stderr", case.stderr, stderr)
    if case.exit:
        check_failure_form(case.arguments, case.exit, stdout, stderr)
    elif "--json" in case.arguments:
        json.loads(stdout)
    for path in case.made:
        if not pathlib.Path(tool.fill(path)).exists():
            raise Failed(f"{path} was not made")


def list_cases():
    """Every case as (name, function of a tool)."""
    for case in cases_words.CASES + cases_art.CASES:
        yield case.name, lambda tool, case=case: run_case(tool, case)
    for function in checks.CHECKS:
        yield function.__name__, function


def run_one(name, function, program, art):
    with tempfile.TemporaryDirectory(prefix="serigraph-cli-") as folder:
        try:
            function(Tool(program, art, pathlib.Path(folder)))
        except Skipped as reason:
            print(f"skipped {name}: {reason}")
            return "skipped"
        except (Failed, subprocess.TimeoutExpired, OSError, ValueError, KeyError) as reason:
            print(f"FAILED  {name}: {reason}")
            return "failed"
    return "passed"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--art", default=ROOT / "examples" / "critters")
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    program = pathlib.Path(options.program).resolve()
    if not os.access(program, os.X_OK):
        print(f"run.py: {program} is not a program", file=sys.stderr)
        return 2
    outcomes = [run_one(name, function, program, pathlib.Path(options.art).resolve())
                for name, function in list_cases() if options.only in name]
    counts = {word: outcomes.count(word) for word in ("passed", "failed", "skipped")}
    print(", ".join(f"{count} {word}" for word, count in counts.items()))
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
