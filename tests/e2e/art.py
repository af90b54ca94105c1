"""Small art for the tests, made with the standard library only: pictures, layers, and broken files."""

import json
import os
import pathlib
import random
import struct
import zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"
RGB, RGBA = 2, 6


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def header(width, height, depth=8, colour_type=RGBA, interlaced=0):
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0,
                                      interlaced))


def png_of_rows(width, rows, colour_type=RGBA):
    """A PNG file from rows of bytes."""
    packed = zlib.compress(b"".join(b"\0" + bytes(row) for row in rows), 6)
    return (SIGNATURE + header(width, len(rows), colour_type=colour_type) + chunk(b"IDAT", packed) +
            chunk(b"IEND", b""))


def solid(width, height, colour):
    """A picture of one colour, RGBA or RGB by the number of its channels."""
    colour_type = RGBA if len(colour) == 4 else RGB
    return png_of_rows(width, [bytes(colour) * width] * height, colour_type)


def noise(width, height, seed):
    """Random RGBA pixels."""
    source = random.Random(seed)
    return png_of_rows(width, [source.randbytes(4 * width) for _ in range(height)])


def dot(width, height, index):
    """Transparent but for one opaque pixel, whose place and colour come from the index."""
    rows = [bytearray(4 * width) for _ in range(height)]
    at = index % (width * height)
    colour = bytes((index * 37 % 256, index * 91 % 256, index * 151 % 256, 255))
    rows[at // width][at % width * 4:at % width * 4 + 4] = colour
    return png_of_rows(width, rows)


def write(path, data):
    """Writes a file, with the folders above it; names may be bytes."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as stream:
        stream.write(data)


def make_art(folder, layers, config=None, size=(8, 8)):
    """Makes layer folders from {layer: [file name without .png, ...]}; every picture is different.

    The first layer's pictures are opaque. Weights are part of the names, as users write them.
    """
    number = 0
    for position, (layer, names) in enumerate(layers.items()):
        for name in names:
            number += 1
            colour = (number * 53 % 256, number * 29 % 256, number * 11 % 256)
            data = solid(*size, colour) if position == 0 else dot(*size, number)
            write(pathlib.Path(folder) / layer / f"{name}.png", data)
    if config is not None:
        write_config(folder, config)
    return pathlib.Path(folder)


def write_config(folder, config):
    text = config if isinstance(config, str) else json.dumps(config, indent=2)
    write(pathlib.Path(folder) / "collection.json", text.encode())


def small_art(folder, config=None):
    """Two layers of three traits: nine combinations."""
    return make_art(folder, {"1 Back": ["Red", "Green", "Blue"], "2 Hat": ["Cap", "Crown", "Fez"]},
                    config)


def cut_in_data(data):
    """The file up to the middle of its first IDAT."""
    start = data.index(b"IDAT")
    size = struct.unpack(">I", data[start - 4:start])[0]
    return data[:start + 4 + size // 2]


def flip(data, kind, offset, repair=False):
    """Changes one byte of a chunk's body; offset -1 is its CRC. With `repair` the CRC fits again."""
    start = data.index(kind)
    size = struct.unpack(">I", data[start - 4:start])[0]
    changed = bytearray(data)
    changed[start + 4 + (size + 1 if offset < 0 else offset)] ^= 0x55
    if repair:
        body = bytes(changed[start:start + 4 + size])
        changed[start + 4 + size:start + 8 + size] = struct.pack(">I", zlib.crc32(body))
    return bytes(changed)


def bomb(width, height, row_bytes):
    """A real PNG of empty rows: the data inflates to height times row_bytes, a thousandth on disk."""
    packer, packed = zlib.compressobj(9), []
    piece = bytes((row_bytes + 1) * 64)
    for _ in range(height // 64):
        packed.append(packer.compress(piece))
    packed.append(packer.compress(bytes((row_bytes + 1) * (height % 64))))
    packed.append(packer.flush())
    return SIGNATURE + header(width, height) + chunk(b"IDAT", b"".join(packed)) + chunk(b"IEND", b"")
