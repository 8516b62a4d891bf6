// The grid of pictures: every cell shows the preview after each step and sharpens to the picture.

import { decodePreview } from './api.js';
import { fill, h } from './dom.js';
import { stepOf } from './picture_facts.js';

/** Columns for a number of pictures: as square as can be. */
export const columnsFor = (count) => Math.ceil(Math.sqrt(count));

// Previews are as small as the latent. Scaled up on the canvas with the good filter, they look like
// an unfocused picture instead of like tiles.
const kPreviewSide = 96;

/** One place of a grid: nothing, a preview, or a picture. */
export class Cell {
  /** `open` is called with this cell when its picture is chosen. */
  constructor({ label, open, actions, caption = '' }) {
    this.picture = null;
    this.label = label;
    this.canvas = h('canvas', { class: 'preview', width: kPreviewSide, height: kPreviewSide });
    this.image = h('img', { class: 'final', alt: '', decoding: 'async', draggable: 'false' });
    this.caption = caption;
    this.note = h('span', { class: 'cell-note' }, caption);
    this.button = h(
      'button',
      {
        type: 'button',
        class: 'cell-picture',
        'aria-label': `${label}, not drawn yet`,
        disabled: true,
        on: { click: () => open?.(this) },
      },
      this.canvas,
      this.image,
      this.note,
    );
    this.bar = h('figcaption', { class: 'cell-actions' });
    this.actions = actions;
    this.element = h('figure', { class: 'cell', data: { state: 'empty' } }, this.button, this.bar);
    this.frames = 0; // previews that were painted
    this.decoding = false;
    this.next = null; // the newest preview that waits for its turn
    this.ended = 0; // how often it was shown or failed: a preview that was being decoded then comes too late
  }

  set state(state) {
    this.element.dataset.state = state;
  }
  get state() {
    return this.element.dataset.state;
  }

  /**
   * A preview of base64; ignored once the picture is there. One is decoded at a time, then the newest of
   * those that came meanwhile: where decoding is slower than a step, some are left out and none waits forever.
   */
  async preview(base64) {
    if (this.state === 'done') return;
    this.next = base64;
    if (this.decoding) return;
    this.decoding = true;
    try {
      while (this.next) await this.paintNext();
    } finally {
      this.decoding = false;
    }
  }

  async paintNext() {
    const { next, ended } = this;
    this.next = null;
    const bitmap = await decodePreview(next);
    if (ended === this.ended) this.paint(bitmap);
    bitmap.close();
  }

  paint(bitmap) {
    const context = this.canvas.getContext('2d');
    context.imageSmoothingQuality = 'high';
    context.drawImage(bitmap, 0, 0, kPreviewSide, kPreviewSide);
    this.state = 'drawing';
    this.element.dataset.frames = String(++this.frames);
  }

  /** The finished picture, laid over the preview once it is decoded. */
  async show(picture) {
    this.picture = picture;
    this.end();
    const unfinished = picture.unfinished && `unfinished, ${stepOf(picture.unfinished)}`;
    this.note.textContent = unfinished || this.caption || (picture.upscale > 1 ? `×${picture.upscale}` : '');
    this.image.src = picture.image;
    this.button.disabled = false;
    this.button.setAttribute('aria-label', `${this.label}, seed ${picture.seed}: ${picture.prompt}`);
    this.element.dataset.picture = picture.id;
    if (this.actions) fill(this.bar, this.actions(this));
    try {
      await this.image.decode();
    } catch {
      // A broken file shows the browser's own sign; the cell's actions still work.
    }
    if (this.picture === picture) this.state = 'done';
  }

  end() {
    this.ended += 1;
    this.next = null;
  }

  fail(text) {
    if (this.state === 'done') return;
    this.end();
    this.state = 'failed';
    this.note.textContent = text;
  }
}

/** Cells in rows, moved through with the arrow keys; one of them is in the tab order. */
export class Grid {
  constructor({ open, actions, onKey, name = 'Pictures' }) {
    this.options = { open, actions };
    this.cells = [];
    this.element = h('div', { class: 'grid', role: 'group', 'aria-label': name });
    this.element.addEventListener('keydown', (event) => this.key(event, onKey));
  }

  /** Empty cells for `count` pictures. */
  reset(count, state = 'empty') {
    this.columns = columnsFor(count);
    this.element.style.setProperty('--columns', this.columns);
    this.cells = Array.from(
      { length: count },
      (_, i) =>
        new Cell({
          label: `Picture ${i + 1} of ${count}`,
          ...this.options,
        }),
    );
    for (const cell of this.cells) cell.state = state;
    fill(
      this.element,
      this.cells.map((cell) => cell.element),
    );
  }

  get pictures() {
    return this.cells.map((cell) => cell.picture).filter(Boolean);
  }

  key(event, onKey) {
    const index = this.cells.findIndex((cell) => cell.element.contains(event.target));
    if (index < 0) return;
    const move = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -this.columns, ArrowDown: this.columns }[event.key];
    if (move !== undefined) {
      const target = this.cells[index + move];
      if (target && !target.button.disabled) target.button.focus();
      event.preventDefault();
    } else if (!event.ctrlKey && !event.metaKey && !event.altKey) {
      onKey?.(event, this.cells[index]);
    }
  }
}
