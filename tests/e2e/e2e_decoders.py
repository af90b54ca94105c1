"""Finished files in the hands of others: every decoder sees the same pixels, and only those.

The oracle's own decoder is the reference, after the composed pixels have confirmed it. Each decoder
is also shown a copy of a file with the lowest bit of one sample changed, which it must tell apart.
"""

import base64
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import zlib

from art import SIGNATURE, chunk
from harness import (CRITTERS, ORACLE, TIMEOUT_S, Skipped, check_pixels, expect, expect_equal,
                     images_of, need_command, need_oracle, same_pixels)

LEVELS = ("fast", "balanced", "small")
# The height leaves a last strip that is shorter than the others.
ITEMS = ("-n", "4", "--size", "400x390", "--resample", "nearest")
# Without a background the critters keep transparent and half transparent pixels.
ART_WORDS = {"RGB": ITEMS, "RGBA": (*ITEMS, "--layers", "Body,Clothes,Mouth,Eyes,Eyewear,Hat")}
COLOUR_TYPES = {2: "RGB", 6: "RGBA"}

ORACLE_SCRIPT = ("import sys\nsys.dont_write_bytecode = True\n"
                 f"sys.path.insert(0, {str(ORACLE)!r})\nimport png_decode\n"
                 "sys.stdout.buffer.write(png_decode.decode_file(sys.argv[1]).tobytes())\n")
PILLOW_SCRIPT = ("import sys\nfrom PIL import Image\nwith Image.open(sys.argv[1]) as image:\n"
                 "    sys.stdout.buffer.write(image.convert('RGBA').tobytes())\n")

# WebGL takes the samples as they are; a 2D canvas would multiply the alpha in and out again.
CHROMIUM_SCRIPT = """
const table = new Uint32Array(256).map((_, byte) => {
  for (let bit = 0; bit < 8; bit++) byte = byte & 1 ? byte >>> 1 ^ 0xedb88320 : byte >>> 1;
  return byte;
});
function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) crc = table[(crc ^ byte) & 255] ^ crc >>> 8;
  return ~crc >>> 0;
}
function read(gl, image) {
  const {naturalWidth: width, naturalHeight: height} = image;
  gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
  gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false);
  gl.pixelStorei(gl.UNPACK_COLORSPACE_CONVERSION_WEBGL, gl.NONE);
  const texture = gl.getParameter(gl.TEXTURE_BINDING_2D);
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, image);
  gl.bindFramebuffer(gl.FRAMEBUFFER, gl.createFramebuffer());
  gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0);
  const pixels = new Uint8Array(4 * width * height);
  gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
  gl.deleteTexture(texture);
  return crc32(pixels);
}
addEventListener('load', () => {
  const gl = document.createElement('canvas').getContext('webgl');
  const words = gl ? Array.from(document.images, image => read(gl, image)) : ['none'];
  document.getElementById('result').textContent = words.join(' ');
});
"""
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
# Where npm's puppeteer and playwright keep theirs.
CHROMIUM_CACHES = (".cache/puppeteer/chrome/*/chrome-linux*/chrome",
                   ".cache/ms-playwright/chromium-*/chrome-linux*/chrome")


def split_chunks(data):
    """The chunks of a PNG file as (kind, body)."""
    at = len(SIGNATURE)
    while at < len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        yield kind, data[at + 8:at + 8 + size]
        at += size + 12


def altered(path, target):
    """Writes the file again with the lowest bit of the sample in its middle changed."""
    chunks = list(split_chunks(path.read_bytes()))
    rows = bytearray(zlib.decompress(b"".join(body for kind, body in chunks if kind == b"IDAT")))
    width, height = struct.unpack(">II", chunks[0][1][:8])
    stride = len(rows) // height
    rows[height // 2 * stride + 1 + (stride - 1) // width * (width // 2)] ^= 1
    target.write_bytes(SIGNATURE + chunk(*chunks[0]) + chunk(b"IDAT", zlib.compress(rows)) +
                       chunk(b"IEND", b""))
    return target


def make_files(bench):
    """Renders the items in both colour types at every level; returns the files."""
    files = []
    for mode, words in ART_WORDS.items():
        for level in LEVELS:
            out = f"{mode}-{level}"
            bench.generate(CRITTERS, out, *words, "--png", level)
            paths = images_of(bench.path(out))
            expect_equal(len(paths), 4, f"images in {out}")
            modes = {COLOUR_TYPES[path.read_bytes()[25]] for path in paths}
            expect_equal(modes, {mode}, f"colour types in {out}")
            files += paths
    return files


def decode(command, path):
    """The pixels that a command writes, as R, G, B, A, or None when it says that it cannot."""
    result = subprocess.run([*command, str(path)], check=False, capture_output=True,
                            timeout=TIMEOUT_S)
    if result.returncode == 77:
        raise Skipped("the library was missing at build time")
    return None if result.returncode else result.stdout


def decode_oracle(path):
    need_oracle()
    pixels = decode((sys.executable, "-c", ORACLE_SCRIPT), path)
    expect(pixels, f"the oracle cannot decode {path}")
    return pixels


def check_decoder(bench, command):
    """The command decodes every file as the oracle does, and one altered sample otherwise."""
    files = make_files(bench)
    for path in files:
        expect(decode(command, path) == decode_oracle(path), f"{path} has other pixels")
    changed = altered(files[0], bench.path("altered.png"))
    pixels = decode(command, changed)
    expect(pixels and pixels != decode_oracle(files[0]), "an altered sample goes unnoticed")


def library_command(bench, library):
    program = bench.program.parent / "tests" / "decode_image"
    if not program.exists():
        raise Skipped(f"no {program}")
    return str(program), library


def test_the_oracle_reads_the_composed_pixels(bench):
    need_oracle()
    make_files(bench)
    for mode, words in ART_WORDS.items():
        recipes = bench.export_file(f"{mode}.jsonl", CRITTERS, *words)
        first, *others = [bench.path(f"{mode}-{level}") for level in LEVELS]
        check_pixels(CRITTERS, recipes, first / "images", "--canvas", "1024x1024", "--size",
                     "400x390")
        for other in others:
            same_pixels(first, other)
    alphas = set(decode_oracle(bench.path("RGBA-fast/images/1.png"))[3::4])
    expect(0 in alphas and 255 in alphas and len(alphas) > 2, f"alphas {sorted(alphas)[:9]}")


def test_pillow_reads_the_same_pixels(bench):
    need_oracle()
    check_decoder(bench, (sys.executable, "-c", PILLOW_SCRIPT))


def test_libpng_reads_the_same_pixels(bench):
    check_decoder(bench, library_command(bench, "libpng"))


def test_libspng_reads_the_same_pixels(bench):
    check_decoder(bench, library_command(bench, "libspng"))


def test_stb_image_reads_the_same_pixels(bench):
    check_decoder(bench, library_command(bench, "stb"))


def pngcheck(path):
    result = subprocess.run(["pngcheck", "-v", str(path)], check=False, capture_output=True,
                            text=True, timeout=TIMEOUT_S)
    return result.returncode, result.stdout + result.stderr


def test_pngcheck_finds_no_fault(bench):
    need_command("pngcheck")
    files = make_files(bench)
    for path in files:
        code, text = pngcheck(path)
        expect(code == 0 and "No errors detected" in text, f"{path}: {text[-300:]}")
        expect(not re.search("warning|error(?!s detected)", text, re.I), f"{path}: {text[:500]}")
    data = bytearray(files[0].read_bytes())
    data[len(data) // 2] ^= 1
    bench.path("damaged.png").write_bytes(data)
    expect(pngcheck(bench.path("damaged.png"))[0] != 0, "a damaged file goes unnoticed")


def find_chromium():
    found = [path for name in CHROMIUM_NAMES if (path := shutil.which(name))]
    for pattern in CHROMIUM_CACHES:
        found += sorted(map(str, pathlib.Path.home().glob(pattern)))
    if not found:
        raise Skipped("no Chromium")
    return found[0]


def chromium_crcs(bench, files):
    """The CRC-32 of each file's pixels as Chromium has them."""
    program = find_chromium()
    texts = [base64.b64encode(path.read_bytes()).decode() for path in files]
    images = "".join(f'<img src="data:image/png;base64,{text}">' for text in texts)
    page = bench.path("page.html")
    page.write_text(f'<!doctype html><pre id="result"></pre>{images}'
                    f"<script>{CHROMIUM_SCRIPT}</script>", encoding="ascii")
    # Root and most containers have no sandbox; the page is the test's own.
    command = [program, "--headless", "--no-sandbox", "--use-angle=swiftshader",
               "--enable-unsafe-swiftshader", f"--user-data-dir={bench.path('profile')}",
               "--dump-dom", page.as_uri()]
    with open(bench.path("dom.html"), "w+b") as dom:
        code = subprocess.run(command, check=False, stdin=subprocess.DEVNULL, stdout=dom,
                              stderr=subprocess.DEVNULL, timeout=TIMEOUT_S).returncode
        dom.seek(0)
        found = re.search('<pre id="result">(.*?)</pre>', dom.read().decode(), re.S)
    expect(code == 0 and found, f"{program}: exit {code}, no page")
    if found.group(1) == "none":
        raise Skipped(f"{program} has no WebGL")
    return list(map(int, found.group(1).split()))


def test_chromium_reads_the_same_pixels(bench):
    find_chromium()
    files = make_files(bench)
    changed = altered(files[0], bench.path("altered.png"))
    crcs = chromium_crcs(bench, [*files, changed])
    expected = [zlib.crc32(decode_oracle(path)) for path in [*files, changed]]
    wrong = [str(path) for path, crc, right in zip(files, crcs, expected) if crc != right]
    expect(not wrong, f"other pixels in {wrong}")
    expect_equal(crcs, expected, "checksums")
    expect(crcs[-1] != crcs[0], "an altered sample goes unnoticed")
