"""A SceneSpec and a style, said in many ways."""
from .grounds import PLACES
from .names import NUMBERS, article, misspell, plural
from .scenes import ACCESSORIES
from .subjects import all_subjects

RELATION_WORDS = {
    "left": ("to the left of", "left of"), "right": ("to the right of", "right of"), "above": ("above", "on top of"),
    "below": ("below", "under"), "behind": ("behind",),
}
ACCESSORY_WORDS = {  # other ways to say scenes.ACCESSORIES
    "sunglasses": ("with sunglasses", "in sunglasses"), "top hat": ("with a top hat", "in a top hat", "wearing a hat"),
    "cowboy hat": ("with a cowboy hat", "in a cowboy hat"), "crown": ("with a crown",),
    "bike": ("on a bike", "riding a bicycle", "on a bicycle"), "book": ("with a book", "reading"),
}
SIZE_WORDS = {"tiny": ("tiny", "very small"), "small": ("small", "little"), "big": ("big", "large"), "huge": ("huge", "giant")}
BACKGROUND_FORMS = ("on a {} background", "on {}", "in front of a {} background")


def _pick(rng, options):
    return options[int(rng.integers(len(options)))]


def _name(subject, rng):
    """The first name three times out of five, otherwise any of the names, now and then a keyword."""
    choice = rng.random()
    if choice < .05 and subject.keywords:
        return _pick(rng, subject.keywords)
    return subject.names[0] if choice < .6 else _pick(rng, subject.names)


def _with_article(phrase, rng):
    """Articles are often left out of prompts; names that bring "the" keep it."""
    return phrase if phrase.startswith("the ") or rng.random() < .5 else article(phrase)


def content(spec, rng):
    """The words for what is in the picture."""
    subjects = all_subjects()
    words = _name(subjects[spec.subject], rng)
    if spec.colour:
        words = f"{spec.colour} {words.removeprefix('the ')}"
    if spec.size:
        words = f"{_pick(rng, SIZE_WORDS[spec.size])} {words.removeprefix('the ')}"
    if spec.count > 1:
        number = NUMBERS[spec.count] if rng.random() < .8 else str(spec.count)
        words = f"{number} {plural(words.removeprefix('the '))}"
    else:
        words = _with_article(words, rng)
    if spec.accessory:
        usual = ACCESSORIES[spec.accessory][3]
        words += " " + (usual if rng.random() < .6 else _pick(rng, ACCESSORY_WORDS[spec.accessory]))
    if spec.other:
        other = _with_article(_name(subjects[spec.other], rng), rng)
        if spec.relation in RELATION_WORDS and rng.random() < .7:
            words += f" {_pick(rng, RELATION_WORDS[spec.relation])} {other}"
        else:
            words += f" and {other}"
    if spec.ground in PLACES:
        words += " " + _pick(rng, PLACES[spec.ground][1])
    elif spec.ground:
        words += " " + _pick(rng, BACKGROUND_FORMS).format(spec.ground)
    return words


def with_style(words, style, rng):
    """Words and a style in one of the orders that people use."""
    phrase = style.phrases[0] if rng.random() < .4 else _pick(rng, style.phrases)
    if not phrase:
        return words
    form = rng.random()
    if form < .15:
        title = _pick(rng, style.titles)
        title = article(title) if rng.random() < .5 else title
        return f"{title} of {words}"
    if form < .25 and not phrase.startswith(("in ", "as ", "by ", "drawn ")):
        return f"{phrase}: {words}" if rng.random() < .5 else f"{phrase}, {words}"
    bare = phrase.startswith(("in ", "as ", "by ", "drawn "))
    return f"{words} {phrase}" if bare and rng.random() < .5 else f"{words}, {phrase}"


def caption(spec, style, rng, page_words=None):
    """A whole caption.  `page_words` are the page's exact words for the content, where it has some."""
    words = page_words if page_words and rng.random() < .7 else content(spec, rng)
    text = with_style(words, style, rng)
    return misspell(text, rng) if rng.random() < .02 else text
