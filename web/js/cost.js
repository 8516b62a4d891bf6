// What a drawing would cost, in words.

import { api } from './api.js';
import { h, inWords } from './dom.js';

/** Of a DrawRequest, what an element is filled with; null where `signal` ended the question. */
export async function costOf({ subject, style, ...asked }, signal) {
  const pictures = asked.count === 1 ? 'One picture' : `${asked.count} pictures`;
  try {
    const answer = await api.estimate(asked, signal);
    if (answer.from_gallery) return `${pictures}, already in the gallery: at once`;
    if (answer.seconds === null) return `${pictures}; the first drawing will tell how long they take`;
    const about = answer.measured ? 'about' : 'roughly';
    const queue = answer.queue_seconds > 1 ? `, after ${inWords(answer.queue_seconds)} of what is in the queue` : '';
    return [`${pictures}, ${about} `, h('b', {}, inWords(answer.seconds)), queue];
  } catch (error) {
    if (error.name === 'AbortError') return null;
    return [error.message, error.allowed ? ` (allowed: ${error.allowed})` : ''];
  }
}
