#!/bin/sh
# Every test on a fresh machine: installs what is missing (on Debian, as root), builds, runs all
# suites, and ends with the totals.
set -eu
cd "$(dirname "$0")/.."

sh tools/install.sh test

mkdir -p build
if ! { cmake --preset release && cmake --build --preset release; } >build/test.log 2>&1; then
    tail -n 40 build/test.log >&2
    echo "run.sh: the build failed; all that it said is in build/test.log" >&2
    echo "0 passed, 1 failed, 0 skipped"
    exit 1
fi
exec /usr/bin/python3 tests/suite.py build --brief
