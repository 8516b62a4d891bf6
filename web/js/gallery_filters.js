// What the gallery is asked for: words, style, model, tag, stars, days, and in which order.

import { debounced, fill, h, icon } from './dom.js';

const kStars = [1, 2, 3, 4, 5];
const kOrders = [
  ['', 'Newest first'],
  ['oldest', 'Oldest first'],
  ['best', 'Best first'],
];
const kFurther = ['tag', 'rating', 'from', 'to', 'studies'];

/** Midnight of a day of this place ("2026-11-28"), `days` later, as the server takes it. */
function midnight(day, days = 0) {
  const [year, month, date] = day.split('-').map(Number);
  return new Date(year, month - 1, date + days).toISOString();
}

/** The bar. `changed()` is called whenever something else is asked for, `opened()` when more filters are seen. */
export class Filters {
  constructor({ changed, opened }) {
    Object.assign(this, { changed, opened });
    this.values = {
      q: '',
      style: '',
      model: '',
      tag: '',
      rating: '',
      from: '',
      to: '',
      sort: '',
      favourite: '',
      deleted: '',
      studies: '',
    };
    this.styles = this.menu('by-style', 'By style', 'style');
    this.models = this.menu('by-model', 'By model', 'model');
    this.tags = this.menu('by-tag', 'Tag', 'tag');
    this.further = this.makeFurther();
    this.more = h(
      'button',
      {
        type: 'button',
        class: 'button toggle',
        id: 'more-filters',
        'aria-expanded': 'false',
        'aria-controls': 'further-filters',
        on: { click: () => this.open(this.further.hidden) },
      },
      icon('sliders'),
      'Filters',
    );
    this.element = h(
      'div',
      { class: 'gallery-filters' },
      this.search(),
      this.styles,
      this.models,
      this.order(),
      this.toggle('favourites', 'favourite', 'heart', 'Favourites'),
      this.toggle('deleted', 'deleted', 'trash', 'Deleted'),
      this.more,
      this.further,
    );
  }

  /** As GET /pictures takes it. */
  query() {
    const { from, to, ...rest } = this.values;
    return { ...rest, since: from && midnight(from), until: to && midnight(to, 1) };
  }

  /** Whether something less than everything is asked for. */
  get narrowed() {
    return Object.entries(this.values).some(([name, value]) => value && name !== 'sort');
  }

  /** Whether the newest picture is the first one. */
  get newestFirst() {
    return !this.values.sort;
  }

  set(values) {
    Object.assign(this.values, values);
    const count = kFurther.filter((name) => this.values[name]).length;
    this.more.lastChild.textContent = count ? `Filters (${count})` : 'Filters';
    this.more.setAttribute('aria-pressed', String(count > 0));
    this.changed();
  }

  search() {
    const input = h('input', {
      type: 'search',
      id: 'search',
      placeholder: 'Search by words; -word leaves out',
      'aria-label': 'Search by words; a minus before a word leaves it out',
      on: { input: debounced((event) => this.set({ q: event.target.value.trim() }), 180) },
    });
    return h('div', { class: 'search' }, icon('search'), input);
  }

  menu(id, label, name) {
    return h('select', {
      id,
      'aria-label': label,
      on: { change: (event) => this.set({ [name]: event.target.value }) },
    });
  }

  order() {
    const select = this.menu('sort', 'Order', 'sort');
    return fill(
      select,
      kOrders.map(([value, text]) => h('option', { value }, text)),
    );
  }

  toggle(id, name, sign, text) {
    return h(
      'button',
      {
        type: 'button',
        class: 'button toggle',
        id,
        'aria-pressed': 'false',
        on: {
          click: (event) => {
            const button = event.currentTarget;
            const on = button.getAttribute('aria-pressed') !== 'true';
            button.setAttribute('aria-pressed', String(on));
            this.set({ [name]: on ? 'true' : '' });
          },
        },
      },
      icon(sign),
      text,
    );
  }

  makeFurther() {
    const stars = this.menu('by-rating', 'Stars', 'rating');
    fill(
      stars,
      h('option', { value: '' }, 'Any stars'),
      kStars.map((n) => h('option', { value: n }, `${'★'.repeat(n)}${n < 5 ? ' or more' : ''}`)),
    );
    const day = (id, label, name) =>
      h(
        'label',
        { class: 'day' },
        label,
        h('input', { type: 'date', id, on: { change: (event) => this.set({ [name]: event.target.value }) } }),
      );
    return h(
      'div',
      { class: 'gallery-further', id: 'further-filters', hidden: true },
      this.tags,
      stars,
      day('from-day', 'From', 'from'),
      day('to-day', 'To', 'to'),
      this.toggle('studies', 'studies', 'info', 'Studies of “How it works”'),
    );
  }

  open(wanted) {
    this.further.hidden = !wanted;
    this.more.setAttribute('aria-expanded', String(wanted));
    if (wanted) this.opened();
  }

  /** The names that there are to choose from. */
  offer({ models, styles, tags }) {
    const options = (select, all, names) => {
      const chosen = select.value;
      fill(
        select,
        h('option', { value: '' }, all),
        names.map((name) => h('option', { value: name }, name)),
      );
      select.value = names.includes(chosen) ? chosen : '';
    };
    options(this.models, 'Every model', models);
    options(this.styles, 'Every style', styles);
    options(this.tags, tags.length ? 'Every tag' : 'No tags yet', tags);
  }
}
