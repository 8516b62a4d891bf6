// Looking closer at the canvas: with Ctrl and the wheel, two fingers, keys or buttons.

const kMost = 8;

/**
 * Makes `stage`, which lies in the scrolling `view`, larger. `hooks`: `changed(by)`, and `pinch()` when a
 * second finger comes, so that what the first one began is dropped.
 */
export class Zoom {
  constructor(view, stage, hooks) {
    Object.assign(this, { view, stage, hooks, by: 1 });
    this.fingers = new Map(); // [x, y] by the pointer's id
    view.addEventListener('wheel', (event) => this.wheel(event), { passive: false });
    for (const [name, f] of [
      ['pointerdown', (event) => this.down(event)],
      ['pointermove', (event) => this.move(event)],
      ['pointerup', (event) => this.up(event)],
      ['pointercancel', (event) => this.up(event)],
    ])
      view.addEventListener(name, f, { capture: true });
  }

  /** Shows it `by` times as large; the point at x, y of the window stays where it is. */
  to(by, x, y) {
    const wanted = Math.min(kMost, Math.max(1, by));
    if (wanted === this.by) return;
    const at = this.view.getBoundingClientRect();
    const [px, py] = [x ?? at.x + at.width / 2, y ?? at.y + at.height / 2];
    const before = this.stage.getBoundingClientRect();
    const [u, v] = [(px - before.x) / before.width, (py - before.y) / before.height];
    this.by = wanted;
    this.stage.style.setProperty('width', `${wanted * 100}%`);
    const after = this.stage.getBoundingClientRect();
    this.view.scrollLeft += after.x + u * after.width - px;
    this.view.scrollTop += after.y + v * after.height - py;
    this.hooks.changed(wanted);
  }

  wheel(event) {
    if (!event.ctrlKey) return;
    event.preventDefault();
    this.to(this.by * Math.exp(-event.deltaY / 300), event.clientX, event.clientY);
  }

  down(event) {
    if (event.pointerType !== 'touch') return;
    this.fingers.set(event.pointerId, [event.clientX, event.clientY]);
    if (this.fingers.size < 2) return;
    event.stopPropagation();
    if (this.fingers.size === 2) {
      this.hooks.pinch();
      this.last = this.span();
    }
  }

  move(event) {
    if (!this.fingers.has(event.pointerId)) return;
    this.fingers.set(event.pointerId, [event.clientX, event.clientY]);
    if (this.fingers.size !== 2 || !this.last) return;
    event.stopPropagation();
    const now = this.span();
    this.to(this.by * (now.width / this.last.width), now.x, now.y);
    this.view.scrollLeft += this.last.x - now.x;
    this.view.scrollTop += this.last.y - now.y;
    this.last = now;
  }

  up(event) {
    this.fingers.delete(event.pointerId);
    if (this.fingers.size < 2) this.last = null;
  }

  /** How far two fingers are apart, and the middle between them. */
  span() {
    const [[ax, ay], [bx, by]] = [...this.fingers.values()];
    return { width: Math.max(1, Math.hypot(ax - bx, ay - by)), x: (ax + bx) / 2, y: (ay + by) / 2 };
  }
}
