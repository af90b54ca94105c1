"""Power cuts: whatever was not made durable may be gone, in any mixture, and the next run ends with
the tree of an uninterrupted one. The cuts are made from one run's journal (disk_model.py)."""

import hashlib
import os
import pathlib
import shutil
import sqlite3
import tempfile

import disk_model
from harness import CRITTERS, Skipped, expect, expect_equal, need_oracle, same_trees

ITEMS = int(os.environ.get("SGR_POWER_ITEMS", "300"))
CUTS = int(os.environ.get("SGR_POWER_CUTS", "12"))
WORDS = ("-n", str(ITEMS), "--size", "100x100", "--resample", "nearest", "--backend", "cpu")


def run_with_journal(bench, *words):
    """Runs into an empty folder of its own, and returns the journal's changes."""
    shim = pathlib.Path(bench.program).resolve().parent / "shim" / "disk_shim.so"
    if not shim.exists():
        raise Skipped(f"no {shim}")
    root = bench.path("disk").resolve()
    root.mkdir()
    environment = {**os.environ, "LD_PRELOAD": str(shim), "DISK_ROOT": str(root),
                   "DISK_JOURNAL": str(bench.path("journal"))}
    bench.run("generate", CRITTERS, "-o", root / "out", "-q", *WORDS, *words, env=environment)
    return root, disk_model.read_journal(bench.path("journal"))


def check_left(bench, folder):
    """Every file that a row vouches for is there, whole; returns how many items have rows."""
    out = folder / "out"
    if not (out / "manifest.db").exists():
        return 0
    # A copy, as SQLite rolls back what was being committed, which the next run has to do by itself.
    with tempfile.TemporaryDirectory(dir=bench.folder) as place:
        for path in out.glob("manifest.db*"):
            shutil.copy(path, place)
        with sqlite3.connect(pathlib.Path(place) / "manifest.db") as database:
            if not database.execute("select 1 from sqlite_master").fetchone():
                return 0
            expect_equal(database.execute("pragma integrity_check").fetchall(), [("ok",)], "SQLite")
            rows = database.execute("select path, bytes, sha256 from file union all "
                                    "select path, bytes, sha256 from document").fetchall()
            items = database.execute("select count(*) from item").fetchone()[0]
    for path, size, digest in rows:
        data = (out / path).read_bytes()
        expect((len(data), hashlib.sha256(data).hexdigest()) == (size, digest),
               f"{path} is not what its row says")
    return items


def cut_at_random(bench, root, changes, whole):
    source = bench.random()
    places = sorted(source.randrange(len(changes) + 1) for _ in range(CUTS - 1))
    places.append(len(changes))
    disk = disk_model.Disk(root)
    done = 0
    kept = []
    for number, place in enumerate(places):
        for entry in changes[done:place]:
            disk.apply(entry)
        done = place
        folder = bench.path(f"cut{number}")
        folder.mkdir()
        disk.copy().cut(source, folder)
        kept.append(check_left(bench, folder))
        bench.generate(CRITTERS, folder / "out", *WORDS)
        same_trees(whole, folder / "out")
        shutil.rmtree(folder)
    bench.notes.append(f"{len(changes)} changes, {CUTS} cuts, rows kept {kept[0]}..{kept[-1]}")
    return kept


def test_power_cuts(bench):
    need_oracle()
    root, changes = run_with_journal(bench)
    kept = cut_at_random(bench, root, changes, root / "out")
    expect_equal((kept[0] < ITEMS, kept[-1]), (True, ITEMS), "rows at the first and the last cut")


def test_the_end_is_durable(bench):
    """When the program has ended, a power cut takes nothing."""
    need_oracle()
    root, changes = run_with_journal(bench)
    disk = disk_model.Disk(root)
    for entry in changes:
        disk.apply(entry)
    for number in range(4):
        folder = bench.path(f"cut{number}")
        folder.mkdir()
        disk.copy().cut(bench.random(), folder)
        expect_equal(check_left(bench, folder), ITEMS, "rows after a power cut at the end")
        same_trees(root / "out", folder / "out")
