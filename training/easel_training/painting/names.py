"""The 32 styles: keys, what people call them.  The page's twelve keep the page's words."""
import dataclasses

from ..pictures import styles as first


@dataclasses.dataclass(frozen=True)
class StyleNames:
    """How a style is said: `phrases` follow a subject, `titles` are nouns ("a TITLE of a cat")."""

    key: str
    phrases: tuple
    titles: tuple


NEW = (
    StyleNames("paper_cut", ("as a paper cut", "paper cut-out", "cut out of paper", "layered paper art"), ("paper cut", "paper collage")),
    StyleNames("ink_wash", ("in ink wash", "as an ink wash painting", "sumi-e", "as a Chinese ink painting"), ("ink wash painting", "brush painting in ink")),
    StyleNames("pointillism", ("in the style of Seurat", "pointillism", "as a pointillist painting", "by Seurat"), ("pointillist painting", "Seurat painting")),
    StyleNames("risograph", ("as a risograph", "risograph print", "in two-colour risograph"), ("risograph print", "riso print")),
    StyleNames("art_deco", ("in the style of an art deco poster", "art deco", "as an art deco poster"), ("art deco poster", "vintage poster")),
    StyleNames("matisse", ("in the style of Matisse", "by Matisse", "Matisse cut-outs", "as a Matisse cut-out"), ("Matisse cut-out", "Matisse picture")),
)
STYLES = {**{key: StyleNames(key, style.phrases, style.titles) for key, style in first.ALL_STYLES.items()}, **{style.key: style for style in NEW}}
