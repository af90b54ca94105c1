"""A PNG decoder that owes nothing to libpng or Pillow.

The oracle judges files that were written by the project and read by the project's libpng path, so it reads them with code
of its own: every colour type, every depth, Adam7, colour keys. It is strict on purpose: a file that only forgiving
readers accept is a defect of its writer. Profiles and gamma are ignored, as the project's compositing rule says.
"""
import struct
import zlib
from collections import namedtuple

import numpy

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6
CHANNELS = {GREY: 1, RGB: 3, PALETTE: 1, GREY_ALPHA: 2, RGBA: 4}
DEPTHS = {GREY: (1, 2, 4, 8, 16), RGB: (8, 16), PALETTE: (1, 2, 4, 8), GREY_ALPHA: (8, 16), RGBA: (8, 16)}
# Each Adam7 pass: first column, first row, column step, row step.
ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
WAVE_ROWS = 512

Header = namedtuple("Header", "width height depth colour_type interlaced")


class PngError(ValueError):
    """Raised with one sentence that says what is wrong with the file."""


def parse_header(data):
    """Returns the Header of a PNG held in bytes, after checking that the standard allows it."""
    if data[:8] != SIGNATURE:
        raise PngError("the PNG signature is missing")
    if len(data) < 33 or data[8:16] != b"\x00\x00\x00\x0dIHDR":
        raise PngError("the first chunk is not a 13 byte IHDR")
    width, height, depth, colour_type, compression, filtering, interlace = struct.unpack(">IIBBBBB", data[16:29])
    if not 0 < width < 2**31 or not 0 < height < 2**31:
        raise PngError(f"the size {width}x{height} is not allowed")
    if depth not in DEPTHS.get(colour_type, ()):
        raise PngError(f"colour type {colour_type} with depth {depth} is not allowed")
    if compression or filtering or interlace > 1:
        raise PngError("unknown compression, filter or interlace method")
    return Header(width, height, depth, colour_type, interlace == 1)


def read_header(path):
    """Reads only as much of the file as the header needs, so that thousands of pictures can be measured quickly."""
    with open(path, "rb") as stream:
        return parse_header(stream.read(33))


def split_chunks(data):
    """Returns (type, body) pairs after checking lengths, checksums and that the file ends with IEND and nothing more."""
    chunks, position = [], len(SIGNATURE)
    while position < len(data):
        if position + 12 > len(data):
            raise PngError("the file ends inside a chunk or has stray bytes at its end")
        length = struct.unpack_from(">I", data, position)[0]
        kind = bytes(data[position + 4:position + 8])
        end = position + 8 + length
        if end + 4 > len(data):
            raise PngError(f"the chunk {kind!r} is longer than the file")
        if zlib.crc32(data[position + 4:end]) != struct.unpack_from(">I", data, end)[0]:
            raise PngError(f"the checksum of chunk {kind!r} at byte {position} is wrong")
        chunks.append((kind, data[position + 8:end]))
        position = end + 4
        if kind == b"IEND" and position != len(data):
            raise PngError("bytes follow IEND")
    if not chunks or chunks[-1][0] != b"IEND" or chunks[-1][1]:
        raise PngError("the file does not end with an empty IEND")
    return chunks


def check_order(chunks):
    """The chunk order rules that matter to decoders: one IHDR, PLTE and tRNS before the data, IDAT in one run."""
    kinds = [kind for kind, _ in chunks]
    for kind in (b"IHDR", b"PLTE", b"tRNS", b"IEND"):
        if kinds.count(kind) > 1:
            raise PngError(f"there is more than one {kind.decode()}")
    if b"IDAT" not in kinds:
        raise PngError("there is no IDAT")
    first = kinds.index(b"IDAT")
    last = len(kinds) - 1 - kinds[::-1].index(b"IDAT")
    if any(kind != b"IDAT" for kind in kinds[first:last + 1]):
        raise PngError("the IDAT chunks are not in one run")
    for kind in (b"PLTE", b"tRNS"):
        if kind in kinds and kinds.index(kind) > first:
            raise PngError(f"{kind.decode()} stands after the image data")
    if b"tRNS" in kinds and b"PLTE" in kinds and kinds.index(b"tRNS") < kinds.index(b"PLTE"):
        raise PngError("tRNS stands before PLTE")
    for kind in kinds:
        if not kind[0] & 0x20 and kind not in (b"IHDR", b"PLTE", b"IDAT", b"IEND"):
            raise PngError(f"the critical chunk {kind!r} is unknown")


def inflate(chunks, expected):
    """Joins the IDAT bodies and returns exactly the expected number of bytes; the Adler-32 is checked by zlib."""
    compressed = b"".join(body for kind, body in chunks if kind == b"IDAT")
    stream = zlib.decompressobj()
    try:
        plain = stream.decompress(compressed, expected + 1)
        if not stream.eof and len(plain) == expected:
            # The end of the stream and its Adler-32 can still be ahead when the size limit was met exactly.
            plain += stream.decompress(stream.unconsumed_tail, 1)
    except zlib.error as error:
        raise PngError(f"the image data cannot be inflated: {error}") from None
    if len(plain) != expected:
        raise PngError(f"the image data inflates to {'more' if len(plain) > expected else 'less'} than {expected} bytes")
    if not stream.eof:
        raise PngError("the zlib stream has no end")
    if stream.unused_data:
        raise PngError("bytes follow the zlib stream inside IDAT")
    return plain


def row_bytes(header, width):
    """The bytes of one filtered row without its filter type."""
    return (width * CHANNELS[header.colour_type] * header.depth + 7) // 8


def passes(header):
    """Returns (first column, first row, column step, row step, width, height) of every pass that has pixels."""
    steps = ADAM7 if header.interlaced else ((0, 0, 1, 1),)
    result = []
    for left, top, across, down in steps:
        width = (header.width - left + across - 1) // across
        height = (header.height - top + down - 1) // down
        if width > 0 and height > 0:
            result.append((left, top, across, down, width, height))
    return result


def predict(filters, left, up, corner):
    """The predictor of every byte by the filter type of its row; all inputs are int16."""
    distance_left = numpy.abs(up - corner)
    distance_up = numpy.abs(left - corner)
    distance_corner = numpy.abs(left + up - 2 * corner)
    paeth = numpy.where((distance_left <= distance_up) & (distance_left <= distance_corner), left,
                        numpy.where(distance_up <= distance_corner, up, corner))
    return numpy.choose(filters, (numpy.int16(0), left, up, (left + up) >> 1, paeth))


def unfilter_wave(filters, rows, above, step):
    """Undoes any mix of filters.

    Average and Paeth need the finished pixel to the left, which forbids working on a whole row at once. All pixels on a
    falling diagonal are independent of each other though, so the rows are sheared and one diagonal is done at a time:
    pixel x of row r stands at [x + r + 1][r], with r = 0 for the row above and zeros wherever there is no pixel.
    """
    height, width = rows.shape[0], rows.shape[1] // step
    sheared = numpy.zeros((width + height + 2, height + 1, step), numpy.int16)
    sheared[1:width + 1, 0] = above.reshape(width, step)
    values = numpy.zeros((width + height + 2, height + 1, step), numpy.int16)
    for row in range(height):
        values[row + 2:row + 2 + width, row + 1] = rows[row].reshape(width, step)
    kinds = filters.astype(numpy.intp)[:, None]
    for time in range(2, width + height + 1):
        low, high = max(1, time - width), min(height, time - 1) + 1
        left = sheared[time - 1, low:high]
        up, corner = sheared[time - 1, low - 1:high - 1], sheared[time - 2, low - 1:high - 1]
        guess = predict(kinds[low - 1:high - 1], left, up, corner)
        sheared[time, low:high] = (values[time, low:high] + guess) & 255
    result = numpy.empty((height, width * step), numpy.uint8)
    for row in range(height):
        result[row] = sheared[row + 2:row + 2 + width, row + 1].reshape(-1)
    return result


def unfilter_simple(filters, rows, above, step):
    """Undoes None, Sub and Up, for which a row is a copy, a running sum, or a sum with the row above."""
    result = numpy.empty_like(rows)
    for index, kind in enumerate(filters):
        if kind == 0:
            result[index] = rows[index]
        elif kind == 1:
            sums = numpy.cumsum(rows[index].reshape(-1, step), axis=0, dtype=numpy.uint8)
            result[index] = sums.reshape(-1)
        else:
            result[index] = rows[index] + above
        above = result[index]
    return result


def unfilter(plain, length, height, step):
    """Returns height rows of length bytes from filtered data that starts every row with its filter type."""
    filtered = numpy.frombuffer(plain, numpy.uint8).reshape(height, length + 1)
    filters, rows = filtered[:, 0], filtered[:, 1:]
    if filters.max() > 4:
        raise PngError(f"the filter type {filters.max()} does not exist")
    above, result = numpy.zeros(length, numpy.uint8), numpy.empty((height, length), numpy.uint8)
    for start in range(0, height, WAVE_ROWS):
        part = slice(start, min(height, start + WAVE_ROWS))
        work = unfilter_wave if filters[part].max() > 2 else unfilter_simple
        result[part] = work(filters[part], rows[part], above, step)
        above = result[part][-1]
    return result


def unpack_samples(rows, width, channels, depth):
    """Turns rows of packed bytes into an array (height, width, channels) of raw sample values."""
    height = rows.shape[0]
    if depth == 16:
        pairs = rows.reshape(height, width, channels, 2).astype(numpy.uint16)
        return pairs[..., 0] << 8 | pairs[..., 1]
    if depth == 8:
        return rows.reshape(height, width, channels)
    shifts = numpy.arange(8 - depth, -1, -depth, dtype=numpy.uint8)
    spread = (rows[:, :, None] >> shifts) & ((1 << depth) - 1)
    return spread.reshape(height, -1)[:, :width].reshape(height, width, channels)


def read_samples(header, chunks):
    """Returns the raw samples of the whole picture, passes put together."""
    channels = CHANNELS[header.colour_type]
    step = max(1, channels * header.depth // 8)
    layout = passes(header)
    sizes = [(row_bytes(header, width) + 1) * height for *_, width, height in layout]
    plain = inflate(chunks, sum(sizes))
    kind = numpy.uint16 if header.depth == 16 else numpy.uint8
    samples = numpy.zeros((header.height, header.width, channels), kind)
    position = 0
    for (left, top, across, down, width, height), size in zip(layout, sizes):
        rows = unfilter(plain[position:position + size], row_bytes(header, width), height, step)
        samples[top::down, left::across] = unpack_samples(rows, width, channels, header.depth)
        position += size
    return samples


def to_eight_bits(samples, depth):
    """round(v * 255 / (2^depth - 1)); below 16 bits this is exact, at 16 bits there are no ties as 257 is odd."""
    most = (1 << depth) - 1
    return ((samples.astype(numpy.int64) * 510 + most) // (2 * most)).astype(numpy.uint8)


def palette_table(header, found):
    """Returns the (entries, 4) palette with the alpha of tRNS."""
    body = found.get(b"PLTE")
    if not body or len(body) % 3 or len(body) // 3 > 1 << header.depth:
        raise PngError("PLTE is missing or has a wrong length")
    table = numpy.full((len(body) // 3, 4), 255, numpy.uint8)
    table[:, :3] = numpy.frombuffer(body, numpy.uint8).reshape(-1, 3)
    alphas = numpy.frombuffer(found.get(b"tRNS", b""), numpy.uint8)
    if len(alphas) > len(table):
        raise PngError("tRNS is longer than PLTE")
    table[:len(alphas), 3] = alphas
    return table


def colour_key_alpha(header, samples, found):
    """The alpha of grey and RGB pictures: 0 where all raw samples equal the key, compared before any scaling."""
    alpha = numpy.full(samples.shape[:2], 255, numpy.uint8)
    if b"tRNS" in found:
        body, channels = found[b"tRNS"], CHANNELS[header.colour_type]
        if len(body) != 2 * channels:
            raise PngError("tRNS has a wrong length")
        key = numpy.array(struct.unpack(f">{channels}H", body)) & ((1 << header.depth) - 1)
        alpha[numpy.all(samples == key, axis=2)] = 0
    return alpha


def expand(header, samples, found):
    """Raw samples of any colour type to RGBA, 8 bits."""
    if header.colour_type == PALETTE:
        table = palette_table(header, found)
        if samples.max() >= len(table):
            raise PngError(f"the palette index {samples.max()} is beyond the palette's {len(table)} entries")
        return table[samples[:, :, 0]]
    result = numpy.empty(samples.shape[:2] + (4,), numpy.uint8)
    scaled = to_eight_bits(samples, header.depth)
    if header.colour_type in (GREY_ALPHA, RGBA):
        if b"tRNS" in found:
            raise PngError("tRNS stands in a picture that has an alpha channel")
        result[..., :3], result[..., 3] = scaled[..., :-1], scaled[..., -1]
    else:
        result[..., :3], result[..., 3] = scaled, colour_key_alpha(header, samples, found)
    return result


def decode(data):
    """Returns the picture in the bytes as an array (height, width, 4) of straight-alpha RGBA, 8 bits."""
    header = parse_header(data)
    chunks = split_chunks(data)
    check_order(chunks)
    found = {kind: body for kind, body in chunks if kind in (b"PLTE", b"tRNS")}
    if b"PLTE" in found and header.colour_type in (GREY, GREY_ALPHA):
        raise PngError("PLTE stands in a grey picture")
    return expand(header, read_samples(header, chunks), found)


def decode_file(path):
    """Reads and decodes one file."""
    with open(path, "rb") as stream:
        return decode(stream.read())


def decode_with_pillow(path):
    """The same picture read by Pillow, or None at 16 bits, which Pillow truncates instead of rounding.

    Pillow scales grey samples of fewer than 8 bits but not their colour key, so the key is scaled here.
    """
    from PIL import Image
    header = read_header(path)
    if header.depth == 16:
        return None
    with Image.open(path) as image:
        image.load()
        key = image.info.get("transparency")
        if header.colour_type == GREY and header.depth < 8 and isinstance(key, int):
            image = image.convert("L")
            image.info["transparency"] = key * 255 // ((1 << header.depth) - 1)
        return numpy.asarray(image.convert("RGBA"))
