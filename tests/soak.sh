#!/bin/sh
# The tests whose worth grows with time, longer than tests/run.sh has for them: every use of every
# kind of call fails, and fifty power cuts in a run of 2,000 items. Build with tests/run.sh first.
# usage: tests/soak.sh    about half an hour
set -eu
cd "$(dirname "$0")/.."

export SGR_FAULT_USES="${SGR_FAULT_USES:-400}"
export SGR_POWER_ITEMS="${SGR_POWER_ITEMS:-2000}"
export SGR_POWER_CUTS="${SGR_POWER_CUTS:-50}"
exec /usr/bin/python3 tests/e2e/run.py build/serigraph faults. power.
