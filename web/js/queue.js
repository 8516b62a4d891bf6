// What is drawn and what waits to be, whoever asked for it: the server's queue, the same in every window.

import { api, isOver, watchAll } from './api.js';
import { debounced, fill, h, iconButton } from './dom.js';
import { attempt, complain } from './toast.js';

const kPage = 100; // jobs asked for at once
const kFinished = 5; // drawings of this window that stay in the list

const counted = (n, word) => `${n} ${word}${n === 1 ? '' : 's'}`;

/** Jobs in the order in which they are drawn; a matrix's jobs are one entry. */
function entriesOf(jobs) {
  const entries = [];
  const sheets = new Map();
  for (const job of jobs) {
    const known = job.sheet && sheets.get(job.sheet);
    if (known) known.jobs.push(job);
    else {
      const entry = { jobs: [job] };
      entries.push(entry);
      if (job.sheet) sheets.set(job.sheet, entry);
    }
  }
  return entries;
}

async function unfinished() {
  const jobs = [];
  for (let before = ''; before !== null;) {
    const page = await api.jobs({ state: 'queued,running', limit: kPage, before });
    jobs.push(...page.items);
    before = page.next;
  }
  return jobs;
}

const byTurn = (a, b) =>
  Number(b.state === 'running') - Number(a.state === 'running') ||
  (a.position ?? 0) - (b.position ?? 0) ||
  (a.id < b.id ? -1 : 1);

/** The list. `look(job)` shows a drawing's grid; `changed(jobs)` is told what is not over, in order. */
export class Queue {
  constructor({ look, changed }) {
    this.hooks = { look, changed };
    this.jobs = [];
    this.own = { owner: '', paused: false };
    this.finished = [];
    this.shown = null;
    this.list = h('ol', {});
    this.said = h('p', { class: 'sr', role: 'status' });
    this.pausing = h('button', { type: 'button', on: { click: () => this.pause() } });
    this.element = h(
      'section',
      { class: 'queue', id: 'queue', 'aria-labelledby': 'queue-title', tabindex: -1, hidden: true },
      h('div', { class: 'queue-head' }, h('h2', { id: 'queue-title' }, 'Queue'), this.pausing),
      this.list,
      this.said,
    );
    document.addEventListener('visibilitychange', () => this.watch());
  }

  /** Watches while its page is looked at: a browser allows an origin six connections, windows together. */
  watch(wanted = this.wanted) {
    this.wanted = wanted;
    const on = wanted && !document.hidden;
    if (on === Boolean(this.watched)) return;
    this.watched?.close();
    const again = () => this.ask();
    this.watched = on
      ? watchAll({
          open: again,
          queued: again,
          queue: again,
          started: again,
          done: again,
          failed: again,
          cancelled: again,
          dead: again,
        })
      : null;
  }

  ask = debounced(async () => {
    try {
      const [jobs, queue] = await Promise.all([unfinished(), api.queue()]);
      this.jobs = jobs.sort(byTurn);
      this.own = queue.own;
      this.show();
      this.hooks.changed(this.jobs);
    } catch (error) {
      if (error.status !== 0) complain(error); // one that does not answer is asked when the stream is back
    }
  }, 80);

  /** Which job's grid is shown. */
  look(job) {
    this.shown = job?.id ?? null;
    this.show();
  }

  /** Keeps a drawing whose grid made way for the next one's. */
  keep(job) {
    this.finished = [job, ...this.finished.filter((other) => other.id !== job.id)].slice(0, kFinished);
    this.show();
  }

  show() {
    const finished = this.finished.filter((job) => job.id !== this.shown);
    const entries = entriesOf(this.jobs);
    // A row that stays as it is stays the same element: nobody's click falls between two of them.
    const key = JSON.stringify([
      this.shown,
      this.own.owner,
      this.own.paused,
      ...entries.map(({ jobs }) => [jobs[0].id, jobs.length, jobs[0].state]),
      ...finished.map((job) => job.id),
    ]);
    if (key === this.key) return;
    this.key = key;
    const used = [...this.list.querySelectorAll('button')].indexOf(document.activeElement);
    this.element.hidden = entries.length < 2 && finished.length === 0 && !this.own.paused;
    this.pausing.textContent = this.own.paused ? 'Go on drawing' : 'Pause';
    const movable = entries.filter(({ jobs: [job] }) => job.state === 'queued' && !job.sheet && this.isOwn(job));
    fill(
      this.list,
      entries.map((entry) => this.row(entry, movable[movable.indexOf(entry) - 1]?.jobs[0])),
      finished.map((job) => this.row({ jobs: [job] })),
    );
    const buttons = this.list.querySelectorAll('button');
    if (used >= 0) (buttons[Math.min(used, buttons.length - 1)] ?? this.element).focus();
  }

  isOwn(job) {
    return job.owner === this.own.owner;
  }

  /** `ahead`: the job that this one may be put before. */
  row({ jobs }, ahead) {
    const [job] = jobs;
    const { request } = job;
    const drawing = job.kind === 'draw' && !job.sheet;
    const prompt = job.kind === 'upscale' ? 'Enlarging a picture' : job.sheet ? 'The whole matrix' : request.prompt;
    const pictures = counted(job.sheet ? jobs.length : (request.count ?? 1), 'picture');
    const own = this.isOwn(job);
    const waits = own && this.own.paused ? 'paused' : job.relaxed ? 'waiting until nobody else does' : 'waiting';
    const state = isOver(job) ? 'drawn before' : job.state === 'running' ? 'drawing' : waits;
    const name = h('span', { class: 'queue-prompt', title: prompt }, prompt);
    return h(
      'li',
      { data: { state: job.state, job: job.id } },
      drawing
        ? h(
            'button',
            {
              type: 'button',
              class: 'queue-look',
              'aria-current': String(job.id === this.shown),
              on: { click: () => this.hooks.look(job) },
            },
            name,
          )
        : name,
      h('span', { class: 'muted small' }, `${pictures}, ${state}${own || isOver(job) ? '' : `, ${job.owner}'s`}`),
      ahead
        ? iconButton('left', 'Draw sooner', () => this.sooner(job, ahead, prompt), {
            class: 'icon-button queue-sooner',
          })
        : null,
      isOver(job) || !own ? null : iconButton('close', 'Remove from the queue', () => this.remove(jobs, prompt)),
    );
  }

  sooner(job, ahead, prompt) {
    attempt(async () => {
      await api.moveJob(job.id, ahead.id);
      this.said.textContent = `Drawn sooner: ${prompt}`;
      this.ask();
    });
  }

  pause() {
    attempt(async () => {
      const { own } = await api.pauseQueue(!this.own.paused);
      this.own = own;
      this.said.textContent = own.paused ? 'Paused: what waits stays in the queue' : 'What waits is drawn again';
      this.show();
      this.ask();
    });
  }

  remove(jobs, prompt) {
    attempt(async () => {
      for (const job of jobs) await api.cancel(job.id);
      this.said.textContent = `Removed from the queue: ${prompt}`;
      this.ask();
    });
  }
}
