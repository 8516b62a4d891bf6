"""The pictures that the embedded model learns from: subjects in small scenes, painted in styles.

Nothing is downloaded: subjects are the colour emoji of Debian's fonts-noto-color-emoji and a few drawings
of our own (`drawn.py`), names come from unicode-cldr-core, styles are image filters.  Everything is
resolution-free (lengths are fractions of the canvas) and a function of a seed.

    names.py    CLDR names and keywords, plurals, articles, misspellings
    glyphs.py   the emoji font as RGBA sprites
    drawn.py    sprites that the font lacks: pug, submarine, Eiffel tower, cowboy hat, ...
    subjects.py what can be drawn, under which names, and what it can wear
    grounds.py  beach, night sky, snow, forest, ... and plain colours
    scenes.py   a SceneSpec (what is in the picture) and its drawing
    canvas.py   filters that the styles share
    styles_*.py the styles;  styles.py lists them with their names
    holdout.py  the pairs that training never shows
    captions.py a SceneSpec and a style, said in many ways
    render.py   all of it: seed -> picture, caption, labels
"""
