// How a mask is used: its edge, what lies under it, and whether its part is drawn alone.

import { fill, h } from './dom.js';
import { change, settings } from './state.js';

const kUsualBlur = 4; // pixels, as the server's
const kUsualPadding = 32;

function range({ id, name, says, most, step, usual }) {
  const text = h('span', { class: 'muted small' });
  const input = h('input', {
    id,
    type: 'range',
    min: 0,
    max: most,
    step,
    'aria-describedby': `${id}-says`,
    on: {
      input: (event) => change({ [id]: Number(event.target.value) === usual ? null : Number(event.target.value) }),
    },
  });
  return {
    element: h(
      'div',
      { class: 'canvas-range' },
      h('label', { for: id }, name),
      text,
      input,
      h('p', { class: 'says', id: `${id}-says` }, says),
    ),
    show() {
      input.value = settings[id] ?? usual;
      fill(text, `${settings[id] ?? usual} pixels`);
    },
  };
}

function check({ id, name, says, off = () => false }) {
  const input = h('input', {
    id,
    type: 'checkbox',
    'aria-describedby': `${id}-says`,
    on: { change: (event) => change({ [id]: event.target.checked }) },
  });
  return {
    element: h(
      'div',
      { class: 'canvas-check' },
      h('label', {}, input, ' ', name),
      h('p', { class: 'says', id: `${id}-says` }, says),
    ),
    show() {
      input.checked = Boolean(settings[id]) && !off();
      input.disabled = off();
    },
  };
}

function menu({ id, name, says, options }) {
  const select = h(
    'select',
    { id, 'aria-describedby': `${id}-says`, on: { change: (event) => change({ [id]: event.target.value }) } },
    options.map(([value, text]) => h('option', { value }, text)),
  );
  return {
    element: h(
      'div',
      { class: 'control' },
      h('label', { for: id }, name),
      select,
      h('p', { class: 'says', id: `${id}-says` }, says),
    ),
    show() {
      select.value = options.some(([value]) => value === settings[id]) ? settings[id] : '';
    },
  };
}

/** {element, show()}: show() puts it in order with the settings. */
export function maskOptions() {
  const parts = [
    check({
      id: 'mask_invert',
      name: 'Keep what is painted',
      says: 'The rest is drawn anew instead.',
    }),
    check({
      id: 'only_masked',
      name: 'Draw the painted part alone',
      says: 'At the whole size, and laid back: for small things in large pictures.',
      off: () => Boolean(settings.extend),
    }),
    range({
      id: 'mask_padding',
      name: 'Seen around it',
      says: 'How much of the picture the part that is drawn alone is fitted to.',
      most: 256,
      step: 8,
      usual: kUsualPadding,
    }),
    range({
      id: 'mask_blur',
      name: 'Soft edge',
      says: 'Over so many pixels the new goes over into the old.',
      most: 64,
      step: 1,
      usual: kUsualBlur,
    }),
    menu({
      id: 'mask_content',
      name: 'Under the paint at first',
      says: 'What the new picture grows from there.',
      options: [
        ['', 'The picture'],
        ['fill', 'The colours around it'],
        ['noise', 'Noise'],
        ['nothing', 'Nothing'],
      ],
    }),
    menu({
      id: 'resize_mode',
      name: 'If it has another form',
      says: 'How the picture is brought to the size that is drawn.',
      options: [
        ['', 'Cut what is too much'],
        ['pad', 'Fill what is missing'],
        ['stretch', 'Stretch it'],
      ],
    }),
  ];
  const padding = parts[2];
  return {
    element: h(
      'details',
      { class: 'canvas-more', id: 'mask-options' },
      h('summary', {}, 'More about mask and form'),
      h(
        'div',
        { class: 'canvas-options' },
        parts.map((part) => part.element),
      ),
    ),
    show() {
      for (const part of parts) part.show();
      padding.element.hidden = !settings.only_masked;
    },
  };
}
