// The shell: which page is shown, dark or light, and pictures dropped on the window.

import { api } from './api.js';
import { fill, h, icon, recall, remember } from './dom.js';
import { DrawPage } from './draw.js';
import { adopt, loadFacts } from './state.js';
import { attempt, toast } from './toast.js';

const kPages = {
  draw: async () => new DrawPage(),
  sheet: async () => new (await import('./sheet.js')).SheetPage(),
  gallery: async () => new (await import('./gallery.js')).GalleryPage(),
  how: async () => new (await import('./how.js')).HowPage(),
};

const main = document.getElementById('main');
const made = {};
let shown = null;

async function route() {
  const name = location.hash.slice(2).split('/')[0];
  const page = Object.hasOwn(kPages, name) ? name : 'draw';
  if (shown?.name === page) return;
  made[page] ??= kPages[page]();
  const next = await made[page];
  if (!main.contains(next.element)) main.append(next.element);
  shown?.page.hide?.();
  for (const element of main.children) element.hidden = element !== next.element;
  const first = shown === null;
  shown = { name: page, page: next };
  for (const link of document.querySelectorAll('.top nav a')) {
    if (link.dataset.page === page) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  if (!first) scrollTo(0, 0);
  next.show?.();
}

function themeSwitch() {
  const button = document.getElementById('theme');
  const system = matchMedia('(prefers-color-scheme: dark)');
  const dark = () => (recall('theme', null) ?? (system.matches ? 'dark' : 'light')) === 'dark';
  const show = () => {
    const to = dark() ? 'light' : 'dark';
    fill(button, icon(dark() ? 'sun' : 'moon'));
    button.title = `To ${to}`;
    button.setAttribute('aria-label', `Change to ${to}`);
  };
  button.addEventListener('click', () => {
    const theme = dark() ? 'light' : 'dark';
    remember('theme', theme);
    document.documentElement.dataset.theme = theme;
    show();
  });
  system.addEventListener('change', show);
  show();
}

// A picture dropped anywhere brings its settings back.
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
    const file = event.dataTransfer?.files?.[0];
    if (!file) return;
    event.preventDefault();
    attempt(() => takeSettings(file));
  });
  addEventListener('paste', (event) => {
    const file = [...(event.clipboardData?.files ?? [])].find((f) => f.type.startsWith('image/'));
    if (file) attempt(() => takeSettings(file));
  });
}

async function takeSettings(file) {
  const info = await api.settingsIn(file);
  if (!info.settings?.prompt) {
    toast('This picture carries no settings', { bad: true });
    return;
  }
  adopt({ width: info.width, height: info.height, ...info.settings });
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
