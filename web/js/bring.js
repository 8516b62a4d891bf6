// Pictures of one's own, of any program, that join the gallery.

import { api } from './api.js';
import { fill, h, icon } from './dom.js';
import { readable } from './start.js';
import { attempt, toast } from './toast.js';

const counted = (n) => `${n.toLocaleString()} picture${n === 1 ? '' : 's'}`;

/** Sends the files one after the other; a note tells what came of them. */
export async function bring(files) {
  const pictures = [...files].filter((file) => !file.type || file.type.startsWith('image/'));
  let added = 0;
  const refused = [];
  for (const file of pictures) {
    try {
      if (await api.bring(await readable(file))) added += 1;
    } catch (error) {
      if (error.status === 0 || error.status === 507) throw error;
      refused.push(`${file.name}: ${error.message}`);
    }
  }
  const there = pictures.length - added - refused.length;
  const said = [`${counted(added)} added to the gallery`];
  if (there) said.push(`${there.toLocaleString()} ${there === 1 ? 'was' : 'were'} there already`);
  if (files.length > pictures.length)
    said.push(`${counted(files.length - pictures.length).replace('picture', 'other file')} left out`);
  toast(said.join('; '));
  if (refused.length) toast(refused.slice(0, 3).join('\n'), { bad: true });
}

/** The button that asks for files. */
export function bringButton() {
  const input = h('input', {
    type: 'file',
    accept: 'image/*',
    multiple: true,
    class: 'sr',
    tabindex: -1,
    'aria-label': 'Picture files to add',
    on: {
      change: (event) => {
        const files = [...event.target.files];
        event.target.value = '';
        attempt(() => bring(files));
      },
    },
  });
  const button = h('button', { type: 'button', class: 'button', id: 'bring', on: { click: () => input.click() } });
  return [fill(button, icon('plus'), 'Add pictures'), input];
}
