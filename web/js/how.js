// How it works: one real run of this machine, looked at while it happens, and two sweeps of the
// same seed. Nothing here is a stored illustration.

import { api, decodePreview, watchAll } from './api.js';
import { fill, h, inWords, recall, remember } from './dom.js';
import { follow } from './follow.js';
import { Cell } from './grid.js';
import { compose, defaults, drawRequest, facts, settings } from './state.js';
import { attempt } from './toast.js';
import { view } from './viewer.js';

const kScales = [1, 2, 4, 7.5, 12, 20];
const kSteps = [1, 2, 4, 8, 16, 32];
const kMoments = 6;
const kPreviewSide = 96;

/** The noise, which is step 0, and `many` of the steps 1 … n, closer together at the start, where most is decided. */
export function moments(n, many = kMoments) {
  const chosen = [0];
  for (let k = 0; k < Math.min(many, n); ++k) {
    const wanted = Math.round(n * (k / (many - 1)) ** 1.6);
    chosen.push(Math.min(Math.max(wanted, chosen.at(-1) + 1), n - Math.min(many, n) + k + 1));
  }
  return chosen;
}

const momentName = (step) => (step === 0 ? 'the noise' : `after step ${step}`);

const explained = (title, ...texts) =>
  h(
    'div',
    { class: 'lesson-text' },
    h('h2', {}, title),
    texts.map((text) => h('p', {}, text)),
  );

export class HowPage {
  title = 'How it works';

  constructor() {
    this.prompt = h('input', {
      id: 'how-prompt',
      maxlength: 2000,
      'aria-label': 'Sentence to draw',
      value: settings.prompt || compose(facts.catalogue.subjects[0]?.name, facts.catalogue.styles[0]?.name),
    });
    this.button = h(
      'button',
      { type: 'button', class: 'button main', id: 'how-run', on: { click: () => this.run() } },
      'Run it',
    );
    this.cost = h('p', { class: 'cost' });
    this.film = h('div', { class: 'film', id: 'film' });
    this.scales = this.sweep('scale', kScales, (v) => `${v}`);
    this.steps = this.sweep('steps', kSteps, (v) => `${v} step${v > 1 ? 's' : ''}`);
    this.element = h(
      'article',
      { class: 'how', 'aria-label': 'How it works' },
      h(
        'div',
        { class: 'page-head' },
        h('h1', {}, 'From noise to a picture'),
        h(
          'p',
          { class: 'muted' },
          'What you see below is not an illustration: this machine draws it when you press Run it, and shows its work.',
        ),
      ),
      h('div', { class: 'how-bar' }, this.prompt, this.button, this.cost),
      h(
        'section',
        { class: 'lesson' },
        explained(
          '1. The words become numbers',
          'The sentence is cut into pieces the model knows, and a text encoder turns each into a list of numbers that also says what stands around it. From here on, this is all the model knows of your wish.',
        ),
      ),
      h(
        'section',
        { class: 'lesson' },
        explained(
          '2. Noise, taken away step by step',
          'Drawing starts from pure noise (first picture), chosen by the seed: not in pixels, but in a much smaller space of latents. At every step the network looks at the noisy latents (upper row), guesses what finished picture hides in them (lower row), and goes a little of the way there.',
          'Look at the lower row: first comes where things are, then their shapes and colours, at last the fine grain.',
        ),
        this.film,
      ),
      h(
        'section',
        { class: 'lesson' },
        explained(
          '3. Guidance: how literally the words are taken',
          'The network guesses twice at every step, once with your words and once without any. Guidance stretches the difference. At 1 the words only nudge; far up, colours turn harsh. All six start from the same noise.',
        ),
        this.scales.element,
      ),
      h(
        'section',
        { class: 'lesson' },
        explained(
          '4. Steps: how carefully it walks',
          'One step jumps straight from noise to the average of everything it could be, which is a blur. More steps let early guesses be corrected. After some dozens, hardly anything changes any more.',
        ),
        this.steps.element,
      ),
      h(
        'section',
        { class: 'lesson' },
        explained(
          '5. The decoder paints the pixels',
          'The finished latents go through a decoder once, which paints real pixels. That is the last picture of the run above. Click any picture here to see all of its settings and the command that draws it again.',
        ),
      ),
    );
  }

  sweep(field, values, says) {
    const cells = values.map(
      (value) =>
        new Cell({
          label: says(value),
          caption: says(value),
          open: (cell) =>
            view(cells.map((c) => c.picture).filter(Boolean), cells.filter((c) => c.picture).indexOf(cell)),
        }),
    );
    const element = h(
      'div',
      { class: 'sweep', data: { sweep: field } },
      cells.map((cell) => cell.element),
    );
    return { field, values, cells, element };
  }

  request(over = {}) {
    // Without labels, and in no list of the gallery: these are studies, not pictures of a subject in a style.
    const { subject, style, ...rest } = drawRequest({ prompt: this.prompt.value, count: 1 });
    return { ...rest, listed: false, ...over };
  }

  show() {
    if (this.started) return;
    attempt(async () => {
      const kept = recall('how', null);
      if (kept && kept.prompt === this.prompt.value) {
        await this.replay(kept);
        return;
      }
      const { seconds } = await api.estimate(this.request());
      const all =
        seconds === null
          ? null
          : seconds * (1 + kScales.length) + (seconds * kSteps.reduce((a, b) => a + b)) / defaults().steps;
      fill(this.cost, all === null ? '' : ['thirteen pictures, about ', h('b', {}, inWords(all))]);
      this.layFilm(this.request().steps, 'empty');
    });
  }

  layFilm(steps, state = 'waiting') {
    this.at = moments(steps);
    this.columns = this.at.map((step) => {
      const noisy = h('canvas', { width: kPreviewSide, height: kPreviewSide });
      const guess = h('canvas', { width: kPreviewSide, height: kPreviewSide });
      const name = h('p', { class: 'small' }, momentName(step));
      return {
        step,
        name,
        noisy,
        guess,
        element: h('div', { class: 'film-step', data: { drawn: '' } }, name, noisy, guess),
      };
    });
    this.final = new Cell({ label: 'The picture', open: (cell) => view([cell.picture], 0) });
    this.final.state = state;
    fill(
      this.film,
      h('div', { class: 'film-names', 'aria-hidden': 'true' }, h('p', {}), h('p', {}, 'latents'), h('p', {}, 'guess')),
      this.columns.map((c) => c.element),
      h('div', { class: 'film-step film-final' }, h('p', { class: 'small' }, 'decoded'), this.final.element),
    );
  }

  // The column that waits for this step or, where an earlier frame was missed, for one before it.
  columnFor(step) {
    const column = this.columns.find((c) => !c.taken);
    return column && column.step <= step ? column : null;
  }

  async frame(column, step, latents, guess) {
    column.taken = true;
    column.name.textContent = momentName(step);
    await Promise.all([paint(column.noisy, latents), step > 0 && paint(column.guess, guess)]);
    column.element.dataset.drawn = 'true';
  }

  run() {
    this.started = true;
    this.button.disabled = true;
    return attempt(async () => {
      try {
        await this.drawFilm();
        await this.draw(this.scales);
        await this.draw(this.steps);
      } finally {
        this.button.disabled = false;
      }
    });
  }

  async drawFilm() {
    const request = this.request({ reuse: false });
    this.layFilm(request.steps);
    const frames = [];
    const done = await this.watched(request, (event) => {
      const column = this.columnFor(event.step);
      if (!column) return;
      const pair = [event.latents?.[0] ?? null, event.step > 0 ? event.pictures[0] : null];
      frames.push([event.step, ...pair]);
      this.frame(column, event.step, ...pair).catch(() => {});
    });
    if (done.state !== 'done') throw new Error(done.error?.detail ?? 'the run was cancelled');
    await this.final.show(done.pictures[0]);
    remember('how', { prompt: this.prompt.value, steps: request.steps, frames, picture: done.pictures[0].id });
  }

  // Draws, following from before the first step: a small model takes several before a stream that
  // is opened afterwards is there. Returns the ended job.
  async watched(request, preview) {
    const early = [];
    let wanted = null;
    const mine = (act) => (event) => {
      if (wanted === null) early.push(() => mine(act)(event));
      else if (event.job === wanted) act(event);
    };
    let opened;
    const open = new Promise((done) => {
      opened = done;
    });
    let watched;
    try {
      return await new Promise((finish, refuse) => {
        const end = mine(finish);
        watched = watchAll(
          { open: opened, preview: mine(preview), done: end, failed: end, cancelled: end, dead: end },
          { previews: true, latents: true },
        );
        open
          .then(() => api.draw(request))
          .then((job) => {
            wanted = job.id;
            for (const again of early.splice(0)) again();
          })
          .catch(refuse);
      });
    } finally {
      watched?.close();
    }
  }

  // The run of an earlier visit: its frames were kept, its pictures are in the gallery. Nothing is drawn.
  async replay(kept) {
    this.started = true;
    this.layFilm(kept.steps, 'empty');
    for (const [k, frame] of kept.frames.entries()) await this.frame(this.columns[k], ...frame);
    await showKept(this.final, kept.picture);
    for (const { field, cells } of [this.scales, this.steps])
      for (const [k, id] of (kept.sweeps?.[field] ?? []).entries()) await showKept(cells[k], id);
  }

  // A sweep's jobs one after the other: those drawn before come back at once.
  async draw({ field, values, cells }) {
    cells.forEach((cell) => {
      cell.picture = null;
      cell.state = 'waiting';
    });
    const jobs = await Promise.all(values.map((value) => api.draw(this.request({ [field]: value }))));
    for (const [k, job] of jobs.entries()) {
      await new Promise((end) => {
        follow(job, [cells[k]], { end });
      });
    }
    const kept = recall('how', {});
    remember('how', { ...kept, sweeps: { ...kept.sweeps, [field]: cells.map((cell) => cell.picture?.id ?? '') } });
  }
}

// A picture that was deleted since leaves its place empty.
async function showKept(cell, id) {
  try {
    if (id) await cell.show(await api.picture(id));
  } catch (error) {
    if (error.status !== 404) throw error;
  }
}

async function paint(canvas, base64) {
  if (!base64) return;
  const bitmap = await decodePreview(base64);
  const context = canvas.getContext('2d');
  context.imageSmoothingEnabled = false;
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
}
