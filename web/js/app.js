// The shell: which page is shown, dark or light, and pictures dropped on the window.

import { api } from './api.js';
import { fill, h, icon, recall, remember } from './dom.js';
import { DrawPage } from './draw.js';
import { listenForKeys, showKeys } from './keys.js';
import { startFromFile } from './start.js';
import { adopt, change, loadFacts } from './state.js';
import { attempt, toast } from './toast.js';
import { closeViewer, viewById } from './viewer.js';

const kPages = {
  draw: async () => new DrawPage(),
  sheet: async (again) => new (await import(`./sheet.js${again}`)).SheetPage(),
  gallery: async (again) => new (await import(`./gallery.js${again}`)).GalleryPage(),
  how: async (again) => new (await import(`./how.js${again}`)).HowPage(),
};

const main = document.getElementById('main');
const made = {};
const tries = {};
let shown = null;

// A page that could not be fetched is asked for again the next time, under an address of its own:
// browsers remember a module that failed.
async function load(page) {
  try {
    made[page] ??= kPages[page](tries[page] ? `?again=${tries[page]}` : '');
    return await made[page];
  } catch (error) {
    delete made[page];
    tries[page] = (tries[page] ?? 0) + 1;
    if (!(error instanceof TypeError)) throw error;
    throw new Error('Easel does not answer: is it still running? The page opens as soon as it is back.', {
      cause: error,
    });
  }
}

async function route() {
  const [name, id] = location.hash.slice(2).split('/');
  if (name === 'picture' && id && shown) return viewById(id);
  closeViewer();
  // A picture's address opened in a new window: the gallery lies beneath.
  const page = Object.hasOwn(kPages, name) ? name : name === 'picture' && id ? 'gallery' : 'draw';
  if (shown?.name === page) return undefined;
  const next = await load(page);
  if (!main.contains(next.element)) main.append(next.element);
  shown?.page.hide?.();
  for (const element of main.children) element.hidden = element !== next.element;
  const first = shown === null;
  shown = { name: page, page: next };
  document.title = `${next.title} · Easel`;
  for (const link of document.querySelectorAll('.top nav a')) {
    if (link.dataset.page === page) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  if (!first) scrollTo(0, 0);
  next.show?.();
  return name === 'picture' && id ? viewById(id) : undefined;
}

function themeSwitch() {
  const button = document.getElementById('theme');
  const system = matchMedia('(prefers-color-scheme: dark)');
  const systems = () => (system.matches ? 'dark' : 'light');
  // As the system, then the other way, then this way whatever the system does, then as the system again.
  const next = () => {
    const chosen = recall('theme', null);
    if (chosen === null) return systems() === 'dark' ? 'light' : 'dark';
    return chosen === systems() ? null : systems();
  };
  const kSigns = { light: 'sun', dark: 'moon', null: 'screen' };
  const show = () => {
    const to = next();
    fill(button, icon(kSigns[to]));
    button.title = to ? `To ${to}` : 'As the system';
    button.setAttribute('aria-label', to ? `Change to ${to}` : 'Dark or light as the system is');
  };
  button.addEventListener('click', () => {
    const theme = next();
    remember('theme', theme);
    if (theme) document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
    show();
  });
  system.addEventListener('change', show);
  show();
}

// A picture dropped or pasted at "Start from a picture" is begun at; anywhere else it brings its settings
// back, if it has any.
function dropping() {
  const sign = document.getElementById('drop');
  const hasFile = (event) => [...(event.dataTransfer?.types ?? [])].includes('Files');
  let leaving = 0;
  addEventListener('dragover', (event) => {
    if (!hasFile(event)) return;
    event.preventDefault();
    clearTimeout(leaving);
    sign.hidden = false;
  });
  addEventListener('dragleave', () => {
    leaving = setTimeout(() => {
      sign.hidden = true;
    }, 80);
  });
  addEventListener('drop', (event) => {
    sign.hidden = true;
    const files = [...(event.dataTransfer?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    // In the gallery, and where they are several, they join the gallery.
    if (files.length > 1 || shown?.name === 'gallery') attempt(async () => (await import('./bring.js')).bring(files));
    else attempt(() => (isStart(event.target) ? startFromFile(files[0]) : takeSettings(files[0])));
  });
  addEventListener('paste', (event) => {
    const file = [...(event.clipboardData?.files ?? [])].find((f) => f.type.startsWith('image/'));
    if (file) attempt(() => (isStart(document.activeElement) ? startFromFile(file) : takeSettings(file)));
  });
}

const isStart = (element) => Boolean(element?.closest?.('#start, #start-open'));

async function takeSettings(file) {
  if (file.type && !file.type.startsWith('image/')) {
    toast(`${file.name} is no picture: only pictures carry settings`, { bad: true });
    return;
  }
  const info = await api.settingsIn(file);
  if (!info.settings?.prompt) {
    await startFromFile(file);
    toast('This picture carries no settings: the next drawing starts from it');
    return;
  }
  adopt({ width: info.width, height: info.height, ...info.settings });
  change({ count: 1 });
  location.hash = '#/draw';
  toast('The picture’s settings are back: press Draw to draw it again');
}

// A server on another machine hands out a link with a token once; it becomes a cookie.
async function signIn() {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (!token) return;
  history.replaceState(null, '', '#/draw');
  await api.session(token);
}

async function start() {
  themeSwitch();
  dropping();
  fill(document.getElementById('keys'), icon('help')).addEventListener('click', showKeys);
  listenForKeys();
  try {
    await signIn();
    await loadFacts();
  } catch (error) {
    fill(
      main,
      h(
        'div',
        { class: 'empty' },
        h(
          'p',
          {},
          error.status === 401
            ? 'This Easel needs its token: open the link that it printed when it started'
            : error.message,
        ),
        h('button', { type: 'button', class: 'button', on: { click: () => location.reload() } }, 'Try again'),
      ),
    );
    return;
  }
  addEventListener('hashchange', () => attempt(route));
  await route();
}

start();
