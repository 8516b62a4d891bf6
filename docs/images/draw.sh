#!/bin/sh
# Draws the pictures of the README with the embedded model: uncurated, first tries, seed 1.
set -eu
here="$(cd "$(dirname "$0")" && pwd)"
easel="$here/../../easel"

draw() {
  "$easel" draw "$2" --seed 1 --grid 4x4 -o "$here/$1.png" --force --quiet
}
draw cat-van-gogh "a cat wearing sunglasses, in the style of Van Gogh"
draw ship-monet "a ship at sea in the style of Monet"
draw city-mosaic "a city skyline at sunset as a Byzantine mosaic"
draw panda-warhol "a panda riding a bike in the style of Warhol, pop art"
