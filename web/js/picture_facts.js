// What there is to say of a picture, row by row.

import { facts } from './state.js';

// Settings that are shown elsewhere, or together as the size.
const kElsewhere = [
  'prompt',
  'subject',
  'style',
  'width',
  'height',
  'upscale',
  'result',
  'enlarged_again',
  'init',
  'mask',
];
const shortHash = (sha256) => sha256 && `${sha256.slice(0, 12)}…`;
const kSaid = {
  sampler: (id) => facts.samplers.find((s) => s.id === id)?.name ?? id,
  variation: ({ seed, strength }) => `${strength} with ${seed}`,
  deep_cache: (every) => (every > 1 ? `every ${every} steps` : ''),
  unfinished: (reached) => stepOf(reached),
  eta: (eta) => (eta > 0 ? eta : ''),
  init_sha256: shortHash,
  mask_sha256: shortHash,
};

// A switch that is off is no news.
const plainly = (value) => (value === true ? 'yes' : value || value === 0 ? value : '');

/** How far a picture is whose job was cancelled. */
export const stepOf = ({ step, steps }) => `step ${step} of ${steps}`;

/** [title, text] of each setting that it was drawn with. */
export function rowsOf(p) {
  const said = facts.fields
    .filter(({ name }) => !kElsewhere.includes(name) && p[name] !== null && p[name] !== undefined)
    .sort((a, b) => (b.name === 'seed') - (a.name === 'seed')) // what one looks for comes first
    .map(({ name, title }) => [title, (kSaid[name] ?? plainly)(p[name])]);
  return [
    ...said,
    ['Size', `${p.width} × ${p.height}${p.upscale > 1 ? `, enlarged ×${p.upscale}` : ''}`],
    ['Drawn', new Date(p.created).toLocaleString()],
  ].filter(([, text]) => text !== '');
}
