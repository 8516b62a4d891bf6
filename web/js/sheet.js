// The whole matrix: every subject in every style, one labelled sheet that fills cell by cell.

import { api, watchAll } from './api.js';
import { debounced, fill, h, icon, inWords, recall, remember } from './dom.js';
import { Cell } from './grid.js';
import { defaults, drawRequest, facts, onChange } from './state.js';
import { attempt } from './toast.js';
import { view } from './viewer.js';

const kSheetCell = 256;
const kAskEvery = 1500; // milliseconds

export class SheetPage {
  title = 'Whole matrix';

  constructor() {
    this.sheet = null;
    this.left = { subjects: new Set(recall('sheet.subjects', [])), styles: new Set(recall('sheet.styles', [])) };
    this.chips = h('div', { class: 'chips-box' });
    this.rows = h('details', { class: 'choose', open: true }, h('summary', {}, 'Rows and columns'), this.chips);
    this.cost = h('p', { class: 'cost' });
    this.start = h(
      'button',
      { type: 'button', class: 'button main', id: 'draw-sheet', on: { click: () => this.draw() } },
      'Draw the matrix',
    );
    this.earlier = h('select', {
      'aria-label': 'Earlier matrices',
      id: 'earlier',
      on: { change: (e) => e.target.value && this.open(e.target.value) },
    });
    this.status = h('div', { class: 'sheet-status' });
    this.board = h('div', { class: 'board-scroll', tabindex: 0, role: 'region', 'aria-label': 'The matrix' });
    this.element = h(
      'section',
      { class: 'sheet', 'aria-label': 'Whole matrix' },
      h(
        'div',
        { class: 'page-head' },
        h('h1', {}, 'Every subject in every style'),
        h(
          'p',
          { class: 'muted' },
          'One picture a cell, all from the same noise. Steps, guidance and seed are those of the drawing page.',
        ),
      ),
      this.rows,
      h('div', { class: 'sheet-bar' }, this.start, this.cost, this.earlier),
      this.status,
      this.board,
    );
    onChange(() => {
      if (this.shown) this.refresh();
    });
  }

  show() {
    this.shown = true;
    this.refresh();
    this.watched ??= watchAll(
      {
        preview: (event) =>
          this.byJob
            ?.get(event.job)
            ?.preview(event.pictures[0])
            .catch(() => {}),
        picture: (event) => this.picture(event),
        started: (event) => this.mark(event.job, 'drawing'),
        failed: (event) => this.mark(event.job, 'failed'),
        cancelled: (event) => {
          if (this.byJob?.has(event.job)) this.catchUp();
        },
        open: () => {
          if (this.sheet) this.reload();
        },
      },
      { previews: true },
    );
    attempt(async () => {
      await this.list();
      const wanted = this.sheet?.id ?? recall('sheet', null);
      const found = this.sheets.find((s) => s.id === wanted) ?? this.sheets.find((s) => s.state === 'running');
      if (found) await this.open(found.id);
      else if (!this.sheet) this.preview();
    });
  }

  hide() {
    this.shown = false;
    this.watched?.close();
    this.watched = null;
  }

  chosen(list) {
    return facts.catalogue[list].filter((entry) => !this.left[list].has(entry.name));
  }

  refresh() {
    const group = (list, title) =>
      h(
        'fieldset',
        { class: 'chips' },
        h('legend', {}, title),
        h(
          'div',
          {},
          facts.catalogue[list].map((entry) =>
            h(
              'button',
              {
                type: 'button',
                class: 'chip',
                'aria-pressed': String(!this.left[list].has(entry.name)),
                on: { click: (event) => this.toggle(list, entry.name, event.currentTarget) },
              },
              entry.name,
            ),
          ),
        ),
      );
    fill(this.chips, group('subjects', 'Subjects, down'), group('styles', 'Styles, across'));
    this.estimate();
  }

  toggle(list, name, chip) {
    const { [list]: left } = this.left;
    if (!left.delete(name)) left.add(name);
    chip.setAttribute('aria-pressed', String(!left.has(name)));
    remember(`sheet.${list}`, [...left]);
    this.estimate();
    if (!this.sheet) this.preview();
  }

  estimate = debounced(async () => {
    const cells = this.chosen('subjects').length * this.chosen('styles').length;
    this.start.disabled = cells === 0;
    const { subject, style, prompt, ...asked } = drawRequest({ count: 1 });
    try {
      const { seconds } = await api.estimate(asked);
      fill(this.cost, `${cells} pictures`, seconds === null ? '' : [', about ', h('b', {}, inWords(seconds * cells))]);
    } catch {
      fill(this.cost, `${cells} pictures`);
    }
  }, 120);

  draw() {
    const { count, prompt, subject, style, ...rest } = drawRequest();
    const entry = ({ name, text }) => ({ name, text });
    attempt(async () => {
      const sheet = await api.drawSheet({
        ...rest,
        steps: rest.steps ?? defaults().steps,
        join: facts.catalogue.join,
        subjects: this.chosen('subjects').map(entry),
        styles: this.chosen('styles').map(entry),
      });
      await this.open(sheet.id);
      await this.list();
    });
  }

  async list() {
    this.sheets = await api.sheets();
    fill(
      this.earlier,
      h('option', { value: '' }, 'Earlier matrices …'),
      this.sheets.map((s) =>
        h(
          'option',
          { value: s.id },
          `${new Date(s.created).toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' })}: ${s.subjects.length} × ${s.styles.length}, ${s.done} of ${s.total}`,
        ),
      ),
    );
    this.earlier.hidden = this.sheets.length === 0;
  }

  async open(id) {
    const sheet = await api.sheet(id);
    remember('sheet', id);
    this.lay(sheet.subjects, sheet.styles);
    this.take(sheet);
    this.rows.open = false;
    this.earlier.value = '';
  }

  /** The empty board of what is chosen now. */
  preview() {
    this.lay(this.chosen('subjects'), this.chosen('styles'));
  }

  lay(subjects, styles) {
    this.cells = [];
    const table = h(
      'table',
      { class: 'board' },
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          h('th', { class: 'corner' }),
          styles.map((s) => h('th', { scope: 'col' }, h('span', {}, s.name))),
        ),
      ),
      h(
        'tbody',
        {},
        subjects.map((subject) =>
          h(
            'tr',
            {},
            h('th', { scope: 'row' }, subject.name),
            styles.map((style) => {
              const cell = new Cell({ label: `${subject.name}, ${style.name}`, open: (c) => this.view(c) });
              this.cells.push(cell);
              return h('td', {}, cell.element);
            }),
          ),
        ),
      ),
    );
    table.style.setProperty('--columns', styles.length);
    fill(this.board, table);
  }

  take(sheet) {
    this.sheet = sheet;
    this.byJob = new Map();
    sheet.cells.forEach((made, k) => {
      const cell = this.cells[k];
      if (!cell) return;
      this.byJob.set(made.job, cell);
      if (made.picture) {
        if (cell.picture?.id !== made.picture.id) cell.show(made.picture);
      } else if (cell.picture) {
        // It was drawn after the server wrote this answer.
      } else if (made.state === 'failed' || made.state === 'dead') cell.fail('not drawn');
      else if (made.state === 'queued' && cell.state !== 'drawing') cell.state = 'waiting';
      else if (made.state === 'cancelled') cell.state = 'empty';
    });
    this.tell();
  }

  mark(job, state) {
    const cell = this.byJob?.get(job);
    if (!cell) return;
    if (state === 'failed') cell.fail('not drawn');
    else if (cell.state === 'waiting') cell.state = state;
  }

  picture(event) {
    const cell = this.byJob?.get(event.job);
    if (!cell) return;
    cell.show(event.picture);
    this.sheet.done = this.cells.filter((c) => c.picture).length;
    if (this.sheet.done === this.sheet.total) this.sheet.state = 'done';
    this.tell();
    this.catchUp();
  }

  // How long the rest takes is the server's to say: it is asked now and then.
  catchUp() {
    if (this.catching) return;
    this.catching = setTimeout(() => {
      this.catching = 0;
      this.reload();
    }, kAskEvery);
  }

  reload() {
    return attempt(async () => {
      const { id } = this.sheet;
      const sheet = await api.sheet(id);
      if (this.sheet.id === id) this.take(sheet);
    });
  }

  tell() {
    const { sheet } = this;
    const left = sheet.state === 'running' && sheet.seconds_left ? ` · ${inWords(sheet.seconds_left)} left` : '';
    const bar = h('div', { class: 'progress-fill' });
    bar.style.setProperty('transform', `scaleX(${sheet.done / Math.max(sheet.total, 1)})`);
    const again = (work) =>
      attempt(async () => {
        this.take({ ...this.sheet, ...(await work(sheet.id)) });
        await this.reload();
      });
    fill(
      this.status,
      h(
        'div',
        {
          class: 'progress-track',
          role: 'progressbar',
          'aria-label': 'Matrix',
          'aria-valuemin': 0,
          'aria-valuemax': sheet.total,
          'aria-valuenow': sheet.done,
        },
        bar,
      ),
      h(
        'p',
        { class: 'progress-text', id: 'sheet-text' },
        h('b', {}, `${sheet.done} of ${sheet.total}`),
        { running: '', stopped: ', stopped', done: ', complete' }[sheet.state],
        h('span', { class: 'muted' }, left),
      ),
      sheet.state === 'running' &&
        h(
          'button',
          { type: 'button', class: 'button small', id: 'cancel-sheet', on: { click: () => again(api.cancelSheet) } },
          'Stop',
        ),
      sheet.state === 'stopped' &&
        h(
          'button',
          { type: 'button', class: 'button small', id: 'resume-sheet', on: { click: () => again(api.resumeSheet) } },
          'Go on',
        ),
      h(
        'a',
        {
          class: 'button small',
          id: 'save-sheet',
          href: api.sheetImage(sheet.id, kSheetCell),
          download: 'easel-matrix.png',
        },
        icon('download'),
        'One PNG',
      ),
    );
  }

  view(cell) {
    const pictures = this.cells.map((c) => c.picture).filter(Boolean);
    view(pictures, pictures.indexOf(cell.picture));
  }
}
