// One picture on the gallery's wall.

import { favouriteButton } from './actions.js';
import { h, iconButton } from './dom.js';

/** `wall` is asked to open(picture, event), remove(picture) and restore(picture). */
export function tile(picture, wall) {
  return h(
    'figure',
    { class: 'tile', role: 'listitem', data: { picture: picture.id } },
    h(
      'button',
      {
        type: 'button',
        class: 'tile-picture',
        'aria-label': `${picture.unfinished ? 'unfinished: ' : ''}${picture.prompt}, seed ${picture.seed}`,
        on: { click: (event) => wall.open(picture, event) },
      },
      h('img', {
        src: picture.thumbnail,
        alt: '',
        loading: 'lazy',
        decoding: 'async',
        width: picture.width,
        height: picture.height,
      }),
    ),
    h(
      'figcaption',
      {},
      picture.unfinished && h('span', { class: 'tile-unfinished' }, 'unfinished'),
      picture.rating > 0 &&
        h(
          'span',
          { class: 'tile-stars', role: 'img', 'aria-label': `${picture.rating} stars` },
          '★'.repeat(picture.rating),
        ),
      h(
        'span',
        { class: 'tile-prompt', title: picture.prompt },
        picture.subject && picture.style ? `${picture.subject} · ${picture.style}` : picture.prompt,
      ),
    ),
    !picture.deleted &&
      iconButton('check', 'Choose', (event) => wall.selection.toggle(picture, event.shiftKey), {
        class: 'icon-button tile-choose',
        'aria-pressed': String(wall.selection.has(picture)),
      }),
    h(
      'div',
      { class: 'tile-buttons' },
      picture.deleted
        ? iconButton('undo', 'Restore', () => wall.restore(picture))
        : [favouriteButton(picture), iconButton('trash', 'Delete', () => wall.remove(picture))],
    ),
  );
}
