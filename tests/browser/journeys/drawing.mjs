// Choosing, drawing, watching, cancelling, coming back.

import { check, equal } from '../harness.mjs';

const cells = (page, state) => page.locator(`.draw .cell[data-state="${state}"]`).count();

export const drawing = [
  {
    name: 'the two menus fill the prompt line',
    async run(visit) {
      const page = await visit.start();
      const names = await page.locator('#subject option').allTextContents();
      check(names.length > 9, `nine subjects and none: ${names.length}`);
      check((await page.locator('#style option').count()) > 12, 'twelve styles and none');
      await page.selectOption('#subject', { index: 2 });
      await page.selectOption('#style', { index: 3 });
      const prompt = await page.inputValue('#prompt');
      const style = await page.locator('#style option').nth(3).textContent();
      check(
        prompt.includes(names[2]) && prompt.includes(style),
        `composed prompt of ${names[2]} and ${style}: ${prompt}`,
      );
      await page.fill('#prompt', 'something of my own');
      equal(await page.inputValue('#subject'), '', 'the menu after writing a sentence of one’s own');
    },
  },
  {
    name: 'words that the model does not know are said under the prompt, before anything is drawn',
    async run(visit) {
      const page = await visit.start();
      await page.fill('#prompt', 'a zyzzyva at sea');
      await page.locator('#prompt-notes li', { hasText: 'zyzzyva' }).waitFor();
      await page.fill('#prompt', 'a ship at sea');
      await page.locator('#prompt-notes li').waitFor({ state: 'detached' });
    },
  },
  {
    name: 'previews that are decoded slower than steps come are shown all the same',
    needs: (site) => (site.real ? 'elsewhere' : null),
    async run(visit) {
      const page = await visit.open();
      await page.addInitScript(() => {
        const decode = window.createImageBitmap.bind(window);
        window.createImageBitmap = async (...of) => {
          await new Promise((done) => {
            setTimeout(done, 100);
          }); // five of the stand-in's steps
          return decode(...of);
        };
      });
      await visit.start({ steps: 60 });
      await visit.draw();
      await page.waitForFunction(() => Number(document.querySelector('.draw .cell').dataset.frames) >= 2);
      await visit.allDrawn();
    },
  },
  {
    name: 'sixteen pictures: previews change with the steps and sharpen to pictures',
    async run(visit, site) {
      // Steps enough for a machine that decodes one preview in a second.
      const page = await visit.start({ steps: site.real ? 60 : 400 });
      check((await page.textContent('#cost')) !== null, 'a cost line');
      // Seen as they come: a busy machine may look at the page too seldom.
      await page.evaluate(() => {
        window.previews = new Set();
        new MutationObserver(() => {
          const cell = document.querySelector('.draw .cell');
          if (cell.dataset.frames) window.previews.add(cell.querySelector('canvas').toDataURL());
        }).observe(document.querySelector('.draw'), {
          subtree: true,
          attributes: true,
          attributeFilter: ['data-frames'],
        });
      });
      await visit.draw();
      await page.waitForFunction(() => window.previews.size >= 3);
      check(
        /Step \d+ of \d+, pictures? .* of 16/.test(await page.textContent('#progress-text')) ||
          (await cells(page, 'done')) > 0,
        'the line names step and pictures',
      );
      await visit.allDrawn();
      const sources = await page
        .locator('.draw .cell img')
        .evaluateAll((images) => images.map((i) => [i.src, i.naturalWidth]));
      equal(new Set(sources.map(([src]) => src)).size, 16, 'different pictures');
      check(
        sources.every(([, width]) => width >= 32),
        'every picture loaded',
      );
      check((await page.textContent('#progress-text')).startsWith('Done: 16 pictures'), 'the line says so');
    },
  },
  {
    name: 'the same grid again comes from the gallery at once',
    async run(visit) {
      const page = await visit.start({ count: 4, seed: '321', keep_seed: true });
      await visit.draw();
      await visit.allDrawn(4);
      const before = await page.locator('.draw .cell img').evaluateAll((images) => images.map((i) => i.src));
      await page.waitForFunction(() => document.querySelector('#cost').textContent.includes('already in the gallery'));
      await visit.draw();
      await page.waitForFunction(() =>
        document.querySelector('#progress-text')?.textContent.includes('from the gallery'),
      );
      await visit.allDrawn(4);
      equal(
        await page.locator('.draw .cell img').evaluateAll((images) => images.map((i) => i.src)),
        before,
        'pictures',
      );
    },
  },
  {
    name: 'Draw pressed again draws others, until the seed is kept',
    async run(visit) {
      const page = await visit.start({ count: 1, seed: '321' });
      const drawn = async () => {
        await visit.draw();
        await page.waitForFunction(() => document.querySelector('#draw').textContent === 'Draw');
        await visit.allDrawn(1);
        return [await page.inputValue('#seed'), await page.locator('.draw .cell img').getAttribute('src')];
      };
      const [first, one] = await drawn();
      equal(first, '321', 'the seed that stood there');
      const [second, another] = await drawn();
      check(second !== first && another !== one, `another picture: seeds ${first}, ${second}`);
      await page.click('#keep-seed');
      const [third, same] = await drawn();
      equal([third, same], [second, another], 'the picture of the seed that is kept');
      await page.fill('#seed', '17');
      await page.locator('#seed').blur();
      equal(await page.getAttribute('#keep-seed', 'aria-pressed'), 'true', 'a seed of one’s own is kept');
    },
  },
  {
    name: 'cancel stops it, keeps what is there and says so',
    async run(visit, site) {
      const page = await visit.start({ steps: site.real ? 200 : 400, seed: '77' });
      await visit.draw();
      await page.waitForFunction(() => document.querySelector('#progress-text')?.textContent.startsWith('Step'));
      await page.click('#cancel');
      await page.waitForFunction(() => document.querySelector('#progress-text')?.textContent.startsWith('Cancelled'));
      await page.waitForFunction(
        () => !document.querySelector('.draw .cell:is([data-state=waiting], [data-state=drawing])'),
      );
      const done = await cells(page, 'done');
      check(done > 0, 'pictures of the batch that was begun');
      equal(done + (await cells(page, 'failed')), 16, 'cells with a picture or a word');
      const notes = await page.locator('.draw .cell[data-state=done] .cell-note').allTextContents();
      check(
        notes.every((note) => /^unfinished, step \d+ of \d+$/.test(note)),
        `cells that say so: ${notes[0]}`,
      );
      check(await page.locator('#draw').isEnabled(), 'Draw can be pressed again');
    },
  },
  {
    name: 'a reload in the middle finds the job still running, and it finishes',
    async run(visit, site) {
      const page = await visit.start({ steps: site.real ? 40 : 200, seed: '1234' });
      await visit.draw();
      await page.waitForFunction(() => /^Step [2-9]/.test(document.querySelector('#progress-text')?.textContent));
      await page.reload();
      await page.waitForFunction(() => /^Step/.test(document.querySelector('#progress-text')?.textContent));
      equal(await page.locator('.draw .cell').count(), 16, 'cells after the reload');
      await page.waitForFunction(
        () =>
          Number(document.querySelector('.draw .cell:last-child').dataset.frames ?? 0) >= 1 ||
          document.querySelectorAll('.draw .cell[data-frames]').length > 0,
      );
      await visit.allDrawn();
      await page.reload();
      await visit.allDrawn();
    },
  },
  {
    name: 'another window finds it too',
    async run(visit) {
      const page = await visit.start({ steps: 400, seed: '4321', count: 9 });
      await visit.draw();
      await page.waitForFunction(() => /^Step/.test(document.querySelector('#progress-text')?.textContent));
      const other = await visit.browser.newContext();
      const second = await other.newPage();
      await second.goto(visit.site.url);
      await second.waitForFunction(
        () =>
          document.querySelectorAll('.draw .cell').length === 9 &&
          document.querySelector('#progress-text')?.textContent.startsWith('Step'),
        undefined,
        { timeout: visit.site.patience },
      );
      await second.click('#cancel');
      await page.waitForFunction(() => document.querySelector('#progress-text')?.textContent.startsWith('Cancelled'));
      await other.close();
    },
  },
  {
    name: 'refused settings are explained in the server’s words',
    async run(visit) {
      const page = await visit.start();
      await page.fill('#prompt', 'x'.repeat(20));
      await page.evaluate(() =>
        localStorage.setItem(
          'easel.settings',
          JSON.stringify({ prompt: 'a cat', steps: 5, count: 4, seed: '1', sampler: 'no-such-sampler' }),
        ),
      );
      await page.reload();
      await page.waitForSelector('#draw');
      await visit.draw();
      const said = await page.waitForSelector('.toast.bad');
      check((await said.textContent()).length > 5, 'a sentence');
    },
    needs: (site) => (site.real ? '' : 'elsewhere'),
  },
  {
    name: 'a failed job says why',
    needs: (site) => (site.real ? 'elsewhere' : ''),
    async run(visit) {
      const page = await visit.start({ prompt: 'fail', count: 1 });
      await visit.draw();
      const said = await page.waitForSelector('.toast.bad');
      check((await said.textContent()).includes('asked to fail'), 'its error');
    },
  },
];
