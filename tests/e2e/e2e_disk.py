"""Disks that are full or may not be written to: exit 6, one line, nothing half-written, and the
same command goes on when there is room."""

import os
import subprocess

from art import make_art, noise, small_art, write
from harness import (CRITTERS, Skipped, check_png_files, expect, expect_equal, expect_one_line,
                     images_of, need_oracle, same_trees, snapshot)

WORDS = ("-n", "120", "--size", "200x200", "--resample", "nearest")


def mount_small(bench, size):
    """A file system of its own in the test's folder."""
    if os.getuid() != 0:
        raise Skipped("needs root to mount")
    point = bench.path("disk")
    point.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "e2e", str(point)],
                             check=False, capture_output=True, text=True)
    if mounted.returncode:
        raise Skipped(f"mount is not permitted: {mounted.stderr.strip()}")
    bench.cleanups.append(lambda: subprocess.run(["umount", str(point)], check=False))
    return point


def resize(point, size):
    subprocess.run(["mount", "-o", f"remount,size={size}", str(point)], check=True)


def test_full_disks_end_the_run_and_it_goes_on(bench):
    need_oracle()
    bench.generate(CRITTERS, "whole", *WORDS)
    point = mount_small(bench, "600k")
    for size in ("600k", "1m", "1500k"):
        resize(point, size)
        outcome = bench.generate(CRITTERS, point / "out", *WORDS, code=None)
        expect_one_line(outcome, 6, "out")
        if images_of(point / "out"):
            check_png_files(point / "out")
    expect(images_of(point / "out"), "nothing was made before the disk was full")
    resize(point, "50m")
    bench.generate(CRITTERS, point / "out", *WORDS)
    same_trees(bench.path("whole"), point / "out")


def test_disks_full_from_the_start_leave_no_folder(bench):
    need_oracle()
    point = mount_small(bench, "40k")
    (point / "ballast").write_bytes(bytes(36 << 10))
    before = snapshot(point)
    outcome = bench.generate(CRITTERS, point / "out", *WORDS, code=None)
    expect_one_line(outcome, 6)
    left = {path for path in snapshot(point) if path not in before}
    expect(not any(path.startswith("out/images/") for path in left), f"left: {sorted(left)}")
    (point / "ballast").unlink()
    resize(point, "50m")
    bench.generate(CRITTERS, point / "out", *WORDS)
    bench.generate(CRITTERS, "whole", *WORDS)
    same_trees(bench.path("whole"), point / "out")


def test_a_full_disk_for_plans_and_pictures(bench):
    art = make_art(bench.path("art"), {layer: [str(number) for number in range(40)]
                                       for layer in ("1 A", "2 B", "3 C", "4 D")})
    point = mount_small(bench, "16k")
    (point / "ballast").write_bytes(bytes(12 << 10))
    outcome = bench.run("plan", art, "-n", "100000", "-o", point / "f.sgp", code=None)
    expect_one_line(outcome, 6, "f.sgp")
    outcome = bench.run("render", CRITTERS, "-n", "5", "--id", "1", "-o", point / "1.png",
                        code=None)
    expect_one_line(outcome, 6, "1.png")
    expect_equal(sorted(path.name for path in point.iterdir()), ["ballast"], "files left")


def test_full_disks_at_every_write(bench):
    """The nth write fails as on a full disk, for n over a whole run of few items."""
    if subprocess.run(["strace", "-o", "/dev/null", "true"], check=False,
                      capture_output=True).returncode:
        raise Skipped("strace is not there or not permitted")
    need_oracle()
    art = small_art(bench.path("art"))
    words = ("-n", "3", "-j1")
    bench.generate(art, "whole", *words)
    for call, most in (("pwrite64", 46), ("fdatasync", 18), ("fsync", 12), ("syncfs", 1), ("renameat", 6),
                       ("rename", 2)):
        for number in range(1, most + 1, 1 if most < 10 else 3):
            out = f"{call}{number}"
            before = ("strace", "-f", "-o", "/dev/null", "-e", f"trace={call}", "-e",
                      f"inject={call}:error=ENOSPC:when={number}+")
            outcome = bench.run("generate", art, "-o", out, "-q", *words, before=before, code=None)
            if outcome.code:
                try:
                    expect_one_line(outcome, 6)
                except Exception as error:
                    raise type(error)(f"{call} {number}: {error}") from None
            bench.generate(art, out, *words)
            same_trees(bench.path("whole"), bench.path(out))


def test_direct_writes_that_are_refused_go_through_the_cache(bench):
    """The call that asks for them fails, or the first write, as on file systems without them."""
    if subprocess.run(["strace", "-o", "/dev/null", "true"], check=False,
                      capture_output=True).returncode:
        raise Skipped("strace is not there or not permitted")
    need_oracle()
    for layer in ("1 A", "2 B"):
        for number in range(2):
            write(bench.path(f"art/{layer}/{number}.png"), noise(200, 200, f"{layer}{number}"))
    words = ("-n", "4", "-j1")
    bench.generate("art", "whole", *words)
    expect(min(path.stat().st_size for path in images_of(bench.path("whole"))) > 100000,
           "the images are too small for direct writes")
    for number, fault in enumerate(("fcntl:error=EINVAL:when=1", "pwrite64:error=EINVAL:when=1",
                                    "pwrite64:error=EINTR:when=1")):
        out = bench.path(f"out{number}")
        call = fault.split(":")[0]
        before = ("strace", "-f", "-o", "trace", "-P", f"{out}/.partial/1.png", "-P",
                  f"{out}/.partial/2.png", "-e", f"trace={call}", "-e", f"inject={fault}")
        bench.run("generate", "art", "-o", out, "-q", *words, before=before)
        expect("INJECTED" in bench.path("trace").read_text(), f"{fault}: nothing was refused")
        same_trees(bench.path("whole"), out)


def test_places_that_may_not_be_written_to(bench):
    """Root may write everywhere, so a child without rights does it."""
    if os.getuid() != 0:
        raise Skipped("needs root to become somebody else")
    bench.folder.chmod(0o755)
    locked = bench.path("locked")
    locked.mkdir(mode=0o555)
    for out in ("locked/out", "locked"):
        outcome = bench.generate(CRITTERS, out, *WORDS, code=None, user=65534)
        expect_one_line(outcome, 6, "locked")
        expect_equal(list(locked.iterdir()), [], "what was left")
    outcome = bench.run("plan", CRITTERS, "-n", "5", "-o", "locked/f.sgp", code=None, user=65534)
    expect_one_line(outcome, 6, "f.sgp")


def test_a_folder_that_became_read_only(bench):
    if os.getuid() != 0:
        raise Skipped("needs root to become somebody else")
    bench.folder.chmod(0o777)
    bench.generate(CRITTERS, "out", *WORDS, "--sample", "5", user=65534)
    for path in (bench.path("out"), *bench.path("out").rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    outcome = bench.generate(CRITTERS, "out", *WORDS, code=None, user=65534)
    expect_one_line(outcome, 6)
    expect_equal(len(images_of(bench.path("out"))), 5, "images")


def test_null_does_not_touch_a_locked_place(bench):
    if os.getuid() != 0:
        raise Skipped("needs root to become somebody else")
    bench.folder.chmod(0o755)
    bench.generate(CRITTERS, "null:", *WORDS, user=65534)
    expect_equal(list(bench.folder.iterdir()), [], "what was written")
