// What is asked for under the pictures of the drawing page's grid, with buttons or keys.

import {
  copyCommand,
  download,
  favouriteButton,
  kStrong,
  kSubtle,
  redo,
  remove,
  toggleFavourite,
  upscale,
  vary,
} from './actions.js';
import { h, icon, iconButton } from './dom.js';
import { follow } from './follow.js';
import { menu } from './menu.js';
import { attempt, toast } from './toast.js';

/**
 * The row of buttons and the keys of one cell. `page` is asked to take(job), which shows a drawing as a
 * grid, to open(cell, then), and is told of what is dropped(picture) and restored(picture).
 */
export class GridActions {
  constructor(page) {
    this.page = page;
  }

  buttons(cell) {
    const { picture } = cell;
    return [
      iconButton('upscale', 'Upscale', () => this.upscale(cell), { disabled: picture.upscale > 1 }),
      iconButton('subtle', 'Vary subtly: four neighbours', () => this.vary(cell, kSubtle)),
      iconButton('strong', 'Vary strongly: four relatives', () => this.vary(cell, kStrong)),
      iconButton('redo', 'Draw it again, another seed', () => this.redo(cell)),
      favouriteButton(picture),
      iconButton('more', 'More', (event) => this.more(cell, event.currentTarget), { 'aria-haspopup': 'menu' }),
    ];
  }

  more(cell, button) {
    menu(button, [
      ['restyle', 'Same seed, other style', () => this.page.open(cell, 'restyle')],
      ['copy', 'Copy command', () => copyCommand(cell.picture)],
      ['download', 'Download', () => download(cell.picture)],
      ['trash', 'Delete', () => this.remove(cell)],
    ]);
  }

  key(event, cell) {
    const run = {
      u: () => this.upscale(cell),
      v: () => this.vary(cell, kSubtle),
      V: () => this.vary(cell, kStrong),
      r: () => this.redo(cell),
      f: () => attempt(() => toggleFavourite(cell.picture)),
      s: () => this.page.open(cell, 'restyle'),
      c: () => copyCommand(cell.picture),
      d: () => download(cell.picture),
      Delete: () => this.remove(cell),
    }[event.key];
    if (!run || !cell.picture) return;
    event.preventDefault();
    run();
  }

  vary(cell, strength) {
    attempt(async () => this.page.take(await vary(cell.picture, strength)));
  }

  upscale(cell) {
    if (cell.picture.upscale <= 1) this.replace(cell, 'enlarging', upscale);
  }

  redo(cell) {
    const { picture } = cell;
    this.replace(cell, 'drawing another', redo, () =>
      toast('Drawn again; the one before is in the gallery', {
        action: { label: 'Put it back', run: () => cell.show(picture) },
      }),
    );
  }

  /** What `submit` draws from the cell's picture takes its place, once it is there. */
  replace(cell, says, submit, then = () => {}) {
    const { picture } = cell;
    if (cell.element.dataset.busy) return;
    cell.element.dataset.busy = 'true';
    cell.note.textContent = says;
    attempt(async () => {
      try {
        const job = await submit(picture);
        const ended = await new Promise((finished) => {
          follow(job, [], { picture: (made) => cell.show(made), end: finished });
        });
        if (ended.error) toast(ended.error.detail, { bad: true });
        else if (cell.picture !== picture) then();
      } finally {
        delete cell.element.dataset.busy;
        if (cell.picture === picture) cell.note.textContent = '';
      }
    });
  }

  remove(cell) {
    const { picture } = cell;
    remove(picture, { removed: () => this.page.dropped(picture), restored: (back) => this.page.restored(back) });
  }
}

/** The button under the grid that draws `request` once more with other seeds. */
export const redoGridButton = (request, take) =>
  h(
    'button',
    {
      type: 'button',
      class: 'button small',
      id: 'redo-grid',
      on: { click: () => attempt(async () => take(await redo(request, request.count))) },
    },
    icon('redo'),
    'Draw again',
  );
