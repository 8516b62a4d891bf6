// Everything that was drawn, newest first. Pages are fetched by key as one scrolls, and only those
// near the window keep their pictures in the document: a hundred thousand scroll like a hundred.

import { api, watchAll } from './api.js';
import { remove } from './actions.js';
import { bringButton } from './bring.js';
import { debounced, fill, h } from './dom.js';
import { Filters } from './gallery_filters.js';
import { Selection } from './selection.js';
import { tile } from './tile.js';
import { attempt, complain, toast } from './toast.js';
import { view } from './viewer.js';

const kPage = 60;
const kNear = '1400px';
const kTop = 300; // pixels scrolled

const kDay = { weekday: 'long', year: 'numeric', month: 'long', day: 'numeric' };
const dayOf = (picture) => new Date(picture.created).toLocaleDateString(document.documentElement.lang, kDay);

export class GalleryPage {
  title = 'Gallery';

  constructor() {
    this.filters = new Filters({ changed: () => this.narrow(), opened: () => attempt(() => this.facets()) });
    this.pages = [];
    this.count = h('p', { class: 'muted small', id: 'gallery-count', 'aria-live': 'polite' });
    this.wall = h('div', { class: 'wall', id: 'wall' });
    this.end = h('div', { class: 'wall-end' });
    this.selection = new Selection(this);
    this.element = h(
      'section',
      { class: 'gallery', 'aria-label': 'Gallery' },
      h('h1', { class: 'sr' }, 'Gallery'),
      this.bar(),
      this.selection.element,
      this.wall,
      this.end,
    );
    this.near = new IntersectionObserver((entries) => entries.forEach((e) => this.enter(e)), { rootMargin: kNear });
    this.more = new IntersectionObserver(
      (entries) => {
        if (entries.some((e) => e.isIntersecting)) this.fetch();
      },
      { rootMargin: kNear },
    );
    this.more.observe(this.end);
  }

  bar() {
    return h('div', { class: 'gallery-bar' }, this.filters.element, bringButton(), this.count);
  }

  show() {
    this.watched ??= watchAll({
      picture: () => this.arrived(),
      gallery: (event) => {
        this.stale = true;
        if (event.change === 'added') this.arrived();
      },
    });
    if (this.pages.length === 0 || this.stale) this.restart();
    attempt(() => this.facets());
  }

  // New pictures come in by themselves while one looks at the top; further down nothing may move.
  arrived = debounced(() => {
    this.stale = true;
    if (this.watched && scrollY < kTop && !this.filters.narrowed && this.filters.newestFirst) {
      this.restart();
      attempt(() => this.facets());
    }
  }, 700);

  hide() {
    this.watched?.close();
    this.watched = null;
    this.stale = true;
  }

  async facets() {
    const facets = await api.facets();
    this.filters.offer(facets);
    this.all = facets.count;
    this.say();
  }

  /** How many there are, and how many of them fit what was asked for. */
  say() {
    if (this.all === undefined) return;
    const all = `${this.all.toLocaleString()} picture${this.all === 1 ? '' : 's'}`;
    const loaded = this.pages.reduce((sum, page) => sum + page.items.length, 0);
    const narrowed = this.filters.narrowed;
    fill(this.count, narrowed ? `${loaded.toLocaleString()}${this.next ? ' and more' : ''} of ${all}` : all);
  }

  narrow() {
    this.selection.clear();
    this.restart();
  }

  restart() {
    this.stale = false;
    this.asking?.abort();
    this.asking = null;
    this.near.disconnect();
    this.pages = [];
    this.lastDay = '';
    this.next = undefined;
    this.fresh = true;
    this.fetch();
  }

  async fetch() {
    if (this.asking || this.next === null) return;
    const asking = new AbortController();
    this.asking = asking;
    try {
      const page = await api.pictures({ ...this.filters.query(), limit: kPage, before: this.next }, asking.signal);
      // The old pictures stay until the new ones are here: nothing flickers while one types.
      if (this.fresh) this.wall.replaceChildren();
      this.fresh = false;
      this.next = page.next;
      this.add(page.items);
      this.say();
    } catch (error) {
      if (asking.signal.aborted) return;
      this.next = null;
      complain(error);
    } finally {
      if (this.asking === asking) this.asking = null;
    }
    // The observer speaks only at crossings: where the end is still in view, it is asked again.
    this.more.unobserve(this.end);
    this.more.observe(this.end);
  }

  add(items) {
    if (items.length === 0) {
      if (this.pages.length === 0) fill(this.wall, this.nothing());
      return;
    }
    const page = { items, element: h('div', { class: 'wall-page' }), filled: false, day: this.lastDay };
    if (items.length) this.lastDay = dayOf(items.at(-1));
    page.element.page = page;
    this.pages.push(page);
    this.wall.append(page.element);
    this.fillPage(page);
    this.near.observe(page.element);
  }

  nothing() {
    const narrowed = this.filters.narrowed;
    return h(
      'div',
      { class: 'empty' },
      h('p', {}, narrowed ? 'No picture fits these words' : 'Nothing drawn yet'),
      narrowed ? null : h('a', { class: 'button', href: '#/draw' }, 'Draw the first ones'),
    );
  }

  enter(entry) {
    const { page } = entry.target;
    if (entry.isIntersecting) this.fillPage(page);
    else this.emptyPage(page);
  }

  fillPage(page) {
    if (page.filled) return;
    page.filled = true;
    page.element.style.removeProperty('height');
    fill(
      page.element,
      this.days(page).map(({ day, items }) => [
        day && h('h2', { class: 'wall-day' }, day),
        h(
          'div',
          { class: 'wall-row', role: 'list' },
          items.map((picture) => tile(picture, this)),
        ),
      ]),
    );
    if (this.selection.size) this.selection.show();
  }

  /** A page's pictures by the day they were made on, as long as they are in order of age. */
  days(page) {
    if (this.filters.values.sort === 'best') return [{ day: '', items: page.items }];
    const groups = [];
    let last = page.day;
    for (const item of page.items) {
      const day = dayOf(item);
      if (!groups.length || day !== last) groups.push({ day: day === last ? '' : day, items: [] });
      groups.at(-1).items.push(item);
      last = day;
    }
    return groups;
  }

  emptyPage(page) {
    if (!page.filled || page.element.contains(document.activeElement)) return;
    const { height } = page.element.getBoundingClientRect();
    if (height === 0) return; // another page of the site is shown
    page.filled = false;
    page.element.style.setProperty('height', `${height}px`);
    page.element.replaceChildren();
  }

  restore(picture) {
    attempt(async () => {
      await api.restore(picture.id);
      this.forget(picture);
      toast('The picture is back in the gallery');
    });
  }

  remove(picture) {
    remove(picture, { removed: () => this.forget(picture), restored: () => this.restart() });
  }

  forget(picture) {
    this.selection.drop(picture);
    for (const page of this.pages) page.items = page.items.filter((item) => item.id !== picture.id);
    this.wall.querySelector(`[data-picture="${CSS.escape(picture.id)}"]`)?.remove();
    attempt(() => this.facets());
  }

  /** Every picture fetched by now, in order. */
  pictures() {
    return this.pages.flatMap((page) => page.items);
  }

  /** Opens it; once something is chosen, or with Shift or Ctrl, a click chooses instead. */
  open(picture, event) {
    if (!picture.deleted && (this.selection.size || event.shiftKey || event.ctrlKey || event.metaKey)) {
      this.selection.toggle(picture, event.shiftKey);
      return;
    }
    const pictures = this.pictures();
    view(
      pictures,
      pictures.findIndex((item) => item.id === picture.id),
      {
        removed: (gone) => this.forget(gone),
        restored: () => this.restart(),
        more: () => this.nextPictures(),
        all: this.filters.narrowed ? null : this.all,
      },
    );
  }

  /** Every picture fetched by now, once the next page is here. */
  async nextPictures() {
    await this.fetch();
    return this.pictures();
  }
}
