// One line that says how far the drawing is. Its height never changes.

import { fill, h, inWords } from './dom.js';

export class ProgressLine {
  constructor(cancel) {
    this.fill = h('div', { class: 'progress-fill' });
    this.track = h(
      'div',
      {
        class: 'progress-track',
        role: 'progressbar',
        'aria-label': 'Drawing',
        'aria-valuemin': 0,
        'aria-valuemax': 100,
      },
      this.fill,
    );
    this.text = h(
      'p',
      { class: 'progress-text', id: 'progress-text' },
      'Press Draw: the pictures appear here, sharper with every step',
    );
    this.said = h('p', { class: 'sr', role: 'status' });
    this.cancelButton = h(
      'button',
      { type: 'button', class: 'button small', id: 'cancel', on: { click: cancel } },
      'Cancel',
    );
    this.element = h(
      'div',
      { class: 'progress', data: { state: 'idle' } },
      this.track,
      this.text,
      this.cancelButton,
      this.said,
    );
    this.cancelButton.disabled = true;
  }

  start(count) {
    this.count = count;
    this.state('running');
    this.at(0);
    fill(this.text, 'Waiting to begin');
    this.said.textContent = `Drawing ${count} pictures`;
  }

  queued(position) {
    if (this.element.dataset.state !== 'running') return;
    fill(this.text, position > 0 ? `Waiting: ${position} before this` : 'Next in line');
  }

  /** A Progress of the API. */
  update(p) {
    this.state('running');
    const whole = p.count > 0 ? (p.first_picture + p.pictures * (p.step / Math.max(p.steps, 1))) / p.count : 0;
    this.at(whole);
    const first = p.first_picture + 1;
    const last = p.first_picture + p.pictures;
    const which = last > first ? `pictures ${first} to ${last}` : `picture ${first}`;
    const left = p.seconds_left === null ? '' : `${inWords(p.seconds_left)} left`;
    const step = p.step === 0 ? 'Reading the words' : `Step ${p.step} of ${p.steps}`;
    fill(this.text, h('b', {}, step), `, ${which} of ${p.count}`, left && h('span', { class: 'muted' }, ` · ${left}`));
    document.title = `${Math.round(whole * 100)} % · Easel`;
  }

  lost() {
    fill(this.text, 'The connection broke; trying again');
  }

  end(job) {
    const word = { done: 'Done', cancelled: 'Cancelled', failed: 'Stopped', dead: 'Stopped' }[job.state];
    this.state('idle');
    this.at(job.state === 'done' ? 1 : 0);
    const seconds = job.started && job.finished ? (Date.parse(job.finished) - Date.parse(job.started)) / 1000 : 0;
    const pictures = job.pictures.length === 1 ? '1 picture' : `${job.pictures.length} pictures`;
    let text = `${word}: ${pictures}`;
    if (job.from_gallery) text = `${pictures} from the gallery`;
    else if (job.pictures.some((picture) => picture.unfinished)) text += ', as far as they are';
    else if (job.state === 'done' && seconds > 0) text += ` in ${inWords(seconds)}`;
    fill(this.text, text);
    this.said.textContent = text;
    document.title = 'Easel';
  }

  state(state) {
    this.element.dataset.state = state;
    this.cancelButton.disabled = state !== 'running';
  }

  at(fraction) {
    this.fill.style.setProperty('transform', `scaleX(${Math.min(fraction, 1)})`);
    this.track.setAttribute('aria-valuenow', String(Math.round(fraction * 100)));
  }
}
