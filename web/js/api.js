// The server's API (/api/v1/openapi.json), and nothing else: no request leaves this origin.

const kBase = '/api/v1';

/** What the server refused, in its own words (RFC 9457). */
export class Problem extends Error {
  constructor(status, body) {
    super(body?.detail || body?.title || `the server answered ${status}`);
    this.status = status;
    this.field = body?.field ?? '';
    this.allowed = body?.allowed ?? '';
  }
}

async function request(method, path, { json, body, type, key, signal, told } = {}) {
  const headers = {};
  if (json !== undefined) headers['Content-Type'] = 'application/json';
  if (type) headers['Content-Type'] = type;
  if (key) headers['Idempotency-Key'] = key;
  let response;
  try {
    response = await fetch(kBase + path, {
      method,
      headers,
      signal,
      credentials: 'same-origin',
      cache: 'no-store',
      body: json !== undefined ? JSON.stringify(json) : body,
    });
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new Problem(0, { detail: 'Easel does not answer: is it still running?' });
  }
  const text = await response.text();
  let answer = null;
  try {
    answer = text ? JSON.parse(text) : null;
  } catch {
    // Something that is no JSON answered; its status is all there is to say.
  }
  if (!response.ok) throw new Problem(response.status, answer);
  told?.(response.status);
  return answer;
}

const query = (values) => {
  const pairs = Object.entries(values).filter(([, v]) => v !== '' && v !== null && v !== undefined);
  return pairs.length ? `?${new URLSearchParams(pairs)}` : '';
};

const newKey = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, '0')).join('');

// A submission that got no answer is sent once more under the same key: it can never draw twice.
async function submit(path, json) {
  const key = newKey();
  try {
    return await request('POST', path, { json, key });
  } catch (error) {
    if (error.status !== 0) throw error;
    return request('POST', path, { json, key });
  }
}

const id = encodeURIComponent;

export const api = {
  catalogue: () => request('GET', '/catalogue'),
  saveCatalogue: (own) => request('PUT', '/catalogue', { json: own }),
  models: () => request('GET', '/models').then((answer) => answer.items),
  samplers: () => request('GET', '/samplers').then((answer) => answer.items),
  fields: () => request('GET', '/fields').then((answer) => answer.items),
  system: () => request('GET', '/system'),
  estimate: (settings, signal) => request('GET', `/estimate${query(settings)}`, { signal }),
  session: (token) => request('POST', '/session', { json: { token } }),

  draw: (settings) => submit('/jobs', settings),
  job: (jobId) => request('GET', `/jobs/${id(jobId)}`),
  jobs: (filter) => request('GET', `/jobs${query(filter)}`),
  cancel: (jobId) => request('POST', `/jobs/${id(jobId)}/cancel`),
  moveJob: (jobId, before) => request('POST', `/jobs/${id(jobId)}/move`, { json: { before } }),
  queue: () => request('GET', '/queue'),
  pauseQueue: (paused) => request('POST', paused ? '/queue/pause' : '/queue/resume'),

  pictures: (filter, signal) => request('GET', `/pictures${query(filter)}`, { signal }),
  facets: () => request('GET', '/pictures/facets'),
  picture: (pictureId) => request('GET', `/pictures/${id(pictureId)}`),
  mark: (pictureId, marks) => request('PATCH', `/pictures/${id(pictureId)}`, { json: marks }),
  favourite: (pictureId, favourite) => api.mark(pictureId, { favourite }),
  /** Whether the gallery did not have it yet. */
  bring: async (file) => {
    let status = 0;
    await request('POST', '/pictures', { body: file, type: file.type, told: (answered) => (status = answered) });
    return status === 201;
  },
  remove: (pictureId) => request('DELETE', `/pictures/${id(pictureId)}`),
  restore: (pictureId) => request('POST', `/pictures/${id(pictureId)}/restore`),
  upscale: (pictureId, factor) => submit(`/pictures/${id(pictureId)}/upscale`, { factor }),
  variations: (pictureId, how) => submit(`/pictures/${id(pictureId)}/variations`, how),
  settingsIn: (file) => request('POST', '/png-info', { body: file, type: file.type || 'image/png' }),

  give: (file) => request('POST', '/given', { body: file, type: file.type }),
  givePicture: (pictureId) => request('POST', `/pictures/${id(pictureId)}/given`),
  given: (sha256) => `${kBase}/given/${id(sha256)}`,

  drawSheet: (sheet) => submit('/sheets', sheet),
  sheets: () => request('GET', '/sheets').then((answer) => answer.items),
  sheet: (sheetId) => request('GET', `/sheets/${id(sheetId)}`),
  cancelSheet: (sheetId) => request('POST', `/sheets/${id(sheetId)}/cancel`),
  resumeSheet: (sheetId) => request('POST', `/sheets/${id(sheetId)}/resume`),
  sheetImage: (sheetId, cell) => `${kBase}/sheets/${id(sheetId)}/image.png${query({ cell, download: 1 })}`,
};

const kEvents = [
  'snapshot',
  'queued',
  'started',
  'step',
  'preview',
  'picture',
  'note',
  'done',
  'failed',
  'cancelled',
  'dead',
  'gallery',
  'queue',
];
const kLast = new Set(['done', 'failed', 'cancelled', 'dead']);

export const isOver = (job) => kLast.has(job.state);

// An EventSource that comes back by itself, also after an answer that the browser gives up at.
function stream(path, { onEvent, onLost, onOpen }) {
  let source = null;
  let timer = 0;
  let wait = 500;
  let closed = false;
  const open = () => {
    source = new EventSource(kBase + path);
    source.onopen = () => {
      wait = 500;
      onOpen?.();
    };
    for (const name of kEvents) {
      source.addEventListener(name, (event) => {
        if (!closed) onEvent(name, JSON.parse(event.data));
      });
    }
    source.onerror = () => {
      if (closed) return;
      onLost?.();
      if (source.readyState !== EventSource.CLOSED) return;
      timer = setTimeout(open, wait);
      wait = Math.min(wait * 2, 8000);
    };
  };
  open();
  return {
    close() {
      closed = true;
      clearTimeout(timer);
      source.close();
    },
  };
}

/**
 * Follows one job to its end. `handlers` by event name, all optional, besides `lost` (the
 * connection broke and is being tried again). The stream closes itself after the last event.
 */
export function watchJob(jobId, handlers, { previews = true, latents = false } = {}) {
  const options = query({ previews: previews ? 1 : '', latents: latents ? 1 : '' });
  const watched = stream(`/jobs/${id(jobId)}/events${options}`, {
    onEvent(name, data) {
      const over = kLast.has(name) || (name === 'snapshot' && isOver(data));
      if (over) watched.close();
      handlers[name]?.(data);
      if (over && name === 'snapshot') handlers[data.state]?.(data);
    },
    onLost: () => handlers.lost?.(),
  });
  return watched;
}

/** Follows everything: every job, the gallery, the queue. */
export function watchAll(handlers, { previews = false, latents = false } = {}) {
  return stream(`/events${query({ previews: previews ? 1 : '', latents: latents ? 1 : '' })}`, {
    onEvent: (name, data) => handlers[name]?.(data),
    onLost: () => handlers.lost?.(),
    onOpen: () => handlers.open?.(),
  });
}

/** A base64 picture as something a canvas can draw. The policy allows no data: addresses. */
export function decodePreview(base64) {
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  return createImageBitmap(new Blob([bytes], { type: 'image/png' }));
}
