// Small pictures, enlarged for the eye.

const kSmall = 160; // pixels a side
const kEnlarged = 8;

/**
 * Lays a small picture over itself on the canvas `large`, enlarged with the canvas's good filter in
 * doublings: a browser stretches an image with one that shows every pixel as a diamond.
 */
export function smooth(image, large) {
  const { naturalWidth: width, naturalHeight: height } = image;
  if (Math.max(width, height) > kSmall) return;
  let from = image;
  for (let factor = 2; factor <= kEnlarged; factor *= 2) {
    const to = factor === kEnlarged ? large : document.createElement('canvas');
    to.width = width * factor;
    to.height = height * factor;
    const context = to.getContext('2d');
    context.imageSmoothingQuality = 'high';
    context.drawImage(from, 0, 0, to.width, to.height);
    from = to;
  }
  large.hidden = false;
}
