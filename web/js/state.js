// What the person has chosen, kept between visits, and the facts that the server told.

import { api } from './api.js';
import { recall, remember } from './dom.js';

/** Filled by load_facts(): catalogue, models, samplers, and the list of a picture's settings. */
export const facts = {
  catalogue: { subjects: [], styles: [], join: ', ' },
  models: [],
  samplers: [],
  fields: [],
};

const kFresh = {
  subject: '',
  style: '',
  prompt: '',
  negative: '',
  steps: null,
  scale: null,
  sampler: '',
  size: '',
  seed: '1',
  keep_seed: false,
  count: 16,
  model: '',
  guidance_interval: '',
  deep_cache: '',
};

// What means nothing without a picture to begin at, and of that, without a mask.
const kEditing = {
  init_sha256: '',
  mask_sha256: '',
  strength: null,
  extend: '',
  resize_mode: '',
  mask_blur: null,
  mask_invert: false,
  mask_content: '',
  only_masked: false,
  mask_padding: null,
};
const kMasking = ['mask_blur', 'mask_invert', 'mask_content', 'only_masked', 'mask_padding'];
Object.assign(kFresh, kEditing);

/** The settings of somebody who begins at no picture. */
export const noEditing = () => ({ ...kEditing });

/** How much of a picture that is begun at is drawn anew, from 0 to 1: where nobody says, as the server does it. */
export const strengthOf = ({ strength, extend }) => strength ?? (extend ? 0.9 : 0.75);

/** The controls' values. What is empty is the model's own default. */
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
  const [catalogue, models, samplers, fields] = await Promise.all([
    api.catalogue(),
    api.models(),
    api.samplers(),
    api.fields(),
  ]);
  Object.assign(facts, { catalogue, models: models.filter((model) => !model.error), samplers, fields });
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
  return (
    facts.models.find((m) => m.name === settings.model) ?? facts.models.find((m) => m.default) ?? facts.models[0] ?? {}
  );
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
    return (
      (found.find((entry) => entry.name === hinted) ?? found.sort((a, b) => b.text.length - a.text.length)[0])?.name ??
      ''
    );
  };
  return { subject: inPrompt(subjects, hint.subject), style: inPrompt(styles, hint.style) };
}

/** A seed that nobody chose. */
export const randomSeed = () => String(crypto.getRandomValues(new Uint32Array(1))[0]);

/** Whether the next drawing takes another seed: this one was drawn with, and nobody keeps it. */
export const takesAnotherSeed = () => !settings.keep_seed && settings.seed === recall('drawn_seed', null);

/** A seed as the API takes it: the digits as they are, so that none is rounded. */
export const seedValue = (seed) => (/^\d{1,15}$/.test(String(seed)) ? Number(seed) : String(seed));

const isEmpty = (value) => value === '' || value === null || value === undefined;
const kSent = {
  seed: seedValue,
  integer: Number,
  number: Number,
  text: (value) => String(value).trim(),
};

/** Of an object, the settings that a client may ask for; what is empty is left to the server. */
export function askedOf(values) {
  const sent = facts.fields
    .filter((field) => field.asked)
    .map(({ name, kind }) => [name, isEmpty(values[name]) ? '' : (kSent[kind] ?? ((v) => v))(values[name])]);
  return Object.fromEntries(sent.filter(([, value]) => !isEmpty(value)));
}

/** A picture's settings as it was drawn, before it was enlarged. */
export function drawnWith(picture) {
  return askedOf({
    ...picture,
    width: picture.native_width ?? picture.width,
    height: picture.native_height ?? picture.height,
    upscale: null,
    upscaler: '',
  });
}

// Of the settings, what a request may say of a picture to begin at.
function editingOf(s) {
  if (!s.init_sha256) return noEditing();
  const editing = Object.fromEntries(Object.keys(kEditing).map((name) => [name, s[name]]));
  const masked = Boolean(s.mask_sha256) || Boolean(s.extend);
  for (const name of kMasking) if (!masked) editing[name] = kEditing[name];
  for (const name of ['mask_invert', 'only_masked']) editing[name] &&= Boolean(s.mask_sha256);
  editing.only_masked &&= !s.extend;
  if (!editing.only_masked) editing.mask_padding = null;
  return { ...editing, strength: strengthOf(s) };
}

/** The settings as a DrawRequest. */
export function drawRequest(over = {}) {
  const s = { ...settings, ...over };
  const { steps, scale } = defaults();
  const [width, height] = s.size ? s.size.split('x') : [];
  const request = askedOf({
    ...s,
    steps: s.steps ?? steps,
    scale: s.scale ?? scale,
    width,
    height,
    ...editingOf(s),
    ...labelsOf(s.prompt.trim(), s),
  });
  return { prompt: '', ...request, count: Number(s.count) };
}

/** Takes over the settings that a picture was drawn with. */
export function adopt(from) {
  const own = model();
  const drawn = drawnWith(from);
  const { width, height } = drawn;
  const kept = Object.keys(kFresh).filter((name) => facts.fields.some((field) => field.name === name));
  const values = Object.fromEntries(kept.map((name) => [name, drawn[name] ?? kFresh[name]]));
  if (isEmpty(from.seed)) values.seed = settings.seed;
  if (!facts.models.some((m) => m.name === from.model)) values.model = settings.model;
  change({
    ...values,
    ...labelsOf(values.prompt, from),
    seed: String(values.seed),
    keep_seed: !isEmpty(from.seed) || settings.keep_seed,
    size: width && height && (width !== own.native_width || height !== own.native_height) ? `${width}x${height}` : '',
  });
}
