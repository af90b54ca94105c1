"""Every kind of call fails, each use in turn, once and for good: the program says so, nothing is
half written, and the next run makes what the failed one did not."""

import os
import pathlib
import shutil

from art import small_art
from harness import Skipped, expect, same_trees
from e2e_resume import check_visible_files

# The exit codes that a failure of each kind may have: 1 is never one of them.
MEMORY, INPUT, OUTPUT, PARTIAL = 75, 3, 6, 5
CODES = {"memory": {MEMORY}, "thread": {MEMORY}, "open": {INPUT, OUTPUT, MEMORY},
         "look": {INPUT, OUTPUT}, "read": {INPUT, OUTPUT}, "write": {INPUT, OUTPUT, MEMORY},
         "sync": {OUTPUT, PARTIAL}, "close": {OUTPUT, PARTIAL}, "rename": {OUTPUT, PARTIAL},
         "make": {OUTPUT, PARTIAL},
         "remove": {OUTPUT}, "list": {INPUT, OUTPUT}, "sqlite": {INPUT, OUTPUT, MEMORY}}

WORDS = ("-n", "5", "-j1", "--backend", "cpu", "--fanout", "2")

# Uses beyond this many of one kind are sampled: those left out are neighbours of others.
USES_MAX = int(os.environ.get("SGR_FAULT_USES", "12"))


def shim_of(bench):
    shim = pathlib.Path(bench.program).resolve().parent / "shim" / "fault_shim.so"
    if not shim.exists():
        raise Skipped(f"no {shim}")
    return shim


def run(bench, art, out, variables, code=None):
    environment = {**os.environ, "LD_PRELOAD": str(shim_of(bench)), **variables}
    return bench.run("generate", art, "-o", out, "-q", *WORDS, code=code, env=environment)


def count_uses(bench, art):
    run(bench, art, "counted", {"FAULT_COUNTS": str(bench.path("counts"))}, code=0)
    lines = bench.path("counts").read_text(encoding="ascii").splitlines()
    return {kind: int(uses) for kind, uses in (line.split() for line in lines)}


def chosen(source, uses):
    """All uses, or a sample of them when there are many."""
    if uses <= USES_MAX:
        return range(1, uses + 1)
    return sorted(source.sample(range(1, uses + 1), USES_MAX))


def check_failed(bench, kind, call, outcome):
    lines = outcome.stderr.splitlines()
    errors = [line for line in lines if line.startswith("serigraph: ")]
    if outcome.code == 0:
        return
    expect(outcome.code in CODES[kind], f"{call}: exit {outcome.code}: {outcome.stderr[-300:]!r}")
    expect(errors and lines[-1] == errors[-1], f"{call}: no last word: {outcome.stderr[-300:]!r}")
    if bench.path("out").exists():
        check_visible_files(bench.path("out"))


def fail_each(bench, kind):
    source = bench.random()
    art = small_art(bench.path("art"))
    uses = count_uses(bench, art)
    wrong = []
    tried = 0
    for number in chosen(source, uses[kind]):
        for call in (f"{kind}@{number}", f"{kind}@{number}+"):
            tried += 1
            try:
                outcome = run(bench, art, "out", {"FAULT_CALL": call})
                check_failed(bench, kind, call, outcome)
                bench.run("generate", art, "-o", "out", "-q", *WORDS)
                same_trees(bench.path("counted"), bench.path("out"))
                bench.run("generate", art, "-o", "out", "-q", *WORDS, "--fresh")
            except Exception as error:
                wrong.append(f"{call}: {error}")
                shutil.rmtree(bench.path("out"), ignore_errors=True)
    bench.notes.append(f"{tried} of {2 * uses[kind]} failures")
    expect(not wrong, f"{len(wrong)} wrong: " + " | ".join(wrong)[:3000])


def test_memory_fails(bench):
    fail_each(bench, "memory")


def test_thread_fails(bench):
    fail_each(bench, "thread")


def test_open_fails(bench):
    fail_each(bench, "open")


def test_look_fails(bench):
    fail_each(bench, "look")


def test_read_fails(bench):
    fail_each(bench, "read")


def test_write_fails(bench):
    fail_each(bench, "write")


def test_sync_fails(bench):
    fail_each(bench, "sync")


def test_close_fails(bench):
    fail_each(bench, "close")


def test_rename_fails(bench):
    fail_each(bench, "rename")


def test_make_fails(bench):
    fail_each(bench, "make")


def test_remove_fails(bench):
    fail_each(bench, "remove")


def test_list_fails(bench):
    fail_each(bench, "list")


def test_sqlite_fails(bench):
    fail_each(bench, "sqlite")
