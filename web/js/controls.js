// The controls beside the grid: each with its honest default and one line that says what it does.

import { debounced, h, icon } from './dom.js';
import { change, defaults, facts, model, onChange, randomSeed, settings } from './state.js';

const kCounts = [1, 4, 9, 16];
const kMostSteps = 100;

/** Preset by name: what it asks of the model's own default number of steps. */
export const presets = [
  { name: 'draft', label: 'Draft', says: 'Few steps: quick, to look around', factor: 0.4 },
  { name: 'standard', label: 'Standard', says: 'The model’s own defaults', factor: 1 },
  { name: 'fine', label: 'Fine', says: 'Many steps: the last bit of finish', factor: 2 },
];

const stepsOf = (preset) => Math.max(1, Math.round(defaults().steps * preset.factor));
const presetNow = () => presets.find((p) => stepsOf(p) === Number(settings.steps ?? defaults().steps))?.name ?? '';

function control(id, name, says, field, beside = null) {
  return h(
    'div',
    { class: 'control' },
    h('div', { class: 'control-head' }, h('label', { for: id }, name), beside),
    field,
    h('p', { class: 'says', id: `${id}-says` }, says),
  );
}

// A slider and a number that are one value.
function slider({ id, name, says, min, max, step, most, read, write }) {
  const label = { 'aria-describedby': `${id}-says` };
  const number = h('input', { id, type: 'number', class: 'number', min, max: most ?? max, step, ...label });
  const range = h('input', { type: 'range', min, max, step, 'aria-label': `${name}, slider`, tabindex: -1 });
  const set = (event) => {
    const value = Number(event.target.value);
    if (event.target.value === '' || !Number.isFinite(value)) return;
    write(Math.min(Math.max(value, min), most ?? max));
  };
  range.addEventListener('input', set);
  number.addEventListener('change', set);
  return {
    element: control(id, name, says, range, number),
    show() {
      range.value = read();
      if (document.activeElement !== number || Number(number.value) !== Number(read())) number.value = read();
    },
  };
}

function choice({ id, name, says, options, read, write }) {
  const select = h('select', { id, 'aria-describedby': `${id}-says`, on: { change: (e) => write(e.target.value) } });
  let shown = '';
  return {
    element: control(id, name, says, select),
    show() {
      const list = options();
      // What no choice says is shown as what it is, never as another.
      const value = String(read());
      if (!list.some(([known]) => known === value)) list.push([value, value]);
      const key = JSON.stringify(list);
      if (key !== shown) {
        select.replaceChildren(...list.map(([value, text]) => h('option', { value }, text)));
        shown = key;
      }
      select.value = value;
    },
  };
}

function segmented({ name, options, read, write }) {
  const buttons = options.map(([value, text, title]) =>
    h(
      'button',
      {
        type: 'button',
        title,
        'aria-pressed': 'false',
        on: { click: () => write(value) },
      },
      text,
    ),
  );
  return {
    element: h('div', { class: 'segmented', role: 'group', 'aria-label': name }, buttons),
    show() {
      buttons.forEach((b, i) => b.setAttribute('aria-pressed', String(options[i][0] === read())));
    },
  };
}

function sizes() {
  const { native_width: w = 256, native_height: height = 256, size_multiple: m = 8, max_side: most = 2048 } = model();
  const round = (v) => Math.max(m, Math.round(v / m) * m);
  const list = [['', `${w} × ${height}, its own`]];
  for (const [a, b, says] of [
    [1.5, 1, 'wide'],
    [1, 1.5, 'tall'],
    [1.5, 1.5, 'large'],
    [2, 2, 'larger'],
  ]) {
    const size = [round(w * a), round(height * b)];
    if (Math.max(...size) <= most) list.push([size.join('x'), `${size[0]} × ${size[1]}, ${says}`]);
  }
  if (settings.size && !list.some(([value]) => value === settings.size)) {
    list.push([settings.size, settings.size.replace('x', ' × ')]);
  }
  return list;
}

function seedField() {
  const input = h('input', {
    id: 'seed',
    inputmode: 'numeric',
    pattern: '[0-9]{1,20}',
    maxlength: 20,
    autocomplete: 'off',
    'aria-describedby': 'seed-says',
    on: {
      change(event) {
        const digits = event.target.value.replace(/\D/g, '');
        change({ seed: digits === '' ? '1' : digits, keep_seed: true });
      },
    },
  });
  const dice = h(
    'button',
    {
      type: 'button',
      class: 'button',
      id: 'dice',
      'aria-label': 'Another seed',
      title: 'Another seed',
      on: { click: () => change({ seed: randomSeed() }) },
    },
    icon('dice'),
  );
  const lock = h(
    'button',
    {
      type: 'button',
      class: 'button toggle',
      id: 'keep-seed',
      'aria-label': 'Keep this seed',
      title: 'Keep this seed',
      on: { click: () => change({ keep_seed: !settings.keep_seed }) },
    },
    icon('lock'),
  );
  return {
    element: control(
      'seed',
      'Seed',
      'Where the noise starts: another for each drawing, unless it is kept. The same seed and words give the same pictures.',
      h('div', { class: 'seed-row' }, input, dice, lock),
    ),
    show: () => {
      lock.setAttribute('aria-pressed', String(Boolean(settings.keep_seed)));
      if (document.activeElement !== input || input.value !== settings.seed) input.value = settings.seed;
    },
  };
}

/** The panel. Returns its element; it follows the settings for as long as `signal` is not aborted. */
export function controls(signal) {
  const preset = segmented({
    name: 'Preset',
    options: presets.map((p) => [p.name, p.label, p.says]),
    read: presetNow,
    write: (name) =>
      change({ steps: stepsOf(presets.find((p) => p.name === name)), scale: defaults().scale, sampler: '' }),
  });
  const count = segmented({
    name: 'Pictures',
    options: kCounts.map((n) => [n, String(n), `${n} pictures`]),
    read: () => Number(settings.count),
    write: (n) => change({ count: n }),
  });
  const most = () => Math.min(model().max_steps ?? 1000, 1000);
  const parts = [
    slider({
      id: 'steps',
      name: 'Steps',
      says: 'How often the picture is refined. More is finer and slower.',
      min: 1,
      max: kMostSteps,
      most: most(),
      step: 1,
      read: () => settings.steps ?? defaults().steps,
      write: (steps) => change({ steps: Math.round(steps) }),
    }),
    slider({
      id: 'scale',
      name: 'Guidance',
      says: 'How literally your words are taken; too much looks harsh.',
      min: 1,
      max: 20,
      most: 100,
      step: 0.5,
      read: () => settings.scale ?? defaults().scale,
      write: (scale) => change({ scale }),
    }),
    seedField(),
    choice({
      id: 'sampler',
      name: 'Sampler',
      says: 'The rule for each step. They differ in speed and finish.',
      options: () =>
        facts.samplers.map((s) => [
          s.id === defaults().sampler ? '' : s.id,
          s.id === defaults().sampler ? `${s.name}, its own` : s.name,
        ]),
      read: () => (settings.sampler === defaults().sampler ? '' : settings.sampler),
      write: (sampler) => change({ sampler }),
    }),
    choice({
      id: 'size',
      name: 'Size',
      says: 'In pixels. A model draws best at its own size: enlarge afterwards.',
      options: sizes,
      read: () => settings.size,
      write: (size) => change({ size }),
    }),
    choice({
      id: 'guidance_interval',
      name: 'Guided part',
      says: 'Guidance outside the middle of a run costs time and changes little.',
      options: () => [
        ['', 'All of the run'],
        ['0.1:0.8', '10 % to 80 %, quicker'],
        ['0.2:0.7', '20 % to 70 %, quicker still'],
      ],
      read: () => settings.guidance_interval ?? '',
      write: (value) => change({ guidance_interval: value }),
    }),
    choice({
      id: 'deep_cache',
      name: 'DeepCache',
      says: 'The network’s depths are used again for some steps: quicker, a little coarser.',
      options: () => [
        ['', 'Off'],
        ['2', 'Every 2nd step anew'],
        ['3', 'Every 3rd step anew'],
      ],
      read: () => (Number(settings.deep_cache) > 1 ? settings.deep_cache : ''),
      write: (value) => change({ deep_cache: value }),
    }),
    choice({
      id: 'model',
      name: 'Model',
      says: 'Which network draws. The default comes with Easel.',
      options: () => facts.models.map((m) => [m.default ? '' : m.name, m.name]),
      read: () => (model().default ? '' : settings.model),
      write: (name) => change({ model: name, steps: null, scale: null, sampler: '', size: '' }),
    }),
  ];
  const negative = h('input', {
    id: 'negative',
    type: 'text',
    autocomplete: 'off',
    'aria-describedby': 'negative-says',
    maxlength: 2000,
    placeholder: 'blurry, frame, text …',
    on: { input: debounced((event) => change({ negative: event.target.value }), 150) },
  });
  const show = () => {
    for (const part of [preset, count, ...parts]) part.show();
    if (document.activeElement !== negative) negative.value = settings.negative;
  };
  show();
  const stop = onChange(show);
  signal.addEventListener('abort', stop);
  return h(
    'div',
    { class: 'controls' },
    h(
      'div',
      { class: 'control' },
      h('div', { class: 'control-head' }, h('span', { class: 'label' }, 'How fine')),
      preset.element,
      h('p', { class: 'says' }, 'A quick look, the model’s own settings, or twice the steps.'),
    ),
    h(
      'div',
      { class: 'control' },
      h('div', { class: 'control-head' }, h('span', { class: 'label' }, 'Pictures')),
      count.element,
      h('p', { class: 'says' }, 'Each with the next seed, drawn together in batches.'),
    ),
    parts.slice(0, 3).map((part) => part.element),
    control('negative', 'Steer away from', 'Words that the picture should not look like.', negative),
    parts.slice(3).map((part) => part.element),
  );
}
