"""The closed lists of a scene, and how people say them."""

COLOURS = {  # of a subject: RGB
    "red": (214, 40, 36), "orange": (244, 136, 32), "yellow": (248, 212, 48), "green": (64, 164, 72), "blue": (50, 104, 214),
    "purple": (134, 72, 190), "pink": (246, 134, 178), "brown": (130, 84, 48), "white": (244, 244, 246), "black": (48, 48, 54),
}
BACKDROPS = {
    "white": (255, 255, 255), "black": (16, 16, 20), "red": (217, 51, 46), "blue": (64, 115, 217), "green": (90, 178, 90),
    "yellow": (250, 222, 90), "orange": (247, 153, 64), "purple": (140, 90, 191), "pink": (250, 178, 204), "gray": (153, 158, 166),
}
BACKDROP_FORMS = ("on a {} background", "on {}", "in front of a {} background", "{} background")
SIZES = {"tiny": ("tiny", "very small", "minuscule"), "small": ("small", "little"), "big": ("big", "large"),
         "huge": ("huge", "giant", "enormous", "gigantic")}
NUMBERS = {2: ("two", "2", "a pair of"), 3: ("three", "3"), 4: ("four", "4"), 5: ("five", "5")}
ACCESSORIES = {  # how it is said; the first is the page's
    "sunglasses": ("wearing sunglasses", "with sunglasses", "in sunglasses"),
    "top hat": ("wearing a top hat", "with a top hat", "in a top hat", "wearing a hat"),
    "cowboy hat": ("wearing a cowboy hat", "with a cowboy hat", "in a cowboy hat"),
    "crown": ("wearing a crown", "with a crown"),
    "bike": ("riding a bike", "on a bike", "riding a bicycle", "on a bicycle"),
    "book": ("reading a book", "with a book", "reading"),
}
RELATIONS = ("left", "right", "above", "below", "behind", "before")
INVERSE = {"left": "right", "right": "left", "above": "below", "below": "above", "behind": "before", "before": "behind", "": ""}
RELATION_WORDS = {
    "left": ("to the left of", "left of", "on the left of"), "right": ("to the right of", "right of", "on the right of"),
    "above": ("above", "over", "on top of"), "below": ("below", "under", "beneath", "underneath"), "behind": ("behind",), "before": ("in front of",),
}
PLACES = {
    "beach": ("on a beach", "at the beach", "on the sand"), "night": ("at night", "under a starry night sky", "under the stars"),
    "snow": ("in the snow", "in winter", "on snow"), "forest": ("in a forest", "in the woods", "among trees"),
    "sea": ("at sea", "on the sea", "on the ocean"), "desert": ("in the desert", "on a dune"), "sunset": ("at sunset", "at dusk", "at sunrise"),
    "storm": ("in a storm", "at sea in a storm", "in a thunderstorm"), "city": ("in a city", "in a street", "in town"),
    "room": ("in a room", "at home", "indoors"), "meadow": ("in a meadow", "on grass", "in a field", "in a garden"),
    "mountains": ("in the mountains", "in front of mountains"), "underwater": ("under water", "underwater", "at the bottom of the sea"),
    "space": ("in space", "in outer space", "among the planets"), "rain": ("in the rain", "on a rainy day"),
}
LEADS = ("draw me", "draw", "a picture of", "an image of", "please draw", "paint", "picture of", "i want", "make", "a drawing of", "show me", "create")
TAILS = (", highly detailed", ", beautiful", ", 4k", ", masterpiece", ", high quality", " please", ", detailed", ", artstation", ", trending", "!", ".")
ADJECTIVES = ("cute", "beautiful", "lovely", "nice", "pretty", "funny", "sweet", "wonderful", "fluffy",
              "shiny", "simple", "great")
