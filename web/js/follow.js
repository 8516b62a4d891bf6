// A job's events, turned into what its cells show.

import { watchJob } from './api.js';

const kEnded = { failed: 'not drawn', cancelled: 'cancelled', dead: 'gave up' };

/**
 * Follows `job` (as the server gave it) and fills `cells`, whose k-th is the job's k-th picture.
 * `hooks`, all optional: `progress(progress)`, `queued(position)`, `picture(picture)`,
 * `lost()`, `end(job)`. Returns what stops following; the job goes on.
 */
export function follow(job, cells, hooks = {}) {
  const shown = new Set();
  const show = (picture) => {
    if (shown.has(picture.index)) return;
    shown.add(picture.index);
    cells[picture.index]?.show(picture);
    hooks.picture?.(picture);
  };
  const drawing = (progress) => {
    if (!progress) return;
    for (let k = 0; k < progress.pictures; ++k) {
      const cell = cells[progress.first_picture + k];
      if (cell && cell.state === 'waiting') cell.state = 'drawing';
    }
    hooks.progress?.(progress);
  };
  const end = (ended) => {
    for (const picture of ended.pictures ?? []) show(picture);
    if (ended.state !== 'done') {
      cells.forEach((cell, k) => {
        if (!shown.has(k)) cell.fail(kEnded[ended.state] ?? '');
      });
    }
    hooks.end?.(ended);
  };
  for (const cell of cells) if (cell.state === 'empty') cell.state = 'waiting';
  for (const picture of job.pictures ?? []) show(picture);
  if (kEnded[job.state] || job.state === 'done') {
    end(job);
    return () => {};
  }
  const watched = watchJob(job.id, {
    snapshot(now) {
      for (const picture of now.pictures) show(picture);
      drawing(now.progress);
      if (now.position !== null) hooks.queued?.(now.position);
    },
    queued: (event) => hooks.queued?.(event.position),
    step: drawing,
    preview(event) {
      event.pictures.forEach((base64, k) => {
        cells[event.first_picture + k]?.preview(base64).catch(() => {});
      });
    },
    picture: (event) => show(event.picture),
    lost: () => hooks.lost?.(),
    done: end,
    failed: end,
    cancelled: end,
    dead: end,
  });
  return () => watched.close();
}
