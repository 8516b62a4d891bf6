// What can be done with a picture.

import { readFileSync } from 'node:fs';
import { check, equal } from '../harness.mjs';

const first = '.draw .cell:first-child';

async function chooseMore(page, text) {
  await page.click(`${first} button[aria-label="More"]`);
  await page.click(`.menu >> text=${text}`);
}

const addresses = (page) => page.locator('.draw .cell img').evaluateAll((images) => images.map((i) => i.src));

async function drawn(visit, settings = {}) {
  const page = await visit.start({ count: 4, ...settings });
  await visit.draw();
  await visit.allDrawn(4);
  return page;
}

async function downloaded(page, act) {
  const [download] = await Promise.all([page.waitForEvent('download'), act()]);
  return readFileSync(await download.path());
}

export const pictures = [
  {
    name: 'Upscale puts the enlarged picture in its place',
    async run(visit) {
      const page = await drawn(visit);
      const width = await page.locator(`${first} img`).evaluate((image) => image.naturalWidth);
      await page.click(`${first} button[aria-label="Upscale"]`);
      await page.waitForFunction((w) => document.querySelector('.draw .cell img').naturalWidth === 4 * w, width);
      equal(await page.textContent(`${first} .cell-note`), '×4', 'its sign');
    },
  },
  {
    name: 'one click under a picture varies it, subtly or strongly, in the grid',
    async run(visit) {
      const page = await drawn(visit, { steps: 2 });
      const varied = async (label) => {
        const before = await addresses(page);
        const [request] = await Promise.all([
          page.waitForRequest((r) => r.url().endsWith('/variations')),
          page.click(`${first} button[aria-label^="${label}"]`),
        ]);
        await page.waitForFunction(
          (old) => !document.querySelector(`.draw img[src="${old}"]`),
          new URL(before[0]).pathname,
        );
        await visit.allDrawn(4);
        check(!(await addresses(page)).some((src) => before.includes(src)), `${label}: other pictures`);
        return request.postDataJSON();
      };
      const subtle = await varied('Vary subtly');
      check((await page.textContent('.grid-head')).includes('varied subtly'), 'the line says what they are');
      const strong = await varied('Vary strongly');
      check(strong.strength > subtle.strength, `strengths ${subtle.strength}, ${strong.strength}`);
      check(strong.seed !== subtle.seed, 'others each time');
      await page.focus(`${first} .cell-picture`);
      const [request] = await Promise.all([
        page.waitForRequest((r) => r.url().endsWith('/variations')),
        page.keyboard.press('Shift+V'),
      ]);
      equal(request.postDataJSON().strength, strong.strength, 'the key’s strength');
      await visit.allDrawn(4);
    },
  },
  {
    name: 'redo draws another in its place, which can be put back, and the whole grid again',
    async run(visit) {
      const page = await drawn(visit);
      const before = await addresses(page);
      await page.click(`${first} button[aria-label^="Draw it again"]`);
      await page.waitForSelector('.toast >> text=Put it back');
      const one = await addresses(page);
      check(one[0] !== before[0], 'another picture stands there');
      equal(one.slice(1), before.slice(1), 'the others');
      await page.click('.toast >> text=Put it back');
      await page.waitForFunction((src) => document.querySelector('.draw .cell img').src === src, before[0]);
      await page.click('#redo-grid');
      await page.waitForFunction((src) => document.querySelector('.draw .cell img').src !== src, before[0]);
      await visit.allDrawn(4);
      check(!(await addresses(page)).some((src) => before.includes(src)), 'four others');
    },
  },
  {
    name: 'a heart under a picture is the viewer’s and the server’s too',
    async run(visit) {
      const page = await drawn(visit);
      await page.click(`${first} button[aria-label="Favourite"]`);
      await page.click(`${first} .cell-picture`);
      equal(await page.getAttribute('.viewer-top [data-heart]', 'aria-pressed'), 'true', 'in the viewer');
      await page.click('.viewer-top [data-heart]');
      await page.keyboard.press('Escape');
      equal(await page.getAttribute(`${first} [data-heart]`, 'aria-pressed'), 'false', 'in the grid');
      await page.focus(`${first} .cell-picture`);
      const [answer] = await Promise.all([
        page.waitForResponse((r) => r.request().method() === 'PATCH'),
        page.keyboard.press('f'),
      ]);
      equal((await answer.json()).favourite, true, 'for the server');
    },
  },
  {
    name: 'the viewer varies in its strip, draws again, Same seed another style',
    async run(visit) {
      const page = await drawn(visit);
      await page.click(`${first} .cell-picture`);
      await page.click('.viewer-actions >> text=Vary strongly');
      await page.waitForFunction(() => document.querySelectorAll('.strip .cell[data-state=done]').length === 4);
      await page.selectOption('#restyle', { index: 5 });
      await page.waitForFunction(() => document.querySelectorAll('.strip .cell[data-state=done]').length === 5);
      const style = await page.textContent('.strip .cell:first-child .cell-note');
      await page.click('.strip .cell:first-child .cell-picture');
      equal(await page.locator('.viewer dd').first().textContent(), '1', 'the seed is the same');
      check(style.length > 0, 'the style is named');
    },
  },
  {
    name: 'the viewer at 200 % zoom shows the picture whole, and controls beside it',
    async run(visit) {
      await visit.open({ viewport: { width: 640, height: 425 } });
      const page = await drawn(visit);
      await page.click(`${first} .cell-picture`);
      const [image, button] = [page.locator('.viewer-image img'), page.locator('.viewer-actions button').first()];
      for (const [name, part] of Object.entries({ picture: image, button })) {
        const { x, y, width, height } = await part.boundingBox();
        check(
          x >= 0 && y >= 0 && x + width <= 640 && y + height <= 425,
          `the ${name} lies in the window: ${x}, ${y}, ${width} × ${height}`,
        );
      }
      const side = Math.min((await image.boundingBox()).width, (await image.boundingBox()).height);
      check(side > 200, `the picture’s side: ${side}`);
    },
  },
  {
    name: 'texts keep clear of their frames in the viewer, a strip says that it scrolls',
    async run(visit) {
      const page = await drawn(visit, { steps: 2 });
      await page.click(`${first} .cell-picture`);
      const gaps = await page.locator('.viewer-actions button').evaluateAll((buttons) =>
        buttons.map((button) => {
          const range = document.createRange();
          range.selectNodeContents(button);
          const [text, frame] = [range.getBoundingClientRect(), button.getBoundingClientRect()];
          return [button.textContent, Math.min(frame.right - text.right, text.left - frame.left)];
        }),
      );
      for (const [text, gap] of gaps) check(gap >= 6, `${text}: ${gap} px to its frame`);
      equal(await page.getAttribute('.strip', 'data-more'), '', 'nothing made yet');
      await page.click('.viewer-actions >> text=Vary subtly');
      await page.click('.viewer-actions >> text=Vary strongly');
      await page.waitForFunction(() => document.querySelectorAll('.strip .cell[data-state=done]').length === 8);
      equal(await page.getAttribute('.strip', 'data-more'), 'right', 'more to the right');
      await page.locator('.strip').evaluate((strip) => strip.scrollTo(strip.scrollWidth, 0));
      await page.waitForFunction(() => document.querySelector('.strip').dataset.more === 'left');
    },
  },
  {
    name: 'Copy command copies what a terminal takes',
    async run(visit) {
      const page = await drawn(visit);
      await chooseMore(page, 'Copy command');
      await page.waitForSelector('.toast');
      const text = await page.evaluate(() => navigator.clipboard.readText());
      check(/ draw .*--seed[ =]1\b/s.test(text) || / draw .*-s 1\b/s.test(text), `the command: ${text}`);
    },
  },
  {
    name: 'a downloaded PNG dropped on the page brings its settings back',
    async run(visit) {
      const page = await drawn(visit, { scale: 5.5, seed: '99', negative: 'frames' });
      const prompt = await page.inputValue('#prompt');
      const file = await downloaded(page, () => chooseMore(page, 'Download'));
      equal(file.subarray(1, 4).toString(), 'PNG', 'a PNG came');
      await page.fill('#prompt', 'something else');
      await page.fill('#scale', '12');
      await page.locator('#scale').blur();
      const transfer = await page.evaluateHandle(
        (bytes) => {
          const data = new DataTransfer();
          data.items.add(new File([new Uint8Array(bytes)], 'picture.png', { type: 'image/png' }));
          return data;
        },
        [...file],
      );
      await page.dispatchEvent('body', 'dragover', { dataTransfer: transfer });
      check(await page.isVisible('#drop'), 'the page says what dropping does');
      await page.dispatchEvent('body', 'drop', { dataTransfer: transfer });
      await page.waitForFunction((wanted) => document.querySelector('#prompt').value === wanted, prompt);
      equal(
        [await page.inputValue('#scale'), await page.inputValue('#seed'), await page.inputValue('#negative')],
        ['5.5', '99', 'frames'],
        'settings',
      );
    },
  },
  {
    name: 'Use its settings shows the sampler that is sent',
    async run(visit) {
      const page = await drawn(visit);
      const sampler = await page.evaluate(async () => {
        const { items } = await (await fetch('/api/v1/pictures?limit=1')).json();
        const samplers = await (await fetch('/api/v1/samplers')).json();
        return (samplers.items ?? samplers).find((s) => s.id === items[0].sampler).name;
      });
      await page.click(`${first} .cell-picture`);
      await page.click('.viewer-actions >> text=Use its settings');
      await page.waitForFunction(() => !document.querySelector('.viewer').open);
      const shown = await page.locator('#sampler option:checked').textContent();
      check(shown.startsWith(sampler), `drawn with ${sampler}, the menu shows ${shown}`);
    },
  },
  {
    name: 'a picture has an address, Back closes it, and the keyboard goes on',
    async run(visit) {
      const page = await drawn(visit);
      await page.click(`${first} .cell-picture`);
      await page.waitForFunction(() => location.hash.startsWith('#/picture/'));
      const address = await page.evaluate(() => location.href);
      await page.keyboard.press('ArrowRight');
      await page.waitForFunction((before) => location.href !== before, address);
      await page.focus('.viewer-actions button:nth-child(1)');
      await page.keyboard.press('Enter');
      await page.waitForFunction(() => document.querySelector('.viewer-image img').naturalWidth > 128);
      check(
        await page.evaluate(() => document.querySelector('.viewer').contains(document.activeElement)),
        'the focus stays in the viewer',
      );
      await page.goBack();
      await page.waitForFunction(() => !document.querySelector('.viewer').open);
      equal(await page.locator('.draw .cell').first().isVisible(), true, 'the drawing page lies beneath');
      const second = await page.context().newPage();
      await second.goto(address);
      await second.waitForSelector('.viewer[open] .viewer-image img');
      equal(await second.title(), 'Gallery · Easel', 'the title of the page beneath');
      await second.close();
    },
  },
  {
    name: 'a dropped file that is no picture is refused in words',
    async run(visit) {
      const page = await visit.start();
      const transfer = await page.evaluateHandle(() => {
        const data = new DataTransfer();
        data.items.add(new File(['not a picture at all'], 'notes.png', { type: 'image/png' }));
        return data;
      });
      await page.dispatchEvent('body', 'drop', { dataTransfer: transfer });
      await page.waitForSelector('.toast.bad');
      const text = await page.evaluateHandle(() => {
        const data = new DataTransfer();
        data.items.add(new File(['words'], 'notes.txt', { type: 'text/plain' }));
        return data;
      });
      await page.dispatchEvent('body', 'drop', { dataTransfer: text });
      await page.waitForSelector('.toast.bad >> text=only pictures carry settings');
    },
  },
  {
    name: 'Delete can be undone',
    async run(visit) {
      const page = await drawn(visit, { seed: '500' });
      await chooseMore(page, 'Delete');
      await page.waitForSelector(`${first}[data-state="gone"]`);
      await page.click('.toast button');
      await page.waitForSelector(`${first}[data-state="done"]`);
    },
  },
  {
    name: 'Save grid downloads all pictures as one PNG',
    async run(visit) {
      const page = await drawn(visit);
      const side = await page.locator(`${first} img`).evaluate((image) => image.naturalWidth);
      const file = await downloaded(page, () => page.click('#save-grid'));
      equal([file.readUInt32BE(16), file.readUInt32BE(20)], [2 * side + 6, 2 * side + 6], 'its size');
    },
  },
];
