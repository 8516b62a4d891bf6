// "Start from a picture": the picture, how much of it is drawn anew, and the mask painted over it.

import { api } from './api.js';
import { holdBrush } from './canvas_brush.js';
import { Mask } from './canvas_mask.js';
import { fill, h, icon } from './dom.js';
import { pending, startFromFile, startFromNothing } from './start.js';
import { change, kUsualStrength, settings } from './state.js';
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
    this.stage = h('div', { class: 'canvas-stage' });
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
      h('div', { class: 'canvas-work' }, this.stage, this.tools),
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
        'Paint over what should be drawn anew; the rest stays. Nothing painted: all of it.',
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
    const strength = settings.strength ?? kUsualStrength;
    this.element.dataset.picture = sha256;
    this.tools.querySelector('#strength').value = strength;
    this.strengthSays.textContent = strength === 0 ? 'nothing' : strength >= 1 ? 'everything' : inPercent(strength);
    if (sha256 === this.sha256 && mask === this.maskSent) return;
    this.sha256 = sha256;
    this.maskSent = mask;
    this.mask = null;
    this.dirty = false;
    fill(this.stage);
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
    fill(this.stage, this.image, canvas, hand, this.hand.ring);
    this.stage.style.setProperty('aspect-ratio', `${width} / ${height}`);
    if (this.maskSent) this.loadMask();
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
