"""What pictures of the second generation are made of.

    hands.py      the drawing hands: npm packages of SVG icons, rendered once into a cache
    subjects.py   what can be asked for: names, drawings, waves
"""
