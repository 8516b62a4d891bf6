// The sheet of keys, behind "?".

import { h, iconButton } from './dom.js';

const kKeys = [
  [
    'Drawing',
    [
      ['Enter', 'draws, in the prompt line'],
      ['← → ↑ ↓', 'from picture to picture'],
      ['Enter', 'opens the picture'],
      ['U', 'enlarges it'],
      ['V', 'draws four variations; with Shift, stronger ones'],
      ['R', 'draws it again with another seed'],
      ['F', 'makes it a favourite, or not'],
      ['S', 'draws it in another style'],
      ['C', 'copies the command that draws it'],
      ['D', 'downloads it'],
      ['Delete', 'deletes it; a note offers to undo that'],
    ],
  ],
  [
    'A picture, large',
    [
      ['← →', 'the one before, the next'],
      ['1 … 5', 'stars; the same number again takes them away'],
      ['Delete', 'deletes it'],
      ['Esc, Back', 'closes it'],
    ],
  ],
  [
    'Gallery',
    [
      ['X', 'chooses the picture; with Shift, all from the last one'],
      ['Ctrl A', 'chooses all that are shown'],
      ['Delete', 'deletes what is chosen'],
      ['Esc', 'chooses none'],
    ],
  ],
  [
    'Mask',
    [
      ['← → ↑ ↓', 'move the brush; with Shift, paint a line'],
      ['Space', 'paints a spot'],
      ['E', 'eraser or brush'],
      ['[ ]', 'a smaller brush, a larger one'],
      ['+ − 0', 'closer, further away, all of it'],
      ['Ctrl Z', 'takes the last mark back'],
    ],
  ],
  ['Everywhere', [['?', 'this sheet']]],
];

let sheet = null;

function build() {
  sheet = h(
    'dialog',
    { class: 'keys', 'aria-labelledby': 'keys-title' },
    h(
      'div',
      { class: 'editor-head' },
      h('h2', { id: 'keys-title' }, 'Keys'),
      iconButton('close', 'Close', () => sheet.close()),
    ),
    h(
      'div',
      { class: 'keys-body' },
      kKeys.map(([title, keys]) => [
        h('h3', {}, title),
        h(
          'dl',
          {},
          keys.map(([key, says]) => [h('dt', {}, h('kbd', {}, key)), h('dd', {}, says)]),
        ),
      ]),
    ),
  );
  document.body.append(sheet);
}

export function showKeys() {
  if (!sheet) build();
  if (!sheet.open) sheet.showModal();
}

/** Opens the sheet on "?", wherever nothing is written. */
export function listenForKeys() {
  addEventListener('keydown', (event) => {
    if (event.key !== '?' || event.ctrlKey || event.metaKey || event.target.matches?.('input, select, textarea'))
      return;
    event.preventDefault();
    showKeys();
  });
}
