// The stand-in's jobs, pictures and events, all in memory: enough of the real thing's behaviour for
// the page to be tried against, at a speed that the tests choose.

import { EventEmitter } from 'node:events';
import { drawn, hash, preview, textsIn } from './pictures.mjs';

const kOver = new Set(['done', 'failed', 'cancelled', 'dead']);
const kAlphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const kBatch = 8;

const pause = (ms) =>
  new Promise((done) => {
    setTimeout(done, ms);
  });
const now = () => new Date().toISOString();

export class Studio extends EventEmitter {
  constructor({ stepMs = 20 } = {}) {
    super();
    this.setMaxListeners(0);
    this.stepMs = stepMs;
    this.jobs = new Map();
    this.pictures = new Map();
    this.sheets = new Map();
    this.files = new Map();
    this.watchers = { previews: 0 };
    this.events = [];
    this.counter = 0;
    this.queue = [];
  }

  id() {
    let text = '';
    for (let n = Date.now() * 1024 + (this.counter++ % 1024), k = 0; k < 26; ++k) {
      text = kAlphabet[n % 32] + text;
      n = Math.floor(n / 32);
    }
    return text;
  }

  tell(name, job, data) {
    const event = { id: this.events.length + 1, name, data: job ? { job: job.id, ...data } : data, job: job?.id };
    if (name !== 'preview') this.events.push(event);
    else event.id = this.events.length;
    this.emit('event', event);
  }

  /** A DrawRequest with every default filled in. */
  complete(request) {
    const full = {
      negative: '',
      steps: 25,
      sampler: 'dpmpp-2m',
      scale: 7.5,
      eta: 0,
      seed: hash(`${Math.random()}`),
      width: 64,
      height: 64,
      count: 1,
      model: 'default',
      upscale: 1,
      reuse: true,
      ...request,
    };
    full.prompt = full.prompt.trim();
    return full;
  }

  key(r, k) {
    return JSON.stringify([
      r.prompt,
      r.negative,
      r.steps,
      r.sampler,
      r.scale,
      r.eta,
      Number(r.seed) + k,
      r.width,
      r.height,
      r.model,
      r.variation ?? null,
      r.init_sha256 ?? '',
      r.mask_sha256 ?? '',
      r.init_sha256 ? r.strength : 0,
    ]);
  }

  /** The pictures of a request that are there, null in the places of those that are not. */
  kept(request) {
    const made = [...this.pictures.values()].filter((p) => !p.deleted && p.upscale === 1 && !p.unfinished);
    return Array.from({ length: request.count }, (_, k) => made.find((p) => p.key === this.key(request, k)) ?? null);
  }

  submit(kind, request, sheet = null) {
    const job = {
      id: this.id(),
      kind,
      owner: 'local',
      relaxed: false,
      state: 'queued',
      request,
      position: this.queue.length,
      progress: null,
      pictures: [],
      from_gallery: false,
      attempt: 1,
      created: now(),
      started: null,
      finished: null,
      error: null,
      notes: [],
      sheet: sheet?.id ?? null,
    };
    job.events = `/api/v1/jobs/${job.id}/events`;
    this.jobs.set(job.id, job);
    const kept = kind === 'draw' && request.reuse ? this.kept(request) : [];
    for (const p of kept) if (p && request.listed !== false) p.listed = true;
    job.pictures = kept.map((p, index) => p && { ...p, index }).filter(Boolean);
    if (kept.length && kept.every(Boolean)) {
      Object.assign(job, {
        state: 'done',
        position: null,
        from_gallery: true,
        started: now(),
        finished: now(),
      });
      return job;
    }
    this.tell('queued', job, { position: job.position });
    this.queue.push(job);
    this.work();
    return job;
  }

  async work() {
    if (this.working) return;
    this.working = true;
    for (let job; !this.paused && (job = this.queue[0]);) {
      if (job.state === 'queued') await this.run(job);
      this.queue.shift();
      this.queue.forEach((waiting, k) => {
        waiting.position = k;
      });
    }
    this.working = false;
  }

  pause(paused) {
    this.paused = paused;
    this.tell('queue', null, this.line());
    this.work();
    return this.line();
  }

  line() {
    const waiting = this.queue.filter((job) => !kOver.has(job.state));
    const own = { owner: 'local', paused: Boolean(this.paused), jobs: waiting.length };
    return { length: waiting.length, limit: 1000, paused: false, reason: '', own };
  }

  move(job, before) {
    this.queue.splice(this.queue.indexOf(job), 1);
    const place = this.queue.findIndex((other) => other.id === before);
    this.queue.splice(place < 0 ? this.queue.length : place, 0, job);
    this.queue.forEach((waiting, k) => {
      if (waiting.state === 'queued') waiting.position = k;
    });
    this.tell('queued', job, { position: job.position });
    return job;
  }

  async run(job) {
    const { request } = job;
    const count = job.kind === 'draw' ? request.count : 1;
    const steps = job.kind === 'draw' ? request.steps : 4;
    Object.assign(job, { state: 'running', position: null, started: now() });
    this.tell('started', job, { count, steps });
    const began = Date.now();
    for (let first = 0; first < count; first += kBatch) {
      const batch = Math.min(kBatch, count - first);
      if (job.kind === 'draw' && this.listenerCount('event')) this.previews(job, 0, steps, first, batch);
      for (let step = 1; step <= steps; ++step) {
        await pause(this.stepMs);
        if (job.cancelled) {
          // What was begun is kept as far as it is, unless a finished one will take its place.
          const reached = { step: step - 1, steps };
          for (let k = first; k < first + batch && step > 1 && !job.sheet; ++k) this.keep(job, k, reached);
          return this.end(job, 'cancelled');
        }
        const seconds = (Date.now() - began) / 1000;
        const whole = (first + batch * (step / steps)) / count;
        job.progress = {
          step,
          steps,
          first_picture: first,
          pictures: batch,
          count,
          pictures_done: first,
          seconds,
          seconds_left: step < 2 ? null : (seconds / whole) * (1 - whole),
        };
        this.tell('step', job, job.progress);
        if (job.kind === 'draw' && this.listenerCount('event')) this.previews(job, step, steps, first, batch);
      }
      for (let k = first; k < first + batch; ++k) if (!job.pictures.some((p) => p.index === k)) this.keep(job, k);
    }
    if (request.prompt === 'fail')
      job.error = { type: 'easel:failed', title: 'failed', status: 500, detail: 'the stand-in was asked to fail' };
    return this.end(job, job.error ? 'failed' : 'done');
  }

  previews(job, step, steps, first, batch) {
    const { request } = job;
    const each = (clear) =>
      Array.from({ length: batch }, (_, k) =>
        preview(request.prompt, Number(request.seed) + first + k, clear).toString('base64'),
      );
    this.tell('preview', job, {
      step,
      first_picture: first,
      width: 8,
      height: 8,
      pictures: each(Math.sqrt(step / steps)),
      latents: each((step / steps) ** 2),
    });
  }

  keep(job, k, unfinished = undefined) {
    const r = job.request;
    const parent = job.kind === 'upscale' ? this.pictures.get(r.picture) : null;
    const from = parent ?? {
      ...r,
      seed: Number(r.seed) + k,
      native_width: r.width,
      native_height: r.height,
      upscale: 1,
      upscaler: '',
    };
    const id = this.id();
    const factor = parent ? r.factor : 1;
    const picture = {
      id,
      job: job.id,
      index: parent ? 0 : k,
      unfinished,
      created: now(),
      width: from.width * factor,
      height: from.height * factor,
      bytes: 0,
      prompt: from.prompt,
      negative: from.negative,
      model: from.model,
      model_sha256: '',
      sampler: from.sampler,
      steps: from.steps,
      scale: from.scale,
      eta: from.eta,
      seed: from.seed,
      native_width: from.native_width,
      native_height: from.native_height,
      variation: r.variation ?? null,
      init_sha256: from.init_sha256,
      mask_sha256: from.mask_sha256,
      strength: from.strength,
      upscale: factor,
      upscaler: parent ? 'embedded' : '',
      parent: parent?.id ?? null,
      subject: from.subject ?? '',
      style: from.style ?? '',
      favourite: false,
      rating: 0,
      tags: [],
      listed: r.listed ?? true,
      deleted: null,
      missing: false,
      image: `/api/v1/pictures/${id}/image.png`,
      thumbnail: `/api/v1/pictures/${id}/thumbnail.webp`,
      command: `easel draw '${from.prompt.replaceAll("'", "'\\''")}' --steps ${from.steps} --scale ${from.scale} --seed ${from.seed}`,
    };
    const { prompt, negative, steps, sampler, scale, seed, model } = picture;
    this.files.set(
      id,
      drawn(picture, { easel: JSON.stringify({ prompt, negative, steps, sampler, scale, seed, model }) }),
    );
    Object.defineProperty(picture, 'key', { value: parent ? '' : this.key(r, k), enumerable: false });
    this.pictures.set(id, picture);
    job.pictures.push(picture);
    this.tell('picture', job, { index: picture.index, picture });
  }

  /** A picture of a person's own, with the settings that its file carries. */
  bring(file) {
    const known = [...this.files].find(([, bytes]) => bytes.equals(file));
    if (known && this.pictures.has(known[0])) return this.pictures.get(known[0]);
    const said = JSON.parse(textsIn(file).easel ?? '{}');
    const [width, height] = [file.readUInt32BE(16), file.readUInt32BE(20)];
    const job = {
      id: null,
      kind: 'draw',
      request: this.complete({ prompt: '', ...said, width, height }),
      pictures: [],
    };
    this.keep(job, 0);
    const [picture] = job.pictures;
    this.files.set(picture.id, file);
    return Object.assign(picture, { job: null, brought: true });
  }

  end(job, state) {
    Object.assign(job, { state, finished: now(), position: null });
    this.tell(state, job, job);
  }

  cancel(job) {
    if (kOver.has(job.state)) return;
    job.cancelled = true;
    if (job.state === 'queued') this.end(job, 'cancelled');
  }

  /** A sheet as the API shows it. */
  sheet(sheet) {
    const cells = sheet.jobs.map((id, k) => {
      const job = this.jobs.get(id);
      return {
        row: Math.floor(k / sheet.styles.length),
        column: k % sheet.styles.length,
        job: id,
        state: job.state,
        picture: job.pictures[0] ?? null,
      };
    });
    const done = cells.filter((cell) => cell.picture).length;
    const busy = cells.some((cell) => cell.state === 'queued' || cell.state === 'running');
    const state = done === cells.length ? 'done' : busy ? 'running' : 'stopped';
    return {
      id: sheet.id,
      created: sheet.created,
      state,
      subjects: sheet.subjects,
      styles: sheet.styles,
      request: sheet.request,
      done,
      total: cells.length,
      seconds_left: busy ? (cells.length - done) * this.stepMs * 0.025 : null,
      cells,
      image: `/api/v1/sheets/${sheet.id}/image.png`,
    };
  }

  addSheet({ subjects, styles, join = ', ', ...rest }) {
    const sheet = { id: this.id(), created: now(), subjects, styles, request: rest };
    sheet.requests = subjects.flatMap((subject) =>
      styles.map((style) =>
        this.complete({
          ...rest,
          prompt: subject.text + join + style.text,
          subject: subject.name,
          style: style.name,
          count: 1,
        }),
      ),
    );
    sheet.jobs = sheet.requests.map((request) => this.submit('draw', request, sheet).id);
    this.sheets.set(sheet.id, sheet);
    return this.sheet(sheet);
  }

  resumeSheet(sheet) {
    sheet.jobs = sheet.jobs.map((id, k) =>
      this.jobs.get(id).state === 'cancelled' ? this.submit('draw', sheet.requests[k], sheet).id : id,
    );
    return this.sheet(sheet);
  }
}
