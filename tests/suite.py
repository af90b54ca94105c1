"""Runs every test suite against a build folder and adds up what they report.

usage: suite.py BUILD [--quick] [--brief]
--quick leaves out what does not depend on the build; --brief shows only failures and totals.
"""
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = "/usr/bin/python3"
TOTALS = re.compile(r"^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$", re.M)
CMOCKA = {name: re.compile(rf"^\[  {name} *\] .*?(\d+) test\(s\)", re.M)
          for name in ("PASSED", "FAILED", "SKIPPED")}
TIME_LIMIT_SECONDS = 900
# End-to-end tests that neither measure time nor memory, for slow builds.
QUICK_WORDS = ["bad_art", "names.", "folder.", "metadata.", "counts.", "made_art"]


def cmocka_totals(text):
    # cmocka says "[  PASSED  ] 7 test(s)." once a group; a file may run several groups.
    return [sum(map(int, CMOCKA[name].findall(text))) for name in ("PASSED", "FAILED", "SKIPPED")]


def script_totals(text):
    found = TOTALS.findall(text)
    return [int(number or 0) for number in found[-1]] if found else [0, 0, 0]


def unit_tests(build):
    """Yields (name, program, variables) of the unit tests, as tests/CMakeLists.txt lists them: one
    program may run several times, in other environments."""
    listing = subprocess.run(["ctest", "--test-dir", str(build), "--show-only=json-v1"],
                             capture_output=True, check=True).stdout
    for test in json.loads(listing)["tests"]:
        program = Path(test.get("command", [""])[0])
        if program.parent != build / "unit":
            continue
        variables = [variable for entry in test["properties"] if entry["name"] == "ENVIRONMENT"
                     for variable in entry["value"]]
        yield test["name"], program, dict(variable.split("=", 1) for variable in variables)


def suites(build, quick):
    """Yields (name, command, how to read its totals, variables)."""
    for name, program, variables in sorted(unit_tests(build)):
        yield f"unit/{name}", [str(program)], cmocka_totals, variables
    program = str(build / "serigraph")
    yield "cli", [PYTHON, "tests/cli/run.py", program], script_totals, {}
    end_to_end = [PYTHON, "tests/e2e/run.py", program]
    yield "e2e", end_to_end + (QUICK_WORDS if quick else []), script_totals, {}
    if not quick:
        yield "oracle", [PYTHON, "tests/oracle/oracle_test.py"], script_totals, {}
        yield "tidy", [PYTHON, "tests/tidy/check.py"], script_totals, {}


def run(name, command, read_totals, variables, brief):
    start = time.monotonic()
    try:
        done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, timeout=TIME_LIMIT_SECONDS,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                              env=os.environ | variables)
        text, status = done.stdout.decode(errors="replace"), done.returncode
    except subprocess.TimeoutExpired as late:
        text, status = (late.stdout or b"").decode(errors="replace"), "time limit"
    totals = read_totals(text)
    # A suite that dies, or that runs nothing, has failed whatever it counted.
    if (status != 0 and totals[1] == 0) or sum(totals) == 0:
        totals[1] += 1
    # Indented, so that a suite's own totals are not taken for those of the whole run.
    for line in text.splitlines():
        is_skip = "skipped" in line.lower() and not TOTALS.match(line)
        if totals[1] or not brief or is_skip:
            print("    " + line)
    print(f"{name}: {totals[0]} passed, {totals[1]} failed, {totals[2]} skipped "
          f"({time.monotonic() - start:.1f} s)", flush=True)
    return totals


def main():
    words = [word for word in sys.argv[1:] if not word.startswith("--")]
    quick, brief = "--quick" in sys.argv, "--brief" in sys.argv
    os.environ.setdefault("SGR_SHARED", str(ROOT.parent / "shared"))
    sums = [0, 0, 0]
    failed = []
    for name, command, read_totals, variables in suites(Path(words[0]).resolve(), quick):
        totals = run(name, command, read_totals, variables, brief)
        sums = [total + more for total, more in zip(sums, totals)]
        failed += [name] * bool(totals[1])
    if failed:
        print("failed:", ", ".join(failed))
    print(f"{sums[0]} passed, {sums[1]} failed, {sums[2]} skipped")
    return 1 if sums[1] else 0


if __name__ == "__main__":
    sys.exit(main())
