// A menu that opens at a button: Esc, a click elsewhere or a choice closes it.

import { h, icon } from './dom.js';

/** Opens a menu at `button` with `entries`, each [icon, text, run]. */
export function menu(button, entries) {
  const away = () => {
    element.hidePopover();
    element.remove();
  };
  const element = h(
    'div',
    {
      class: 'menu',
      role: 'menu',
      popover: 'auto',
      'aria-label': button.getAttribute('aria-label'),
      on: {
        toggle: (event) => {
          if (event.newState === 'closed') element.remove();
        },
        keydown: (event) => walk(event, element),
      },
    },
    entries.map(([sign, text, run]) =>
      h(
        'button',
        {
          type: 'button',
          role: 'menuitem',
          on: {
            click() {
              away();
              button.focus();
              run();
            },
          },
        },
        icon(sign),
        text,
      ),
    ),
  );
  button.after(element);
  element.showPopover();
  const { left, bottom, top } = button.getBoundingClientRect();
  const { width, height } = element.getBoundingClientRect();
  const below = bottom + height < innerHeight ? bottom : Math.max(0, top - height);
  element.style.setProperty('left', `${Math.max(4, Math.min(left, innerWidth - width - 4))}px`);
  element.style.setProperty('top', `${below}px`);
  element.firstElementChild.focus();
}

function walk(event, element) {
  event.stopPropagation(); // the keys of what lies beneath
  const items = [...element.children];
  const at = items.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  items.at(to % items.length).focus();
}
