// Every style of the catalogue as a small picture to click: what one sees before the first drawing.

import { fill, h, recall } from './dom.js';
import { signScrolling } from './scroll_sign.js';
import { facts, onChange, settings } from './state.js';

const kShown = 12; // pictures in styles.webp, in the order of the catalogue that ships

/** `choose(name)` is told which style is wanted. Open for who has drawn nothing yet. */
export function styleStrip(choose) {
  const strip = h('div', { class: 'style-tiles', role: 'group', 'aria-label': 'Styles' });
  const place = (k) => (k < kShown ? { '--place': k } : {});
  const tile = (entry, k) =>
    h(
      'button',
      { type: 'button', class: 'style-tile', 'aria-pressed': 'false', on: { click: () => choose(entry.name) } },
      h('span', { class: k < kShown ? 'style-picture' : 'style-picture none', style: place(k) }),
      h('span', { class: 'style-name' }, entry.name),
    );
  let shown = '';
  const show = () => {
    const styles = facts.catalogue.styles.filter((entry) => !entry.own);
    const key = JSON.stringify(styles);
    if (key !== shown) fill(strip, styles.map(tile));
    shown = key;
    [...strip.children].forEach((button, k) => {
      button.setAttribute('aria-pressed', String(styles[k].name === settings.style));
    });
  };
  show();
  onChange(show);
  signScrolling(strip);
  return h(
    'details',
    { class: 'style-strip', id: 'style-strip', open: recall('job', null) === null },
    h('summary', {}, 'Styles to click'),
    strip,
  );
}
