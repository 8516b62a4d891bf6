"""The pairs that training never shows, so that what the model makes of them can be measured.

A pair is held out by a hash of its words: one in ten of (subject, style) and (colour, subject), one in six of
(subject, accessory).  Nobody keeps a list that could drift from the data.  The page's own nine subjects are
never held out against a style, and their own accessories are never held out: people will ask for exactly these.
"""
import hashlib

PAGE_SUBJECTS = {"cat", "panda", "submarine", "eiffel tower", "pug", "mountain range", "ship", "city skyline", "robot"}
PAGE_PAIRS = {("cat", "sunglasses"), ("panda", "bike"), ("pug", "cowboy hat"), ("robot", "book")}


def _bucket(kind, a, b, buckets):
    return int.from_bytes(hashlib.sha256(f"{kind}|{a}|{b}".encode()).digest()[:8], "big") % buckets


def style_held_out(subject, style):
    return style != "plain" and subject not in PAGE_SUBJECTS and _bucket("style", subject, style, 10) == 0


def accessory_held_out(subject, accessory):
    return bool(accessory) and (subject, accessory) not in PAGE_PAIRS and _bucket("accessory", subject, accessory, 6) == 0


def colour_held_out(colour, subject):
    return bool(colour) and _bucket("colour", colour, subject, 10) == 0


def held_out(spec, style):
    """The kinds of held-out pair in a picture: a subset of {"style", "accessory", "colour"}."""
    kinds = {"style"} if style_held_out(spec.subject, style) else set()
    if spec.other and style_held_out(spec.other, style):
        kinds.add("style")
    if accessory_held_out(spec.subject, spec.accessory):
        kinds.add("accessory")
    if colour_held_out(spec.colour, spec.subject):
        kinds.add("colour")
    return kinds
