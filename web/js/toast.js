// Short notes at the foot of the page, read out by screen readers.

import { h } from './dom.js';

const kShownFor = 7000;

/** Shows `text`; with `action` ({label, run}) a button that does it. Returns what takes it away. */
export function toast(text, { action = null, bad = false, ms = kShownFor } = {}) {
  const box = document.getElementById('toasts');
  let timer = 0;
  const note = h(
    'div',
    { class: bad ? 'toast bad' : 'toast' },
    h('span', {}, text),
    action &&
      h(
        'button',
        {
          type: 'button',
          on: {
            click() {
              away();
              action.run();
            },
          },
        },
        action.label,
      ),
  );
  function away() {
    clearTimeout(timer);
    note.remove();
  }
  timer = setTimeout(away, ms);
  // Somebody reading or aiming at it keeps it there.
  note.addEventListener('pointerenter', () => clearTimeout(timer));
  note.addEventListener('pointerleave', () => {
    timer = setTimeout(away, ms / 2);
  });
  while (box.children.length > 2) box.firstElementChild.remove();
  box.append(note);
  return away;
}

/** Says what went wrong, as the server said it. */
export function complain(error) {
  if (error?.name === 'AbortError') return;
  const allowed = error?.allowed ? ` (allowed: ${error.allowed})` : '';
  toast(`${error?.message ?? error}${allowed}`, { bad: true, ms: 9000 });
}

/** Runs asynchronous work of an event listener; what it throws is said, not lost. */
export function attempt(work) {
  return Promise.resolve().then(work).catch(complain);
}
