// An exported gallery's page. A classic script with its data in data.js beside it, because a page
// opened from a folder may load neither modules nor JSON. Text is only ever set as text.
'use strict';

(function () {
  const gallery = window.easelGallery;
  const at = (id) => document.getElementById(id);
  const make = (tag, className, text) => {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text) element.textContent = text;
    return element;
  };
  const pairs = new Map(gallery.pairs.map((pair) => [pair.subject + '/' + pair.style, pair]));
  const pairOf = (subject, style) => pairs.get(subject + '/' + style);
  let shown = [];
  let index = 0;

  function picture(item, pair) {
    const button = make('button', 'picture');
    button.type = 'button';
    button.setAttribute('aria-label', pair.prompt + ', seed ' + item.seed);
    const image = make('img');
    image.loading = 'lazy';
    image.decoding = 'async';
    image.alt = '';
    image.width = item.width;
    image.height = item.height;
    image.src = item.file;
    button.append(image);
    return button;
  }

  function show() {
    const pair = pairOf(at('subject').value, at('style').value);
    at('prompt').textContent = pair ? pair.prompt : 'This pair was not drawn';
    shown = pair ? pair.pictures.map((item) => ({ item, pair })) : [];
    at('grid').replaceChildren(
      ...shown.map(({ item }, k) => {
        const button = picture(item, pair);
        button.addEventListener('click', () => enlarge(k));
        return button;
      }),
    );
    try {
      history.replaceState(null, '', '#' + at('subject').value + '/' + at('style').value);
    } catch {
      // Some browsers forbid it in a folder; the page works without.
    }
  }

  function enlarge(k) {
    index = k;
    const { item, pair } = shown[k];
    at('large').src = item.file;
    at('large').alt = pair.prompt;
    at('facts').textContent = pair.prompt + ' · seed ' + item.seed + ' · ' + item.width + ' × ' + item.height;
    at('back').disabled = k === 0;
    at('on').disabled = k === shown.length - 1;
    if (!at('viewer').open) at('viewer').showModal();
  }

  function turn(by) {
    if (shown[index + by]) enlarge(index + by);
  }

  function board() {
    const table = make('table');
    table.style.setProperty('--columns', gallery.styles.length);
    const head = make('tr');
    head.append(make('th'), ...gallery.styles.map((name) => make('th', '', name)));
    const body = make('tbody');
    gallery.subjects.forEach((subject, row) => {
      const line = make('tr');
      line.append(make('th', '', subject));
      gallery.styles.forEach((style, column) => {
        const cell = make('td');
        const pair = pairOf(row, column);
        if (pair && pair.pictures.length) {
          const button = picture(pair.pictures[0], pair);
          button.addEventListener('click', () => {
            at('subject').value = row;
            at('style').value = column;
            toggle(false);
            show();
          });
          cell.append(button);
        }
        line.append(cell);
      });
      body.append(line);
    });
    const top = make('thead');
    top.append(head);
    table.append(top, body);
    at('board').replaceChildren(table);
  }

  function toggle(whole) {
    at('matrix').setAttribute('aria-pressed', String(whole));
    at('board').hidden = !whole;
    at('grid').hidden = whole;
    at('prompt').hidden = whole;
    if (whole && !at('board').firstChild) board();
  }

  function option(name, value) {
    const element = make('option', '', name);
    element.value = value;
    return element;
  }

  at('title').textContent = gallery.title;
  document.title = gallery.title;
  at('about').textContent = gallery.about;
  at('subject').append(...gallery.subjects.map(option));
  at('style').append(...gallery.styles.map(option));
  const wanted = /^#(\d+)\/(\d+)$/.exec(location.hash);
  if (wanted && pairOf(wanted[1], wanted[2])) {
    at('subject').value = wanted[1];
    at('style').value = wanted[2];
  } else if (gallery.pairs.length) {
    at('subject').value = gallery.pairs[0].subject;
    at('style').value = gallery.pairs[0].style;
  }
  at('subject').addEventListener('change', () => {
    toggle(false);
    show();
  });
  at('style').addEventListener('change', () => {
    toggle(false);
    show();
  });
  at('matrix').addEventListener('click', () => toggle(at('board').hidden));
  at('back').addEventListener('click', () => turn(-1));
  at('on').addEventListener('click', () => turn(1));
  at('close').addEventListener('click', () => at('viewer').close());
  at('viewer').addEventListener('click', (event) => {
    if (event.target === at('viewer')) at('viewer').close();
  });
  at('viewer').addEventListener('keydown', (event) => {
    if (event.key === 'ArrowLeft') turn(-1);
    if (event.key === 'ArrowRight') turn(1);
  });
  show();
})();
