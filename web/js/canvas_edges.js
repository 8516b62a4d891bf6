// Drawing beyond the picture's edges: four handles that are dragged, or moved with the arrow keys.

import { h } from './dom.js';
import { edgesOf, kEdges } from './edges.js';
import { model, settings } from './state.js';

const kOutward = { left: [-1, 0], top: [0, -1], right: [1, 0], bottom: [0, 1] };
const kArrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const textOf = (edges) =>
  kEdges
    .filter((edge) => edges[edge] > 0)
    .map((edge) => `${edge}=${edges[edge]}`)
    .join(',');

/** The size that a picture of these sides is drawn with: what is left of a chosen one, else the model's pixels. */
function drawnSize({ width, height }, { left, top, right, bottom }) {
  if (settings.size) {
    const [w, n] = settings.size.split('x').map(Number);
    return [Math.max(1, w - left - right), Math.max(1, n - top - bottom)];
  }
  const { native_width: w = 256, native_height: n = 256, size_multiple: m = 8 } = model();
  const by = Math.sqrt((w * n) / (width * height));
  return [width, height].map((side) => Math.max(m, Math.round((side * by) / m) * m));
}

/**
 * The handles on the edges of `stage`, within which `paper` is where the picture lies. `changed(text)` is
 * told what the API is to be asked for, `said(text)` what screen readers should hear.
 */
export class Edges {
  constructor(stage, paper, { changed, said }) {
    Object.assign(this, { stage, paper, changed, said, edges: edgesOf('') });
    this.handles = Object.fromEntries(kEdges.map((edge) => [edge, this.handle(edge)]));
    this.elements = Object.values(this.handles);
  }

  handle(edge) {
    const element = h('div', {
      class: `canvas-edge ${edge}`,
      role: 'slider',
      tabindex: 0,
      'aria-label': `Draw beyond the edge: ${edge}`,
      'aria-orientation': kOutward[edge][0] ? 'horizontal' : 'vertical',
      'aria-valuemin': 0,
      title: 'Drag outward, or use the arrow keys: what lies beyond is drawn',
      data: { edge },
    });
    const listen = (name, f) => element.addEventListener(name, f);
    listen('keydown', (event) => this.key(event, edge));
    listen('pointerdown', (event) => {
      if (event.button !== 0) return;
      event.preventDefault();
      element.focus();
      element.setPointerCapture(event.pointerId);
      const paper = this.paper.getBoundingClientRect();
      const [dx, dy] = kOutward[edge];
      this.drag = {
        from: this.edges[edge],
        at: dx * event.clientX + dy * event.clientY,
        each: dx ? this.size[0] / paper.width : this.size[1] / paper.height,
      };
    });
    listen('pointermove', (event) => {
      if (!this.drag || !element.hasPointerCapture(event.pointerId)) return;
      const [dx, dy] = kOutward[edge];
      const moved = dx * event.clientX + dy * event.clientY - this.drag.at;
      this.set(edge, this.drag.from + moved * this.drag.each);
    });
    for (const name of ['pointerup', 'pointercancel'])
      listen(name, () => {
        this.drag = null;
      });
    return element;
  }

  key(event, edge) {
    const by = kArrows[event.key];
    const { step } = this;
    if (by) {
      const outward = by[0] * kOutward[edge][0] + by[1] * kOutward[edge][1];
      this.set(edge, this.edges[edge] + outward * step);
    } else if (event.key === 'Home') this.set(edge, 0);
    else if (event.key === 'End') this.set(edge, this.most(edge));
    else return;
    event.preventDefault();
  }

  get step() {
    return model().size_multiple ?? 8;
  }

  /** So much that the whole is no larger than the model draws, nor more than the picture again. */
  most(edge) {
    const side = this.size[kOutward[edge][0] ? 0 : 1];
    const other = { left: 'right', right: 'left', top: 'bottom', bottom: 'top' }[edge];
    const room = (model().max_side ?? 2048) - side - this.edges[other];
    return Math.max(0, Math.floor(Math.min(side, room) / this.step) * this.step);
  }

  set(edge, pixels) {
    const value = Math.min(this.most(edge), Math.max(0, Math.round(pixels / this.step) * this.step));
    if (value === this.edges[edge]) return;
    this.edges = { ...this.edges, [edge]: value };
    this.said(value ? `${value} pixels more, ${edge}` : `Nothing beyond the edge, ${edge}`);
    this.changed(textOf(this.edges));
  }

  /** Lays the picture of these sides within what is drawn around it. */
  show(sides, text) {
    this.edges = edgesOf(text);
    this.size = drawnSize(sides, this.edges);
    const { left, top, right, bottom } = this.edges;
    const [width, height] = [this.size[0] + left + right, this.size[1] + top + bottom];
    // The picture keeps its own proportions; the rest is counted in the pixels that are drawn.
    const form = sides.width / sides.height / (this.size[0] / this.size[1]);
    this.stage.style.setProperty('aspect-ratio', `${width * form} / ${height}`);
    const percent = (part, whole) => `${(100 * part) / whole}%`;
    for (const [name, value] of Object.entries({
      left: percent(left, width),
      right: percent(right, width),
      top: percent(top, height),
      bottom: percent(bottom, height),
    }))
      this.paper.style.setProperty(name, value);
    for (const [edge, element] of Object.entries(this.handles)) {
      element.textContent = this.edges[edge] ? `+${this.edges[edge]}` : '';
      element.setAttribute('aria-valuenow', this.edges[edge]);
      element.setAttribute('aria-valuemax', this.most(edge));
      element.setAttribute('aria-valuetext', `${this.edges[edge]} pixels`);
    }
  }
}
