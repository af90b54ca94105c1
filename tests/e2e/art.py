"""Small art for the tests, made with the standard library: pictures, layers, broken files."""

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


def make_painting(folder):
    """The art of most tests: five layers, weights and an absent trait, quick to read."""
    traits = {"1 Background": ["Dawn#30", "Noon#50", "Dusk#19", "Night#1"],
              "2 Body": ["Cat#4", "Dog#3", "Owl#3"],
              "3 Clothes": ["Coat#20", "Vest#20", "Kilt#60"],
              "4 Eyes": ["Open", "Shut", "Wide", "One"], "5 Hat": ["Cap#50", "Crown#10"]}
    for position, (layer, names) in enumerate(traits.items()):
        for number, name in enumerate(names):
            colour = (40 * number, 60 + 30 * number, 200 - 50 * number, 255)
            data = noise(64, 64, f"{layer}/{name}") if position else solid(64, 64, colour)
            write(pathlib.Path(folder) / layer / f"{name}.png", data)
    write(pathlib.Path(folder) / "5 Hat" / "NONE#40.png", b"")
    return pathlib.Path(folder)


def cut_in_data(data):
    """The file up to the middle of its first IDAT."""
    start = data.index(b"IDAT")
    size = struct.unpack(">I", data[start - 4:start])[0]
    return data[:start + 4 + size // 2]


def flip(data, kind, offset, repair=False):
    """Changes one byte of a chunk's body; offset -1: its CRC. With `repair` the CRC fits again."""
    start = data.index(kind)
    size = struct.unpack(">I", data[start - 4:start])[0]
    changed = bytearray(data)
    changed[start + 4 + (size + 1 if offset < 0 else offset)] ^= 0x55
    if repair:
        body = bytes(changed[start:start + 4 + size])
        changed[start + 4 + size:start + 8 + size] = struct.pack(">I", zlib.crc32(body))
    return bytes(changed)


def packed_zeros(total):
    """A zlib stream of so many zero bytes, made of copies of one block, so that gigabytes take no
    time; its checksum follows from the count, for zeros leave the lower half of Adler-32 at 1."""
    piece = 16 << 20
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(bytes(piece)) + packer.flush(zlib.Z_FULL_FLUSH)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    tail = packer.compress(bytes(total % piece)) + packer.flush()
    return b"\x78\xda" + block * (total // piece) + tail + struct.pack(">HH", total % 65521, 1)


def bomb(width, height, colour_type=RGBA):
    """A valid PNG file of zeros, which a thousand times its size comes out of."""
    row_bytes = 1 + width * (4 if colour_type == RGBA else 3)
    return (SIGNATURE + header(width, height, colour_type=colour_type) +
            chunk(b"IDAT", packed_zeros(height * row_bytes)) + chunk(b"IEND", b""))
