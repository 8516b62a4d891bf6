// One's own subjects and styles: a dialog to add, edit and remove them.

import { api } from './api.js';
import { fill, h, iconButton } from './dom.js';
import { facts, setCatalogue } from './state.js';
import { attempt, toast } from './toast.js';

function row(entry, remove) {
  const name = h('input', {
    class: 'entry-name',
    maxlength: 200,
    value: entry.name,
    placeholder: 'In the menu',
    'aria-label': 'Name in the menu',
  });
  const text = h('input', {
    class: 'entry-text',
    maxlength: 1000,
    value: entry.text === entry.name ? '' : entry.text,
    placeholder: 'In the sentence (empty: the same)',
    'aria-label': 'Words in the sentence',
  });
  const element = h(
    'div',
    { class: 'entry' },
    name,
    text,
    iconButton('trash', 'Remove', () => remove(element)),
  );
  element.read = () => ({ name: name.value.trim(), text: text.value.trim() || name.value.trim() });
  return element;
}

function section(title, hint, entries) {
  const list = h('div', { class: 'entries' });
  const remove = (element) => element.remove();
  const add = (entry) => {
    const element = row(entry, remove);
    list.append(element);
    return element;
  };
  entries.filter((entry) => entry.own).forEach(add);
  const more = h(
    'button',
    {
      type: 'button',
      class: 'button small add-entry',
      on: { click: () => add({ name: '', text: '' }).querySelector('input').focus() },
    },
    'Add one',
  );
  const builtIn = entries
    .filter((entry) => !entry.own)
    .map((entry) => entry.name)
    .join(' · ');
  return {
    element: h(
      'section',
      {},
      h('h3', {}, title),
      h('p', { class: 'says' }, hint),
      list,
      more,
      h('p', { class: 'says built-in' }, `Built in: ${builtIn}`),
    ),
    read: () => [...list.children].map((element) => element.read()).filter((entry) => entry.name),
  };
}

/** A name that own entries have twice, or that is built in; undefined where each is new. */
function repeated(own, all) {
  const taken = new Set(all.filter((entry) => !entry.own).map((entry) => entry.name.toLowerCase()));
  return own.find(({ name }) => {
    const key = name.toLowerCase();
    if (taken.has(key)) return true;
    taken.add(key);
    return false;
  })?.name;
}

/** Opens the dialog. */
export function catalogueEditor() {
  const subjects = section('Your subjects', 'What is in the picture: “an owl on a branch”.', facts.catalogue.subjects);
  const styles = section('Your styles', 'How it is made: “as a linocut”.', facts.catalogue.styles);
  const dialog = h('dialog', {
    class: 'editor',
    'aria-labelledby': 'editor-title',
    on: { close: () => dialog.remove() },
  });
  const save = () =>
    attempt(async () => {
      const twice =
        repeated(subjects.read(), facts.catalogue.subjects) ?? repeated(styles.read(), facts.catalogue.styles);
      if (twice) {
        toast(`“${twice}” is there already`, { bad: true });
        return;
      }
      setCatalogue(await api.saveCatalogue({ subjects: subjects.read(), styles: styles.read() }));
      dialog.close();
      toast('Your lists are saved');
    });
  fill(
    dialog,
    h(
      'form',
      {
        method: 'dialog',
        on: {
          submit: (event) => {
            event.preventDefault();
            save();
          },
        },
      },
      h(
        'div',
        { class: 'editor-head' },
        h('h2', { id: 'editor-title' }, 'Subjects and styles'),
        iconButton('close', 'Close', () => dialog.close()),
      ),
      h('div', { class: 'editor-body' }, subjects.element, styles.element),
      h(
        'div',
        { class: 'editor-foot' },
        h('button', { type: 'button', class: 'button', on: { click: () => dialog.close() } }, 'Leave as it was'),
        h('button', { type: 'submit', class: 'button main', id: 'save-lists' }, 'Save'),
      ),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
}
