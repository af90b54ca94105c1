#!/usr/bin/env python3
"""Draws the example collection "critters": folders of transparent PNG layers.

Run it from anywhere; it (re)writes the folder `critters` beside this file:

    python3 draw_critters.py                # all of it
    python3 draw_critters.py Fox Halo       # only the traits with these names

Every trait is drawn here from scratch, out of smooth paths, on a 1024 x 1024
canvas; nothing is copied from elsewhere and nothing depends on the clock or on
an unseeded generator, so that the same libraries give the same files again.
Needs Pillow and NumPy (Debian: python3-pil, python3-numpy).

The critters share one skull, one torso and one face plan, and light falls from
the upper left, so that any trait of one layer goes with any trait of another.

Folder grammar in use: `NN_Layer/Name#weight.png`; a file of no bytes means that
nothing is drawn; a folder `Name#weight/` is one trait made of several files, of
which the first by name lies on top; `z5,` lifts a part above the other layers.

This script and the pictures it makes are dedicated to the public domain (CC0
1.0): use them for anything, no credit needed.
"""

import math
import os
import random
import sys

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

SIZE = 1024                 # of a layer, in pixels, and of the drawing plane
S = 4                       # supersampling: masks are this many times larger
BIG = SIZE * S
CX = 512                    # the critters look straight at us: the mirror axis
W = 10                      # thickness of the outline, outside of the shape
INK = "#2b1a42"             # outlines, noses, pupils
SHADOW = "#3a1466"          # shade falling on anything
WARM = "#fff4d8"            # light falling on anything
WHITE = "#fffdf7"
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "critters")


# ---------------------------------------------------------------- colours

def rgb(c):
    """'#rrggbb' or a triple -> float triple, 0..1."""
    if isinstance(c, str):
        return np.array([int(c[i:i + 2], 16) for i in (1, 3, 5)], np.float32) / 255
    return np.asarray(c, np.float32)


def mix(a, b, t):
    return rgb(a) * (1 - t) + rgb(b) * t


def shade(c, t=0.26):
    return mix(c, SHADOW, t)


def light(c, t=0.4):
    return mix(c, WARM, t)


class Grad:
    """A vertical blend from `a` at height y0 to `b` at y1, in `steps` flat steps."""

    def __init__(self, a, b, y0, y1, steps=64):
        t = np.clip((np.arange(SIZE) - y0) / (y1 - y0), 0, 1)
        t = (np.round(t * steps) / steps)[:, None, None].astype(np.float32)
        self.rows = rgb(a) * (1 - t) + rgb(b) * t


# ---------------------------------------------------------------- paths
# A path is an array of (x, y) points, dense enough to be drawn as a polygon.

def smooth(pts, closed=True, n=20):
    """A smooth curve through `pts`; a point with a third element is a corner."""
    p = [np.array(q[:2], float) for q in pts]
    corner = [len(q) > 2 for q in pts]
    k, out = len(p), []
    u = np.linspace(0, 1, n, endpoint=False)[:, None]
    for i in range(k if closed else k - 1):
        j = (i + 1) % k
        a, b = p[i], p[j]
        before, after = p[i - 1], p[(j + 1) % k]
        chord = b - a
        size = np.hypot(*chord)

        def tangent(q0, q1, q2):
            d = q2 - q0
            h = np.hypot(*d)
            return d / h * size if h else d

        ma, mb = chord * 0.9, chord * 0.9
        if not (corner[i] or (not closed and i == 0)):
            ma = tangent(before, a, b)
        if not (corner[j] or (not closed and j == k - 1)):
            mb = tangent(a, b, after)
        out.append((2 * u**3 - 3 * u**2 + 1) * a + (u**3 - 2 * u**2 + u) * ma
                   + (-2 * u**3 + 3 * u**2) * b + (u**3 - u**2) * mb)
    if not closed:
        out.append(p[-1][None])
    return np.concatenate(out)


def poly(pts):
    return np.array(pts, float)


def rel(pts, x=CX, y=0):
    """Points given relative to the mirror axis."""
    return [(q[0] + x, q[1] + y, *q[2:]) for q in pts]


def flip(path):
    """The mirror image of a path or of a list of points."""
    if isinstance(path, np.ndarray):
        return path * (-1, 1) + (2 * CX, 0)
    return [(2 * CX - q[0], *q[1:]) for q in path]


def both(path):
    return [path, flip(path)]


def symmetric(right, closed=True):
    """A path from the points of its right half, top to bottom, x from the axis."""
    r = rel(right)
    left = [q for q in reversed(flip(r)) if abs(q[0] - CX) > 0.5]
    return smooth(r + left, closed)


def oval(cx, cy, rx, ry=None, turn=0):
    ry = rx if ry is None else ry
    t = np.linspace(0, 2 * math.pi, 160, endpoint=False)
    return spin(np.stack([cx + rx * np.cos(t), cy + ry * np.sin(t)], 1), turn, cx, cy)


def arc(cx, cy, rx, ry, a0, a1, turn=0):
    """An open arc; degrees, clockwise from three o'clock."""
    t = np.radians(np.linspace(a0, a1, 80))
    return spin(np.stack([cx + rx * np.cos(t), cy + ry * np.sin(t)], 1), turn, cx, cy)


def spin(path, degrees, cx, cy):
    a = math.radians(degrees)
    m = np.array([[math.cos(a), math.sin(a)], [-math.sin(a), math.cos(a)]])
    return (np.asarray(path) - (cx, cy)) @ m + (cx, cy)


def star(cx, cy, r, inner=0.5, points=5, turn=-90):
    a = np.radians(turn + np.arange(points * 2) * 180 / points)
    q = r * np.where(np.arange(points * 2) % 2, inner, 1)
    return np.stack([cx + q * np.cos(a), cy + q * np.sin(a)], 1)


def heart(cx, cy, r):
    t = np.linspace(0, 2 * math.pi, 160, endpoint=False)
    x = 16 * np.sin(t) ** 3
    y = -(13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t))
    return np.stack([cx + x * r / 16, cy + y * r / 16], 1)


def rounded(x0, y0, x1, y1, r):
    return np.concatenate([arc(x, y, r, r, a, a + 90) for x, y, a in (
        (x1 - r, y1 - r, 0), (x0 + r, y1 - r, 90), (x0 + r, y0 + r, 180), (x1 - r, y0 + r, 270))])


# ---------------------------------------------------------------- masks
# A mask is a supersampled picture, 'L', white where something is.

def none():
    return Image.new("L", (BIG, BIG), 0)


def fill(*paths):
    m = none()
    d = ImageDraw.Draw(m)
    for p in paths:
        d.polygon([(float(x) * S, float(y) * S) for x, y in p], fill=255)
    return m


def stroke(path, width, closed=False, taper=0.0, into=None):
    """A round pen along the path; `taper` thins both ends (0: not, 1: to nothing)."""
    m = into or none()
    d = ImageDraw.Draw(m)
    p = np.asarray(path) * S
    if closed:
        p = np.concatenate([p, p[:1]])
    step = np.hypot(*np.diff(p, axis=0).T)
    dist = np.concatenate([[0], np.cumsum(step)])
    at = np.linspace(0, dist[-1], max(2, int(dist[-1] / 4)))
    xs, ys = np.interp(at, dist, p[:, 0]), np.interp(at, dist, p[:, 1])
    t = at / dist[-1]
    rs = width * S / 2 * (1 - taper * np.abs(2 * t - 1) ** 2.5)
    for x, y, r in zip(xs, ys, rs):
        d.ellipse((x - r, y - r, x + r, y + r), fill=255)
    return m


def rim(paths, width=W):
    """The outline outside of the paths together with what they enclose."""
    m = fill(*paths)
    for p in paths:
        stroke(p, width * 2, True, into=m)
    return m


def union(*ms):
    out = ms[0]
    for m in ms[1:]:
        out = ImageChops.lighter(out, m)
    return out


def cut(a, *bs):
    """What of `a` lies in every one of `bs`."""
    for b in bs:
        a = ImageChops.darker(a, b)
    return a


def less(a, *bs):
    """What of `a` lies in none of `bs`."""
    for b in bs:
        a = ImageChops.subtract(a, b)
    return a


def shift(m, dx, dy):
    out = none()
    out.paste(m, (round(dx * S), round(dy * S)))
    return out


def crescent(m, dx, dy):
    """The part of `m` away from the light: what a copy moved by (-dx, -dy) leaves."""
    return less(m, shift(m, -dx, -dy))


def cover(m, blur=0.0):
    """A mask as an array 0..1 at the final size."""
    m = m.reduce(S)
    if blur:
        m = m.filter(ImageFilter.GaussianBlur(blur))
    return np.asarray(m, np.float32) / 255


# ---------------------------------------------------------------- canvas

class Canvas:
    """Premultiplied RGBA; each call paints over what is there."""

    def __init__(self, ground=None):
        self.px = np.zeros((SIZE, SIZE, 4), np.float32)
        self.opaque = ground is not None
        if self.opaque:
            self.px[..., 3] = 1
            self.px[..., :3] = ground.rows if isinstance(ground, Grad) else rgb(ground)

    def paint(self, mask, colour, alpha=1.0, blur=0.0, clip=None):
        a = mask if isinstance(mask, np.ndarray) else cover(mask, blur)
        a = a * alpha
        if clip is not None:
            a = a * cover(clip)
        c = colour.rows if isinstance(colour, Grad) else rgb(colour)
        keep = 1 - a
        self.px[..., :3] = self.px[..., :3] * keep[..., None] + c * a[..., None]
        self.px[..., 3] = self.px[..., 3] * keep + a

    def erase(self, mask):
        self.px *= (1 - cover(mask))[..., None]

    def shape(self, paths, colour, width=W, line=INK):
        """Fills paths that belong together and draws one outline around them."""
        if isinstance(paths, np.ndarray):
            paths = [paths]
        if width:
            self.paint(rim(paths, width), line)
        m = fill(*paths)
        self.paint(m, colour)
        return m

    def line(self, path, width=W - 1, colour=INK, taper=0.35, alpha=1.0, clip=None):
        self.paint(stroke(path, width, taper=taper), colour, alpha, clip=clip)

    def form(self, m, dx=16, dy=20, dark=0.2, glow=0.0, blur=0.0):
        """Shades a shape away from the light and, at will, lights its near edge."""
        self.paint(crescent(m, dx, dy), SHADOW, dark, blur, clip=m)
        if glow:
            self.paint(crescent(m, -dx * 0.5, -dy * 0.5), WARM, glow, blur, clip=m)

    def image(self):
        a = np.round(self.px[..., 3] * 255)
        a[a < 2] = 0
        c = np.divide(self.px[..., :3], self.px[..., 3:], out=np.zeros_like(self.px[..., :3]),
                      where=a[..., None] > 0)
        c = np.round(np.clip(c, 0, 1) * 255)
        if self.opaque:
            return Image.fromarray(c.astype(np.uint8), "RGB")
        return Image.fromarray(np.dstack([c, a]).astype(np.uint8), "RGBA")


# ---------------------------------------------------------------- the plan of a critter

HEAD = symmetric([(0, 252), (112, 269), (210, 325), (266, 408), (281, 497),
                  (262, 585), (204, 657), (107, 701), (0, 713)])
TORSO = symmetric([(0, 640), (120, 668), (196, 722), (246, 812), (274, 920), (286, 1060), (0, 1060)])
ARM = smooth(rel([(196, 858), (186, 930), (190, 1040)]), closed=False)
BELLY = oval(CX, 962, 150, 168)
FLUFF = symmetric([(0, 828, 1), (20, 806), (44, 804, 1), (58, 826), (92, 824, 1), (100, 850), (128, 862, 1),
                   (146, 930), (148, 1060), (0, 1060)])
MUZZLE = oval(CX, 604, 116, 80)
EYE_X, EYE_Y = 124, 486
NOSE_Y = 556

HEAD_M = fill(HEAD)
HEAD_RIM = rim([HEAD])
TORSO_M = fill(TORSO)


def eyes_at():
    return (CX - EYE_X, EYE_Y), (CX + EYE_X, EYE_Y)


def torso(c, colour, belly=None, patch=FLUFF):
    m = c.shape(TORSO, Grad(colour, shade(colour, 0.1), 760, 1024))
    if belly is not None:
        c.paint(cut(fill(patch), m), belly)
    c.form(m, 26, 0, 0.18)
    c.paint(shift(HEAD_RIM, 10, 30), SHADOW, 0.34, 7, clip=m)
    for p in both(ARM):
        c.line(p)
    return m


def head(c, colour, extra=(), marks=None):
    """The skull with whatever grows out of it; `marks` paints on it, below the shading."""
    paths = [HEAD, *extra]
    m = c.shape(paths, Grad(light(colour, 0.16), colour, 270, 620))
    if marks:
        marks(m)
    c.paint(crescent(m, 22, 26), SHADOW, 0.2, 3, clip=m)
    c.paint(fill(oval(398, 346, 92, 34, 30)), WHITE, 0.24, 9, clip=m)
    return m


def cheeks(c, colour="#ff5d7e", alpha=0.5):
    for x in (CX - 204, CX + 204):
        c.paint(fill(oval(x, 574, 44, 27)), colour, alpha, 6)


def nose(c, colour=INK, rx=30, ry=20):
    p = smooth(rel([(0, -ry), (rx * 0.7, -ry), (rx, -ry * 0.35), (rx * 0.5, ry * 0.6), (0, ry),
                    (-rx * 0.5, ry * 0.6), (-rx, -ry * 0.35), (-rx * 0.7, -ry)], CX, NOSE_Y))
    c.shape(p, colour, 0 if isinstance(colour, str) and colour == INK else 6)
    c.paint(fill(oval(CX - rx * 0.3, NOSE_Y - ry * 0.45, rx * 0.34, ry * 0.24, 12)), WHITE, 0.75)


def tuft():
    """Three locks on the crown of the head."""
    return smooth(rel([(-70, 292), (-66, 252), (-84, 226, 1), (-44, 238), (-20, 210, 1), (8, 236),
                       (52, 214, 1), (62, 252), (70, 292)]))


# ---------------------------------------------------------------- 01 backgrounds

def bg_mint():
    c = Canvas("#a8ecd0")
    dots = [oval(64 + 128 * i + (64 if j % 2 else 0), 20 + 82 * j, 17)
            for j in range(13) for i in range(-1, 9)]
    c.paint(fill(*dots), "#c3f5e0")
    return c


def bg_peach():
    c = Canvas("#ffc9a3")
    for r, col in ((520, "#ffd3b0"), (430, "#ffdcbd"), (340, "#ffe7cd")):
        c.paint(fill(oval(CX, 520, r)), col)
    return c


def bg_sky():
    c = Canvas(Grad("#7cc8ff", "#cdeeff", 0, 1024))
    for x, y, k in ((150, 190, 1.0), (870, 130, 0.8), (905, 560, 1.05), (70, 640, 0.8)):
        cloud = [oval(x - 74 * k, y + 8 * k, 52 * k), oval(x, y - 26 * k, 72 * k),
                 oval(x + 78 * k, y + 2 * k, 56 * k),
                 rounded(x - 126 * k, y, x + 134 * k, y + 60 * k, 30 * k)]
        m = fill(*cloud)
        c.paint(m, "#ffffff")
        c.paint(cut(crescent(m, 0, 22 * k), m), "#dcf0ff")
    return c


def bg_lilac():
    c = Canvas("#cdb9ff")
    for j in range(-1, 9):
        top = [(x, 64 + 128 * j + 22 * math.sin(x / 1024 * 6 * math.pi)) for x in range(-8, 1040, 8)]
        low = [(x, y + 64) for x, y in reversed(top)]
        c.paint(fill(poly(top + low)), "#d9c9ff")
    return c


def bg_sunburst():
    c = Canvas("#ffd24d")
    rays = []
    for i in range(16):
        a, b = math.radians(i * 22.5 - 5.6), math.radians(i * 22.5 + 5.6)
        rays.append(poly([(CX, 500), (CX + 900 * math.cos(a), 500 + 900 * math.sin(a)),
                          (CX + 900 * math.cos(b), 500 + 900 * math.sin(b))]))
    c.paint(fill(*rays), "#ffe07f")
    c.paint(fill(oval(CX, 500, 330)), "#ffe99f")
    return c


def bg_meadow():
    c = Canvas(Grad("#bfeaff", "#eafbe4", 0, 760))
    c.paint(fill(oval(846, 170, 92)), "#fff6c4")
    c.paint(fill(oval(846, 170, 68)), "#ffe27a")
    hills = (("#a9e08c", [(-10, 690), (170, 600), (400, 690), (640, 720), (860, 590), (1040, 640)]),
             ("#86cf79", [(-10, 800), (220, 770), (520, 850), (800, 760), (1040, 800)]))
    for col, pts in hills:
        p = np.concatenate([smooth(pts, closed=False), [(1040, 1040), (-10, 1040)]])
        c.paint(fill(p), col)
    rnd = random.Random(7)
    for x, y in ((60, 880), (150, 960), (890, 850), (970, 940), (110, 720), (930, 700), (40, 1000), (850, 980)):
        r = rnd.choice((9, 11, 12))
        a0 = rnd.random() * 72
        for k in range(5):
            a = math.radians(a0 + 72 * k)
            c.paint(fill(oval(x + r * 1.1 * math.cos(a), y + r * 1.1 * math.sin(a), r * 0.8)), "#ffffff")
        c.paint(fill(oval(x, y, r * 0.7)), "#ffc94d")
    return c


def bg_night():
    c = Canvas(Grad("#2c2466", "#8a55b8", 0, 1024))
    rnd = random.Random(11)
    stars = []
    while len(stars) < 46:
        x, y = rnd.uniform(20, 1004), rnd.uniform(20, 900)
        if math.hypot(x - 838, y - 186) > 150 and all(math.hypot(x - a, y - b) > 76 for a, b, _ in stars):
            stars.append((x, y, rnd.choice((4, 5, 6, 8, 18, 22))))
    for x, y, r in stars:
        c.paint(fill(star(x, y, r, 0.3, 4) if r > 10 else oval(x, y, r)), "#fff3c9", 1 if r > 5 else 0.75)
    moon = less(fill(oval(838, 186, 98)), fill(oval(796, 160, 86)))
    c.paint(fill(oval(838, 186, 134)), "#fff3c9", 0.1)
    c.paint(moon, "#ffeaa6")
    return c


# ---------------------------------------------------------------- 02 bodies

def body_bear():
    c, fur = Canvas(), "#c9824a"
    torso(c, fur, belly="#efc48f")
    for p, q in zip(both(oval(CX + 206, 304, 80)), both(oval(CX + 208, 302, 46))):
        m = c.shape(p, Grad(light(fur, 0.16), fur, 220, 380))
        c.form(m, 12, 14, 0.2)
        c.paint(fill(q), "#f3b99a")
        c.paint(crescent(fill(q), -8, -10), SHADOW, 0.22)
    head(c, fur, [tuft()], lambda m: c.paint(fill(MUZZLE), "#f6d7a8"))
    cheeks(c)
    nose(c, rx=36, ry=24)
    return c


def cat_ear(grow=0.0):
    return smooth(rel([(70, 300), (128, 222), (204, 134 - grow), (224, 124 - grow), (240, 138 - grow),
                       (260, 240), (258, 350), (242, 420), (150, 400)]))


def body_cat():
    c, fur, dark = Canvas(), "#7f90c4", "#53629c"
    tail = smooth(rel([(240, 985), (330, 980), (376, 900), (352, 800), (372, 748), (404, 752),
                       (400, 790), (432, 890), (404, 1010), (300, 1060), (220, 1060)]))
    m = c.shape(tail, fur)
    for y in (776, 856, 936):
        c.paint(cut(stroke(poly([(840, y + 16), (960, y)]), 26), m), dark)
    c.form(m, 14, 6, 0.2)
    torso(c, fur, belly="#e6ebfb")

    def marks(m):
        for x, y, k in ((0, 318, 64), (-58, 316, 44), (58, 316, 44)):
            c.paint(cut(stroke(poly([(CX + x, 240), (CX + x * 0.86, y + k)]), 24, taper=0.0), m), dark)
        for s in (-1, 1):
            for y, k in ((528, 56), (586, 44)):
                c.paint(cut(stroke(poly([(CX + s * 300, y - 4), (CX + s * (276 - k), y)]), 20), m), dark)
        for q in both(smooth(rel([(128, 284), (176, 222), (214, 168), (240, 250), (246, 340)]))):
            c.paint(fill(q), "#ffb3c4")
            c.paint(cut(crescent(fill(q), -12, -14), fill(q)), SHADOW, 0.2)
        c.paint(fill(oval(CX - 50, 604, 66, 54), oval(CX + 50, 604, 66, 54), oval(CX, 632, 66, 46)), "#eef1fd")

    head(c, fur, both(cat_ear()), marks)
    cheeks(c)
    nose(c, "#ff8fa8", 24, 16)
    for s in (-1, 1):
        for y0, y1 in ((598, 590), (620, 628)):
            c.line(smooth([(CX + s * 176, y0), (CX + s * 250, (y0 + y1) / 2 - 4), (CX + s * 326, y1)], False),
                   6, taper=0.7)
    return c


def body_fox():
    c, fur, cream, sock = Canvas(), "#f5803a", "#fff0dc", "#6b2f3f"
    tail = smooth(rel([(230, 1000), (300, 960), (330, 880), (316, 790), (362, 700), (392, 676, 1),
                       (446, 760), (466, 880), (440, 990), (360, 1070), (220, 1070)]))
    m = c.shape(tail, fur)
    tip = smooth(rel([(300, 640), (500, 640), (500, 850), (446, 812, 1), (416, 846, 1), (384, 806, 1),
                      (350, 830, 1), (318, 780)]))
    c.paint(cut(fill(tip), m), cream)
    c.form(m, 18, 8, 0.2)
    torso(c, fur)
    ruff = symmetric([(0, 690), (160, 690), (164, 770), (140, 826, 1), (126, 822), (112, 884, 1), (90, 872),
                      (62, 940, 1), (44, 922), (0, 986, 1)])
    c.paint(fill(ruff), cream, clip=TORSO_M)
    c.paint(shift(HEAD_RIM, 10, 30), SHADOW, 0.34, 7, clip=cut(fill(ruff), TORSO_M))
    ears = both(cat_ear(24))
    whisk = both(smooth(rel([(200, 500), (270, 516), (336, 560, 1), (292, 572), (322, 614, 1), (270, 608),
                             (268, 640, 1), (222, 630), (120, 600)])))

    tips = poly([(0, 0), (SIZE, 0)] + [(SIZE - 24 * i, 204 - 16 * (i % 2)) for i in range(44)])

    def marks(m):
        for q in ears:
            c.paint(cut(fill(q), fill(tips)), sock)
        for q in both(smooth(rel([(132, 282), (178, 214), (212, 152), (240, 250), (248, 340)]))):
            c.paint(fill(q), cream)
            c.paint(cut(crescent(fill(q), -12, -14), fill(q)), SHADOW, 0.2)
        mask = smooth(rel([(0, 528), (52, 556), (120, 566), (206, 524), (300, 516), (360, 600), (300, 700),
                           (120, 740), (0, 750)])
                      + flip(rel([(120, 740), (300, 700), (360, 600), (300, 516), (206, 524), (120, 566),
                                  (52, 556)])))
        c.paint(cut(fill(mask), m), cream)

    head(c, fur, ears + whisk + [tuft()], marks)
    cheeks(c)
    nose(c, rx=32, ry=22)
    return c


def body_panda():
    c, fur, dark, patch = Canvas(), "#fbf4ec", "#66558a", "#a093c4"
    torso(c, dark, belly=fur)
    for p in both(oval(CX + 206, 300, 78)):
        m = c.shape(p, dark)
        c.form(m, 12, 14, 0.3)
        c.paint(crescent(m, -8, -9), WHITE, 0.16)

    def marks(m):
        for q in both(oval(CX + EYE_X + 6, EYE_Y + 12, 82, 94, 28)):
            c.paint(fill(q), patch)

    head(c, fur, [tuft()], marks)
    cheeks(c)
    nose(c, rx=34, ry=22)
    return c


def body_bunny():
    c, fur, pink = Canvas(), "#d9c6f7", "#ffb0cb"
    torso(c, fur, belly="#f7effe")
    left = flip(smooth(rel([(58, 330), (70, 220), (112, 110), (166, 38), (204, 34), (226, 76), (218, 180),
                            (190, 290), (170, 350)])))
    inner = flip(smooth(rel([(112, 300), (122, 206), (152, 128), (184, 82), (196, 100), (190, 180),
                             (162, 290)])))
    right = smooth(rel([(58, 330), (74, 230), (110, 150), (170, 104), (232, 112), (246, 160), (206, 230),
                        (180, 350)]))
    m = c.shape(left, fur)
    c.paint(fill(inner), pink)
    c.paint(cut(crescent(fill(inner), -10, -8), fill(inner)), SHADOW, 0.18)
    c.form(m, 12, 8, 0.18)
    m = c.shape(right, fur)
    c.form(m, 12, 8, 0.18)
    flop = smooth(rel([(120, 140), (176, 96), (250, 112), (318, 190), (344, 282), (318, 330), (266, 312),
                       (214, 248), (160, 196)]))
    m = c.shape(flop, fur)
    c.paint(fill(smooth(rel([(196, 176), (240, 168), (290, 216), (314, 282), (298, 302), (262, 276),
                             (224, 226)]))), pink)
    c.form(m, 8, 14, 0.2)
    head(c, fur, [tuft()], lambda m: c.paint(
        fill(oval(CX - 50, 606, 66, 52), oval(CX + 50, 606, 66, 52), oval(CX, 632, 66, 44)), "#f9f2ff"))
    cheeks(c)
    nose(c, "#ff7fa3", 24, 16)
    return c


def body_axolotl():
    c, skin, gill = Canvas(), "#ffa9bd", "#e8457f"
    tail = smooth(rel([(230, 990), (320, 960), (372, 870), (424, 800, 1), (452, 900), (420, 1000),
                       (340, 1070), (220, 1070)]))
    m = c.shape(tail, "#ff8fab")
    c.form(m, 16, 6, 0.18)
    torso(c, skin, belly="#ffdbe2", patch=BELLY)
    for turn, y, length in ((-40, 372, 132), (-8, 462, 138), (26, 552, 116)):
        for s in (1, -1):
            x = CX + s * 236
            pts = [(0, -26)]
            n = 4
            for i in range(n):
                a, b = i / n, (i + 0.5) / n
                pts += [(length * a + 10, -30 + 6 * i), (length * b + 34, -44 + 9 * i)]
            pts += [(length + 40, 0)]
            pts += [(px, -py) for px, py in reversed(pts[1:-1])] + [(0, 26)]
            q = smooth([(px * s + x, py + y) for px, py in pts])
            q = spin(q, turn * s, x, y)
            m = c.shape(q, Grad("#ff6f9c", gill, y - 60, y + 60))
            c.form(m, 8, 12, 0.2)
            stem = spin(poly([(x, y), (x + s * length * 0.8, y)]), turn * s, x, y)
            c.line(stem, 10, "#b92d68", 0.5)

    def marks(m):
        for x, y, r in ((-150, 372, 10), (-116, 350, 7), (158, 366, 9), (128, 344, 6), (190, 398, 6)):
            c.paint(fill(oval(CX + x, y, r)), "#f0789a")

    crest = smooth(rel([(-96, 300), (-86, 252), (-62, 232), (-36, 242), (-24, 222), (0, 210), (24, 222),
                        (36, 242),
                        (62, 232), (86, 252), (96, 300)]))
    m = c.shape(crest, gill)
    c.form(m, 10, 8, 0.2)
    head(c, skin, marks=marks)
    cheeks(c, alpha=0.6)
    for s in (-1, 1):
        c.paint(fill(oval(CX + s * 15, NOSE_Y + 2, 6, 4)), "#b23a66")
    return c


def body_dragon():
    c, skin, plate, horn = Canvas(), "#35b7a0", "#ffe9a8", "#fff0cf"
    tail = smooth(rel([(230, 980), (320, 960), (362, 890), (382, 820), (412, 830), (428, 900), (400, 1000),
                       (320, 1070), (220, 1070)]))
    spade = smooth(rel([(394, 850), (340, 800, 1), (380, 780), (420, 706, 1), (436, 790), (478, 826, 1),
                        (420, 846)]))
    m = c.shape(tail, skin)
    c.form(m, 14, 6, 0.2)
    m = c.shape(spade, "#ff8a5c")
    c.form(m, 10, 10, 0.2)
    m = torso(c, skin, belly=plate, patch=BELLY)
    for y in (846, 906, 966):
        c.paint(cut(stroke(arc(CX, y - 34, 170, 60, 30, 150), 8), fill(BELLY), m), "#e0b765")
    for q in both(smooth(rel([(150, 330), (162, 250), (196, 184), (250, 146, 1), (254, 210), (244, 290),
                              (222, 360)]))):
        m = c.shape(q, Grad(horn, "#f2c98a", 160, 330))
        c.form(m, 12, 8, 0.18)
    for q in both(smooth(rel([(240, 430), (318, 366, 1), (326, 414), (372, 424, 1), (348, 462),
                              (370, 508, 1), (310, 514), (240, 520)]))):
        m = c.shape(q, "#ff8a5c")
        c.form(m, 8, 14, 0.2)
    spike = smooth(rel([(-37, 300), (-22, 250), (0, 212, 1), (22, 250), (37, 300)]))
    m = c.shape(spike, "#ff8a5c")
    c.form(m, 10, 6, 0.2)

    def marks(m):
        c.paint(fill(oval(CX, 614, 132, 82)), "#7fdcc4")
        for x, y in ((-168, 376), (-140, 350), (172, 380), (146, 352), (120, 334)):
            c.paint(fill(oval(CX + x, y, 11, 8)), "#238f80")

    head(c, skin, marks=marks)
    cheeks(c, "#ff8f6b", 0.75)
    for s in (-1, 1):
        c.paint(fill(oval(CX + s * 24, NOSE_Y, 10, 7, s * -20)), INK)
    return c


# ---------------------------------------------------------------- 03 clothes

GARB = symmetric([(0, 640), (126, 662), (204, 716), (256, 808), (284, 920), (296, 1060), (0, 1060)])


def garment(c, colour, low=None, path=GARB):
    return c.shape(path, Grad(colour, low if low is not None else shade(colour, 0.12), 760, 1024))


def dress(c, m, arms=True):
    """The finish of every garment: shading, sleeves, the shadow of the chin."""
    c.form(m, 26, 0, 0.18)
    c.paint(shift(HEAD_RIM, 10, 30), SHADOW, 0.36, 7, clip=m)
    if arms:
        for p in both(ARM):
            c.line(p)
    c.erase(rim([HEAD], W - 1))
    return c


def wear_hoodie():
    c, col = Canvas(), "#5b6cff"
    hood = symmetric([(0, 620), (190, 628), (262, 676), (266, 736), (196, 790), (80, 832), (0, 838)])
    m = garment(c, col)
    pocket = smooth(rel([(-120, 936, 1), (120, 936, 1), (150, 1060, 1), (-150, 1060, 1)]))
    c.paint(rim([pocket], 6), INK)
    c.paint(fill(pocket), shade(col, 0.06))
    h = c.shape(hood, light(col, 0.12))
    inner = oval(CX, 700, 172, 92)
    c.paint(rim([inner], 5), INK)
    c.paint(fill(inner), shade(col, 0.45))
    c.form(h, 14, 18, 0.18)
    for x, y in ((-52, 902), (52, 886)):
        c.line(smooth([(CX + x * 0.9, 800), (CX + x * 1.05, 850), (CX + x, y)], False), 16, taper=0)
        c.line(smooth([(CX + x * 0.9, 800), (CX + x * 1.05, 850), (CX + x, y)], False), 8, WHITE, 0)
        c.line(poly([(CX + x, y - 8), (CX + x, y + 8)]), 20, taper=0)
        c.line(poly([(CX + x, y - 8), (CX + x, y + 8)]), 12, "#ffd24d", taper=0)
    return dress(c, union(m, h))


def wear_tee():
    c = Canvas()
    m = garment(c, "#fff6ea", "#f5e6e2")
    for y in (806, 872, 938, 1004):
        band = np.concatenate([arc(CX, y - 40, 420, 60, 20, 160), arc(CX, y - 10, 420, 60, 160, 20)])
        c.paint(cut(fill(band), m), "#ee4b5e")
    n = oval(CX, 690, 158, 84)
    c.paint(rim([n], 5), INK)
    c.paint(fill(n), "#ee4b5e")
    return dress(c, m)


def wear_dungarees():
    c, denim, tee = Canvas(), "#3f7fd0", "#ffd24d"
    m = garment(c, tee)
    n = oval(CX, 690, 152, 80)
    c.paint(rim([n], 4), INK)
    c.paint(fill(n), shade(tee, 0.15))
    bib = smooth(rel([(-128, 856, 1), (128, 856, 1), (150, 940), (210, 1000, 1), (300, 1000, 1), (300, 1060, 1),
                      (-300, 1060, 1), (-300, 1000, 1), (-210, 1000, 1), (-150, 940)]))
    straps = both(poly(rel([(92, 878), (148, 878), (182, 690), (128, 690)])))
    b = none()
    for p in straps + [bib]:
        c.paint(rim([p], 7), INK, clip=rim([GARB]))
        k = cut(fill(p), fill(GARB))
        c.paint(k, denim)
        b = union(b, k)
    c.paint(crescent(fill(bib), 0, -9), WARM, 0.35, clip=fill(bib))
    pk = smooth(rel([(-58, 914, 1), (58, 914, 1), (58, 972), (0, 996), (-58, 972)]))
    c.paint(rim([pk], 5), INK)
    c.paint(fill(pk), light(denim, 0.2))
    c.paint(fill(heart(CX, 948, 19)), "#ff6f8f")
    for x in (-118, 118):
        m2 = c.shape(oval(CX + x, 872, 17), "#ffe08a", 6)
        c.form(m2, 5, 5, 0.25)
    return dress(c, m)


def wear_tuxedo():
    c, col = Canvas(), "#3b3168"
    m = garment(c, col)
    shirt = smooth(rel([(-120, 640, 1), (120, 640, 1), (112, 760), (0, 1010, 1), (-112, 760)]))
    c.paint(rim([shirt], 5), INK)
    c.paint(fill(shirt), "#fff8f2")
    for y in (862, 916):
        c.paint(fill(oval(CX, y, 8)), INK)
    for p in both(smooth(rel([(100, 690, 1), (172, 700, 1), (186, 800, 1), (142, 812, 1), (150, 850, 1),
                              (6, 1014, 1), (92, 800)]))):
        c.paint(rim([p], 5), INK, clip=m)
        c.paint(cut(fill(p), m), light("#5a4b9c", 0.05))
    dress(c, m)
    for p in both(smooth(rel([(8, 770), (70, 722), (112, 730), (116, 770), (112, 812), (70, 820)]))):
        k = c.shape(p, "#ff4f6d")
        c.form(k, 10, 12, 0.22)
        c.line(smooth(rel([(26, 770), (50, 764), (66, 752)]), False) if p[0, 0] > CX else
               flip(smooth(rel([(26, 770), (50, 764), (66, 752)]), False)), 6, taper=0.6)
    k = c.shape(rounded(CX - 24, 742, CX + 24, 798, 16), "#ff6f86")
    c.form(k, 8, 10, 0.22)
    c.erase(rim([HEAD], W - 1))
    return c


def scarf_sweater():
    c, col = Canvas(), "#f7ead8"
    m = garment(c, col, "#ead2c0")
    for x in (-150, -110, 0, 110, 150):
        knit = [oval(CX + x + t * 10, y, 17, 8, t * 52) for y in range(800, 1050, 25) for t in (-1, 1)]
        c.paint(cut(fill(*knit), m), "#dcb9a0")
    for x in (-72, -38, 38, 72):
        c.paint(cut(stroke(poly([(CX + x, 760), (CX + x, 1040)]), 6), m), "#dcb9a0")
    return dress(c, m)


def scarf_wrap():
    c, col, stripe = Canvas(), "#e8495f", "#ffd9a0"
    tail = smooth(rel([(96, 740), (190, 730), (214, 850), (206, 960, 1), (102, 972, 1), (108, 860)]))
    c.paint(shift(rim([tail]), 8, 12), SHADOW, 0.25, 5, clip=fill(GARB))
    fringe = [rounded(CX + 102 + 22 * i, 950, CX + 117 + 22 * i, 1000 - 2 * i, 6) for i in range(5)]
    f = c.shape(fringe, stripe, 8)
    m = c.shape(tail, col)
    for y in (858, 912):
        c.paint(cut(stroke(poly([(590, y + 6), (760, y - 8)]), 20), m), stripe)
    c.form(union(m, f), 14, 8, 0.2)
    wrap = smooth(rel([(-236, 650), (-150, 704), (0, 724), (150, 704), (236, 650), (274, 680), (262, 748),
                       (190, 800),
                       (0, 832), (-190, 800), (-262, 748), (-274, 680)]))
    c.paint(shift(rim([wrap]), 8, 20), SHADOW, 0.28, 6, clip=fill(GARB))
    m = c.shape(wrap, Grad(light(col, 0.1), col, 680, 800))
    for x in (-208, -112, 20, 128):
        q = smooth([(CX + x * 0.94, 640), (CX + x * 1.02 - 10, 740), (CX + x * 1.0 + 6, 850)], False)
        c.paint(cut(stroke(q, 24), m), stripe)
    c.form(m, 10, 24, 0.2)
    for p in ((-190, 726, -120, 752, -30, 760), (60, 768, 130, 758, 190, 736)):
        c.line(smooth(rel([p[:2], p[2:4], p[4:]]), False), 7, shade(col, 0.5), 0.8)
    knot = smooth(rel([(88, 700), (150, 676), (214, 704), (222, 770), (160, 806), (98, 778)]))
    k = c.shape(knot, light(col, 0.12))
    c.paint(cut(stroke(smooth([(CX + 120, 670), (CX + 166, 740), (CX + 168, 810)], False), 24), k), stripe)
    c.form(k, 12, 14, 0.22)
    for p in ((108, 776, 118, 752, 116, 728), (196, 716, 204, 738, 202, 756)):
        c.line(smooth(rel([p[:2], p[2:4], p[4:]]), False), 7, shade(col, 0.5), 0.8)
    return c


def wear_varsity():
    c, col, sleeve = Canvas(), "#2fa36b", "#fff1d6"
    m = garment(c, sleeve, "#f3dcc0")
    front = symmetric([(0, 640), (120, 668), (176, 740), (184, 860), (180, 1060), (0, 1060)])
    c.paint(rim([front], 8), INK, clip=m)
    c.paint(cut(fill(front), m), col)
    c.form(cut(fill(front), m), 14, 0, 0.2)
    shirt = smooth(rel([(-110, 640, 1), (110, 640, 1), (96, 760), (30, 900, 1), (30, 1060, 1),
                        (-30, 1060, 1), (-30, 900, 1), (-96, 760)]))
    c.paint(rim([shirt], 5), INK)
    c.paint(fill(shirt), WHITE)
    for s in (-1, 1):
        band = smooth([(CX + s * 132, 640), (CX + s * 118, 764), (CX + s * 46, 908), (CX + s * 46, 1050)],
                      False)
        c.paint(cut(stroke(band, 38), m), INK)
        c.paint(cut(stroke(band, 28), m), "#ffd24d")
        c.paint(cut(stroke(band, 8), m), col)
    st = star(CX + 118, 900, 36, 0.52)
    c.paint(rim([st], 6), INK)
    c.paint(fill(st), "#ffd24d")
    return dress(c, m, arms=False)


# ---------------------------------------------------------------- 04 mouths
# They hang from the nose (y 580) and end above the collar (y 690).

MUZZLE_LINE = smooth(rel([(-62, 606), (-50, 628), (-26, 636), (0, 612, 1), (26, 636), (50, 628), (62, 606)]),
                     False)


def philtrum(c, y=612):
    c.line(poly([(CX, 582), (CX, y)]), taper=0)


def mouth_smile():
    c = Canvas()
    philtrum(c)
    c.line(MUZZLE_LINE, 10, taper=0.3)
    return c


def open_mouth(c, path, tongue=None, teeth=None):
    m = c.shape(path, "#7a1f3d", 9)
    c.paint(crescent(m, 0, -12), SHADOW, 0.4, clip=m)
    if tongue is not None:
        c.paint(cut(fill(tongue), m), "#ff7d95")
        c.paint(cut(crescent(fill(tongue), 0, -8), m), "#ffa5b4")
    if teeth is not None:
        c.paint(cut(fill(teeth), m), WHITE)
    return m


def mouth_grin():
    c = Canvas()
    philtrum(c)
    p = smooth(rel([(-70, 604, 1), (-30, 616), (0, 614), (30, 616), (70, 604, 1), (50, 654), (0, 680),
                    (-50, 654)]))
    open_mouth(c, p, oval(CX, 676, 42, 30), rounded(CX - 44, 596, CX + 44, 626, 8))
    c.line(smooth(rel([(-80, 598), (-72, 606), (-62, 608)]), False), taper=0)
    c.line(smooth(rel([(80, 598), (72, 606), (62, 608)]), False), taper=0)
    return c


def mouth_blep():
    c = Canvas()
    philtrum(c)
    p = smooth(rel([(-4, 622, 1), (46, 624, 1), (50, 652), (24, 674), (-4, 654)]))
    m = c.shape(p, "#ff7d95", 8)
    c.form(m, 7, 8, 0.18)
    c.line(smooth(rel([(22, 632), (24, 644), (24, 654)]), False), 6, "#c23e60", 0.6)
    c.line(MUZZLE_LINE, 10, taper=0.3)
    return c


def mouth_fang():
    c = Canvas()
    philtrum(c, 634)
    p = smooth(rel([(26, 628, 1), (52, 620, 1), (42, 652), (36, 652)]))
    c.shape(p, WHITE, 7)
    c.line(smooth(rel([(-58, 632), (-20, 636), (30, 630), (62, 612), (70, 596)]), False), 10, taper=0.3)
    return c


def mouth_ooh():
    c = Canvas()
    philtrum(c, 600)
    open_mouth(c, oval(CX, 634, 26, 32), oval(CX, 664, 24, 20))
    return c


def mouth_bubblegum():
    c = Canvas()
    philtrum(c)
    c.line(MUZZLE_LINE, 10, taper=0.3)
    q = oval(CX + 2, 648, 56, 52)
    c.paint(less(rim([q], 7), fill(q)), "#b92d68")
    m = fill(q)
    c.paint(m, "#ff86b8", 0.82)
    c.paint(crescent(m, 14, 16), "#d13b82", 0.45, clip=m)
    c.paint(fill(oval(CX - 20, 628, 15, 9, 35)), WHITE, 0.95)
    c.paint(fill(oval(CX - 36, 648, 5, 6)), WHITE, 0.9)
    return c


# ---------------------------------------------------------------- 05 eyes

def glossy(c, x, y, rx=50, ry=62, iris=("#3a2270", "#b583ff"), look=0):
    eye = oval(x, y, rx, ry)
    m = fill(eye)
    c.paint(rim([eye], 4), INK)
    c.paint(m, INK)
    inner = oval(x + look, y + 4, rx - 7, ry - 8)
    c.paint(cut(fill(inner), m), Grad(iris[0], iris[1], y - 10, y + ry))
    c.paint(cut(fill(oval(x + look, y - 4, rx * 0.5, ry * 0.54)), m), INK)
    c.paint(cut(fill(oval(x + look, y - ry * 0.62, rx, ry * 0.5)), m), INK, 0.75)
    c.paint(fill(oval(x - rx * 0.3 + look, y - ry * 0.38, rx * 0.36, ry * 0.33)), "#ffffff")
    c.paint(fill(oval(x + rx * 0.36 + look, y + ry * 0.4, rx * 0.17, ry * 0.14)), "#ffffff", 0.95)


def lashes(c, x, y, s):
    c.line(smooth([(x + s * 46, y - 36), (x + s * 58, y - 44), (x + s * 64, y - 56)], False), 9, taper=0.5)


def brows(c, y=404, tilt=0.0, w=34, colour=INK):
    for s in (-1, 1):
        x = CX + s * (EYE_X + 4)
        c.line(smooth([(x - w, y + 6 + s * tilt), (x, y - 6), (x + w, y + 6 - s * tilt)], False),
               11, colour, 0.6)


def eyes_sparkle():
    c = Canvas()
    for x, y in eyes_at():
        glossy(c, x, y)
    return c


def eyes_happy():
    c = Canvas()
    for x, y in eyes_at():
        c.line(arc(x, y + 22, 50, 48, 188, 352), 16, taper=0.35)
    return c


def eyes_wink():
    c = Canvas()
    (x0, y0), (x1, y1) = eyes_at()
    glossy(c, x0, y0, iris=("#17505e", "#46d3c0"))
    lashes(c, x0, y0, -1)
    c.line(smooth([(x1 + 44, y1 - 26), (x1 - 34, y1 + 4, 1), (x1 + 46, y1 + 30)], False), 15, taper=0.3)
    return c


def eyes_sleepy():
    c = Canvas()
    for x, y in eyes_at():
        glossy(c, x, y, iris=("#1f3d7a", "#5fb8ff"))
        m = rim([oval(x, y, 50, 62)], 4)
        lid = cut(m, fill(poly([(0, 0), (SIZE, 0), (SIZE, y - 2), (0, y - 2)])))
        c.paint(lid, INK)
        c.paint(cut(fill(oval(x, y, 46, 58)), fill(poly([(0, 0), (SIZE, 0), (SIZE, y - 10), (0, y - 10)]))),
                "#a58ad6")
        c.paint(fill(oval(x - 12, y - 36, 18, 7, 18)), WHITE, 0.4)
        c.line(poly([(x - 56, y - 5), (x + 56, y - 5)]), 12, taper=0.3)
    return c


def eyes_glance():
    c = Canvas()
    for x, y in eyes_at():
        m = c.shape(oval(x, y, 54, 58), WHITE, 9)
        c.paint(crescent(m, 0, -14), SHADOW, 0.16, clip=m)
        c.paint(cut(fill(oval(x + 20, y + 2, 32, 40)), m), INK)
        c.paint(fill(oval(x + 10, y - 14, 11, 12)), "#ffffff")
    brows(c, 402, 6)
    return c


def eyes_starry():
    c = Canvas()
    for x, y in eyes_at():
        eye = oval(x, y, 54, 62)
        c.paint(rim([eye], 4), INK)
        c.paint(fill(eye), Grad("#3b2080", "#8a4fe0", y - 50, y + 60))
        st = star(x, y + 2, 40, 0.5)
        c.paint(rim([st], 3), "#fff0b0")
        c.paint(fill(st), "#ffcf3f")
        c.paint(fill(oval(x - 26, y - 36, 9)), "#ffffff")
        c.paint(fill(oval(x + 32, y + 34, 6)), "#ffffff")
    return c


# ---------------------------------------------------------------- 06 eyewear

def specs(c, paths, tint, frame, tint_alpha, width=13, bar_y=476):
    arms = [poly([(CX + s * 206, bar_y - 2), (CX + s * 276, bar_y - 14)]) for s in (-1, 1)]
    bridge = smooth(rel([(-40, bar_y + 4), (0, bar_y - 12), (40, bar_y + 4)]), False)
    lens = fill(*paths)
    solid = none()
    for p in arms + [bridge]:
        stroke(p, width, into=solid)
    wide = none()
    for p in arms + [bridge]:
        stroke(p, width + 12, into=wide)
    ring, edge = none(), none()
    for p in paths:
        stroke(p, width, True, into=ring)
        stroke(p, width + 12, True, into=edge)
    ink = union(less(wide, lens), edge)
    c.paint(less(shift(ink, 5, 11), ink), SHADOW, 0.2, 2, clip=HEAD_M)
    c.paint(lens, tint, tint_alpha)
    c.paint(ink, INK)
    metal = union(less(solid, lens), ring)
    c.paint(metal, frame)
    c.paint(cut(crescent(metal, -3, -3), metal), WHITE, 0.45)
    return lens


def glare(c, x, y, lens, k=1.0, alpha=0.5):
    for dx, w in ((-30, 20), (-2, 9)):
        q = poly([(x + dx + 40 * k, y - 80), (x + dx + w + 40 * k, y - 80), (x + dx + w - 40 * k, y + 80),
                  (x + dx - 40 * k, y + 80)])
        c.paint(cut(fill(q), lens), WHITE, alpha)


def eyewear_round():
    c = Canvas()
    lens = specs(c, [oval(CX + s * EYE_X, EYE_Y, 86) for s in (-1, 1)], "#dff4ff", "#ffc94d", 0.2)
    for x, y in eyes_at():
        glare(c, x, y, less(lens, fill(oval(x, y, 70))), alpha=0.7)
    return c


def eyewear_shades():
    c = Canvas()
    p = smooth(rel([(40, 432), (124, 424), (214, 430), (222, 478), (196, 544), (124, 566), (58, 540),
                    (36, 478)]))
    lens = specs(c, both(p), Grad("#ff4fa0", "#ffb04d", 430, 560), "#4b2c85", 0.5, 14, 452)
    for x, y in eyes_at():
        glare(c, x, y, lens, alpha=0.35)
    return c


def eyewear_hearts():
    c = Canvas()
    lens = specs(c, [heart(CX + s * (EYE_X + 2), EYE_Y + 4, 94) for s in (-1, 1)],
                 Grad("#ff5f8f", "#ff94ae", 420, 580), "#ff3e6c", 0.42, 14, 462)
    for x, y in eyes_at():
        glare(c, x, y, lens, alpha=0.35)
    return c


# ---------------------------------------------------------------- 07 hats
# A hat sits on the crown: its lower edge arches from y 390 at the temples to 330.

def cast(c, silhouette, dx=8, dy=22, alpha=0.3):
    """The shadow of a hat on the head below it."""
    c.paint(shift(silhouette, dx, dy), SHADOW, alpha, 5, clip=HEAD_M)


def hat_beanie():
    c, col, cuff = Canvas(), "#ff6b5e", "#ffd9a0"
    dome = symmetric([(0, 128), (96, 140), (176, 190), (226, 276), (244, 372), (120, 340), (0, 330)])
    band = symmetric([(0, 286), (130, 298), (236, 336), (262, 352), (264, 396), (246, 418), (130, 376),
                      (0, 362)])
    pom = [oval(CX + 44 * math.cos(a), 104 + 40 * math.sin(a),
                30) for a in np.arange(8) * math.pi / 4] + [oval(CX, 104, 50)]
    cast(c, rim([band]))
    m = c.shape(pom, cuff)
    c.form(m, 14, 16, 0.2)
    m = c.shape(dome, Grad(light(col, 0.14), col, 130, 330))
    for x in (-150, -76, 0, 76, 150):
        q = smooth([(CX + x * 0.3, 128), (CX + x * 0.86, 210), (CX + x * 1.04, 340)], False)
        c.paint(cut(stroke(q, 7), m), shade(col, 0.35), 0.8)
    c.form(m, 24, 10, 0.2)
    c.paint(fill(oval(416, 210, 34, 52, -38)), WHITE, 0.22, 6, clip=m)
    m = c.shape(band, cuff)
    for i in range(-8, 9):
        x = i * 30
        y = 330 + (x / 250) ** 2 * 46
        q = poly([(CX + x * 0.97, y - 40), (CX + x * 1.03, y + 44)])
        c.paint(cut(stroke(q, 6), m), "#d9a66e")
    c.form(m, 12, 12, 0.2)
    return c


def hat_cap():
    c, col, peak = Canvas(), "#4a7bff", "#ffd24d"
    dome = symmetric([(0, 168), (104, 178), (184, 222), (230, 300), (244, 374), (120, 344), (0, 336)])
    brim = symmetric([(0, 300), (120, 308), (204, 340), (238, 384), (222, 404), (120, 378), (0, 370)])
    cast(c, union(rim([brim]), rim([dome])))
    c.shape(oval(CX, 166, 22, 16), peak)
    m = c.shape(dome, Grad(light(col, 0.12), col, 170, 330))
    panel = symmetric([(0, 160), (50, 200), (96, 260), (112, 350), (0, 350)])
    c.paint(cut(fill(panel), m), WHITE)
    for p in both(smooth(rel([(14, 176), (70, 218), (104, 280), (112, 350)]), False)):
        c.paint(cut(stroke(p, 7), m), INK)
    st = star(CX, 250, 44, 0.5)
    c.paint(fill(st), "#ff5470")
    c.form(m, 22, 12, 0.2)
    c.paint(fill(oval(350, 250, 20, 40, -30)), WHITE, 0.25, 5, clip=m)
    m = c.shape(brim, Grad(peak, "#ffb83d", 300, 400))
    c.form(m, 8, 16, 0.22)
    c.line(smooth(rel([(-176, 350), (-90, 330), (0, 324), (90, 330), (176, 350)]), False), 6, "#d98a1f", 0.6)
    return c


def hat_party():
    c = Canvas()
    cone = smooth(rel([(-8, 56), (8, 56), (128, 300, 1), (70, 324), (0, 332), (-70, 324), (-128, 300, 1)]))
    cast(c, rim([cone]), 8, 20)
    m = c.shape(cone, "#38c6c0")
    for i, col in enumerate(("#ff6fa5", "#ffd24d", "#ff6fa5", "#ffd24d")):
        y = 92 + i * 70
        c.paint(cut(stroke(smooth([(CX - 170, y + 50), (CX, y + 20), (CX + 170, y - 50)], False), 26), m), col)
    c.form(m, 34, 0, 0.2)
    trim = [oval(CX + x, 318 + 12 - (x / 128) ** 2 * 30, 23) for x in (-126, -84, -42, 0, 42, 84, 126)]
    t = c.shape(trim, WHITE)
    c.form(t, 7, 9, 0.16)
    pom = [oval(CX + 26 * math.cos(a), 60 + 24 * math.sin(a),
                17) for a in np.arange(7) * math.pi * 2 / 7] + [oval(CX, 60, 28)]
    p = c.shape(pom, "#ff6fa5")
    c.form(p, 9, 10, 0.2)
    return c


CROWN_SPOTS = [(-214, 352, 40), (-146, 304, 46), (-58, 276, 52), (42, 274, 46), (128, 298, 50), (208, 350, 40)]


def flowers():
    c = Canvas()
    hues = ("#ff7fa8", "#fff3e0", "#ffb84d", "#b58cff", "#ff6b6b", "#fff3e0")
    cast(c, rim([oval(CX + x, y, r) for x, y, r in CROWN_SPOTS]), 6, 18, 0.26)
    order = [0, 5, 1, 4, 3, 2]
    for i in order:
        x, y, r = CROWN_SPOTS[i]
        x += CX
        petals = [oval(x + r * 0.6 * math.cos(a), y + r * 0.6 * math.sin(a), r * 0.46)
                  for a in np.arange(5) * math.pi * 0.4 + i]
        m = c.shape(petals + [oval(x, y, r * 0.5)], hues[i], 9)
        for a in np.arange(5) * math.pi * 0.4 + i + math.pi * 0.2:
            c.paint(cut(stroke(poly([(x + r * 0.3 * math.cos(a), y + r * 0.3 * math.sin(a)),
                                     (x + r * 0.74 * math.cos(a), y + r * 0.74 * math.sin(a))]), 5, taper=0.5), m), shade(hues[i], 0.3))
        c.form(m, 8, 10, 0.18)
        k = c.shape(oval(x, y, r * 0.3), "#ffd24d" if hues[i] != "#ffb84d" else "#fff3e0", 5)
        c.form(k, 4, 5, 0.25)
    return c


def leaves():
    c = Canvas()
    vine = smooth(rel([(-256, 392), (-200, 322), (-104, 282), (0, 270), (104, 282), (200, 322), (256, 392)]),
                  False)
    c.paint(stroke(vine, 30), INK)
    c.paint(stroke(vine, 12), "#3f9a5b")
    for x, y, turn, k in ((-262, 388, 118, 1), (-190, 292, -128, 1.05), (-104, 254, -100, 1.1),
                          (-10, 232, -80, 1.1),
                          (88, 246, -72, 1.1), (176, 280, -50, 1.05), (262, 388, 62, 1), (-240, 326, -160, 0.9), (240, 326, -20, 0.9)):
        x += CX
        q = smooth([(x - 44 * k, y, 1), (x - 8 * k, y - 24 * k), (x + 46 * k, y, 1), (x - 8 * k, y + 24 * k)])
        q = spin(q, turn, x, y)
        m = c.shape(q, "#5cc06f", 9)
        c.form(m, 6, 8, 0.22)
        c.paint(stroke(spin(poly([(x - 34 * k, y), (x + 26 * k, y)]), turn, x, y), 5, taper=0.6), "#2f7d4c")
    return c


def hat_headphones():
    c, col = Canvas(), "#ff5f8a"
    band = smooth(rel([(-274, 440), (-256, 356), (-196, 280), (-102, 238), (0, 226), (102, 238), (196, 280),
                       (256, 356), (274, 440)]), False)
    cast(c, stroke(band, 54), 6, 14, 0.22)
    c.paint(stroke(band, 56), INK)
    m = stroke(band, 36)
    c.paint(m, "#f7f1ff")
    c.paint(cut(crescent(m, 6, 10), m), SHADOW, 0.2)
    pad = stroke(band[55:-55], 36)
    c.paint(pad, "#7b5cff")
    c.paint(cut(crescent(pad, 5, 10), pad), SHADOW, 0.24)
    for s in (-1, 1):
        x = CX + s * 272
        q = oval(x - s * 12, 470, 38, 82)
        c.paint(cut(shift(rim([q]), 8, 12), HEAD_M), SHADOW, 0.2, 3)
        m = c.shape(q, "#4c3a8c")
        c.form(m, 8, 10, 0.25)
        m = c.shape(oval(x + s * 14, 470, 40, 72), Grad(light(col, 0.2), col, 410, 520))
        c.form(m, 10, 12, 0.2)
        c.paint(fill(oval(x + s * 18, 470, 20, 40)), "#ffd24d")
        c.paint(crescent(fill(oval(x + s * 18, 470, 20, 40)), 6, 8), SHADOW, 0.25)
    return c


def hat_wizard():
    c, col = Canvas(), "#5a3fd0"
    cone = smooth(rel([(-146, 320), (-104, 220), (-62, 130), (0, 58), (84, 22), (132, 40), (150, 84, 1),
                       (104, 84),
                       (84, 130), (112, 220), (146, 320), (0, 350)]))
    brim = symmetric([(0, 296), (150, 288), (262, 306), (316, 346), (262, 388), (140, 378), (0, 366)])
    cast(c, rim([brim]))
    m = c.shape(brim, Grad(light(col, 0.1), shade(col, 0.2), 290, 390))
    c.form(m, 10, 14, 0.25)
    m = c.shape(cone, Grad(light(col, 0.1), col, 40, 320))
    for x, y, r in ((-34, 190, 24), (52, 236, 18), (22, 116, 15), (-70, 262, 12)):
        c.paint(fill(star(CX + x, y, r, 0.5, 5, -80)), "#ffd75e")
    c.form(m, 26, 4, 0.25)
    c.line(smooth(rel([(40, 146), (66, 128), (84, 130)]), False), 7, taper=0.7)
    band = np.concatenate([smooth(rel([(-150, 280), (0, 308), (150, 280)]), False), smooth(rel([(160, 322),
                                                                                                (0, 352), (-160, 322)]), False)])
    c.paint(cut(rim([band], 6), rim([cone], W)), INK)
    c.paint(cut(fill(band), fill(cone)), "#ff8a5c")
    c.form(cut(fill(band), fill(cone)), 20, 6, 0.2)
    k = c.shape(rounded(CX - 34, 290, CX + 34, 352, 12), "#ffd75e", 7)
    c.form(k, 6, 8, 0.2)
    c.paint(rim([rounded(CX - 16, 306, CX + 16, 336, 6)], 5), INK)
    c.paint(fill(rounded(CX - 16, 306, CX + 16, 336, 6)), "#ff8a5c")
    return c


def hat_crown():
    c, gold = Canvas(), "#ffc83d"
    p = smooth(rel([(-172, 142, 1), (-106, 208, 1), (-88, 118, 1), (-44, 196, 1), (0, 96, 1), (44, 196, 1),
                    (88, 118, 1),
                    (106, 208, 1), (172, 142, 1), (148, 304, 1), (76, 326), (0, 332), (-76, 326), (-148, 304, 1)]))
    cast(c, rim([p]), 8, 20)
    m = c.shape(p, Grad("#ffe27a", gold, 120, 330))
    c.form(m, 18, 0, 0.18)
    for x, y in ((-172, 136), (-88, 112), (0, 88), (88, 112), (172, 136)):
        k = c.shape(oval(CX + x, y, 19), "#ffe9a0", 9)
        c.form(k, 6, 7, 0.2)
    band = np.concatenate([smooth(rel([(-152, 262), (-76, 284), (0, 290), (76, 284), (152, 262)]), False),
                           smooth(rel([(148, 304), (76, 326), (0, 332), (-76, 326), (-148, 304)]), False)])
    c.paint(cut(stroke(band[:81], 8), m), INK)
    c.paint(cut(fill(band), m), "#f09a2a")
    c.form(cut(fill(band), m), 18, 4, 0.2)
    for x, y, col in ((-92, 300, "#3ecfc0"), (0, 311, "#ff4f79"), (92, 300, "#3ecfc0")):
        k = c.shape(oval(CX + x, y, 19, 15), col, 6)
        c.form(k, 5, 6, 0.25)
        c.paint(fill(oval(CX + x - 6, y - 5, 5, 4)), WHITE, 0.9)
    c.paint(fill(oval(424, 236, 9, 26, -12)), WHITE, 0.5, 3, clip=m)
    return c


def hat_sprout():
    c = Canvas()
    stem = smooth(rel([(0, 232), (-6, 190), (3, 138)]), False)
    c.paint(stroke(stem, 36), INK)
    c.paint(stroke(stem, 16), "#4fae5c")
    for s, k in ((-1, 1.0), (1, 1.12)):
        q = smooth(rel([(0, 150, 1), (s * 40 * k, 90), (s * 110 * k, 56), (s * 168 * k, 68, 1),
                        (s * 140 * k, 128), (s * 70 * k, 164)]))
        m = c.shape(q, Grad("#9be06a", "#5cc06f", 60, 170))
        c.form(m, 8, 16, 0.18)
        c.line(smooth(rel([(s * 22 * k, 142), (s * 76 * k, 110), (s * 130 * k, 84)]), False), 7, "#2f8a4c", 0.7)
    pot = smooth(rel([(-86, 232, 1), (86, 232, 1), (70, 300, 1), (36, 310), (0, 312), (-36, 310),
                      (-70, 300, 1)]))
    cast(c, rim([pot]), 8, 18)
    m = c.shape(pot, Grad("#e88a5a", "#d6703f", 230, 310))
    c.form(m, 22, 0, 0.2)
    c.paint(shift(rim([rounded(CX - 98, 200, CX + 98, 240, 12)], 2), 4, 10), SHADOW, 0.25, clip=m)
    m = c.shape(rounded(CX - 98, 198, CX + 98, 238, 14), "#f09a68")
    c.form(m, 16, 9, 0.2)
    c.paint(stroke(poly([(CX - 80, 212), (CX - 30, 212)]), 8), WHITE, 0.4)
    c.paint(fill(heart(CX, 272, 17)), "#ffe0b8")
    return c


def hat_halo():
    c = Canvas()
    y, rx, ry = 128, 176, 48
    ring = oval(CX, y, rx, ry)
    for blur, alpha, w in ((16, 0.5, 70), (7, 0.45, 46)):
        c.paint(stroke(ring, w, True), "#fff2a8", alpha, blur)
    c.paint(stroke(ring, 38, True), "#f2a51e")
    m = stroke(ring, 24, True)
    c.paint(m, Grad("#fff6c9", "#ffd24d", y - ry, y + ry))
    c.paint(stroke(arc(CX, y - 2, rx, ry, 120, 175), 9, taper=0.8), "#ffffff", 0.95)
    c.paint(stroke(arc(CX, y - 2, rx, ry, 265, 320), 7, taper=0.8), "#ffffff", 0.9)
    for x, yy, r in ((-226, 82, 22), (236, 112, 18), (210, 226, 13), (-214, 226, 14)):
        c.paint(fill(star(CX + x, yy, r, 0.28, 4)), "#fff6c9")
    return c


# ---------------------------------------------------------------- the collection

TRAITS = {
    "01_Background/Mint#20.png": bg_mint,
    "01_Background/Peach#20.png": bg_peach,
    "01_Background/Sky#18.png": bg_sky,
    "01_Background/Lilac#18.png": bg_lilac,
    "01_Background/Sunburst#10.png": bg_sunburst,
    "01_Background/Meadow#9.png": bg_meadow,
    "01_Background/Starry Night#5.png": bg_night,
    "02_Body/Bear#20.png": body_bear,
    "02_Body/Cat#18.png": body_cat,
    "02_Body/Fox#18.png": body_fox,
    "02_Body/Bunny#16.png": body_bunny,
    "02_Body/Panda#12.png": body_panda,
    "02_Body/Axolotl#8.png": body_axolotl,
    "02_Body/Dragon#4.png": body_dragon,
    "03_Clothes/NONE#20.png": None,
    "03_Clothes/Striped Tee#20.png": wear_tee,
    "03_Clothes/Hoodie#18.png": wear_hoodie,
    "03_Clothes/Dungarees#15.png": wear_dungarees,
    "03_Clothes/Cosy Scarf#12/z5,scarf.png": scarf_wrap,
    "03_Clothes/Cosy Scarf#12/sweater.png": scarf_sweater,
    "03_Clothes/Varsity Jacket#10.png": wear_varsity,
    "03_Clothes/Tuxedo#5.png": wear_tuxedo,
    "04_Mouth/Smile#30.png": mouth_smile,
    "04_Mouth/Grin#22.png": mouth_grin,
    "04_Mouth/Blep#18.png": mouth_blep,
    "04_Mouth/Fang#14.png": mouth_fang,
    "04_Mouth/Ooh#10.png": mouth_ooh,
    "04_Mouth/Bubblegum#6.png": mouth_bubblegum,
    "05_Eyes/Sparkle#28.png": eyes_sparkle,
    "05_Eyes/Happy#20.png": eyes_happy,
    "05_Eyes/Glance#18.png": eyes_glance,
    "05_Eyes/Sleepy#14.png": eyes_sleepy,
    "05_Eyes/Wink#12.png": eyes_wink,
    "05_Eyes/Starry#4.png": eyes_starry,
    "06_Eyewear/NONE#60.png": None,
    "06_Eyewear/Round Specs#14.png": eyewear_round,
    "06_Eyewear/Tinted Shades#10.png": eyewear_shades,
    "06_Eyewear/Heart Shades#4.png": eyewear_hearts,
    "07_Hat/NONE#40.png": None,
    "07_Hat/Beanie#15.png": hat_beanie,
    "07_Hat/Cap#13.png": hat_cap,
    "07_Hat/Potted Sprout#12.png": hat_sprout,
    "07_Hat/Headphones#10.png": hat_headphones,
    "07_Hat/Flower Crown#9/1 flowers.png": flowers,
    "07_Hat/Flower Crown#9/2 leaves.png": leaves,
    "07_Hat/Party Hat#8.png": hat_party,
    "07_Hat/Wizard Hat#5.png": hat_wizard,
    "07_Hat/Crown#2.png": hat_crown,
    "07_Hat/Halo#0.5.png": hat_halo,
}


def main(only):
    total = 0
    for name, draw in TRAITS.items():
        if only and not any(o.lower() in name.lower() for o in only):
            continue
        path = os.path.join(ROOT, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if draw is None:
            open(path, "wb").close()
        else:
            draw().image().save(path, optimize=True)
        total += os.path.getsize(path)
        print("%8d  %s" % (os.path.getsize(path), name))
    print("%8d  bytes in all" % total)


if __name__ == "__main__":
    main(sys.argv[1:])
