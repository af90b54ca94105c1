"""Self-test of png_decode.py and png_write.py: round trips, Pillow, exact scaling, and files that must be refused."""
import os
import struct
import zlib
from fractions import Fraction

import numpy

import make_art
import png_decode
import png_write
from case_helpers import Skipped, equal, floor_half, folder

# Beside the checkout, where there is one.
PACKS = os.path.join(os.path.dirname(__file__), "..", "..", "..", "shared", "packs")


def zoo():
    """Every kind of file that the pack maker knows."""
    return list(make_art.zoo_files(numpy.random.default_rng(2)))


def test_samples_come_back():
    generator = numpy.random.default_rng(6)
    for colour_type, depths in png_decode.DEPTHS.items():
        for depth in depths:
            for width, height in ((1, 1), (2, 3), (9, 5), (33, 17)):
                samples = generator.integers(0, 1 << depth, (height, width, png_decode.CHANNELS[colour_type]))
                for interlaced in (False, True):
                    data = png_write.encode(samples, depth, colour_type, interlaced=interlaced, filters=(4, 3, 2, 1, 0),
                                            palette=numpy.zeros((1 << min(depth, 8), 3)) if colour_type == 3 else None)
                    header, chunks = png_decode.parse_header(data), png_decode.split_chunks(data)
                    assert numpy.array_equal(png_decode.read_samples(header, chunks), samples), (colour_type, depth)


def test_filters_on_tall_pictures():
    generator = numpy.random.default_rng(7)
    pixels = make_art.noise(generator, 5, 3 * png_decode.WAVE_ROWS + 7)
    for filters in ((0,), (1,), (2,), (3,), (4,), (2, 1, 0), (0, 4), (4, 4, 1, 3, 2)):
        assert numpy.array_equal(png_decode.decode(png_write.encode_rgba(pixels, filters=filters)), pixels), filters


def test_zoo_against_pillow():
    from PIL import Image
    with folder() as place:
        for name, _, data in zoo():
            path = f"{place}/{name}.png"
            png_write.write(path, data)
            header = png_decode.read_header(path)
            other = png_decode.decode_with_pillow(path)
            if header.depth < 16:
                assert numpy.array_equal(png_decode.decode(data), other), name
                continue
            # Pillow gives whole samples for grey and the high bytes for the rest, which is enough to check their order.
            samples = png_decode.read_samples(header, png_decode.split_chunks(data))
            with Image.open(path) as image:
                raw = numpy.asarray(image).reshape(samples.shape[:2] + (-1,))
            if header.colour_type == png_decode.GREY:
                assert numpy.array_equal(raw, samples), name
            elif raw.shape[2] == samples.shape[2]:
                assert numpy.array_equal(raw, samples >> 8), name
            else:
                # Grey with alpha is read as RGBA.
                assert numpy.array_equal(raw[..., [0, 3]], samples >> 8), name


def test_sixteen_bits_round_to_nearest():
    samples = numpy.arange(65536).reshape(256, 256, 1)
    expected = [floor_half(Fraction(255 * value, 65535)) for value in range(65536)]
    got = png_decode.decode(png_write.encode(samples, 16, png_decode.GREY))
    for channel in range(3):
        equal(got[..., channel].reshape(-1).tolist(), expected)
    # The key is compared before rounding: of the values that round to the same byte only one is transparent.
    got = png_decode.decode(png_write.encode(samples, 16, png_decode.GREY, transparency=struct.pack(">H", 1000)))
    equal(numpy.flatnonzero(got[..., 3].reshape(-1) == 0).tolist(), [1000])


def test_low_depths_scale_exactly():
    for depth, factor in ((1, 255), (2, 85), (4, 17), (8, 1)):
        samples = numpy.arange(1 << depth).reshape(1, -1, 1)
        got = png_decode.decode(png_write.encode(samples, depth, png_decode.GREY))
        equal(got[0, :, 0].tolist(), [value * factor for value in range(1 << depth)])


def broken_files():
    """(what, bytes) of files that a strict reader must refuse."""
    samples = numpy.arange(48).reshape(4, 4, 3)
    good = png_write.encode(samples, 8, png_decode.RGB, pieces=2)
    yield "truncated", good[:-20]
    yield "stray bytes", good + b"x"
    yield "no signature", good[1:]
    yield "bad checksum", good[:20] + b"\x09" + good[21:]
    yield "empty", b""
    start, end = good[:33], png_write.chunk(b"IEND", b"")
    plain = b"".join(b"\0" + bytes(12) for _ in range(4))
    data = zlib.compress(plain)
    for what, bodies in (("no data", []), ("bad Adler", [data[:-1] + bytes([data[-1] ^ 1])]), ("no end", [data[:-5]]),
                         ("Adler cut", [data[:-1]]), ("bytes after the stream", [data + b"\0"]),
                         ("too little", [zlib.compress(plain[:-1])]), ("too much", [zlib.compress(plain + b"\0")]),
                         ("filter 5", [zlib.compress(b"\5" + plain[1:])])):
        yield what, start + b"".join(png_write.chunk(b"IDAT", body) for body in bodies) + end
    half = png_write.chunk(b"IDAT", data[:5]), png_write.chunk(b"IDAT", data[5:])
    yield "two runs", start + half[0] + png_write.chunk(b"tEXt", b"a\0b") + half[1] + end
    yield "unknown critical", start + png_write.chunk(b"ABCD", b"") + half[0] + half[1] + end
    yield "no IEND", start + half[0] + half[1]
    yield "late tRNS", start + half[0] + half[1] + png_write.chunk(b"tRNS", bytes(6)) + end
    yield "palette index", png_write.encode(samples[:, :, :1], 8, png_decode.PALETTE, palette=numpy.zeros((45, 3)))
    yield "no palette", png_write.encode(samples[:, :, :1], 8, png_decode.PALETTE)
    yield "alpha and tRNS", png_write.encode(samples[:, :, :2], 8, png_decode.GREY_ALPHA, transparency=bytes(2))
    yield "RGB with 4 bits", png_write.encode(samples % 16, 4, png_decode.RGB)


def test_broken_files_are_refused():
    for what, data in broken_files():
        try:
            png_decode.decode(data)
        except png_decode.PngError:
            continue
        raise AssertionError(f"{what} was accepted")


def test_packs_against_pillow():
    if not os.path.isdir(PACKS):
        raise Skipped(f"{PACKS} is not here")
    count = 0
    for root, _, names in os.walk(PACKS):
        for name in names:
            path = os.path.join(root, name)
            if not name.lower().endswith(".png") or not os.path.getsize(path):
                continue
            assert numpy.array_equal(png_decode.decode_file(path), png_decode.decode_with_pillow(path)), path
            count += 1
    print(f"    {count} pictures compared")
    assert count > 0
