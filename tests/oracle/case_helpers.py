"""What the self-test's files share: comparisons, and a second, slow version of the rule in the words of the standard.

A judge must be judged by something else: here fractions and 60-digit decimals, with none of the oracle's own arithmetic.
"""
import contextlib
import decimal
import functools
import tempfile
from decimal import Decimal
from fractions import Fraction

import numpy

HALF = Fraction(1, 2)


class Skipped(Exception):
    """Raised by a test that cannot run here."""


def equal(got, expected, what=""):
    """Arrays and plain values alike."""
    if not numpy.array_equal(numpy.asarray(got, dtype=object), numpy.asarray(expected, dtype=object)):
        raise AssertionError(f"{what} got {got!r} expected {expected!r}")


def refuses(kind, function, *arguments):
    """The call must raise exactly this kind of error."""
    try:
        function(*arguments)
    except kind:
        return
    raise AssertionError(f"{function.__name__}{arguments!r:.200} did not raise {kind.__name__}")


@contextlib.contextmanager
def folder():
    """A temporary folder."""
    with tempfile.TemporaryDirectory(prefix="oracle_test_") as path:
        yield path


def literal_hard_light(cb, cs):
    """multiply(Cb, 2 Cs), else screen(Cb, 2 Cs - 1)."""
    return cb * 2 * cs if cs <= HALF else cb + (2 * cs - 1) - cb * (2 * cs - 1)


def literal_soft_light(cb, cs):
    """Works on Decimal."""
    if cs <= Decimal("0.5"):
        return cb - (1 - 2 * cs) * cb * (1 - cb)
    d = ((16 * cb - 12) * cb + 4) * cb if cb <= Decimal("0.25") else cb.sqrt()
    return cb + (2 * cs - 1) * (d - cb)


LITERAL = {
    "multiply": lambda cb, cs: cb * cs,
    "screen": lambda cb, cs: cb + cs - cb * cs,
    "overlay": lambda cb, cs: literal_hard_light(cs, cb),
    "darken": min,
    "lighten": max,
    "color-dodge": lambda cb, cs: 0 if cb == 0 else 1 if cs == 1 else min(1, cb / (1 - cs)),
    "color-burn": lambda cb, cs: 1 if cb == 1 else 0 if cs == 0 else 1 - min(1, (1 - cb) / cs),
    "hard-light": literal_hard_light,
    "difference": lambda cb, cs: abs(cb - cs),
    "exclusion": lambda cb, cs: cb + cs - 2 * cb * cs,
}


def floor_half(value):
    """To nearest, ties up."""
    return (value + HALF).__floor__()


@functools.lru_cache(maxsize=None)
def literal_blend(mode, cb, cs):
    """B for two bytes, by fractions; soft-light by 60-digit decimals."""
    if mode == "normal":
        return cs
    if mode == "soft-light":
        with decimal.localcontext(decimal.Context(prec=60)):
            value = 255 * literal_soft_light(Decimal(cb) / 255, Decimal(cs) / 255)
            return int((value + Decimal("0.5") + Decimal("1e-50")).to_integral_value(decimal.ROUND_FLOOR))
    return floor_half(255 * LITERAL[mode](Fraction(cb, 255), Fraction(cs, 255)))


def literal_luminosity(color):
    """Lum."""
    return Fraction(3, 10) * color[0] + Fraction(59, 100) * color[1] + Fraction(11, 100) * color[2]


def literal_set_luminosity(color, light):
    """SetLum, then ClipColor."""
    color = [value + light - literal_luminosity(color) for value in color]
    light, low, high = literal_luminosity(color), min(color), max(color)
    if low < 0:
        color = [light + (value - light) * light / (light - low) for value in color]
    if high > 1:
        color = [light + (value - light) * (1 - light) / (high - light) for value in color]
    return color


def literal_set_saturation(color, wanted):
    """SetSat in the words of the standard: sort, set the greatest and the middle one, then the least to 0."""
    order = sorted(range(3), key=lambda channel: color[channel])
    least, middle, most = order
    result = [Fraction(0)] * 3
    if color[most] > color[least]:
        result[middle] = (color[middle] - color[least]) * wanted / (color[most] - color[least])
        result[most] = wanted
    return result


def literal_blend_colors(mode, backdrop, source):
    """B of a non-separable mode for two triples of bytes."""
    cb, cs = ([Fraction(value, 255) for value in color] for color in (backdrop, source))
    if mode == "hue":
        mixed = literal_set_luminosity(literal_set_saturation(cs, max(cb) - min(cb)), literal_luminosity(cb))
    elif mode == "saturation":
        mixed = literal_set_luminosity(literal_set_saturation(cb, max(cs) - min(cs)), literal_luminosity(cb))
    elif mode == "color":
        mixed = literal_set_luminosity(cs, literal_luminosity(cb))
    else:
        mixed = literal_set_luminosity(cb, literal_luminosity(cs))
    return [floor_half(255 * value) for value in mixed]


# The standard's table of operators, as functions of the two alphas.
LITERAL_OPERATORS = {
    "copy": lambda a, b: (1, 0),
    "source-in": lambda a, b: (b, 0),
    "source-out": lambda a, b: (1 - b, 0),
    "source-atop": lambda a, b: (b, 1 - a),
    "destination-over": lambda a, b: (1 - b, 1),
    "destination-in": lambda a, b: (0, a),
    "destination-out": lambda a, b: (0, 1 - a),
    "destination-atop": lambda a, b: (1 - b, a),
    "xor": lambda a, b: (1 - b, 1 - a),
    "lighter": lambda a, b: (1, 1),
}


def literal_operator(backdrop, source, alpha, mode):
    """One pixel on another by co = as Fa Cs + ab Fb Cb and ao = as Fa + ab Fb, both at most 1."""
    a, b = Fraction(alpha, 255), Fraction(backdrop[3], 255)
    fa, fb = LITERAL_OPERATORS[mode](a, b)
    out = min(Fraction(1), a * fa + b * fb)
    if floor_half(255 * out) == 0:
        return (0, 0, 0, 0)
    colors = [min(Fraction(1), (a * fa * cs + b * fb * cb) / 255) for cs, cb in zip(source[:3], backdrop[:3])]
    return (*(floor_half(255 * color / out) for color in colors), floor_half(255 * out))


def literal_over(backdrop, source, opacity, mode):
    """One pixel on another, by the sentences of the design: the weights as fractions, one rounding a stored value."""
    alpha = floor_half(Fraction(source[3] * opacity, 255))
    if mode in LITERAL_OPERATORS:
        return literal_operator(backdrop, source, alpha, mode)
    if alpha == 0:
        return backdrop
    a, b = Fraction(alpha, 255), Fraction(backdrop[3], 255)
    out = a + b - a * b
    colours = []
    if mode in ("hue", "saturation", "color", "luminosity"):
        blended = literal_blend_colors(mode, backdrop[:3], source[:3])
    else:
        blended = [literal_blend(mode, cb, cs) for cs, cb in zip(source[:3], backdrop[:3])]
    for cs, cb, both in zip(source[:3], backdrop[:3], blended):
        mixed = (1 - b) * cs + b * both
        colours.append(floor_half((a * mixed + (1 - a) * b * cb) / out))
    return (*colours, floor_half(255 * out))
