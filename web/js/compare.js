// Before and after: a picture and the one that it was begun at, parted by a slider.

import { api } from './api.js';
import { h } from './dom.js';
import { edgesOf } from './edges.js';

// How `from` lies in `to`, as resize_mode brought it there: {x, y, width, height} in the pixels of `to`.
function place(from, to, mode) {
  if (mode === 'stretch') return { x: 0, y: 0, ...to };
  const choose = mode === 'pad' ? Math.min : Math.max;
  const by = choose(to.width / from.width, to.height / from.height);
  const [width, height] = [from.width * by, from.height * by];
  return { x: (to.width - width) / 2, y: (to.height - height) / 2, width, height };
}

const kSeenSide = 1024; // pixels

/** Lays the picture before over a shown one, and the slider beneath, if `isShown()` still. */
export function compare(picture, parts, isShown) {
  if (!isShown() || parts.compare.firstChild) return;
  // As many pixels as one sees: the line between both is thin on a small picture too.
  const by = Math.max(1, Math.ceil(kSeenSide / Math.max(picture.width, picture.height)));
  const [width, height] = [picture.width * by, picture.height * by];
  const scale = width / (picture.native_width ?? picture.width); // the edges are counted in drawn pixels
  const canvas = h('canvas', { class: 'before', width, height });
  const before = h('img', { src: api.given(picture.init_sha256), alt: '' });
  const slider = h('input', {
    id: 'before',
    type: 'range',
    min: 0,
    max: 100,
    value: 0,
    'aria-label': 'How much of the picture before is seen',
    on: { input: show },
  });
  function show() {
    const context = canvas.getContext('2d');
    const seen = (width * slider.value) / 100;
    context.clearRect(0, 0, width, height);
    if (!before.naturalWidth || seen === 0) return;
    const { left, top, right, bottom } = edgesOf(picture.extend);
    const at = place(
      { width: before.naturalWidth, height: before.naturalHeight },
      { width: width - scale * (left + right), height: height - scale * (top + bottom) },
      picture.resize_mode,
    );
    context.imageSmoothingQuality = 'high';
    context.save();
    context.beginPath();
    context.rect(0, 0, seen, height);
    context.clip();
    context.beginPath();
    context.rect(scale * left, scale * top, width - scale * (left + right), height - scale * (top + bottom));
    context.clip();
    context.drawImage(before, scale * left + at.x, scale * top + at.y, at.width, at.height);
    context.restore();
    context.fillStyle = '#fff';
    context.fillRect(seen - width / 400, 0, width / 200, height);
  }
  before.addEventListener('load', show);
  parts.picture.append(canvas);
  parts.compare.append(h('label', { class: 'compare small' }, 'Before', slider, 'After'));
}
