// The button that opens "Start from a picture"; what it opens is loaded with its first use.

import { h, icon } from './dom.js';
import { startFromNothing } from './start.js';
import { settings } from './state.js';
import { attempt } from './toast.js';

export class StartButton {
  constructor() {
    this.canvas = null;
    this.element = h(
      'button',
      {
        type: 'button',
        class: 'button plain',
        id: 'start-open',
        'aria-expanded': 'false',
        on: { click: () => attempt(() => this.open(!this.isOpen)) },
      },
      icon('picture'),
      'Start from a picture',
    );
  }

  get isOpen() {
    return Boolean(this.canvas && !this.canvas.element.hidden);
  }

  async open(wanted) {
    if (!this.canvas) {
      const { StartCanvas } = await import('./canvas.js');
      if (!this.canvas) {
        this.canvas = new StartCanvas();
        this.element.after(this.canvas.element);
      }
    }
    this.canvas.element.hidden = !wanted;
    this.element.setAttribute('aria-expanded', String(wanted));
    if (!wanted && settings.init_sha256) startFromNothing();
  }

  /** The settings may name a picture now, or another. */
  refresh() {
    if (settings.init_sha256 && !this.isOpen) attempt(() => this.open(true));
    this.canvas?.show();
  }
}
