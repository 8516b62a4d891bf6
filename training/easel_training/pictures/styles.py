"""The styles by key, and what people call them."""
import dataclasses
import typing

import numpy as np

from . import styles_more as more
from . import styles_page as page


@dataclasses.dataclass(frozen=True)
class Style:
    """One way of painting a Scene.  `phrases` follow a subject; the first is the page's own."""

    key: str
    paint: typing.Callable
    phrases: tuple
    titles: tuple  # nouns: "a TITLE of a cat"

    def __call__(self, scene, rng):
        return np.clip(self.paint(scene, rng), 0, 1).astype(np.float32)


def _styles(rows):
    return {key: Style(key, paint, phrases, titles) for key, paint, phrases, titles in rows}


PAGE_STYLES = _styles([
    ("van_gogh", page.van_gogh, ("in the style of Van Gogh", "by Van Gogh", "as a Van Gogh painting", "Van Gogh", "in the style of Vincent van Gogh",
                                 "van Gogh's starry night"), ("Van Gogh painting", "painting by Van Gogh")),
    ("dali", page.dali, ("as a painting of Dalí (1929), surrealist", "Dalí (1929), surrealist", "in the style of Dalí (1929), surrealist", "by Dali",
                         "in the style of Salvador Dali", "surrealist", "surrealism"), ("surrealist painting", "Dali painting")),
    ("klimt", page.klimt, ("in the style of Gustav Klimt", "Gustav Klimt", "by Gustav Klimt", "in the style of Klimt", "Klimt, gold leaf"),
     ("Klimt painting", "golden painting by Gustav Klimt")),
    ("north_korea", page.propaganda, ("in the style of North Korean propaganda poster", "North Korean propaganda poster",
                                      "as a North Korean propaganda poster", "propaganda poster", "in the style of a propaganda poster"),
     ("propaganda poster", "North Korean propaganda poster")),
    ("bauhaus", page.bauhaus, ("in the style of bauhaus art", "bauhaus", "in the style of bauhaus", "as a bauhaus poster", "bauhaus design"),
     ("bauhaus poster", "bauhaus picture")),
    ("pencil", page.pencil, ("in the style of a pencil sketch, line drawing", "pencil sketch, line drawing", "in the style of a pencil sketch,line drawing",
                             "as a pencil sketch", "line drawing", "pencil sketch", "drawn in pencil"), ("pencil sketch", "line drawing", "pencil drawing")),
    ("picasso", page.cubism, ("in the style of Picasso, Cezanne, Cubism", "Picasso, Cezanne, Cubism", "by Picasso", "cubism", "in the style of Picasso",
                              "cubist", "in the style of Cezanne"), ("cubist painting", "Picasso painting")),
    ("monet", page.monet, ("in the style of Monet", "Monet", "by Claude Monet", "as an impressionist painting", "by Monet", "impressionism"),
     ("Monet painting", "impressionist painting")),
    ("pollock", page.pollock, ("in the style of Jackson Pollock", "Jackson Pollock", "by Jackson Pollock", "by Pollock", "drip painting, Jackson Pollock"),
     ("Pollock painting", "drip painting", "Jackson Pollock painting")),
    ("warhol", page.warhol, ("in the style of Warhol, pop art", "Warhol, pop art", "pop art", "by Andy Warhol", "in the style of pop art", "by Warhol"),
     ("pop art print", "Warhol print")),
    ("children", page.children, ("as a children's drawing", "children's drawing", "in the style of a children's drawing", "drawn by a child",
                                 "crayon drawing", "as a child's drawing"), ("children's drawing", "crayon drawing")),
    ("mosaic", page.mosaic, ("as a Byzantine mosaic", "Byzantine mosaic", "in the style of a Byzantine mosaic", "in the style of Byzantine mosaic", "mosaic", "as a mosaic"),
     ("Byzantine mosaic", "mosaic")),
])
MORE_STYLES = _styles([
    ("watercolour", more.watercolour, ("in watercolour", "as a watercolor painting", "watercolour", "in watercolor"), ("watercolour", "watercolor painting")),
    ("pixel_art", more.pixel_art, ("as pixel art", "pixel art", "in the style of an 8-bit game"), ("pixel art picture", "sprite")),
    ("stained_glass", more.stained_glass, ("as a stained glass window", "stained glass", "in stained glass"), ("stained glass window",)),
    ("neon", more.neon, ("as a neon sign", "neon", "in neon lights"), ("neon sign",)),
    ("blueprint", more.blueprint, ("as a blueprint", "blueprint", "technical drawing, blueprint"), ("blueprint", "technical drawing")),
    ("ukiyo_e", more.ukiyo_e, ("in the style of ukiyo-e", "ukiyo-e", "by Hokusai", "as a Japanese woodblock print"), ("Japanese woodblock print", "Hokusai print")),
    ("low_poly", more.low_poly, ("in low poly style", "low poly", "as low poly art"), ("low poly picture",)),
    ("origami", more.origami, ("as origami", "origami", "made of folded paper"), ("paper model",)),
    ("chalk", more.chalk, ("in chalk on a blackboard", "chalk drawing", "as a chalk drawing"), ("chalk drawing",)),
    ("embroidery", more.embroidery, ("as embroidery", "embroidery", "embroidered on linen"), ("piece of embroidery", "stitched picture")),
    ("comic", more.comic, ("in the style of a comic", "comic book", "as a comic book panel"), ("comic book panel",)),
    ("woodcut", more.woodcut, ("as a woodcut", "woodcut", "in the style of a woodcut"), ("woodcut", "linocut")),
    ("oil_sketch", more.oil_sketch, ("as an oil sketch", "oil painting", "in oils"), ("oil painting", "oil sketch")),
])
PLAIN = Style("plain", page.plain, ("", "as an emoji", "plain", "a simple picture"), ("picture", "simple picture"))
ALL_STYLES = {"plain": PLAIN, **PAGE_STYLES, **MORE_STYLES}
