// "Start from a picture": the picture, how much of it is drawn anew, and the mask painted over it.

import { api } from './api.js';
import { holdBrush } from './canvas_brush.js';
import { Edges } from './canvas_edges.js';
import { Mask } from './canvas_mask.js';
import { maskOptions } from './canvas_options.js';
import { Zoom } from './canvas_zoom.js';
import { fill, h, icon } from './dom.js';
import { pending, startFromFile, startFromNothing } from './start.js';
import { change, settings, strengthOf } from './state.js';
import { attempt, toast } from './toast.js';

const kSizes = { least: 0.01, most: 0.4, usual: 0.12 }; // parts of the long side
const inPercent = (part) => `${Math.round(part * 100)} %`;

const button = (id, sign, text, click, props = {}) =>
  h('button', { type: 'button', class: 'button small', id, on: { click }, ...props }, icon(sign), text);

/** The canvas beneath the prompt. show() puts it in order with the settings. */
export class StartCanvas {
  constructor() {
    this.brush = { size: kSizes.usual, erase: false };
    this.sha256 = '';
    this.dirty = false;
    this.said = h('p', { class: 'sr', role: 'status' });
    this.image = h('img', { alt: 'The picture to start from', on: { load: () => this.begin() } });
    this.image.addEventListener('error', () => this.gone());
    this.paper = h('div', { class: 'canvas-paper' });
    this.stage = h('div', { class: 'canvas-stage' });
    this.view = h('div', { class: 'canvas-view' }, this.stage);
    this.edges = new Edges(this.stage, this.paper, {
      changed: (text) => change({ extend: text, size: '' }),
      said: (text) => fill(this.said, text),
    });
    fill(this.stage, this.paper, this.edges.elements);
    this.zoom = new Zoom(this.view, this.stage, {
      changed: (by) => this.zoomed(by),
      pinch: () => this.hand?.drop(),
    });
    this.options = maskOptions();
    this.file = h('input', {
      type: 'file',
      accept: 'image/*',
      class: 'sr',
      tabindex: -1,
      'aria-label': 'A picture file',
      on: { change: (event) => this.take(event.target) },
    });
    this.tools = this.makeTools();
    this.element = h(
      'section',
      { class: 'canvas', id: 'start', 'aria-label': 'Start from a picture' },
      this.file,
      this.empty(),
      h('div', { class: 'canvas-work' }, h('div', {}, this.view, this.zoomBar()), this.tools),
      this.said,
    );
    pending.send = () => this.send();
    this.show();
  }

  empty() {
    return h(
      'p',
      { class: 'canvas-empty' },
      'Drop or paste a picture here, or ',
      h(
        'button',
        { type: 'button', class: 'button small', id: 'start-choose', on: { click: () => this.choose() } },
        'choose one',
      ),
    );
  }

  zoomBar() {
    this.zoomSays = h('span', { class: 'muted small', id: 'zoom-says' }, '100 %');
    return h(
      'div',
      { class: 'canvas-zoom', role: 'group', 'aria-label': 'Zoom' },
      button('zoom-out', 'minus', 'Smaller', () => this.zoom.to(this.zoom.by / 1.5)),
      button('zoom-in', 'plus', 'Larger', () => this.zoom.to(this.zoom.by * 1.5)),
      this.zoomSays,
    );
  }

  zoomed(by) {
    fill(this.zoomSays, inPercent(by));
    fill(this.said, `Zoom ${inPercent(by)}`);
  }

  makeTools() {
    const range = (id, name, values, write) =>
      h(
        'div',
        { class: 'canvas-range' },
        h('label', { for: id }, name),
        h('input', { id, type: 'range', ...values, on: { input: (event) => write(Number(event.target.value)) } }),
      );
    this.strengthSays = h('span', { class: 'muted small' });
    const strength = range(
      'strength',
      'How much is drawn anew',
      { min: 0, max: 1, step: 0.05, 'aria-describedby': 'strength-says' },
      (value) => change({ strength: value }),
    );
    strength.append(h('span', { class: 'muted small', id: 'strength-says' }, this.strengthSays));
    const size = range(
      'brush-size',
      'Brush',
      { min: kSizes.least, max: kSizes.most, step: 0.01, value: kSizes.usual },
      (value) => {
        this.brush.size = value;
      },
    );
    this.eraser = button('eraser', 'eraser', 'Eraser', () => this.erase(!this.brush.erase), {
      'aria-pressed': 'false',
      class: 'button small toggle',
    });
    return h(
      'div',
      { class: 'canvas-tools' },
      strength,
      h(
        'p',
        { class: 'says', id: 'mask-says' },
        'Paint over what should be drawn anew; the rest stays. Nothing painted: all of it. Drag an edge outward to draw beyond it.',
      ),
      size,
      h(
        'div',
        { class: 'canvas-buttons' },
        this.eraser,
        button('mask-undo', 'undo', 'Undo', () => this.undo()),
        button('mask-clear', 'trash', 'Clear mask', () => this.clear()),
        button('start-other', 'edit', 'Another picture', () => this.choose()),
        button('start-none', 'close', 'Without it', () => this.leave()),
      ),
      this.options.element,
    );
  }

  choose() {
    this.file.click();
  }

  take(input) {
    const [file] = input.files;
    input.value = '';
    if (file) attempt(() => startFromFile(file));
  }

  leave() {
    startFromNothing();
    this.element.querySelector('#start-choose').focus();
  }

  /** Another picture or another strength may stand in the settings now. */
  show() {
    const { init_sha256: sha256, mask_sha256: mask } = settings;
    const strength = strengthOf(settings);
    this.element.dataset.picture = sha256;
    this.tools.querySelector('#strength').value = strength;
    this.options.show();
    this.layOut();
    this.strengthSays.textContent = strength === 0 ? 'nothing' : strength >= 1 ? 'everything' : inPercent(strength);
    if (sha256 === this.sha256 && mask === this.maskSent) return;
    this.sha256 = sha256;
    this.maskSent = mask;
    this.mask = null;
    this.dirty = false;
    this.hand = null;
    fill(this.paper);
    this.zoom.to(1);
    if (sha256) this.image.src = api.given(sha256);
  }

  // The picture is here: a fresh mask over it, or the one that the settings name.
  begin() {
    const { naturalWidth: width, naturalHeight: height } = this.image;
    const canvas = h('canvas', { class: 'canvas-mask', 'aria-hidden': 'true' });
    this.mask = new Mask(canvas, width, height);
    const hand = h('div', {
      class: 'canvas-hand',
      id: 'mask',
      tabindex: 0,
      role: 'application',
      'aria-label': 'Mask. Arrow keys move the brush, Space paints, Shift and arrow keys paint a line',
      'aria-describedby': 'mask-says',
    });
    this.hand = holdBrush(hand, this.mask, this.brush, {
      said: (text) => fill(this.said, text),
      changed: () => this.painted(),
      keys: (event) => this.key(event),
    });
    fill(this.paper, this.image, canvas, hand, this.hand.ring);
    this.layOut();
    if (this.maskSent) this.loadMask();
  }

  layOut() {
    const { naturalWidth: width, naturalHeight: height } = this.image;
    if (width && height) this.edges.show({ width, height }, settings.extend);
  }

  loadMask() {
    const { mask } = this;
    const image = h('img', { src: api.given(this.maskSent), alt: '' });
    image.addEventListener('load', () => mask.load(image));
  }

  gone() {
    toast('The picture to start from is no longer there', { bad: true });
    startFromNothing();
  }

  key(event) {
    if (event.key === 'z' && (event.ctrlKey || event.metaKey)) return () => this.undo();
    if (event.ctrlKey || event.metaKey || event.altKey) return undefined;
    return {
      e: () => this.erase(!this.brush.erase),
      '[': () => this.resize(-0.02),
      ']': () => this.resize(0.02),
      Delete: () => this.clear(),
      '+': () => this.zoom.to(this.zoom.by * 1.5),
      '-': () => this.zoom.to(this.zoom.by / 1.5),
      0: () => this.zoom.to(1),
    }[event.key];
  }

  erase(on) {
    this.brush.erase = on;
    this.eraser.setAttribute('aria-pressed', String(on));
    fill(this.said, on ? 'Eraser' : 'Brush');
  }

  resize(by) {
    const size = this.tools.querySelector('#brush-size');
    size.value = this.brush.size + by;
    this.brush.size = Number(size.value);
    fill(this.said, `Brush ${inPercent(this.brush.size)} of the picture`);
  }

  undo() {
    this.mask?.undo();
    this.painted();
  }

  clear() {
    this.mask?.clear();
    this.painted();
  }

  painted() {
    if (!this.mask) return;
    this.dirty = true;
    const share = this.mask.share();
    this.stage.dataset.share = share.toFixed(3);
    fill(this.said, share ? `${inPercent(share)} of the picture is marked` : 'Nothing is marked');
  }

  /** Sends the mask, if it is another than the server has. */
  async send() {
    if (!this.dirty) return;
    const sha256 = this.mask.isEmpty() ? '' : (await api.give(await this.mask.picture())).sha256;
    this.maskSent = sha256;
    this.dirty = false;
    change({ mask_sha256: sha256 });
  }
}
