"""The page's own subjects: what its menu says, and what is drawn, in the words of a SceneSpec."""

PAGE_SUBJECTS = (
    ("cat wearing sunglasses", {"subject": "cat", "accessory": "sunglasses"}),
    ("panda riding a bike", {"subject": "panda", "accessory": "bike"}),
    ("submarine", {"subject": "submarine"}),
    ("eiffel tower", {"subject": "eiffel tower"}),
    ("fat pug wearing a cowboy hat", {"subject": "pug", "accessory": "cowboy hat"}),
    ("snow capped mountain range", {"subject": "mountain range"}),
    ("ship at sea in a storm", {"subject": "ship", "ground": "storm"}),
    ("city skyline at sunset", {"subject": "city skyline", "ground": "sunset"}),
    ("a robot reading a book", {"subject": "robot", "accessory": "book"}),
)
