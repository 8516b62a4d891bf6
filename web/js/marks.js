// Stars and tags of a picture, as the viewer shows and changes them.

import { api } from './api.js';
import { fill, h, icon } from './dom.js';
import { attempt } from './toast.js';

const kStars = [1, 2, 3, 4, 5];

/** Gives the picture so many stars; the same once more takes them away. */
export async function rate(picture, stars) {
  const rating = picture.rating === stars ? 0 : stars;
  Object.assign(picture, await api.mark(picture.id, { rating }));
  for (const shown of document.querySelectorAll(`[data-stars="${CSS.escape(picture.id)}"]`)) showStars(shown, rating);
  return rating;
}

function showStars(element, rating) {
  [...element.querySelectorAll('button')].forEach((button, k) => {
    button.setAttribute('aria-pressed', String(k + 1 === rating));
    button.classList.toggle('lit', k < rating);
  });
}

/** Five buttons. */
export function starsOf(picture) {
  const element = h(
    'div',
    { class: 'stars', role: 'group', 'aria-label': 'Stars', data: { stars: picture.id } },
    kStars.map((n) =>
      h(
        'button',
        {
          type: 'button',
          'aria-label': `${n} star${n > 1 ? 's' : ''}`,
          title: `${n} star${n > 1 ? 's' : ''} (key ${n})`,
          on: { click: () => attempt(() => rate(picture, n)) },
        },
        '★',
      ),
    ),
  );
  showStars(element, picture.rating);
  return element;
}

/** The tags, each with a button that takes it away, and a line to write another. */
export function tagsOf(picture) {
  const list = h('ul', { class: 'tags', 'aria-label': 'Tags' });
  const set = (tags, then) =>
    attempt(async () => {
      Object.assign(picture, await api.mark(picture.id, { tags }));
      show();
      then?.();
    });
  const input = h('input', {
    class: 'tag-input',
    id: 'add-tag',
    maxlength: 60,
    placeholder: 'Add a tag',
    'aria-label': 'Add a tag',
    autocomplete: 'off',
    on: {
      keydown: (event) => {
        const tag = input.value.trim().replaceAll(',', ' ');
        if (event.key !== 'Enter' || event.isComposing || !tag) return;
        event.preventDefault();
        input.value = '';
        set([...picture.tags, tag], () => input.focus());
      },
    },
  });
  function show() {
    fill(
      list,
      picture.tags.map((tag) =>
        h(
          'li',
          {},
          tag,
          h(
            'button',
            {
              type: 'button',
              'aria-label': `Take the tag ${tag} away`,
              on: {
                click: () =>
                  set(
                    picture.tags.filter((other) => other !== tag),
                    () => input.focus(),
                  ),
              },
            },
            icon('close'),
          ),
        ),
      ),
    );
  }
  show();
  return h('div', { class: 'tag-row' }, list, input);
}
