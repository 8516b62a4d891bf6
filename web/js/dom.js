// Elements from plain values. Text is only ever set as text, so that no prompt, name or setting can
// become markup.

const kSvg = 'http://www.w3.org/2000/svg';

/**
 * Makes an element. `props`: `class`, `on` (event listeners by name), `data` (data attributes),
 * `style` (CSS properties by name), booleans as attributes present or absent, anything else as an
 * attribute. Children: nodes and texts; null, undefined and false are left out.
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === 'class') element.className = value;
    else if (name === 'on') {
      for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    } else if (name === 'data') Object.assign(element.dataset, value);
    else if (name === 'style') {
      for (const [property, v] of Object.entries(value)) element.style.setProperty(property, v);
    } else if (name === 'value') element.value = value;
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  append(element, children);
  return element;
}

function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : String(child));
  }
}

/** Replaces all children. */
export function fill(element, ...children) {
  element.replaceChildren();
  append(element, children);
  return element;
}

// 20x20, drawn with strokes of the text's colour.
const kIcons = {
  upscale: 'M3 8V3h5M17 12v5h-5M3 3l5.5 5.5M17 17l-5.5-5.5',
  subtle: 'M3 12c2.500-5 4.500-5 7 0s4.500 5 7 0',
  strong: 'M2.500 12 6 3.500l4 13 4-13L17.500 12',
  redo: 'M16 10a6 6 0 1 1-1.800-4.300L16.500 8M16.500 3.500V8H12',
  picture: 'M3 4h14v12H3zM3 13l4-4 4 4 2.500-2.500L17 14M13 7.500h.01',
  eraser: 'M8 16.500 3.500 12 11 4.500l5 5-7 7zM7 8.500l5 5M9 16.500h8',
  check: 'M4 10.500l4 4 8-9',
  more: 'M4.500 10h.01M10 10h.01M15.500 10h.01',
  restyle: 'M4 16c2.5 0 3-1 3-2.5a2 2 0 0 1 4 0C11 16 8 17.5 4 16zM9.5 11.5 16 3.5l1 1-6.5 7.8',
  copy: 'M4 6.5l4 3.5-4 3.5M10 14.5h6.5',
  download: 'M10 3v9M6 8.5l4 4 4-4M3.5 16.5h13',
  trash: 'M4 5.5h12M8 5.5V3.5h4v2M5.5 5.5l.8 11h7.400l.8-11M8.5 8.5v5M11.5 8.5v5',
  heart: 'M10 16.5C4 12.5 2.5 9.5 3.200 7 4 4.300 7.8 3.5 10 6.5c2.200-3 6-2.200 6.8.5.7 2.5-.8 5.5-6.8 9.5z',
  dice: 'M4 3h12a1 1 0 0 1 1 1v12a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1zM7 7h.01M13 7h.01M10 10h.01M7 13h.01M13 13h.01',
  screen: 'M3 4h14v9H3zM7 16.5h6M10 13v3.500',
  lock: 'M5 9h10v7.5H5zM7 9V6.500a3 3 0 0 1 6 0V9',
  help: 'M7.200 7.5a2.800 2.800 0 1 1 4 2.500c-.8.5-1.200 1-1.200 2M10 15h.01',
  close: 'M4.5 4.5l11 11M15.5 4.5l-11 11',
  left: 'M12.5 4 6.5 10l6 6',
  right: 'M7.5 4l6 6-6 6',
  plus: 'M10 4v12M4 10h12',
  minus: 'M4 10h12',
  edit: 'M3.5 16.5l.8-3.5L13 4.300l2.700 2.700L7 15.700zM11.5 5.8l2.700 2.700',
  moon: 'M16 12.5A7 7 0 0 1 7.5 4a6.8 6.8 0 1 0 8.5 8.5z',
  sun: 'M10 6.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7zM10 1.5v2M10 16.5v2M1.5 10h2M16.5 10h2M4 4l1.400 1.400M14.600 14.600 16 16M4 16l1.400-1.400M14.600 5.400 16 4',
  search: 'M8.5 3a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM12.5 12.5 17 17',
  undo: 'M4 8h8.5a4 4 0 0 1 0 8H8M4 8l3.5-3.5M4 8l3.5 3.5',
  info: 'M10 2.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15zM10 9v5M10 6.200h.01',
  sliders: 'M3 6h7M14 6h3M3 14h3M10 14h7M12 4v4M8 12v4',
};

/** A small drawing, hidden from screen readers: its button says what it does. */
export function icon(name) {
  const svg = document.createElementNS(kSvg, 'svg');
  svg.setAttribute('viewBox', '0 0 20 20');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(kSvg, 'path');
  path.setAttribute('d', kIcons[name] ?? kIcons.info);
  svg.append(path);
  return svg;
}

/** A button with an icon alone; `label` is its name for everybody who cannot see it. */
export function iconButton(name, label, onClick, props = {}) {
  return h(
    'button',
    {
      type: 'button',
      class: 'icon-button',
      'aria-label': label,
      title: label,
      on: { click: onClick },
      ...props,
    },
    icon(name),
  );
}

/** Reads localStorage; the fallback where there is nothing or no storage. */
export function recall(key, fallback) {
  try {
    const text = localStorage.getItem(`easel.${key}`);
    return text === null ? fallback : JSON.parse(text);
  } catch {
    return fallback;
  }
}

export function remember(key, value) {
  try {
    localStorage.setItem(`easel.${key}`, JSON.stringify(value));
  } catch {
    // A full or forbidden storage costs convenience only.
  }
}

/** Seconds in words a person would use. */
export function inWords(seconds) {
  if (!Number.isFinite(seconds)) return '';
  if (seconds < 1) return 'under a second';
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

/** Calls `f` once things have been quiet for `ms`. */
export function debounced(f, ms) {
  let timer = 0;
  return (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => f(...args), ms);
  };
}
