"""The 32 styles at 256 pixels.  Each: (Scene, generator) -> RGB float32 [S, S, 3] in 0..1.

    names.py     keys and what people call them        table.py   key -> function
    strokes.py   brush strokes (Hertzmann 1998): van Gogh, Monet, oil        wet.py      watercolour, ink
    cells.py     facets, glass, triangles, stones, folds                     prints.py   what is made of lines, dots and stitches
    posters.py   flat shapes: paper, Matisse, art deco, Klimt, Pollock
    grounds.py   backdrops

Textures have periods of 4, 8 or 16 pixels and a fixed phase: a cell of the latent (16 pixels) then stores tone, and the decoder
knows the texture.
"""
