"""Style key -> function.  Those of the first generation that hold at 256 pixels stay as they are."""
import numpy as np

from ..pictures import styles_more as more
from ..pictures import styles_page as page
from . import cells, posters, prints, strokes, wet
from .names import STYLES

PAINT = {
    "plain": page.plain, "van_gogh": strokes.van_gogh, "dali": page.dali, "klimt": posters.klimt, "north_korea": page.propaganda,
    "bauhaus": page.bauhaus, "pencil": prints.pencil, "picasso": cells.cubism, "monet": strokes.monet, "pollock": posters.pollock,
    "warhol": page.warhol, "children": prints.children, "mosaic": cells.mosaic, "watercolour": wet.watercolour, "pixel_art": cells.pixel_art,
    "stained_glass": cells.stained_glass, "neon": prints.neon, "blueprint": prints.blueprint, "ukiyo_e": more.ukiyo_e,
    "low_poly": cells.low_poly, "origami": cells.origami, "chalk": prints.chalk, "embroidery": prints.embroidery, "comic": prints.comic,
    "woodcut": prints.woodcut, "oil_sketch": strokes.oil, "paper_cut": posters.paper_cut, "ink_wash": wet.ink_wash,
    "pointillism": prints.pointillism, "risograph": prints.risograph, "art_deco": posters.art_deco, "matisse": posters.matisse,
}
assert list(PAINT) == list(STYLES)


def paint(style, scene, rng):
    """The scene in a style, uint8 RGB [S, S, 3]."""
    return np.round(np.clip(PAINT[style](scene, rng), 0, 1) * 255).astype(np.uint8)
