"""The same files come out of every CPU kernel, and of processors that this machine is not."""

import platform
import re
import subprocess

from art import solid, write
from harness import (CRITTERS, ROOT, TIMEOUT_S, Skipped, check_pixels, check_png_files, expect,
                     expect_equal, expect_one_line, make_pack, need_command, need_oracle,
                     same_trees)

KERNELS = ("scalar", "sse41", "avx2", "avx512", "neon")
SMALL = ("-n", "40", "--sample", "4", "--size", "100x100", "--resample", "nearest")


def kernels_of(bench, before=()):
    """The kernels that the machine (that `before` imitates) runs, as a refusal lists them."""
    for name in KERNELS:
        outcome = bench.generate(bench.painting, "null:", "-n", "1", "--cpu-kernel", name,
                                 code=None, before=before)
        if outcome.code:
            line = expect_one_line(outcome, 2, f"'{name}'")
            return re.search("one of auto, (.*)$", line).group(1).split(", ")
    raise Skipped("this machine refuses no kernel")


def check_kernels(bench, art, words, before=()):
    """Every kernel, and the one chosen by default, write what `plain` has; returns the names."""
    names = kernels_of(bench, before)
    for name in ["auto", *names]:
        out = "-".join((name, *before))
        bench.generate(art, out, *words, "--cpu-kernel", name, before=before)
        same_trees(bench.path("plain"), bench.path(out))
    return names


def test_kernels_that_are_missing_are_refused(bench):
    names = kernels_of(bench)
    expect_equal(names[-1], "scalar", "the last kernel")
    for name in KERNELS:
        outcome = bench.generate(bench.painting, name, "-n", "2", "--cpu-kernel", name, code=None)
        expect_equal(outcome.code, 0 if name in names else 2, f"exit code of {name}")


def test_every_kernel_writes_the_same_files(bench):
    need_oracle()
    bench.generate(CRITTERS, "plain", *SMALL)
    bench.notes.append(" ".join(check_kernels(bench, CRITTERS, SMALL)))


def test_every_kernel_writes_the_same_noise(bench):
    """All modes and operators, next to rounding ties."""
    art = make_pack(bench.path("noise"), "noise")
    bench.generate(art, "plain")
    check_kernels(bench, art, ())


def test_other_processors_write_the_same_files(bench):
    """One before SSE4.1, one before AVX, and the newest that is imitated."""
    need_oracle()
    need_command("qemu-x86_64")
    if platform.machine() != "x86_64":
        raise Skipped("the program is not for x86-64")
    art = make_pack(bench.path("noise"), "noise")
    bench.generate(art, "plain", "--sample", "6")
    expected = {"core2duo": ["scalar"], "Nehalem": ["sse41", "scalar"],
                "max": ["avx2", "sse41", "scalar"]}
    for model, kernels in expected.items():
        names = check_kernels(bench, art, ("--sample", "6"), ("qemu-x86_64", "-cpu", model))
        # A newer emulator may imitate more.
        expect(names == kernels or model == "max", f"{model} runs {names}")
    bench.generate(CRITTERS, "host", *SMALL)
    bench.generate(CRITTERS, "old", *SMALL, before=("qemu-x86_64", "-cpu", "Nehalem"))
    same_trees(bench.path("host"), bench.path("old"))


def test_neon_passes_the_kernels_unit_test(bench):
    """Built for an imitated 64-bit ARM from the few files it needs, without libraries."""
    compiler, emulator = "aarch64-linux-gnu-gcc", "qemu-aarch64"
    need_command(compiler)
    need_command(emulator)
    program = bench.path("kernel_test")
    names = ("tests/unit/kernel_test", "tests/cross/hash_stand_in", "engine/image/blend",
             "engine/os/machine", *(f"engine/base/{name}" for name in ("error", "memory", "random",
                                                                       "text")))
    sources = [ROOT / f"{name}.c" for name in names] + sorted(ROOT.glob("engine/kernel/*.c"))
    folders = [f"-I{ROOT / folder}" for folder in ("engine", "include", "tests/cross")]
    for command in ([compiler, "-std=c11", "-O2", "-static", "-D_GNU_SOURCE", *folders, *sources,
                     "-o", program], [emulator, program]):
        result = subprocess.run(command, check=False, capture_output=True, text=True,
                                timeout=TIMEOUT_S)
        expect(result.returncode == 0, f"{command[0]}: {(result.stdout + result.stderr)[-500:]}")
    expect("kernels neon scalar" in result.stdout, f"no NEON: {result.stdout[:200]}")


def check_operator(bench, mode, modes):
    """An opaque ground under a half-covering picture with an operator: the PNGs' modes."""
    art = bench.path(mode)
    write(art / "1 Ground" / "a.png", solid(8, 70, (10, 20, 30, 255)))
    write(art / "2 Top" / "b.png", solid(5, 40, (90, 60, 30, 200)))
    write(art / "collection.json", (
        '{"canvas": {"width": 8, "height": 70}, "layers": [{"name": "1 Ground"}, '
        f'{{"name": "2 Top", "at": [1, 2], "blend": "{mode}"}}]}}').encode())
    out = f"{mode}-out"
    bench.generate(art, out, "-n", "1")
    recipes = bench.export_file(f"{mode}.jsonl", art, "-n", "1")
    check_pixels(art, recipes, bench.path(out) / "images")
    expect_equal(check_png_files(bench.path(out)), {modes}, f"modes of {mode}")


def test_operators_that_undo_the_ground_make_rgba(bench):
    """Parts that empty what is around them reach bands that their picture does not."""
    for mode in ("source-in", "source-out", "destination-in", "destination-atop", "copy",
                 "destination-out", "xor"):
        check_operator(bench, mode, "RGBA")
    for mode in ("source-atop", "destination-over", "lighter", "hue"):
        check_operator(bench, mode, "RGB")
