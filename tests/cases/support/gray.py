"""Writes a gray and a coloured picture of 16 x 12 pixels."""
import numpy
from PIL import Image

ramp = numpy.add.outer(8 * numpy.arange(12), 9 * numpy.arange(16)).astype(numpy.uint8)
Image.fromarray(ramp).save("gray.png")
Image.fromarray(numpy.stack([ramp, ramp[::-1], 255 - ramp], axis=2)).save("colour.png")
