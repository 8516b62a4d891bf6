// The gallery, the matrix, the page that explains, the lists.

import { readFileSync } from 'node:fs';
import { check, equal } from '../harness.mjs';

const toPage = (page, name) => page.click(`.top nav a[data-page="${name}"]`);

export const places = [
  {
    name: 'a page that could not be fetched opens once the server answers again',
    async run(visit) {
      const page = await visit.start();
      await page.route('**/js/gallery.js*', (route) => route.abort());
      await page.click('nav a[data-page=gallery]');
      await page.waitForSelector('.toast.bad >> text=Easel does not answer');
      await page.unroute('**/js/gallery.js*');
      await page.click('nav a[data-page=draw]');
      await page.click('nav a[data-page=gallery]');
      await page.waitForSelector('.gallery #search');
    },
  },
  {
    name: 'a name that is in the lists already is not taken twice',
    async run(visit) {
      const page = await visit.start();
      const known = await page.locator('#subject option').nth(1).textContent();
      await page.click('#edit-lists');
      await page.click('.editor section:first-child .add-entry');
      await page.fill('.editor section:first-child .entry-name', known.toUpperCase());
      await page.click('#save-lists');
      await page.waitForSelector('.toast.bad >> text=is there already');
      check(await page.isVisible('.editor'), 'the lists stay open');
    },
  },
  {
    name: 'the gallery shows the newest first, finds words and keeps favourites',
    async run(visit) {
      const page = await visit.start({ prompt: 'a zebra in a bathtub', count: 4, seed: '11' });
      await visit.draw();
      await visit.allDrawn(4);
      await page.fill('#prompt', 'a walrus with a trumpet');
      await visit.draw();
      await page.waitForFunction(() => document.querySelector('.grid-title').textContent.includes('walrus'));
      await visit.allDrawn(4);
      await toPage(page, 'gallery');
      await page.waitForSelector('.tile');
      check((await page.locator('.tile-prompt').first().textContent()).includes('walrus'), 'the newest is first');
      await page.fill('#search', 'zebra bath');
      await page.waitForFunction(() => {
        const prompts = [...document.querySelectorAll('.tile-prompt')].map((e) => e.textContent);
        return prompts.length >= 4 && prompts.every((text) => text.includes('zebra'));
      });
      await page.hover('.tile');
      await page.locator('.tile button[aria-label="Favourite"]').first().click();
      await page.click('#favourites');
      await page.waitForFunction(() => document.querySelectorAll('.tile').length === 1);
      await page.reload();
      await page.fill('#search', 'zebra bath');
      await page.click('#favourites');
      await page.waitForFunction(
        () =>
          document.querySelectorAll('.tile').length === 1 &&
          document.querySelector('.tile-prompt').textContent.includes('zebra'),
      );
    },
  },
  {
    name: 'in the gallery, Delete can be undone, and Deleted restores',
    async run(visit) {
      const page = await visit.start({ prompt: 'a kettle on a hill', count: 1, seed: '5' });
      await visit.draw();
      await visit.allDrawn(1);
      await toPage(page, 'gallery');
      await page.fill('#search', 'kettle hill');
      await page.waitForFunction(() => document.querySelectorAll('.tile').length === 1);
      const remove = async () => {
        await page.hover('.tile');
        await page.click('.tile button[aria-label="Delete"]');
        await page.waitForFunction(() => document.querySelectorAll('.tile').length === 0);
      };
      await remove();
      await page.click('.toast button');
      await page.waitForFunction(() => document.querySelectorAll('.tile').length === 1);
      await remove();
      await page.click('#deleted');
      await page.waitForSelector('.tile');
      await page.hover('.tile');
      await page.locator('.tile button[aria-label="Restore"]').first().click();
      await page.click('#deleted');
      await page.waitForFunction(() => document.querySelectorAll('.tile').length === 1);
    },
  },
  {
    name: 'hundreds of pictures scroll with few of them in the document',
    needs: (site) => (site.real ? 'elsewhere' : ''),
    async run(visit, site) {
      site.fake.studio.submit('draw', site.fake.studio.complete({ prompt: 'a first one', seed: 1, steps: 1 }));
      while (site.fake.studio.pictures.size === 0)
        await new Promise((done) => {
          setTimeout(done, 5);
        });
      const [model] = site.fake.studio.pictures.values();
      for (let k = 0; k < 600; ++k) {
        const id = site.fake.studio.id();
        const image = model.image;
        site.fake.studio.pictures.set(id, {
          ...model,
          id,
          image,
          thumbnail: `${image}?k=${k}`,
          prompt: `one of many ${k}`,
          subject: '',
          style: '',
          deleted: null,
        });
      }
      const page = await visit.start();
      await toPage(page, 'gallery');
      await page.fill('#search', 'one of many');
      await page.waitForFunction(() => document.querySelector('.tile-prompt')?.textContent === 'one of many 599');
      await page.waitForFunction(
        () => {
          scrollTo(0, document.body.scrollHeight);
          return (
            document.querySelectorAll('.wall-page').length >= 10 &&
            [...document.querySelectorAll('.tile-prompt')].some((e) => e.textContent === 'one of many 0')
          );
        },
        undefined,
        { polling: 30 },
      );
      const most = await page.locator('.tile').count();
      check(most < 400, `tiles in the document at the end: ${most}`);
      await page.evaluate(() => scrollTo(0, 0));
      await page.waitForFunction(() =>
        [...document.querySelectorAll('.tile-prompt')].some((e) => e.textContent === 'one of many 599'),
      );
      for (const [id, picture] of site.fake.studio.pictures)
        if (picture.prompt.startsWith('one of many')) site.fake.studio.pictures.delete(id);
    },
  },
  {
    name: 'the whole matrix fills cell by cell, stops, goes on and downloads as one PNG',
    async run(visit, site) {
      const page = await visit.start({ steps: site.real ? 3 : 5, seed: '21' });
      await toPage(page, 'sheet');
      await page.waitForSelector('.chip');
      // Two subjects and three styles stay.
      for (const [group, stay] of [
        [0, 2],
        [1, 3],
      ]) {
        const chips = page.locator('.chips').nth(group).locator('.chip');
        for (let k = stay, n = await chips.count(); k < n; ++k) await chips.nth(k).click();
      }
      await page.waitForFunction(() => document.querySelectorAll('.board td').length === 6);
      await page.click('#draw-sheet');
      await page.waitForFunction(() => document.querySelectorAll('.board .cell[data-state=done]').length >= 1);
      if (await page.locator('#cancel-sheet').count()) {
        // The last cell may be done before the click lands: then there is nothing to stop.
        await page.click('#cancel-sheet', { timeout: 2000 }).catch(() => {});
        await page.waitForFunction(
          () =>
            document.querySelector('#resume-sheet') ||
            document.querySelector('#sheet-text').textContent.includes('complete'),
        );
        if (await page.locator('#resume-sheet').count()) await page.click('#resume-sheet');
      }
      await page.waitForFunction(() => document.querySelectorAll('.board .cell[data-state=done]').length === 6);
      await page.waitForFunction(() => document.querySelector('#sheet-text').textContent.includes('complete'));
      const [download] = await Promise.all([page.waitForEvent('download'), page.click('#save-sheet')]);
      equal(
        readFileSync(await download.path())
          .subarray(1, 4)
          .toString(),
        'PNG',
        'the sheet',
      );
      await page.reload();
      await page.waitForFunction(() => document.querySelectorAll('.board .cell[data-state=done]').length === 6);
    },
  },
  {
    name: 'How it works shows a real run and two sweeps',
    async run(visit, site) {
      const page = await visit.start({ steps: site.real ? 8 : 12, seed: '3' });
      await toPage(page, 'how');
      await page.waitForSelector('#how-run');
      const newest = () =>
        page.evaluate(async () => (await (await fetch('/api/v1/jobs?limit=1')).json()).items[0]?.id ?? null);
      const before = await newest();
      const pictures = () => page.evaluate(async () => (await (await fetch('/api/v1/pictures/facets')).json()).count);
      const count = await pictures();
      await page.waitForFunction(() => document.querySelector('.film-step'));
      await page.waitForTimeout(400); // long enough for a run that nobody asked for to begin
      equal(await newest(), before, 'nothing is drawn unasked');
      await page.click('#how-run');
      await page.waitForFunction(() => document.querySelector('.film-final .cell[data-state=done]'));
      const steps = () => page.locator('.film-step[data-drawn="true"]').count();
      check((await steps()) >= 5, `steps shown: ${await steps()}`);
      equal(await page.locator('.film-step p').first().textContent(), 'the noise', 'what the run starts from');
      const different = await page
        .locator('.film-step canvas')
        .evaluateAll((all) => new Set(all.map((c) => c.toDataURL())).size);
      check(different >= 8, `different pictures in the film: ${different}`);
      await page.waitForFunction(() => document.querySelectorAll('.sweep .cell[data-state=done]').length === 12);
      await page.waitForFunction(() => !document.querySelector('#how-run').disabled);
      equal(await pictures(), count, 'pictures of the gallery: studies are none');
      const last = await newest();
      const drawn = await steps(); // the last of them may be painted after the picture
      await page.reload();
      await page.waitForFunction(() => document.querySelectorAll('.sweep .cell[data-state=done]').length === 12);
      equal(await steps(), drawn, 'steps of the last visit that are kept');
      equal(await newest(), last, 'showing it again draws nothing');
    },
  },
  {
    name: 'one’s own subjects and styles can be added, edited and removed',
    async run(visit) {
      const page = await visit.start();
      const before = await page.locator('#subject option').count();
      await page.click('#edit-lists');
      await page.click('.editor section:nth-child(1) .add-entry');
      await page.fill('.editor section:nth-child(1) .entry-name', 'owl');
      await page.fill('.editor section:nth-child(1) .entry-text', 'an owl on a branch');
      await page.click('#save-lists');
      await page.waitForFunction((n) => document.querySelectorAll('#subject option').length === n + 1, before);
      await page.selectOption('#subject', 'owl');
      check((await page.inputValue('#prompt')).startsWith('an owl on a branch'), 'its words are in the sentence');
      await page.reload();
      await page.click('#edit-lists');
      await page.fill('.editor .entry-text', 'a barn owl');
      await page.click('#save-lists');
      await page.waitForSelector('.editor', { state: 'detached' });
      await page.selectOption('#subject', { index: 1 });
      await page.selectOption('#subject', 'owl');
      check((await page.inputValue('#prompt')).startsWith('a barn owl'), 'edited');
      await page.click('#edit-lists');
      await page.click('.editor .entry button[aria-label="Remove"]');
      await page.click('#save-lists');
      await page.waitForFunction((n) => document.querySelectorAll('#subject option').length === n, before);
    },
  },
];
