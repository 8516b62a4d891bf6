"""Noto Color Emoji's bitmaps as RGBA sprites (Debian: fonts-noto-color-emoji, python3-fonttools, python3-pil)."""
import functools
import io

import numpy as np

from .names import MissingResource, need

FONT = "/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf"


class EmojiFont:
    """The colour bitmaps of one font file, decoded when first asked for."""

    def __init__(self, path=FONT):
        try:
            from fontTools.ttLib import TTFont
        except ImportError as error:
            raise MissingResource("the fontTools module is missing: install Debian's python3-fonttools") from error
        font = TTFont(need(path, "fonts-noto-color-emoji"))
        self.characters = font.getBestCmap()
        self.bitmaps = font["CBDT"].strikeData[0]

    def __contains__(self, character):
        return len(character) == 1 and self.characters.get(ord(character)) in self.bitmaps

    @functools.lru_cache(maxsize=None)
    def sprite(self, character):
        """The glyph, premultiplied RGBA float32 [h, w, 4], cut to its ink and made square."""
        from PIL import Image
        glyph = self.bitmaps[self.characters[ord(character)]]
        if not hasattr(glyph, "imageData"):
            glyph.decompile()
        rgba = np.asarray(Image.open(io.BytesIO(glyph.imageData)).convert("RGBA"), np.float32) / 255
        return squared(premultiplied(rgba))


def premultiplied(rgba):
    """Colours multiplied by their own alpha, so that scaling leaves no fringe."""
    return np.dstack([rgba[..., :3] * rgba[..., 3:], rgba[..., 3]])


def squared(sprite):
    """The sprite cut to what is visible, centred on a transparent square."""
    ys, xs = np.nonzero(sprite[..., 3] > 0.05)
    cut = sprite[ys.min():ys.max() + 1, xs.min():xs.max() + 1]
    side = max(cut.shape[:2])
    out = np.zeros((side, side, 4), np.float32)
    y, x = (side - cut.shape[0]) // 2, (side - cut.shape[1]) // 2
    out[y:y + cut.shape[0], x:x + cut.shape[1]] = cut
    return out


@functools.lru_cache(maxsize=1)
def default_font():
    return EmojiFont()
