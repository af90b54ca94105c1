"""Composing on devices: the same trees as the CPU's, whatever is asked of them and lost on the way.

The devices are Mesa's software drivers, which every machine with libegl1 and libgl1-mesa-dri has.
"""

import functools
import glob
import json
import os
import re
import shutil
import signal
import subprocess

from art import make_art, noise, solid, write, write_config
from e2e_colors import put_pictures
from harness import (CRITTERS, TIMEOUT_S, Skipped, expect, expect_equal, make_pack, need_command,
                     need_oracle, need_pack, same_trees)

GLES = ("--backend", "gles", "--device", "software")
COMPUTE = ("--backend", "gles-compute", "--device", "software")
FRAGMENT = ("--backend", "gles-fragment", "--device", "software")
BOTH = ("--backend", "gles", "--device", "0,1")
NEAREST = ("--resample", "nearest")
SMALL = ("-n", "40", "--size", "100x100", *NEAREST)
LARGE = ("-n", "400", "--size", "1200x1200", "--png", "fast", *NEAREST)
NFTCHEF_ORDER = "Background,Back Accessory,Head,Eyes,Hair,Clothes,Shirt Accessories,Accessory"
DRIVERS = ("llvmpipe", "softpipe", "zink")


def environment(driver="llvmpipe", **more):
    """The variables that choose one of Mesa's software drivers, as in tests/CMakeLists.txt."""
    variables = {**os.environ, "LIBGL_ALWAYS_SOFTWARE": "1", "GALLIUM_DRIVER": driver, **more}
    if driver == "zink":
        variables["VK_ICD_FILENAMES"] = ":".join(glob.glob("/usr/share/vulkan/icd.d/lvp_icd*.json"))
        variables.setdefault("XDG_RUNTIME_DIR", "/tmp")
    return variables


@functools.cache
def drives(program, art, driver, devices):
    """Whether a driver opens devices here; `devices` would measure them too, which takes long."""
    words = [program, "generate", art, "-o", "null:", "-n", "1", "--json", "--backend", "gles",
             "--device", devices]
    result = subprocess.run(words, check=False, capture_output=True, text=True, timeout=TIMEOUT_S,
                            env=environment(driver))
    return result.returncode == 0 and all(driver in device["name"]
                                          for device in json.loads(result.stdout)["devices"])


def need_driver(bench, driver="llvmpipe", devices="software"):
    if not drives(bench.program, bench.painting, driver, devices):
        raise Skipped(f"{driver} drives no --device {devices} here")


def make(bench, art, out, *words, driver="llvmpipe", faults=None, **options):
    """Generates on a device, and returns what it told."""
    more = {"SGR_FAULT": faults} if faults else {}
    return bench.run("generate", art, "-o", out, "--json", *words,
                     env=environment(driver, **more), **options)


def strips_of(outcome):
    """Strips that devices composed, and those that the CPU did."""
    document = json.loads(outcome.stdout)
    batched = document["strips_batched"]
    expect_equal(sum(device["strips"] for device in document["devices"]), batched, "strips")
    return batched, document["strips_made"] - batched


def check_same(bench, art, words, variants, driver="llvmpipe"):
    """The same tree from devices, which compose every strip, as from the CPU, or with the words
    that a variant has before its device's."""
    need_oracle()
    if not bench.path("cpu").exists():
        bench.generate(art, "cpu", *words, "--backend", "cpu")
    for number, variant in enumerate(variants):
        out = f"gles{number}"
        outcome = make(bench, art, out, *words, *variant, driver=driver)
        expect("going on with" not in outcome.stderr, f"{variant}: {outcome.stderr[:300]}")
        batched, rest = strips_of(outcome)
        expect(batched > 0 and rest == 0, f"{variant}: {batched} strips batched, {rest} not")
        same_trees(bench.path("cpu"), bench.path(out))
        shutil.rmtree(bench.path(out))


def check_warned(outcome, count, *words):
    """So many warnings of devices, each one line that says what becomes of the run."""
    lines = [line for line in outcome.stderr.splitlines() if line.startswith("warning: gles")]
    expect_equal(len(lines), count, f"warnings in {outcome.stderr[:600]!r}")
    for line in lines:
        for word in ("gles ", "going on with the CPU", *words):
            expect(word in line, f"the warning does not say {word!r}: {line}")


# Art as artists drew it.


def check_pack(bench, pack, *words):
    need_driver(bench)
    check_same(bench, need_pack(pack), words, (COMPUTE, FRAGMENT))


def test_hashlips_has_the_same_tree(bench):
    check_pack(bench, "hashlips/layers", "-n", "12", *NEAREST)


def test_nftchef_has_the_same_tree(bench):
    check_pack(bench, "nftchef/layers", "-n", "8", "--layers", NFTCHEF_ORDER)


def test_nouns_has_the_same_tree(bench):
    check_pack(bench, "nouns/v0", "-n", "60")


def test_noundry_has_the_same_tree(bench):
    check_pack(bench, "noundry/traits", "-n", "40")


def test_punks_have_the_same_tree(bench):
    check_pack(bench, "punks/basic/m", "-n", "12")


def test_mfers_have_the_same_tree(bench):
    need_driver(bench)
    art = need_pack("mfers")
    lines = (art / "recipes.jsonl").read_text(encoding="utf-8").splitlines()[:6]
    bench.path("six.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    check_same(bench, art, ("--recipes", bench.path("six.jsonl"), *NEAREST), (COMPUTE, FRAGMENT))


def test_critters_have_the_same_tree(bench):
    """Larger, with most strips used again."""
    need_driver(bench)
    check_same(bench, CRITTERS, ("-n", "200", "--size", "256x256", *NEAREST), (COMPUTE, FRAGMENT))
    bench.generate(CRITTERS, "full", "-n", "6", "--backend", "cpu")
    make(bench, CRITTERS, "full-gles", "-n", "6", *GLES)
    same_trees(bench.path("full"), bench.path("full-gles"))


# Art that is made for the corners.


def test_noise_has_the_same_tree(bench):
    """Every blend mode, on pixels whose results lie next to a rounding tie."""
    need_driver(bench)
    art = make_pack(bench.path("noise"), "noise")
    check_same(bench, art, (), (COMPUTE, FRAGMENT, (*GLES, "--no-reuse", "-j1"), (*GLES, "-j4")))


def test_zoo_has_the_same_tree(bench):
    need_driver(bench)
    check_same(bench, make_pack(bench.path("zoo"), "zoo"), (), (COMPUTE, FRAGMENT))


MODES = ("multiply", "screen", "overlay", "darken", "lighten", "color-dodge", "color-burn",
         "hard-light", "soft-light", "difference", "exclusion", "hue", "saturation", "color",
         "luminosity", "source-in", "source-out", "source-atop", "destination-over",
         "destination-in", "destination-out", "destination-atop", "xor", "lighter", "copy")


def make_modes(folder, opacity):
    """A ground and two pictures, shifted, one of them half outside; item by item another mode."""
    write(folder / "1 Ground" / "a.png", noise(53, 41, "ground"))
    layers = [{"name": "1 Ground"}]
    for number, mode in enumerate(MODES):
        name = f"{number + 2} {mode}"
        write(folder / name / "a.png", noise(31, 29, mode))
        write(folder / name / "b.png", solid(17, 9, (200, 90, number, 130)))
        layers.append({"name": name, "blend": mode, "opacity": opacity,
                       "at": [(number * 7) % 60 - 10, (number * 5) % 50 - 12]})
    write_config(folder, {"canvas": {"width": 53, "height": 41}, "layers": layers})
    return folder


def test_modes_places_and_opacity_have_the_same_tree(bench):
    need_driver(bench)
    for opacity in (1, 0.37):
        art = make_modes(bench.path(f"art{opacity}"), opacity)
        check_same(bench, art, ("-n", "6"), (COMPUTE, FRAGMENT))
        shutil.rmtree(bench.path("cpu"))


def test_odd_sizes_have_the_same_tree(bench):
    need_driver(bench)
    for width, height in ((1, 1), (1, 300), (301, 1), (63, 65)):
        art = make_art(bench.path(f"{width}x{height}"), {"1 A": ["x", "y"], "2 B": ["z", "w"]},
                       size=(width, height))
        write(art / "2 B" / "noise.png", noise(width, height, "odd"))
        check_same(bench, art, ("-n", "4"), (COMPUTE, FRAGMENT))
        shutil.rmtree(bench.path("cpu"))


def test_canvas_wider_than_a_page_has_the_same_tree(bench):
    """Sprites that lie on several pages, one row of them at a time."""
    need_driver(bench)
    art = bench.path("art")
    write(art / "1 Ground" / "a.png", noise(3000, 20, "ground"))
    write(art / "2 Top" / "b.png", noise(3000, 20, "top"))
    write(art / "2 Top" / "c.png", noise(3000, 20, "other"))
    check_same(bench, art, ("-n", "2"), [(*words, "--device-memory", "16M")
                                         for words in (COMPUTE, FRAGMENT)])


def test_bands_have_the_same_tree(bench):
    need_driver(bench)
    for rows in ("1", "7", "32767"):
        check_same(bench, bench.painting, (*SMALL, "--bands", rows), (COMPUTE, FRAGMENT))
        shutil.rmtree(bench.path("cpu"))


def test_palettes_and_greys_have_the_same_tree(bench):
    need_driver(bench)
    words = ("-n", "9", "--bands", "20")
    for colours, grey, color in ((4, False, "palette"), (200, False, "palette"),
                                 (200, True, "grey"), (300, False, "rgb")):
        art = put_pictures(bench.path(f"{color}{colours}"), colours, grey=grey)
        plan = json.loads(bench.run("plan", art, *words, "--json").stdout)
        expect_equal(plan["color"], color, f"colour of {art}")
        check_same(bench, art, words, (COMPUTE, FRAGMENT))
        shutil.rmtree(bench.path("cpu"))


def test_threads_and_reuse_have_the_same_tree(bench):
    need_driver(bench)
    check_same(bench, CRITTERS, SMALL, ((*GLES, "-j1"), (*GLES, "-j4"), (*GLES, "--no-reuse"),
                                        (*FRAGMENT, "--no-reuse", "-j3")))


def test_other_drivers_make_the_same_tree(bench):
    ran = []
    for driver in ("zink", "softpipe"):
        try:
            need_driver(bench, driver)
        except Skipped as reason:
            bench.notes.append(str(reason))
            continue
        size = "100x100" if driver == "zink" else "20x20"
        words = ("-n", "12", "--size", size, *NEAREST)
        check_same(bench, CRITTERS, words, (COMPUTE, FRAGMENT), driver)
        shutil.rmtree(bench.path("cpu"))
        art = make_modes(bench.path(driver), 0.6)
        check_same(bench, art, ("-n", "1"), (COMPUTE, FRAGMENT), driver)
        shutil.rmtree(bench.path("cpu"))
        ran.append(driver)
    if not ran:
        raise Skipped("neither zink nor softpipe")


def test_pages_that_come_and_go_make_the_same_tree(bench):
    """More pages of sprites than the device has room for."""
    need_driver(bench)
    art = make_art(bench.path("art"), {"1 A": [f"a{number}" for number in range(12)], "2 B": ["z"]},
                   size=(250, 250))
    for number in range(12):
        write(art / "1 A" / f"a{number}.png", noise(250, 250, f"page {number}"))
    check_same(bench, art, ("-n", "12"), [(*words, "--device-memory", "1M", "--no-reuse")
                                          for words in (COMPUTE, FRAGMENT)])


def test_strips_that_do_not_fit_are_the_cpus(bench):
    """One strip of many large pictures: a warning names the option, nothing is started anew."""
    need_oracle()
    need_driver(bench)
    bench.generate(CRITTERS, "cpu", "-n", "4", "--backend", "cpu")
    outcome = make(bench, CRITTERS, "out", "-n", "4", *GLES, "--device-memory", "1M")
    check_warned(outcome, 1, "--device-memory")
    expect("anew" not in outcome.stderr, f"started anew in vain: {outcome.stderr[:400]}")
    same_trees(bench.path("cpu"), bench.path("out"))


# Devices that are lost.


# Without reuse, in 19 batches at the least, for one has at most 4 MB of pixels.
LOSSES = ("-n", "76", *NEAREST, "--size", "512x512", "--bands", "16", "--no-reuse", "-j2")
LOSSES_BATCHES = 19


def lose(bench, program, fault, losses, is_for_good):
    """Once: a notice that it is started anew. For good: one warning, and the CPU goes on."""
    outcome = make(bench, bench.painting, "out", *LOSSES, *program, "--fresh", faults=fault)
    check_warned(outcome, losses if is_for_good else 0)
    expect_equal(outcome.stderr.count("started anew"), losses, f"restarts with {fault}")
    expect_equal(strips_of(outcome)[1] > 0, losses > 0 and is_for_good, "strips of the CPU")
    same_trees(bench.path("cpu"), bench.path("out"))


def check_losses(bench, program, numbers):
    """A loss at each of these batches, every other one for good."""
    need_oracle()
    need_driver(bench)
    bench.generate(bench.painting, "cpu", *LOSSES, "--backend", "cpu")
    for index, number in enumerate(numbers):
        is_for_good = index % 2 == 1
        lose(bench, program, f"gles-lost@{number}{'+' * is_for_good}", 1, is_for_good)
    lose(bench, program, "gles-lost@1000", 0, False)


def test_losses_of_compute_make_the_same_tree(bench):
    check_losses(bench, COMPUTE, range(1, LOSSES_BATCHES + 1))


def test_losses_of_fragment_make_the_same_tree(bench):
    check_losses(bench, FRAGMENT, range(1, LOSSES_BATCHES + 1, 3))


def test_two_devices_make_the_same_tree(bench):
    """Together, one of them lost, both lost for good."""
    need_oracle()
    need_driver(bench, devices="0,1")
    check_same(bench, bench.painting, LOSSES, (BOTH, ("--backend", "gles-fragment", *BOTH[2:])))
    for fault, warnings in (("gles-lost@4", 0), ("gles-lost@4+", 2), ("gles-lost@1+", 2)):
        outcome = make(bench, bench.painting, "out", *LOSSES, *BOTH, "--fresh", faults=fault)
        check_warned(outcome, warnings)
        document = json.loads(outcome.stdout)
        expect_equal(len(document["devices"]), 2, "devices")
        same_trees(bench.path("cpu"), bench.path("out"))


# What is asked for and cannot be had.


def test_devices_that_cannot_be_opened_are_refused(bench):
    need_driver(bench)
    variables = environment()
    cases = {"99": '"99"', "cuda:7": '"cuda:7"', "/dev/dri/renderD200": "renderD200",
             "nonsense": "names no device", "0,": "names no device", ",0": "names no device",
             "0,,0": "names no device", "software,99": '"99"', "0,0": "twice",
             "software,software": "twice", "cuda:": "names no device", "-1": "names no device",
             "0" * 500: "too long"}
    for device, words in cases.items():
        for backend in ("gles", "gles-compute", "gles-fragment", "auto"):
            bench.refuse(2, bench.painting, "-n", "2", "--backend", backend, f"--device={device}",
                         named=(words, "serigraph devices"), env=variables)
    for words, named in ((("--device", ""), "--device"), (("--backend", "gless"), "gles"),
                         (("--backend", "cpu", "--device", "0"), "--device"),
                         (("--device-memory", "1"), "--device-memory"),
                         (("--backend", "gles"), "software")):
        bench.refuse(2, bench.painting, "-n", "2", *words, named=(named,), env=variables)


def test_without_egl_the_cpu_composes(bench):
    """A library folder whose libEGL.so.1 is no library stands for a machine without."""
    need_driver(bench)
    write(bench.path("lib") / "libEGL.so.1", b"")
    variables = environment(LD_LIBRARY_PATH=str(bench.path("lib")))
    outcome = bench.run("generate", bench.painting, "-o", "null:", "--json", "-q", *LARGE,
                        env=variables)
    expect_equal((outcome.stderr, strips_of(outcome)[0]), ("", 0), "messages, and strips batched")
    for backend in ("gles", "gles-compute", "gles-fragment"):
        bench.refuse(2, bench.painting, "-n", "2", "--backend", backend,
                     named=("libEGL.so.1", "install"), env=variables)


def libraries_of(bench, *words):
    """The shared libraries that a run opens."""
    need_command("strace")
    probe = subprocess.run(["strace", "-o", str(bench.path("probe")), "true"], check=False,
                           capture_output=True)
    if probe.returncode:
        raise Skipped("strace is not permitted")
    log = bench.path("opened")
    bench.run("generate", bench.painting, "-o", "null:", "-q", *words,
              before=("strace", "-f", "-o", str(log), "-e", "trace=openat,open"),
              env=environment())
    text = log.read_text(encoding="utf-8", errors="replace")
    return {match for match in re.findall(r'"[^"]*/([^"/]+\.so[^"/]*)"[^\n]*= \d+$', text, re.M)}


def test_auto_starts_no_software_driver(bench):
    """Neither LLVM nor Mesa's drivers are loaded where there is nothing but them."""
    need_driver(bench)
    if glob.glob("/dev/dri/renderD*") or os.path.exists("/dev/nvidiactl"):
        raise Skipped("this machine has a GPU")

    def drivers(names):
        return sorted(name for name in names
                      if re.match(r"libLLVM|libgallium|libvulkan|\w+_dri\.so", name))
    opened = libraries_of(bench, *LARGE)
    if any(name.startswith("libgallium") for name in opened):
        raise Skipped("this Mesa's EGL is one library with its drivers")
    expect("libEGL.so.1" in opened, "auto has not looked for devices")
    expect(drivers(libraries_of(bench, *SMALL, *GLES)), "the test does not know a driver when it sees one")
    expect_equal(drivers(opened), [], "drivers that auto loads")
    for words in ((*LARGE, "--backend", "cpu"), SMALL):
        expect(not any("EGL" in name for name in libraries_of(bench, *words)),
               f"EGL is loaded with {words}")


# What a run tells, and what it holds.


def test_quiet_runs_are_quiet_and_json_tells_who_composed(bench):
    need_driver(bench)
    for words in (GLES, FRAGMENT, ("--device", "software"), ("--backend", "cpu"), ()):
        outcome = bench.run("generate", bench.painting, "-o", "null:", "-q", *SMALL, *words,
                            env=environment())
        expect_equal((outcome.stdout, outcome.stderr), ("", ""), f"output with {words}")
    outcome = bench.run("generate", bench.painting, "-o", "null:", "-v", *SMALL, *GLES,
                        env=environment())
    expect(re.search(r"\ncomposed by: gles compute on device \d+, llvmpipe.* \d+ strips, the CPU \(\w+\) 0 "
                     r"strips\n", outcome.stdout), f"no line in {outcome.stdout[-300:]}")
    document = json.loads(make(bench, bench.painting, "null:", *SMALL, *FRAGMENT).stdout)
    expect(document["devices"][0]["name"].startswith("gles fragment on device 0, llvmpipe"), "name")
    expect_equal(document["strips_batched"], document["strips_made"], "strips")
    document = bench.summary(bench.painting, "null:", *SMALL, "--backend", "cpu")
    expect_equal((document["devices"], document["strips_batched"]), ([], 0), "devices of the CPU")
    expect(document["kernel"], "no kernel")


def test_bench_puts_devices_beside_the_cpu(bench):
    need_driver(bench)
    words = ("bench", bench.painting, *SMALL, "--seconds", "1", "-o", bench.path("bench"))
    document = json.loads(bench.run(*words, "--backend", "all", "--json",
                                    env=environment()).stdout)
    programs = ["gles-compute", "gles-fragment"]
    expect_equal([device["backend"] for device in document["devices"]], programs, "devices")
    expect_equal([run["backend"] for run in document["runs"] if run["role"] == "device"], programs,
                 "runs")
    for device in document["devices"]:
        expect_equal(device["reason"], None, "reason")
        expect(all(device[key] > 0 for key in (
            "strips", "pixels", "upload_ns", "list_ns", "compose_ns", "readback_ns", "batch_ns",
            "cpu_compose_ns", "cpu_encode_ns")), f"a time is missing: {device}")
        expect(not device["pays"], "llvmpipe pays")
    expect_equal(len(document["scenes"]) + document["scenes_left"], 36, "scenes")
    text = bench.run(*words, *COMPUTE, env=environment()).stdout
    expect("\ngles compute on device 0, llvmpipe" in text, "no paragraph on the device")
    expect("gles-fragment" not in text, "fragments were not asked for")
    refused = bench.run(*words, "--backend", "gles", "--device", "99", code=2)
    expect("99" in refused.stderr, "no reason")


def test_memory_does_not_grow_with_the_items(bench):
    need_driver(bench)
    art = make_art(bench.path("art"), {f"{layer} {layer}": [f"{trait}" for trait in range(20)]
                                       for layer in "ABC"})
    peaks = [bench.measure("generate", art, "-o", "null:", "-q", "-n", count, "--no-reuse", *GLES,
                           env=environment())[1] for count in ("500", "5000")]
    bench.notes.append(f"{peaks[0] >> 20} and {peaks[1] >> 20} MB")
    expect(peaks[1] < peaks[0] + (8 << 20), f"peaks {peaks}")


# Runs that end early.

LONG = ("-n", "200", "--size", "128x128", *NEAREST, "--no-reuse", "-j2")



def finish(bench, out, words, whole):
    make(bench, CRITTERS, out, *LONG, *words)
    same_trees(bench.path(whole), bench.path(out))
    bench.run("verify", out)


def test_stopped_runs_go_on_with_the_other_backend(bench):
    """Killed or interrupted anywhere, on a device or on the CPU, then gone on with elsewhere."""
    need_oracle()
    need_driver(bench)
    cpu = ("--backend", "cpu")
    bench.generate(CRITTERS, "cpu", *LONG, *cpu)
    seconds = {GLES: make(bench, CRITTERS, "null:", *LONG, *GLES).seconds,
               cpu: bench.generate(CRITTERS, "null:", *LONG, *cpu).seconds}
    source = bench.random()
    for first, second in ((GLES, cpu), (cpu, GLES), (FRAGMENT, BOTH)):
        for number in (signal.SIGKILL, signal.SIGINT):
            process = bench.start("generate", CRITTERS, "-o", "out", "-q", *LONG, *first,
                                  env=environment())
            try:
                process.wait(timeout=source.uniform(0, seconds.get(first, 1)))
            except subprocess.TimeoutExpired:
                process.send_signal(number)
            code = process.wait(timeout=30)
            process.log.close()
            expect(code in (0, -signal.SIGKILL, -signal.SIGINT, 130), f"exit {code}")
            finish(bench, "out", second, "cpu")
            shutil.rmtree(bench.path("out"))
