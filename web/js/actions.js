// What can be done with one picture, wherever it is shown.

import { api } from './api.js';
import { h, iconButton } from './dom.js';
import { compose, drawnWith, facts, labelsOf } from './state.js';
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

export async function toggleFavourite(picture, button) {
  const wanted = !picture.favourite;
  picture.favourite = wanted;
  mark(button, picture);
  try {
    await api.favourite(picture.id, wanted);
  } catch (error) {
    picture.favourite = !wanted;
    mark(button, picture);
    throw error;
  }
}

function mark(button, picture) {
  button?.setAttribute('aria-pressed', String(picture.favourite));
}

export function favouriteButton(picture, props = {}) {
  const button = iconButton(
    'heart',
    'Favourite',
    (event) => {
      event.stopPropagation();
      attempt(() => toggleFavourite(picture, button));
    },
    { ...props, 'aria-pressed': String(picture.favourite) },
  );
  return button;
}

export const kUpscaleFactor = 4;

export const upscale = (picture) => api.upscale(picture.id, kUpscaleFactor);
export const vary = (picture) => api.variations(picture.id, { count: 4 });

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
