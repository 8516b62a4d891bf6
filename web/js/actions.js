// What can be done with one picture, wherever it is shown.

import { api } from './api.js';
import { h, iconButton } from './dom.js';
import { askedOf, compose, drawnWith, facts, labelsOf, randomSeed, seedValue } from './state.js';
import { attempt, toast } from './toast.js';

/** The picture's own file under a name of words, saved by the browser. */
export function download(picture) {
  h('a', { href: `${picture.image}?download=1`, download: '' }).click();
}

export async function copyText(text, said) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Browsers keep the clipboard from pages of other machines without https.
    const area = h('textarea', { class: 'sr', value: text, 'aria-hidden': 'true' });
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  }
  toast(said);
}

export const copyCommand = (picture) =>
  attempt(() => copyText(picture.command, 'The command that draws this picture is in the clipboard'));

/** Deletes; a note offers to undo it. The hooks put the page in order. */
export function remove(picture, { removed, restored } = {}) {
  return attempt(async () => {
    await api.remove(picture.id);
    removed?.();
    toast('Picture deleted', {
      action: {
        label: 'Undo',
        run: () =>
          attempt(async () => {
            const back = await api.restore(picture.id);
            restored?.(back);
          }),
      },
    });
  });
}

export async function toggleFavourite(picture) {
  const wanted = !picture.favourite;
  picture.favourite = wanted;
  mark(picture);
  try {
    await api.favourite(picture.id, wanted);
  } catch (error) {
    picture.favourite = !wanted;
    mark(picture);
    throw error;
  }
}

// Every heart of the picture, wherever it is shown.
function mark(picture) {
  for (const button of document.querySelectorAll(`[data-heart="${CSS.escape(picture.id)}"]`))
    button.setAttribute('aria-pressed', String(picture.favourite));
}

export function favouriteButton(picture, props = {}) {
  return iconButton(
    'heart',
    'Favourite',
    (event) => {
      event.stopPropagation();
      attempt(() => toggleFavourite(picture));
    },
    { ...props, data: { heart: picture.id }, 'aria-pressed': String(picture.favourite) },
  );
}

export const kUpscaleFactor = 4;

export const upscale = (picture) => api.upscale(picture.id, kUpscaleFactor);

// How far variations go from the picture's noise.
export const kSubtle = 0.2;
export const kStrong = 0.6;

/** Four variations; others each time. */
export const vary = (picture, strength) =>
  api.variations(picture.id, { count: 4, strength, seed: seedValue(randomSeed()) });

/** Draws once more with another seed: a picture, or `count` of a request's. */
export function redo(from, count = 1) {
  const asked = from.image ? drawnWith(from) : askedOf(from);
  const seed = seedValue(randomSeed());
  return api.draw({ ...asked, ...(asked.variation ? { variation: { ...asked.variation, seed } } : { seed }), count });
}

/** Draws the picture's noise in another style of the catalogue. */
export function restyle(picture, style) {
  const labels = labelsOf(picture.prompt, picture);
  const text = facts.catalogue.styles.find((entry) => entry.name === style)?.text ?? style;
  const old = facts.catalogue.styles.find((entry) => entry.name === labels.style)?.text;
  let prompt = compose(labels.subject, style);
  if (!labels.subject) {
    prompt = old ? picture.prompt.replace(old, text) : picture.prompt + facts.catalogue.join + text;
  }
  return api.draw({ ...drawnWith({ ...picture, prompt, style, subject: labels.subject }), count: 1 });
}

/** The menu of styles that a picture can be drawn in once more. */
export const styleMenu = (choose) =>
  h(
    'select',
    {
      id: 'restyle',
      'aria-label': 'Same seed, other style',
      on: {
        change(event) {
          const style = event.target.value;
          event.target.selectedIndex = 0;
          if (style) choose(style);
        },
      },
    },
    h('option', { value: '' }, 'Same seed, other style …'),
    facts.catalogue.styles.map((entry) => h('option', { value: entry.name }, entry.name)),
  );
