// What the person has chosen, kept between visits, and the facts that the server told.

import { api } from './api.js';
import { recall, remember } from './dom.js';

/** Filled by load_facts(): catalogue, models, samplers. */
export const facts = {
  catalogue: { subjects: [], styles: [], join: ', ' },
  models: [],
  samplers: [],
};

const kFresh = {
  subject: '', style: '', prompt: '', negative: '', steps: null, scale: null, sampler: '',
  size: '', seed: '1', count: 16, model: '',
};

/** The controls' values. `steps`, `scale`, `sampler`, `size` empty: the model's own default. */
export const settings = { ...kFresh, ...recall('settings', {}) };

const listeners = new Set();

/** Calls `f` after every change of the settings; returns what ends that. */
export function onChange(f) {
  listeners.add(f);
  return () => listeners.delete(f);
}

export function change(values) {
  Object.assign(settings, values);
  remember('settings', settings);
  for (const f of [...listeners]) f(settings);
}

export async function loadFacts() {
  const [catalogue, models, samplers] = await Promise.all([
    api.catalogue(), api.models(), api.samplers(),
  ]);
  Object.assign(facts, { catalogue, models: models.filter((model) => !model.error), samplers });
  if (settings.model && !facts.models.some((model) => model.name === settings.model)) {
    settings.model = '';
  }
  if (!settings.prompt) {
    settings.subject = catalogue.subjects[0]?.name ?? '';
    settings.style = catalogue.styles[0]?.name ?? '';
    settings.prompt = compose(settings.subject, settings.style);
  }
}

export function setCatalogue(catalogue) {
  facts.catalogue = catalogue;
  change({});
}

/** The model that the settings mean. */
export function model() {
  return facts.models.find((m) => m.name === settings.model) ??
    facts.models.find((m) => m.default) ?? facts.models[0] ?? {};
}

export const defaults = () => ({
  steps: model().default_steps ?? 25,
  scale: model().default_scale ?? 7.5,
  sampler: model().default_sampler ?? facts.samplers[0]?.id ?? '',
});

const textOf = (list, name) => list.find((entry) => entry.name === name)?.text ?? '';

/** "Subject, in the Style" for two names of the catalogue, either of which may be none. */
export function compose(subject, style) {
  const { subjects, styles, join } = facts.catalogue;
  return [textOf(subjects, subject), textOf(styles, style)].filter(Boolean).join(join);
}

/** Which subject and style a prompt was put together from, as far as its words tell. */
export function labelsOf(prompt, hint = {}) {
  const { subjects, styles } = facts.catalogue;
  const inPrompt = (list, hinted) => {
    const found = list.filter((entry) => entry.text && prompt.includes(entry.text));
    return (found.find((entry) => entry.name === hinted) ??
      found.sort((a, b) => b.text.length - a.text.length)[0])?.name ?? '';
  };
  return { subject: inPrompt(subjects, hint.subject), style: inPrompt(styles, hint.style) };
}

/** A seed as the API takes it: the digits as they are, so that none is rounded. */
export const seedValue = (seed) => (/^\d{1,15}$/.test(String(seed)) ? Number(seed) : String(seed));

/** The settings as a DrawRequest: what equals the model's default is left to the server. */
export function drawRequest(over = {}) {
  const s = { ...settings, ...over };
  const request = {
    prompt: s.prompt.trim(), seed: seedValue(s.seed), count: Number(s.count),
    steps: Number(s.steps ?? defaults().steps), scale: Number(s.scale ?? defaults().scale),
  };
  if (s.negative.trim()) request.negative = s.negative.trim();
  if (s.sampler) request.sampler = s.sampler;
  if (s.model) request.model = s.model;
  if (s.size) [request.width, request.height] = s.size.split('x').map(Number);
  const labels = labelsOf(request.prompt, s);
  if (labels.subject) request.subject = labels.subject;
  if (labels.style) request.style = labels.style;
  return request;
}

/** Takes over the settings that a picture was drawn with. */
export function adopt(from) {
  const own = model();
  const width = from.native_width ?? from.width;
  const height = from.native_height ?? from.height;
  const size = width && height && (width !== own.native_width || height !== own.native_height)
    ? `${width}x${height}` : '';
  const labels = labelsOf(from.prompt ?? '', from);
  change({
    prompt: from.prompt ?? '', negative: from.negative ?? '', ...labels,
    steps: from.steps ?? null, scale: from.scale ?? null, sampler: from.sampler ?? '',
    seed: from.seed === null || from.seed === undefined ? settings.seed : String(from.seed), size,
    model: facts.models.some((m) => m.name === from.model) ? from.model : settings.model,
  });
}
