// What there is to say of a picture, row by row.

import { facts } from './state.js';

// Settings that are shown elsewhere, or together as the size.
const kElsewhere = ['prompt', 'subject', 'style', 'width', 'height', 'upscale', 'result', 'enlarged_again'];
const kSaid = {
  sampler: (id) => facts.samplers.find((s) => s.id === id)?.name ?? id,
  variation: ({ seed, strength }) => `${strength} with ${seed}`,
  deep_cache: (every) => (every > 1 ? `every ${every} steps` : ''),
  unfinished: (reached) => stepOf(reached),
  eta: (eta) => (eta > 0 ? eta : ''),
};

/** How far a picture is whose job was cancelled. */
export const stepOf = ({ step, steps }) => `step ${step} of ${steps}`;

/** [title, text] of each setting that it was drawn with. */
export function rowsOf(p) {
  const said = facts.fields
    .filter(({ name }) => !kElsewhere.includes(name) && p[name] !== null && p[name] !== undefined)
    .sort((a, b) => (b.name === 'seed') - (a.name === 'seed')) // what one looks for comes first
    .map(({ name, title }) => [title, (kSaid[name] ?? ((value) => value))(p[name])]);
  return [
    ...said,
    ['Size', `${p.width} × ${p.height}${p.upscale > 1 ? `, enlarged ×${p.upscale}` : ''}`],
    ['Drawn', new Date(p.created).toLocaleString()],
  ].filter(([, text]) => text !== '');
}
