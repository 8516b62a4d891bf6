// What a drawing would cost and what the model makes of its words, in words.

import { api } from './api.js';
import { debounced, fill, h, inWords } from './dom.js';

/** Of a DrawRequest: what an element is filled with, and the notes on its words; null where `signal` ended the question. */
async function costOf({ subject, style, ...asked }, signal) {
  const pictures = asked.count === 1 ? 'One picture' : `${asked.count} pictures`;
  try {
    const answer = await api.estimate(asked, signal);
    const { notes = [] } = answer;
    if (answer.from_gallery) return { cost: `${pictures}, already in the gallery: at once`, notes };
    if (answer.seconds === null) {
      return { cost: `${pictures}; the first drawing will tell how long they take`, notes };
    }
    const about = answer.measured ? 'about' : 'roughly';
    const queue = answer.queue_seconds > 1 ? `, after ${inWords(answer.queue_seconds)} of what is in the queue` : '';
    return { cost: [`${pictures}, ${about} `, h('b', {}, inWords(answer.seconds)), queue], notes };
  } catch (error) {
    if (error.name === 'AbortError') return null;
    return { cost: [error.message, error.allowed ? ` (allowed: ${error.allowed})` : ''], notes: [] };
  }
}

/**
 * The lines under the prompt: what a drawing costs, what is to be known of its words. `ask` takes what gives the
 * DrawRequest, or null where there is nothing to draw yet.
 */
export function costLines() {
  const cost = h('p', { class: 'cost', id: 'cost', 'aria-live': 'polite' });
  const notes = h('ul', { class: 'notes', id: 'prompt-notes', 'aria-live': 'polite', 'aria-label': 'Of the words' });
  const say = (said) => {
    fill(cost, said.cost);
    fill(
      notes,
      said.notes.map((note) => h('li', {}, note)),
    );
  };
  let asking;
  const ask = debounced(async (wanted) => {
    asking?.abort();
    const request = wanted();
    if (!request) return say({ cost: 'Choose or write what to draw', notes: [] });
    asking = new AbortController();
    const said = await costOf(request, asking.signal);
    return said && say(said);
  }, 150);
  return { elements: [cost, notes], ask };
}
