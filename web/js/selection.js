// Several pictures of the gallery, chosen together: by click, with Shift a row of them, or by keys.

import { api } from './api.js';
import { fill, h, icon } from './dom.js';
import { attempt, toast } from './toast.js';

const counted = (n) => `${n.toLocaleString()} picture${n === 1 ? '' : 's'}`;

/**
 * What is chosen and its bar of buttons. `wall` has its `wall` element with tiles, gives pictures() in
 * their order, and is told of what it should forget(picture) and restart().
 */
export class Selection {
  constructor(wall) {
    this.wall = wall;
    this.chosen = new Map(); // pictures by their ids
    this.anchor = null; // the id that Shift reaches from
    this.count = h('p', { id: 'selected', role: 'status' });
    const button = (id, sign, text, run) =>
      h('button', { type: 'button', class: 'button small', id, on: { click: run } }, icon(sign), text);
    this.element = h(
      'div',
      { class: 'selection', role: 'group', 'aria-label': 'Chosen pictures', hidden: true },
      this.count,
      button('selected-favourite', 'heart', 'Favourite', () => this.favourite()),
      this.tagLine(),
      button('selected-zip', 'download', 'Download', () => this.download()),
      button('selected-delete', 'trash', 'Delete', () => this.remove()),
      button('selected-none', 'close', 'Choose none', () => this.clear()),
    );
    wall.wall.addEventListener('keydown', (event) => this.key(event));
  }

  tagLine() {
    return h('input', {
      id: 'selected-tag',
      class: 'tag-input',
      maxlength: 60,
      placeholder: 'Tag them',
      'aria-label': 'A tag for all that are chosen',
      autocomplete: 'off',
      on: {
        keydown: (event) => {
          const tag = event.target.value.trim().replaceAll(',', ' ');
          if (event.key !== 'Enter' || event.isComposing || !tag) return;
          event.target.value = '';
          this.tag(tag);
        },
      },
    });
  }

  get size() {
    return this.chosen.size;
  }

  has(picture) {
    return this.chosen.has(picture.id);
  }

  /** Chooses a picture or, if it is chosen, does not; `reach`: and all from the last one to it. */
  toggle(picture, reach = false) {
    const pictures = this.wall.pictures();
    const from = reach ? pictures.findIndex((item) => item.id === this.anchor) : -1;
    if (from >= 0) {
      const to = pictures.findIndex((item) => item.id === picture.id);
      for (const item of pictures.slice(Math.min(from, to), Math.max(from, to) + 1)) this.chosen.set(item.id, item);
    } else if (this.has(picture)) this.chosen.delete(picture.id);
    else this.chosen.set(picture.id, picture);
    this.anchor = picture.id;
    this.show();
  }

  clear() {
    this.chosen.clear();
    this.anchor = null;
    this.show();
  }

  drop(picture) {
    if (this.chosen.delete(picture.id)) this.show();
  }

  show() {
    const hadFocus = this.element.contains(document.activeElement);
    this.element.hidden = this.size === 0;
    fill(this.count, this.size ? `${counted(this.size)} chosen` : '');
    for (const tile of this.wall.wall.querySelectorAll('.tile')) {
      const chosen = this.chosen.has(tile.dataset.picture);
      tile.classList.toggle('chosen', chosen);
      tile.querySelector('.tile-choose')?.setAttribute('aria-pressed', String(chosen));
    }
    if (hadFocus && this.size === 0) this.wall.wall.querySelector('.tile-picture')?.focus();
  }

  key(event) {
    if (event.altKey) return;
    const wanted = event.target.closest('.tile')?.dataset.picture;
    const all = this.wall.pictures().filter((item) => !item.deleted);
    const picture = all.find((item) => item.id === wanted);
    if (event.ctrlKey || event.metaKey) {
      if (event.key !== 'a') return;
      for (const item of all) this.chosen.set(item.id, item);
      this.show();
    } else if (event.key.toLowerCase() === 'x' && picture) this.toggle(picture, event.shiftKey);
    else if (event.key === 'Escape' && this.size) this.clear();
    else if (event.key === 'Delete' && this.size) this.remove();
    else return;
    event.preventDefault();
  }

  /** All become favourites, or none where all are. */
  favourite() {
    return attempt(async () => {
      const pictures = [...this.chosen.values()];
      const wanted = !pictures.every((picture) => picture.favourite);
      for (const picture of pictures) {
        await api.favourite(picture.id, wanted);
        picture.favourite = wanted;
        for (const heart of document.querySelectorAll(`[data-heart="${CSS.escape(picture.id)}"]`))
          heart.setAttribute('aria-pressed', String(wanted));
      }
      toast(`${counted(pictures.length)} ${wanted ? 'marked as favourites' : 'no longer favourites'}`);
    });
  }

  tag(tag) {
    return attempt(async () => {
      const pictures = [...this.chosen.values()];
      for (const picture of pictures)
        if (!picture.tags.includes(tag))
          Object.assign(picture, await api.mark(picture.id, { tags: [...picture.tags, tag] }));
      toast(`${counted(pictures.length)} tagged “${tag}”`);
      this.wall.facets();
    });
  }

  remove() {
    return attempt(async () => {
      const gone = [];
      try {
        for (const picture of [...this.chosen.values()]) {
          await api.remove(picture.id);
          gone.push(picture);
          this.wall.forget(picture);
        }
      } finally {
        if (gone.length)
          toast(`${counted(gone.length)} deleted`, {
            action: { label: 'Undo', run: () => attempt(() => this.restore(gone)) },
          });
      }
    });
  }

  async restore(pictures) {
    for (const picture of pictures) await api.restore(picture.id);
    this.wall.restart();
  }

  download() {
    return attempt(async () => {
      const { saveZip } = await import('./zip.js');
      await saveZip([...this.chosen.values()], (done, all) => fill(this.count, `${done} of ${all} fetched`));
      this.show();
    });
  }
}
