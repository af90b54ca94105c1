"""Pictures that cannot be read: exit 3, one line that names the file, no output folder, no hang."""

import os
import shutil
import struct

import art
from harness import Skipped, expect, expect_one_line

# What a refusal may take: far more than the program needs, far less than unpacking would.
REFUSED_SECONDS = 1
REFUSED_BYTES = 100_000_000

# The promise is 500 MB of resident memory by default; a megabyte is 10^6 bytes.
MEMORY_BYTES = 500_000_000

def refuse_picture(bench, data, name="Bad.png", named=(), **options):
    """Two layers of good pictures and a bad one among them."""
    art.small_art(bench.path("art"))
    art.write(bench.path("art") / "2 Hat" / name, data)
    outcome = bench.refuse(3, "art", "-n", "3", named=(name, *named), **options)
    checked = bench.run("inspect", "art", code=None)
    expect(checked.code == 3 and name in checked.stdout + checked.stderr,
           f"inspect: exit {checked.code}: {checked.stderr[:300]!r}")
    shutil.rmtree(bench.path("art"))
    return outcome


def small_good():
    """A sound picture of the small art's size."""
    return art.noise(8, 8, 3)


def test_the_good_picture_is_good(bench):
    """Otherwise the tests below would prove nothing."""
    art.small_art(bench.path("art"))
    art.write(bench.path("art/2 Hat/Good.png"), small_good())
    bench.generate("art", "out", "-n", "3")


def test_truncated_pictures_are_refused(bench):
    data = small_good()
    end = data.index(b"IEND")
    cuts = {"signature": data[:8], "header": data[:33], "middle of data": art.cut_in_data(data),
            "before IEND": data[:end - 4], "in IEND": data[:-3], "half a signature": data[:4],
            "in the header": data[:20], "without IDAT": data[:33] + data[end - 4:]}
    for what, cut in cuts.items():
        try:
            refuse_picture(bench, cut)
        except Exception as error:
            raise type(error)(f"{what}: {error}") from None


def test_corrupt_pictures_are_refused(bench):
    data = small_good()
    changes = {"header CRC": art.flip(data, b"IHDR", -1), "data CRC": art.flip(data, b"IDAT", -1),
               "data": art.flip(data, b"IDAT", 20),
               "data that fits its CRC": art.flip(data, b"IDAT", 20, repair=True),
               "zlib header": art.flip(data, b"IDAT", 0, repair=True),
               "chunk name": data.replace(b"IDAT", b"IDAX"),
               "zero width": art.SIGNATURE + art.header(0, 8) + data[33:],
               "depth 7": art.SIGNATURE + art.header(8, 8, depth=7) + data[33:],
               "colour type 5": art.SIGNATURE + art.header(8, 8, colour_type=5) + data[33:],
               "interlace 9": art.SIGNATURE + art.header(8, 8, interlaced=9) + data[33:],
               "palette without PLTE": art.SIGNATURE + art.header(8, 8, colour_type=3) + data[33:],
               "twice the header": data[:33] + data[8:33] + data[33:],
               "too little data": art.SIGNATURE + art.header(8, 8) +
               art.chunk(b"IDAT", art.packed_zeros(100)) + art.chunk(b"IEND", b""),
               "huge chunk size": data[:33] + struct.pack(">I", 0xffffffff) + data[37:]}
    for what, changed in changes.items():
        try:
            refuse_picture(bench, changed)
        except Exception as error:
            raise type(error)(f"{what}: {error}") from None


def test_corrupt_bytes_never_crash(bench):
    """One byte changed anywhere: refused or read, and no third."""
    data = small_good()
    for position in range(8, len(data), 5):
        changed = bytearray(data)
        changed[position] ^= 0xff
        art.small_art(bench.path("art"))
        art.write(bench.path("art/2 Hat/Bad.png"), changed)
        outcome = bench.generate("art", "null:", "-n", "9", code=None)
        expect(outcome.code in (0, 3), f"byte {position}: exit {outcome.code}: {outcome.stderr}")


def test_empty_files_are_refused(bench):
    refuse_picture(bench, b"", named=("empty",))


def test_texts_are_refused(bench):
    refuse_picture(bench, b"These are not pixels.\n" * 10)
    refuse_picture(bench, b"<svg xmlns='http://www.w3.org/2000/svg'/>", named=("SVG",))


def test_jpeg_is_named_as_jpeg(bench):
    data = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0" + bytes(300) + b"\xff\xd9"
    refuse_picture(bench, data, name="Bad.png", named=("JPEG",))
    refuse_picture(bench, data, name="Bad.jpg", named=("JPEG",))
    refuse_picture(bench, data, name="Bad#5.JPEG", named=("JPEG",))


def test_pictures_of_another_size_are_refused(bench):
    refuse_picture(bench, art.noise(9, 8, 1), named=("9x8", "8x8", "--resample"))


def check_cost(bench, what):
    """Whatever becomes of the art, it costs little time and memory; returns the outcome."""
    outcome, peak_bytes = bench.measure("generate", "art", "-n", "1", "-o", "refused", "-q",
                                        code=None)
    expect(outcome.code in (0, 3), f"{what}: exit {outcome.code}: {outcome.stderr!r}")
    expect(outcome.seconds < REFUSED_SECONDS, f"{what}: took {outcome.seconds:.1f} s")
    expect(peak_bytes < REFUSED_BYTES, f"{what}: took {peak_bytes / 1e6:.0f} MB")
    return outcome


def test_small_files_that_claim_to_be_large_are_refused(bench):
    end = art.chunk(b"IDAT", art.packed_zeros(100)) + art.chunk(b"IEND", b"")
    for side in (30000, 32767, 32768, 0x7fffffff, 0xffffffff):
        refuse_picture(bench, art.SIGNATURE + art.header(side, side) + end)


def test_art_of_nothing_but_a_bomb_is_refused(bench):
    """Here the bomb decides the canvas, so that no other size can give it away."""
    for width, height in ((20000, 20000), (32767, 32767), (30000, 30000)):
        art.write(bench.path("art/1 Back/Bomb.png"), art.bomb(width, height))
        size = f"{width}x{height}"
        expect_one_line(check_cost(bench, size), 3, "Bomb.png", size)
        expect(not bench.path("refused").exists(), "an output folder was left")


def test_bombs_keep_the_memory_promise(bench):
    """Refused or rendered, but not with twice the memory that was promised."""
    for name in ("One", "Two"):
        art.write(bench.path(f"art/1 Back/{name}.png"), art.bomb(16000, 16000))
    outcome, peak_bytes = bench.measure("generate", "art", "-n", "2", "-o", "null:", "-q",
                                        code=None)
    expect(outcome.code in (0, 3, 75), f"exit {outcome.code}: {outcome.stderr!r}")
    expect(peak_bytes < MEMORY_BYTES,
           f"exit {outcome.code}, peak memory {peak_bytes / 1e6:.0f} MB")


def test_bombs_after_the_pixels_are_not_unpacked(bench):
    """Data that goes on for gigabytes behind the last row, and chunks that unpack to as much."""
    rest = art.chunk(b"IEND", b"")
    text = art.chunk(b"zTXt", b"Comment\0\0" + art.packed_zeros(2 << 30))
    profile = art.chunk(b"iCCP", b"ICC\0\0" + art.packed_zeros(2 << 30))
    body = art.noise(8, 8, 1)[33:-12]
    files = {"data": art.header(8, 8) + art.chunk(b"IDAT", art.packed_zeros(2 << 30)) + rest,
             "text": art.header(8, 8) + text + body + rest,
             "profile": art.header(8, 8) + profile + body + rest}
    for what, data in files.items():
        art.small_art(bench.path("art"))
        art.write(bench.path("art/2 Hat/Bad.png"), art.SIGNATURE + data)
        check_cost(bench, what)
        shutil.rmtree(bench.path("refused"), ignore_errors=True)


def test_a_canvas_that_is_too_large_is_refused(bench):
    art.small_art(bench.path("art"))
    for size in ("32768x8", "8x32768", "99999x99999"):
        outcome = bench.run("generate", "art", "-n", "3", "-o", "refused", "--size", size,
                            "--resample", "nearest", code=None)
        expect_one_line(outcome, 2, size)
    art.write_config(bench.path("art"), {"canvas": {"width": 32768, "height": 8}})
    bench.refuse(3, "art", "-n", "3", named=("collection.json",))
    shutil.rmtree(bench.path("art"))
    art.write(bench.path("art/1 Back/Wide.png"), art.bomb(32768, 1))
    bench.refuse(3, "art", "-n", "1", named=("Wide.png", "32768x1"))


def test_pipes_do_not_hang(bench):
    art.small_art(bench.path("art"))
    os.mkfifo(bench.path("art/2 Hat/x.png"))
    outcome = bench.run("generate", "art", "-o", "out", "-n", "3", code=None, timeout=10)
    expect(outcome.code in (0, 3), f"exit {outcome.code}")
    expect("x.png" in outcome.stderr, f"x.png is not named: {outcome.stderr!r}")
    expect(outcome.code == 0 or not bench.path("out").exists(), "an output folder was left")


def test_folders_named_like_pictures_do_no_harm(bench):
    art.small_art(bench.path("art"))
    os.mkdir(bench.path("art/2 Hat/x.png"))
    outcome = bench.run("generate", "art", "-o", "out", "-n", "3", code=None)
    expect(outcome.code in (0, 3), f"exit {outcome.code}")
    expect("x.png" in outcome.stderr, f"x.png is not named: {outcome.stderr!r}")


def test_broken_links_are_named(bench):
    art.small_art(bench.path("art"))
    os.symlink("nowhere.png", bench.path("art/2 Hat/x.png"))
    bench.refuse(3, "art", "-n", "3", named=("x.png",))
    os.remove(bench.path("art/2 Hat/x.png"))
    os.symlink("x.png", bench.path("art/2 Hat/x.png"))
    bench.refuse(3, "art", "-n", "3", named=("x.png",), timeout=10)


def test_links_to_pictures_and_folders_work(bench):
    art.small_art(bench.path("art"))
    os.rename(bench.path("art/2 Hat/Fez.png"), bench.path("elsewhere.png"))
    os.symlink(bench.path("elsewhere.png"), bench.path("art/2 Hat/Fez.png"))
    os.rename(bench.path("art/1 Back"), bench.path("back"))
    os.symlink("../back", bench.path("art/1 Back"))
    bench.generate("art", "out", "-n", "9")


def test_link_loops_end(bench):
    for target in ("..", ".", "../.."):
        art.small_art(bench.path("art"))
        os.symlink(target, bench.path("art/2 Hat/loop"))
        bench.refuse(3, "art", "-n", "3", named=("loop",), timeout=20)
        shutil.rmtree(bench.path("art"))


def test_names_that_are_not_utf8_are_refused(bench):
    art.small_art(bench.path("art"))
    name = os.fsencode(bench.path("art/2 Hat/")) + b"/caf\xe9.png"
    try:
        art.write(name, small_good())
    except OSError as error:
        raise Skipped(f"the file system refuses the name: {error}") from None
    bench.refuse(3, "art", "-n", "3", named=("UTF-8",))


def test_unreadable_pictures_are_named(bench):
    """Root reads everything, so a child without rights does it."""
    if os.getuid() != 0:
        raise Skipped("needs root to become somebody else")
    art.small_art(bench.path("art"))
    os.chmod(bench.path("art/2 Hat/Fez.png"), 0o000)
    os.chmod(bench.folder, 0o777)
    outcome = bench.run("generate", "art", "-n", "9", "-o", "refused", code=None, user=65534)
    expect_one_line(outcome, 3, "Fez.png")
    expect(not bench.path("refused").exists(), "an output folder was left")
