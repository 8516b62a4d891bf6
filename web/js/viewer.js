// One picture, large: its settings, everything that can be done with it, and what came of that.

import { enterAddress, leaveAddress, moveAddress } from './address.js';
import { api } from './api.js';
import {
  copyCommand,
  download,
  favouriteButton,
  kStrong,
  kSubtle,
  kUpscaleFactor,
  redo,
  remove,
  restyle,
  styleMenu,
  upscale,
  vary,
} from './actions.js';
import { fill, h, icon, iconButton } from './dom.js';
import { follow } from './follow.js';
import { Cell } from './grid.js';
import { rate, starsOf, tagsOf } from './marks.js';
import { rowsOf } from './picture_facts.js';
import { signScrolling } from './scroll_sign.js';
import { smooth } from './smooth.js';
import { startFromPicture } from './start.js';
import { adopt } from './state.js';
import { attempt, toast } from './toast.js';

// What was made of each picture while the page is open: cells, by the picture's id.
const offspring = new Map();

let dialog = null;
let now = null; // {pictures, index, picture, hooks}
let parts = null;

function build() {
  parts = {
    image: h('img', { alt: '', on: { load: () => now && smooth(parts.image, parts.large) } }),
    large: h('canvas'),
    compare: h('div'),
    strip: h('div', { class: 'strip', role: 'group', 'aria-label': 'Made from this picture' }),
    facts: h('dl'),
    prompt: h('p', { class: 'viewer-prompt' }),
    marks: h('div', { class: 'viewer-marks' }),
    actions: h('div', { class: 'viewer-actions' }),
    place: h('span', { class: 'muted small' }),
    heart: h('span'),
    back: iconButton('left', 'Picture before', () => step(-1)),
    on: iconButton('right', 'Next picture', () => step(1)),
  };
  parts.picture = h('div', { class: 'viewer-image' }, parts.image, parts.large);
  dialog = h(
    'dialog',
    {
      class: 'viewer',
      'aria-label': 'Picture',
      on: {
        close: closed,
        click: (event) => {
          if (event.target === dialog) dialog.close();
        },
        keydown: key,
      },
    },
    h('div', { class: 'viewer-stage' }, parts.picture, parts.compare, parts.strip),
    h(
      'div',
      { class: 'viewer-side' },
      h(
        'div',
        { class: 'viewer-top' },
        parts.back,
        parts.place,
        parts.on,
        h('span', { class: 'grow' }),
        parts.heart,
        iconButton('close', 'Close', () => dialog.close()),
      ),
      parts.prompt,
      parts.marks,
      parts.actions,
      parts.facts,
    ),
  );
  signScrolling(parts.strip);
  document.body.append(dialog);
}

function key(event) {
  if (event.target.matches('input, select, textarea')) return;
  if (event.key === 'ArrowLeft') step(-1);
  else if (event.key === 'ArrowRight') step(1);
  else if (event.key === 'Delete') removeShown();
  else if (/^[1-5]$/.test(event.key)) attempt(() => rate(now.picture, Number(event.key)));
  else return;
  event.preventDefault();
}

function step(by) {
  const index = now.index + by;
  if (index < 0) return;
  if (index >= now.pictures.length) {
    attempt(async () => {
      if ((await fetchMore()) && now) step(by);
    });
    return;
  }
  now.index = index;
  present(now.pictures[index]);
}

// The pictures that come after the last one, where the place they are shown in has more of them.
async function fetchMore() {
  const asked = now;
  if (!asked.hooks.more || asked.ended) return false;
  const known = new Set(asked.pictures.map((picture) => picture.id));
  const fresh = (await asked.hooks.more()).filter((picture) => !known.has(picture.id));
  asked.pictures.push(...fresh);
  asked.ended = fresh.length === 0;
  if (asked === now) showPlace();
  return fresh.length > 0;
}

function showPlace() {
  const { index, pictures, hooks, ended } = now;
  const all = Math.max(ended ? 0 : (hooks.all ?? 0), pictures.length);
  parts.place.textContent = all > 1 ? `${index + 1} of ${all}` : '';
  parts.back.disabled = index <= 0;
  parts.on.disabled = index >= pictures.length - 1 && (!hooks.more || Boolean(ended));
}

function closed() {
  const { entered } = now;
  now = null;
  leaveAddress(entered);
}

/** Closes the viewer; the page's address has changed already. */
export function closeViewer() {
  if (dialog?.open) dialog.close();
}

function removeShown() {
  const { picture, hooks } = now;
  remove(picture, {
    removed() {
      dialog.close();
      hooks.removed?.(picture);
    },
    restored: (back) => hooks.restored?.(back),
  });
}

function present(picture) {
  now.picture = picture;
  const { image } = parts;
  parts.large.hidden = true;
  image.src = picture.image;
  image.alt = picture.prompt;
  parts.prompt.textContent = picture.prompt;
  parts.compare.replaceChildren();
  parts.picture.querySelector('.before')?.remove();
  if (picture.init_sha256)
    attempt(async () => (await import('./compare.js')).compare(picture, parts, () => now?.picture === picture));
  showPlace();
  moveAddress(picture.id);
  fill(parts.heart, favouriteButton(picture));
  fill(parts.marks, starsOf(picture), tagsOf(picture));
  fill(
    parts.facts,
    rowsOf(picture).map(([name, text]) => [h('dt', {}, name), h('dd', {}, text)]),
  );
  // The buttons are new ones: who used one of them with the keyboard goes on there.
  const used = [...parts.actions.children].indexOf(document.activeElement);
  fill(parts.actions, actionsFor(picture));
  if (used >= 0)
    [...parts.actions.children]
      .slice(used)
      .find((button) => !button.disabled)
      ?.focus();
  fill(
    parts.strip,
    (offspring.get(picture.id) ?? []).map((cell) => cell.element),
  );
}

function actionsFor(picture) {
  const button = (name, label, run, props = {}) =>
    h('button', { type: 'button', class: 'button small', on: { click: run }, ...props }, icon(name), label);
  return [
    button(
      'upscale',
      `Upscale ×${kUpscaleFactor}`,
      () => breed(picture, () => upscale(picture), 1, `×${kUpscaleFactor}`, { shown: true }),
      { disabled: picture.upscale > 1 },
    ),
    button('redo', 'Draw again', () => breed(picture, () => redo(picture), 1, 'again', { shown: true })),
    button('subtle', 'Vary subtly', () => breed(picture, () => vary(picture, kSubtle), 4, 'subtle')),
    button('strong', 'Vary strongly', () => breed(picture, () => vary(picture, kStrong), 4, 'strong')),
    styleMenu((style) => breed(picture, () => restyle(picture, style), 1, style)),
    button('sliders', 'Use its settings', () => {
      adopt(picture);
      dialog.close();
      location.hash = '#/draw';
      toast('The picture’s settings are back');
    }),
    button('picture', 'Start from it', () =>
      attempt(async () => {
        await startFromPicture(picture);
        dialog.close();
        location.hash = '#/draw';
      }),
    ),
    button('copy', 'Copy command', () => copyCommand(picture)),
    button('download', 'Download', () => download(picture)),
    button('trash', 'Delete', removeShown, { class: 'button small danger' }),
  ];
}

// Draws something from `picture` and shows it in the strip below; `shown`: large, once it is there.
function breed(picture, submit, count, label, { shown = false } = {}) {
  const cells = Array.from(
    { length: count },
    (_, k) =>
      new Cell({
        label: count > 1 ? `${label} ${k + 1}` : label,
        caption: label,
        open(cell) {
          now.pictures = [
            ...now.pictures.slice(0, now.index + 1),
            cell.picture,
            ...now.pictures.slice(now.index + 1).filter((other) => other.id !== cell.picture.id),
          ];
          step(1);
        },
      }),
  );
  offspring.set(picture.id, [...cells, ...(offspring.get(picture.id) ?? [])]);
  present(picture);
  const hooks = now.hooks;
  attempt(async () => {
    try {
      const job = await submit();
      follow(job, cells, {
        picture(made) {
          hooks.made?.(made);
          // One that was asked for by itself is shown, if nobody went on meanwhile.
          if (shown && now?.picture.id === picture.id) cells[0].button.click();
        },
        end(ended) {
          if (ended.error) toast(ended.error.detail, { bad: true });
        },
      });
    } catch (error) {
      for (const cell of cells) cell.fail('not drawn');
      throw error;
    }
  });
}

/**
 * Opens the viewer at `pictures[index]`. `hooks`, all optional: `removed(picture)`,
 * `restored(picture)`, `made(picture)`. `then`: 'restyle', done at once.
 */
export function view(pictures, index, hooks = {}, then = '') {
  if (!dialog) build();
  const entered = enterAddress(pictures[index].id);
  now = { pictures: [...pictures], index, picture: pictures[index], hooks, entered };
  present(pictures[index]);
  if (!dialog.open) dialog.showModal();
  if (then === 'restyle') {
    const select = dialog.querySelector('#restyle');
    select.focus();
    try {
      select.showPicker();
    } catch {
      // Older browsers: the menu has the focus, one key opens it.
    }
  }
}

/** Opens the viewer at a picture known by its id alone. */
export const viewById = (pictureId) =>
  attempt(async () => {
    if (dialog?.open && now?.picture.id === pictureId) return;
    view([await api.picture(pictureId)], 0);
  });
