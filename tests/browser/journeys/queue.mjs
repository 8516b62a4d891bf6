// Drawing while something is drawn: the queue, as one sees it.

import { check, equal } from '../harness.mjs';

const row = '.queue li';
const state = (page, id) => page.evaluate(async (job) => (await (await fetch(`/api/v1/jobs/${job}`)).json()).state, id);
const ids = (page) => page.locator(row).evaluateAll((rows) => rows.map((r) => r.dataset.job));
const rows = (page, n) => page.waitForFunction((k) => document.querySelectorAll('.queue li').length === k, n);

/** A drawing that is under way, and two that wait. */
async function threeAsked(visit, site) {
  const page = await visit.start({ steps: site.real ? 400 : 1000, count: 4, seed: '901' });
  await visit.draw();
  await page.waitForFunction(() => document.querySelector('#progress-text')?.textContent.startsWith('Step'));
  await page.fill('#steps', '3');
  await page.locator('#steps').blur();
  for (const [k, words] of ['the second one', 'the third one'].entries()) {
    await page.fill('#prompt', words);
    equal(await page.textContent('#draw'), 'Add to the queue', 'what the button does');
    await visit.draw();
    await rows(page, k + 2);
  }
  return page;
}

export const queue = [
  {
    name: 'Draw while drawing adds to the queue, and what waits can be removed',
    async run(visit, site) {
      const page = await threeAsked(visit, site);
      const [running, second, third] = await ids(page);
      equal(
        [await state(page, running), await state(page, second), await state(page, third)],
        ['running', 'queued', 'queued'],
        'the first goes on, the others wait',
      );
      const other = await visit.browser.newContext();
      const window = await other.newPage();
      await window.goto(site.url);
      await rows(window, 3);
      equal(await ids(window), [running, second, third], 'another window shows the same');
      await window.click(`${row}:nth-child(2) button[aria-label="Remove from the queue"]`);
      await rows(page, 2);
      equal(await state(page, second), 'cancelled', 'what was removed');
      equal(await state(page, running), 'running', 'the drawing that was under way');
      await other.close();
      await page.click('#cancel');
      await page.waitForFunction(
        () =>
          document.querySelector('.grid-title')?.textContent === 'the third one' &&
          document.querySelectorAll('.draw .grid .cell[data-state=done]').length === 4,
      );
      equal(await page.textContent('#draw'), 'Draw', 'nothing waits any more');
    },
  },
  {
    name: 'what waits is drawn sooner, or not until it may',
    async run(visit, site) {
      const page = await threeAsked(visit, site);
      const [running, second, third] = await ids(page);
      const sooner = 'button[aria-label="Draw sooner"]';
      equal(await page.locator(sooner).count(), 1, "only the last has something of one's own before it");
      await page.click(`${row}:nth-child(3) ${sooner}`);
      await page.waitForFunction((id) => document.querySelectorAll('.queue li')[1]?.dataset.job === id, third);
      equal(await ids(page), [running, third, second], 'the third before the second');
      await page.click('.queue-head >> text=Pause');
      await page.waitForSelector('.queue-head >> text=Go on drawing');
      await page.click('#cancel');
      await page.waitForFunction(() => !document.querySelector('.queue li[data-state=running]'));
      check((await page.textContent('.queue')).includes('paused'), 'what waits says why');
      equal([await state(page, third), await state(page, second)], ['queued', 'queued'], 'nothing is drawn meanwhile');
      await page.click('.queue-head >> text=Go on drawing');
      await page.waitForFunction(
        () =>
          document.querySelector('.grid-title')?.textContent === 'the second one' &&
          document.querySelector('.queue-head button')?.textContent === 'Pause',
      );
    },
  },
  {
    name: 'a grid that made way for the next one is a click away',
    async run(visit, site) {
      const page = await visit.start({ steps: site.real ? 30 : 60, count: 1, seed: '911', prompt: 'a cat' });
      await visit.draw();
      await page.waitForFunction(() => document.querySelector('#draw').textContent === 'Add to the queue');
      await page.fill('#prompt', 'a ship');
      await visit.draw();
      const title = (words) =>
        page.waitForFunction(
          (w) =>
            document.querySelector('.grid-title')?.textContent === w &&
            document.querySelectorAll('.draw .grid .cell[data-state=done]').length === 1,
          words,
        );
      await title('a ship');
      await page.click('.queue-look >> text=a cat');
      await title('a cat');
      check(await page.locator('.queue-look >> text=a ship').isVisible(), 'and the other one too');
    },
  },
];
