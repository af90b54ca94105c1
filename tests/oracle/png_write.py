"""A small PNG writer for test pictures: every colour type, depth, filter, Adam7, split IDAT and colour keys.

It exists because common writers refuse to make most of these files, and so that test art does not depend on the code under
test. Size and speed do not matter here.
"""
import struct
import zlib

import numpy

import png_decode


def chunk(kind, body):
    """One complete chunk."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def pack_rows(samples, depth):
    """Turns (height, width, channels) sample values into rows of bytes, the last byte of a row padded with zero bits."""
    height = samples.shape[0]
    flat = samples.reshape(height, -1).astype(numpy.uint32)
    if depth == 16:
        return numpy.stack((flat >> 8, flat & 255), axis=2).reshape(height, -1).astype(numpy.uint8)
    if depth == 8:
        return flat.astype(numpy.uint8)
    each = 8 // depth
    flat = numpy.pad(flat, ((0, 0), (0, -flat.shape[1] % each))).reshape(height, -1, each)
    shifts = numpy.arange(8 - depth, -1, -depth, dtype=numpy.uint32)
    return (flat << shifts).sum(axis=2).astype(numpy.uint8)


def filter_row(kind, row, above, step):
    """One filtered row; the inputs are int16 so that differences do not wrap early."""
    left, corner = numpy.zeros_like(row), numpy.zeros_like(row)
    left[step:], corner[step:] = row[:-step], above[:-step]
    estimate = left + above - corner
    to_left, to_above, to_corner = abs(estimate - left), abs(estimate - above), abs(estimate - corner)
    paeth = numpy.where((to_left <= to_above) & (to_left <= to_corner), left,
                        numpy.where(to_above <= to_corner, above, corner))
    guess = (0 * row, left, above, (left + above) // 2, paeth)[kind]
    return bytes([kind]) + ((row - guess) & 255).astype(numpy.uint8).tobytes()


def filter_rows(rows, step, filters):
    """Filters every row with the types in turn."""
    above, parts = numpy.zeros(rows.shape[1], numpy.int16), []
    for index, row in enumerate(rows.astype(numpy.int16)):
        parts.append(filter_row(filters[index % len(filters)], row, above, step))
        above = row
    return b"".join(parts)


def encode(samples, depth, colour_type, *, interlaced=False, palette=None, transparency=None, filters=(0, 1, 2, 3, 4),
           pieces=1, extra=(), level=6):
    """Returns the bytes of a PNG file.

    samples: (height, width, channels) raw values. palette: (entries, 3). transparency: the bytes of tRNS. pieces: into how
    many IDAT chunks the data is cut. extra: (type, body) chunks to put before PLTE.
    """
    samples = numpy.asarray(samples)
    height, width, channels = samples.shape
    header = png_decode.Header(width, height, depth, colour_type, interlaced)
    step = max(1, channels * depth // 8)
    plain = b"".join(filter_rows(pack_rows(samples[top::down, left::across], depth), step, filters)
                     for left, top, across, down, _, _ in png_decode.passes(header))
    data = zlib.compress(plain, level)
    cut = [len(data) * index // pieces for index in range(pieces + 1)]
    parts = [png_decode.SIGNATURE,
             chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, int(interlaced)))]
    parts += [chunk(kind, body) for kind, body in extra]
    if palette is not None:
        parts.append(chunk(b"PLTE", numpy.asarray(palette, numpy.uint8).tobytes()))
    if transparency is not None:
        parts.append(chunk(b"tRNS", bytes(transparency)))
    parts += [chunk(b"IDAT", data[start:end]) for start, end in zip(cut, cut[1:])]
    return b"".join(parts + [chunk(b"IEND", b"")])


def encode_rgba(pixels, **options):
    """The common case: RGBA, 8 bits, no filter."""
    return encode(pixels, 8, png_decode.RGBA, filters=options.pop("filters", (0,)), **options)


def write(path, data):
    """Writes bytes to a file."""
    with open(path, "wb") as stream:
        stream.write(data)
