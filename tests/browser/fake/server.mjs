// A stand-in for `easel serve`: the page's files and the part of /api/v1 that the page uses, with
// made-up pictures. For trying the page without a model:
//
//   node tests/browser/fake/server.mjs [--port 7861] [--step-ms 60]

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { dirname, extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { textsIn } from './pictures.mjs';
import { Studio } from './studio.mjs';

const kWeb = join(dirname(fileURLToPath(import.meta.url)), '../../../web');
const kTypes = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css',
  '.js': 'text/javascript',
  '.svg': 'image/svg+xml',
  '.webp': 'image/webp',
};
// As the real server sends it: a page that needs more must fail here already.
export const kPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; " +
  "frame-ancestors 'none'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'";

// What GET /fields answers; tests/recipe holds it to the rows of src/recipe/fields.h.
const kFields = JSON.parse(await readFile(join(dirname(fileURLToPath(import.meta.url)), 'fields.json')));

const kSubjects = [
  'cat wearing sunglasses',
  'panda riding a bike',
  'submarine',
  'eiffel tower',
  'fat pug wearing a cowboy hat',
  'snow capped mountain range',
  'ship at sea in a storm',
  'city skyline at sunset',
  'a robot reading a book',
];
const kStyles = [
  ['Van Gogh', 'in the style of Van Gogh'],
  ['Dalí (1929), surrealist', 'as a painting by Dalí (1929), surrealist'],
  ['Gustav Klimt', 'in the style of Gustav Klimt'],
  ['North Korean propaganda poster', 'as a North Korean propaganda poster'],
  ['Bauhaus', 'in the style of bauhaus'],
  ['Pencil sketch', 'as a pencil sketch, line drawing'],
  ['Picasso, Cezanne, Cubism', 'in the style of Picasso, Cezanne, Cubism'],
  ['Monet', 'in the style of Monet'],
  ['Jackson Pollock', 'in the style of Jackson Pollock'],
  ['Warhol, pop art', 'in the style of Warhol, pop art'],
  ["Children's drawing", "as a children's drawing"],
  ['Byzantine mosaic', 'as a Byzantine mosaic'],
];

class Refusal extends Error {
  constructor(status, detail, field) {
    super(detail);
    this.problem = { type: 'easel:refused', title: 'refused', status, detail, field };
  }
}

const missing = () => new Refusal(404, 'there is no such thing');
const need = (thing) => {
  if (!thing) throw missing();
  return thing;
};

async function body(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts);
}

class Server {
  constructor(options) {
    this.studio = new Studio(options);
    this.given = new Map(); // pictures to begin at, by their SHA-256
    this.own = { subjects: [], styles: [] };
  }

  keep(file) {
    if (file.toString('latin1', 1, 4) !== 'PNG') throw new Refusal(422, 'the picture is no PNG');
    const sha256 = createHash('sha256').update(file).digest('hex');
    this.given.set(sha256, file);
    return { sha256, type: 'image/png', width: file.readUInt32BE(16), height: file.readUInt32BE(20) };
  }

  catalogue() {
    const mine = (list) => list.map((entry) => ({ name: entry.name, text: entry.text ?? entry.name, own: true }));
    return {
      subjects: [...kSubjects.map((name) => ({ name, text: name, own: false })), ...mine(this.own.subjects)],
      styles: [...kStyles.map(([name, text]) => ({ name, text, own: false })), ...mine(this.own.styles)],
      join: ', ',
    };
  }

  estimate(q) {
    const count = Number(q.get('count') ?? 1);
    const steps = Number(q.get('steps') ?? 25);
    const request = this.studio.complete({
      prompt: q.get('prompt') ?? '',
      steps,
      count,
      seed: Number(q.get('seed') ?? 1),
      ...(q.get('scale') && { scale: Number(q.get('scale')) }),
      ...(q.get('negative') && { negative: q.get('negative') }),
    });
    return {
      seconds: (Math.ceil(count / 8) * steps * this.studio.stepMs) / 1000,
      measured: true,
      seconds_per_step: 0.1,
      queue_seconds: 0,
      from_gallery: this.studio.kept(request).every(Boolean),
      notes: request.prompt.includes('zyzzyva')
        ? ["the model does not know 'zyzzyva': the prompt is drawn without it"]
        : [],
    };
  }

  pictures(q) {
    const words = (q.get('q') ?? '').toLowerCase().split(/\s+/).filter(Boolean);
    const limit = Number(q.get('limit') ?? 50);
    const order = {
      newest: () => 0,
      oldest: (a, b) => (a.id < b.id ? -1 : 1),
      best: (a, b) => b.rating - a.rating,
    }[q.get('sort') ?? 'newest'];
    const fits = (p) => {
      const text = `${p.prompt} ${p.tags.join(' ')}`.toLowerCase();
      return words.every((w) => (w.startsWith('-') ? !text.includes(w.slice(1)) : text.includes(w)));
    };
    const found = [...this.studio.pictures.values()]
      .reverse()
      .sort(order)
      .filter(
        (p) =>
          fits(p) &&
          (!q.get('style') || p.style === q.get('style')) &&
          (!q.get('model') || p.model === q.get('model')) &&
          (!q.get('tag') || p.tags.includes(q.get('tag'))) &&
          p.rating >= Number(q.get('rating') ?? 0) &&
          (!q.get('since') || p.created >= q.get('since')) &&
          (!q.get('until') || p.created < q.get('until')) &&
          (!q.get('favourite') || p.favourite) &&
          (q.get('deleted') === 'true' ? p.deleted : !p.deleted && Boolean(p.listed) === (q.get('studies') !== 'true')),
      );
    const from = q.get('before') ? found.findIndex((p) => p.id === q.get('before')) + 1 : 0;
    const items = found.slice(from, from + limit);
    return { items, next: found.length > from + limit ? items.at(-1).id : null };
  }

  facets() {
    const all = [...this.studio.pictures.values()].filter((p) => !p.deleted && p.listed);
    const names = (field) => [...new Set(all.map((p) => p[field]).filter(Boolean))].sort();
    return {
      models: names('model'),
      styles: names('style'),
      subjects: names('subject'),
      tags: [...new Set(all.flatMap((p) => p.tags))].sort(),
      count: all.length,
    };
  }

  jobs(q) {
    const states = q.get('state')?.split(',');
    const limit = Number(q.get('limit') ?? 20);
    if (limit > 100) throw new Refusal(422, `limit is "${limit}", wanted is a whole number from 1 to 100`, 'limit');
    const found = [...this.studio.jobs.values()]
      .reverse()
      .filter((job) => (!states || states.includes(job.state)) && (!q.get('before') || job.id < q.get('before')));
    const items = found.slice(0, limit);
    return { items, next: found.length > limit ? items.at(-1).id : null };
  }

  stream(request, response, q, job) {
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    const send = (event) => {
      if (job && event.job !== job.id) return;
      if (event.name === 'preview' && q.get('previews') !== '1') return;
      response.write(`id: ${event.id}\nevent: ${event.name}\ndata: ${JSON.stringify(event.data)}\n\n`);
      if (job && ['done', 'failed', 'cancelled', 'dead'].includes(event.name)) response.end();
    };
    if (job) {
      send({ id: this.studio.events.length, name: 'snapshot', job: job.id, data: { job: job.id, ...job } });
      if (job.finished) {
        response.end();
        return;
      }
    } else response.write(': here\n\n');
    this.studio.on('event', send);
    request.on('close', () => this.studio.off('event', send));
  }

  png(response, bytes, download) {
    response.writeHead(200, {
      'Content-Type': 'image/png',
      'Cache-Control': 'private, max-age=31536000, immutable',
      'X-Content-Type-Options': 'nosniff',
      ...(download && { 'Content-Disposition': 'attachment; filename="picture.png"' }),
    });
    response.end(bytes);
  }

  async api(request, response, path, q) {
    const { studio } = this;
    const [, kind, id, what] = path.split('/');
    const json = async () => JSON.parse(await body(request));
    const route = `${request.method} ${kind}${id ? ' id' : ''}${what ? ` ${what}` : ''}`;
    const job = kind === 'jobs' && id ? need(studio.jobs.get(id)) : null;
    const picture = kind === 'pictures' && id && id !== 'facets' ? need(studio.pictures.get(id)) : null;
    const sheet = kind === 'sheets' && id ? need(studio.sheets.get(id)) : null;
    if (id === 'facets') return this.facets();
    switch (route) {
      case 'GET catalogue':
        return this.catalogue();
      case 'PUT catalogue':
        this.own = await json();
        return this.catalogue();
      case 'GET models':
        return {
          items: [
            {
              name: 'default',
              default: true,
              loaded: true,
              native_width: 64,
              native_height: 64,
              size_multiple: 16,
              max_side: 512,
              max_steps: 1000,
              latent_channels: 16,
              default_sampler: 'dpmpp-2m',
              default_steps: 25,
              default_scale: 7.5,
              notes: [],
            },
          ],
        };
      case 'GET samplers':
        return {
          items: [
            ['dpmpp-2m', 'DPM-Solver++ 2M'],
            ['ddim', 'DDIM'],
            ['unipc', 'UniPC'],
          ].map(([sid, name]) => ({
            id: sid,
            name,
            aliases: [],
            description: '',
            takes_eta: sid === 'ddim',
            default_eta: 0,
          })),
        };
      case 'GET fields':
        return { items: kFields };
      case 'GET estimate':
        return this.estimate(q);
      case 'POST jobs': {
        const asked = await json();
        if (!asked.prompt) throw new Refusal(422, 'prompt is empty', 'prompt');
        for (const name of ['mask_sha256', 'strength'])
          if (asked[name] !== undefined && !asked.init_sha256)
            throw new Refusal(422, `${name} without init_sha256`, name);
        for (const name of ['init_sha256', 'mask_sha256'])
          if (asked[name] && !this.given.has(asked[name])) throw new Refusal(422, `no such ${name}`, name);
        return studio.submit('draw', studio.complete(asked));
      }
      case 'GET jobs':
        return this.jobs(q);
      case 'GET jobs id':
        return job;
      case 'POST jobs id cancel':
        studio.cancel(job);
        return job;
      case 'POST jobs id move':
        return studio.move(job, (await json()).before);
      case 'GET queue':
        return studio.line();
      case 'POST queue id':
        return studio.pause(id === 'pause');
      case 'GET jobs id events':
        return this.stream(request, response, q, job);
      case 'GET events':
        return this.stream(request, response, q, null);
      case 'GET pictures':
        return this.pictures(q);
      case 'GET pictures id':
        return picture;
      case 'POST pictures': {
        const count = studio.pictures.size;
        const picture = studio.bring(await body(request));
        response.statusCode = studio.pictures.size > count ? 201 : 200;
        return picture;
      }
      case 'PATCH pictures id':
        Object.assign(picture, await json());
        picture.listed ||= picture.favourite;
        return picture;
      case 'DELETE pictures id':
        picture.deleted = new Date().toISOString();
        return picture;
      case 'POST pictures id restore':
        picture.deleted = null;
        return picture;
      case 'GET pictures id image.png':
      case 'GET pictures id thumbnail.webp':
        return this.png(response, studio.files.get(id), q.get('download'));
      case 'POST pictures id upscale':
        return studio.submit('upscale', { picture: id, upscaler: 'embedded', ...(await json()) });
      case 'POST pictures id variations': {
        const how = await json();
        const { prompt, negative, steps, sampler, scale, seed, subject, style } = picture;
        return studio.submit(
          'draw',
          studio.complete({
            prompt,
            negative,
            steps,
            sampler,
            scale,
            seed: Number(seed) + 1000,
            subject,
            style,
            count: how.count,
            variation: { seed: how.seed ?? 7, strength: how.strength ?? 0.25 },
          }),
        );
      }
      case 'POST png-info': {
        const file = await body(request);
        if (file.toString('latin1', 1, 4) !== 'PNG') throw new Refusal(422, 'the picture is no PNG');
        const texts = textsIn(file);
        return {
          format: 'png',
          width: file.readUInt32BE(16),
          height: file.readUInt32BE(20),
          settings: texts.easel ? JSON.parse(texts.easel) : null,
          parameters: '',
        };
      }
      case 'POST given':
        return this.keep(await body(request));
      case 'GET given id':
        return this.png(response, need(this.given.get(id)));
      case 'POST pictures id given':
        return this.keep(studio.files.get(id));
      case 'POST sheets':
        return studio.addSheet(await json());
      case 'GET sheets':
        return { items: [...studio.sheets.values()].reverse().map((s) => ({ ...studio.sheet(s), cells: undefined })) };
      case 'GET sheets id':
        return studio.sheet(sheet);
      case 'POST sheets id cancel':
        sheet.jobs.forEach((j) => studio.cancel(studio.jobs.get(j)));
        return studio.sheet(sheet);
      case 'POST sheets id resume':
        return studio.resumeSheet(sheet);
      case 'GET sheets id image.png':
        return this.png(response, studio.files.get(studio.sheet(sheet).cells.find((c) => c.picture)?.picture.id), true);
      default:
        throw missing();
    }
  }

  async file(response, path) {
    const name = normalize(path === '/' ? '/index.html' : path);
    const bytes = await readFile(join(kWeb, name)).catch(() => {
      throw missing();
    });
    response.writeHead(200, {
      'Content-Type': kTypes[extname(name)] ?? 'application/octet-stream',
      'Content-Security-Policy': kPolicy,
      'X-Content-Type-Options': 'nosniff',
    });
    response.end(bytes);
  }

  async handle(request, response) {
    const address = new URL(request.url, 'http://localhost');
    try {
      if (!address.pathname.startsWith('/api/v1/')) return await this.file(response, address.pathname);
      const answer = await this.api(request, response, address.pathname.slice('/api/v1'.length), address.searchParams);
      if (!answer) return undefined;
      response.writeHead(request.method === 'POST' && answer.state ? 202 : response.statusCode, {
        'Content-Type': 'application/json',
      });
      return response.end(JSON.stringify(answer));
    } catch (error) {
      const problem = error.problem ?? { type: 'about:blank', title: 'fault', status: 500, detail: String(error) };
      if (response.headersSent) return response.end();
      response.writeHead(problem.status, { 'Content-Type': 'application/problem+json' });
      return response.end(JSON.stringify(problem));
    }
  }
}

/** Starts it; returns {url, studio, close}. */
export async function serveFake({ port = 0, stepMs = 20 } = {}) {
  const server = new Server({ stepMs });
  const http = createServer((request, response) => server.handle(request, response));
  await new Promise((ready) => {
    http.listen(port, '127.0.0.1', ready);
  });
  return {
    url: `http://127.0.0.1:${http.address().port}`,
    studio: server.studio,
    close: () =>
      new Promise((done) => {
        http.closeAllConnections();
        http.close(done);
      }),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const option = (name, otherwise) =>
    process.argv.includes(name) ? Number(process.argv[process.argv.indexOf(name) + 1]) : otherwise;
  const { url } = await serveFake({ port: option('--port', 7861), stepMs: option('--step-ms', 60) });
  console.log(url);
}
