// The hand on the mask: a pointer (mouse, pen, finger) or keys.

import { h } from './dom.js';

const kStep = 0.02; // of the picture's side, for each arrow key

/**
 * Lets `element`, laid over the picture, paint on `mask`. `brush` is {size, erase}; `said(text)` is told
 * what screen readers should hear, `changed()` that a mark is finished, and `keys` are further ones.
 * Returns the ring that shows the brush, and drop(), which takes back a stroke that is not finished.
 */
export function holdBrush(element, mask, brush, { said, changed, keys }) {
  const ring = h('span', { class: 'brush-ring', hidden: true });
  const at = { x: 0.5, y: 0.5 };
  const show = () => {
    const { width, height } = element.getBoundingClientRect();
    ring.style.setProperty('left', `${at.x * 100}%`);
    ring.style.setProperty('top', `${at.y * 100}%`);
    ring.style.setProperty('width', `${brush.size * Math.max(width, height)}px`);
    ring.hidden = false;
  };
  const drop = () => {
    if (painting === null) return;
    painting = null;
    mask.undo();
    changed();
  };
  const move = (event) => {
    const { left, top, width, height } = element.getBoundingClientRect();
    at.x = (event.clientX - left) / width;
    at.y = (event.clientY - top) / height;
  };
  let painting = null; // a pointer's id
  const end = (event) => {
    if (event.pointerId !== painting) return;
    painting = null;
    changed();
  };
  const listen = (name, f) => element.addEventListener(name, f);
  listen('pointerdown', (event) => {
    if (event.button !== 0 || painting !== null) return;
    painting = event.pointerId;
    element.setPointerCapture(painting);
    move(event);
    mask.begin(brush, at.x, at.y);
  });
  listen('pointermove', (event) => {
    if (painting !== null && event.pointerId !== painting) return; // another finger
    for (const seen of painting === null ? [event] : (event.getCoalescedEvents?.() ?? [event])) {
      move(seen);
      if (painting !== null) mask.go(at.x, at.y);
    }
    show();
  });
  listen('pointerup', end);
  listen('pointercancel', end);
  listen('pointerleave', () => {
    ring.hidden = true;
  });
  listen('blur', () => {
    ring.hidden = true;
  });
  listen('keydown', (event) => {
    const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    const from = { ...at };
    if (by) {
      at.x = Math.max(0, Math.min(1, at.x + kStep * by[0]));
      at.y = Math.max(0, Math.min(1, at.y + kStep * by[1]));
      if (event.shiftKey) {
        mask.begin(brush, from.x, from.y);
        mask.go(at.x, at.y);
        changed();
      } else said(`${Math.round(at.x * 100)} % across, ${Math.round(at.y * 100)} % down`);
    } else if (event.key === ' ') {
      mask.begin(brush, at.x, at.y);
      changed();
    } else {
      const run = keys(event);
      if (!run) return;
      run();
    }
    event.preventDefault();
    show();
    ring.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  });
  return { ring, drop };
}
