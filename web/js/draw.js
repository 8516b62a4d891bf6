// The drawing page: two menus, the prompt line they fill, and the grid that fills while it draws.

import { api, isOver } from './api.js';
import { kSubtle } from './actions.js';
import { costLines } from './cost.js';
import { controls } from './controls.js';
import { fill, h, icon, recall, remember } from './dom.js';
import { follow } from './follow.js';
import { Grid } from './grid.js';
import { GridActions, redoGridButton } from './grid_actions.js';
import { ProgressLine } from './progress.js';
import { Queue } from './queue.js';
import { pending } from './start.js';
import { StartButton } from './start_button.js';
import { styleStrip } from './style_strip.js';
import { change, compose, drawRequest, facts, onChange, randomSeed, settings, takesAnotherSeed } from './state.js';
import { attempt, toast } from './toast.js';
import { view } from './viewer.js';

/** The page. Made once; it keeps following its job while other pages are shown. */
export class DrawPage {
  title = 'Draw';

  constructor() {
    this.job = null;
    this.stop = () => {};
    this.progress = new ProgressLine(() => this.cancel());
    this.start = new StartButton();
    const actions = new GridActions(this);
    this.grid = new Grid({
      name: 'Pictures drawn',
      open: (cell) => this.open(cell),
      actions: (cell) => actions.buttons(cell),
      onKey: (event, cell) => actions.key(event, cell),
    });
    this.queue = new Queue({ look: (job) => this.follow(job), changed: (jobs) => this.queued(jobs) });
    this.grid.reset(Number(settings.count));
    this.heading = h('div', { class: 'grid-head' });
    this.element = h(
      'section',
      { class: 'draw', 'aria-label': 'Draw' },
      h('h1', { class: 'sr' }, 'Draw pictures'),
      this.composer(),
      h('div', { class: 'draw-main' }, this.progress.element, this.grid.element, this.heading, this.queue.element),
      this.panel(),
    );
    onChange(() => this.refresh());
    this.refresh();
    this.resume();
  }

  composer() {
    const menu = (id, name, list, write) => {
      const select = h('select', { id, on: { change: (event) => write(event.target.value) } });
      return { select, list, element: h('div', { class: 'field' }, h('label', { for: id }, name), select) };
    };
    this.menus = {
      subject: menu('subject', 'Subject', 'subjects', (name) => this.choose({ subject: name })),
      style: menu('style', 'Style', 'styles', (name) => this.choose({ style: name })),
    };
    this.prompt = h('textarea', {
      id: 'prompt',
      rows: 1,
      maxlength: 8000,
      spellcheck: 'false',
      placeholder: 'Or write your own sentence',
      on: {
        input: () => change({ prompt: this.prompt.value.replaceAll('\n', ' ') }),
        keydown: (event) => {
          if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
            event.preventDefault();
            this.draw();
          }
        },
      },
    });
    this.drawButton = h(
      'button',
      { type: 'button', class: 'button main', id: 'draw', on: { click: () => this.draw() } },
      'Draw',
    );
    this.cost = costLines();
    return h(
      'div',
      { class: 'composer' },
      this.menus.subject.element,
      this.menus.style.element,
      h(
        'button',
        {
          type: 'button',
          class: 'button plain edit-lists',
          id: 'edit-lists',
          on: { click: () => attempt(async () => (await import('./catalogue.js')).catalogueEditor()) },
        },
        icon('edit'),
        'Edit lists',
      ),
      h('div', { class: 'field prompt-field' }, h('label', { for: 'prompt', class: 'sr' }, 'Prompt'), this.prompt),
      this.drawButton,
      ...this.cost.elements,
      this.start.element,
      styleStrip((style) => this.choose({ style })),
    );
  }

  panel() {
    const inside = controls(new AbortController().signal);
    const wide = matchMedia('(min-width: 981px)');
    const details = h(
      'details',
      { class: 'panel', id: 'settings' },
      h('summary', {}, icon('sliders'), 'Settings'),
      inside,
    );
    const adapt = () => {
      details.open = wide.matches;
    };
    adapt();
    wide.addEventListener('change', adapt);
    return details;
  }

  choose(values) {
    const { subject, style } = { subject: settings.subject, style: settings.style, ...values };
    change({ subject, style, prompt: compose(subject, style) });
  }

  /** Shows the settings as they are now. */
  refresh() {
    const composed = settings.prompt === compose(settings.subject, settings.style);
    for (const [name, { select, list }] of Object.entries(this.menus)) {
      const names = facts.catalogue[list].map((entry) => entry.name);
      const key = JSON.stringify(names);
      if (select.dataset.key !== key) {
        select.dataset.key = key;
        fill(
          select,
          h('option', { value: '', class: 'free' }, '—'),
          names.map((n) => h('option', { value: n }, n)),
        );
      }
      select.value =
        names.includes(settings[name]) &&
        (composed ||
          settings.prompt.includes(
            compose(name === 'subject' ? settings.subject : '', name === 'style' ? settings.style : ''),
          ))
          ? settings[name]
          : '';
    }
    if (this.prompt.value !== settings.prompt) this.prompt.value = settings.prompt;
    if (!this.job && this.grid.cells.length !== Number(settings.count)) this.grid.reset(Number(settings.count));
    this.start.refresh();
    this.drawButton.disabled = settings.prompt.trim() === '';
    this.estimate();
  }

  /** With another seed each time, where one will be taken. */
  estimate() {
    const seed = takesAnotherSeed() ? { seed: randomSeed() } : {};
    this.cost.ask(() => (settings.prompt.trim() ? drawRequest(seed) : null));
  }

  show() {
    this.queue.watch(true);
  }

  hide() {
    this.queue.watch(false);
  }

  /** Draws; while something is drawn, or waits to be, it goes to the end of the queue. */
  draw() {
    if (!drawRequest().prompt || this.submitting) return;
    this.submitting = true;
    attempt(async () => {
      try {
        await pending.send();
        if (takesAnotherSeed()) change({ seed: randomSeed() });
        const request = drawRequest();
        const job = await api.draw(request);
        remember('drawn_seed', settings.seed);
        this.take(job);
      } finally {
        this.submitting = false;
      }
    });
  }

  /** Shows a job that was submitted, or puts it at the end of the queue. */
  take(job) {
    if (this.busy && !isOver(job)) {
      this.enqueue(job);
      return;
    }
    this.follow(job);
    this.reveal();
    if (job.from_gallery) toast('These pictures were drawn before: here they are');
  }

  get busy() {
    return Boolean(this.job && !isOver(this.job)) || recall('queued', []).length > 0;
  }

  enqueue(job) {
    remember('queued', [...recall('queued', []), job.id]);
    this.queue.ask();
    this.estimate();
    toast('Added to the queue', {
      action: { label: 'Remove', run: () => attempt(() => api.cancel(job.id)) },
    });
  }

  /** What is not over, as the server tells it: once nothing else is shown, the next of our own takes the grid. */
  queued(jobs) {
    const waiting = recall('queued', []);
    const here = waiting.filter((id) => jobs.some((job) => job.id === id));
    if (here.length < waiting.length) remember('queued', here);
    for (const id of waiting) if (!here.includes(id)) attempt(async () => this.drawnMeanwhile(await api.job(id)));
    const next = jobs.find((job) => here.includes(job.id));
    if (next && (!this.job || isOver(this.job))) this.follow(next);
    this.nameButton();
    this.estimate();
  }

  /** One of our own that was over before its turn was seen. */
  drawnMeanwhile(job) {
    if (job.id === this.job?.id || !job.pictures.length) return;
    if (this.job && !isOver(this.job)) this.queue.keep(job);
    else this.follow(job);
  }

  nameButton() {
    this.drawButton.textContent = this.busy ? 'Add to the queue' : 'Draw';
  }

  cancel() {
    if (this.job) attempt(() => api.cancel(this.job.id));
  }

  reveal() {
    const line = this.progress.element.getBoundingClientRect();
    const end = this.grid.element.getBoundingClientRect().bottom;
    if (end > innerHeight) scrollBy({ top: Math.min(line.top - 64, end - innerHeight + 12), behavior: 'smooth' });
  }

  /** After a reload: the job that is still running, else the last one's pictures. */
  resume() {
    attempt(async () => {
      const wanted = recall('job', null);
      const { items } = await api.jobs({ state: 'queued,running', limit: 100 });
      const active = items.filter((job) => job.kind === 'draw' && !job.sheet && job.request.count > 0);
      const job =
        active.find((j) => j.id === wanted) ?? active.find((j) => j.state === 'running' && j.request.count > 1);
      if (job) return this.follow(job);
      if (!wanted) return undefined;
      try {
        return this.follow(await api.job(wanted));
      } catch (error) {
        if (error.status !== 404) throw error;
        return remember('job', null);
      }
    });
  }

  follow(job) {
    this.stop();
    if (this.job && isOver(this.job) && this.job.pictures.length) this.queue.keep(this.job);
    this.job = job;
    remember('job', job.id);
    remember(
      'queued',
      recall('queued', []).filter((id) => id !== job.id),
    );
    this.queue.look(job);
    const { request } = job;
    this.grid.reset(request.count, 'waiting');
    this.caption(request);
    this.nameButton();
    if (!isOver(job)) this.progress.start(request.count);
    this.stop = follow(job, this.grid.cells, {
      queued: (position) => this.progress.queued(position),
      progress: (progress) => this.progress.update(progress),
      lost: () => this.progress.lost(),
      end: (ended) => this.ended(ended),
    });
  }

  ended(job) {
    this.job = job;
    this.nameButton();
    this.queue.ask();
    this.progress.end(job);
    if (job.error) toast(job.error.detail, { bad: true, ms: 12000 });
    for (const note of job.notes ?? []) toast(note);
    this.caption(job.request);
    this.estimate();
  }

  caption(request) {
    const { variation } = request;
    const seeds = variation
      ? `seed ${request.seed}, varied ${variation.strength > kSubtle ? 'strongly' : 'subtly'}`
      : request.count > 1
        ? `seeds ${request.seed} to ${BigInt(request.seed) + BigInt(request.count - 1)}`
        : `seed ${request.seed}`;
    fill(
      this.heading,
      h(
        'p',
        {},
        h('span', { class: 'grid-title' }, request.prompt),
        ' ',
        h('span', { class: 'muted small' }, `${request.steps} steps, guidance ${request.scale}, ${seeds}`),
      ),
      redoGridButton(request, (job) => this.take(job)),
      h(
        'button',
        {
          type: 'button',
          class: 'button small',
          id: 'save-grid',
          on: {
            click: () =>
              attempt(async () => (await import('./save_grid.js')).saveGrid(this.grid, this.job.request.prompt)),
          },
        },
        icon('download'),
        'Save grid',
      ),
    );
  }

  open(cell, then = '') {
    const { pictures } = this.grid;
    view(
      pictures,
      pictures.indexOf(cell.picture),
      {
        removed: (picture) => this.dropped(picture),
        restored: (picture) => this.restored(picture),
      },
      then,
    );
  }

  dropped(picture) {
    const cell = this.grid.cells.find((c) => c.picture?.id === picture.id);
    if (!cell) return;
    cell.picture = null;
    cell.state = 'gone';
    cell.note.textContent = 'deleted';
    cell.button.disabled = true;
  }

  restored(picture) {
    const cell = this.grid.cells.find((c) => c.element.dataset.picture === picture.id);
    cell?.show(picture);
  }
}
