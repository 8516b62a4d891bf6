// Several pictures of the gallery at once.

import { crc32, png } from '../fake/pictures.mjs';
import { readFileSync } from 'node:fs';
import { check, equal } from '../harness.mjs';

const kPrompt = 'a lamp, "quoted" / in a room';

const chosen = (page) => page.locator('.tile.chosen').count();
const said = (page) => page.textContent('#selected');

/** Nine pictures of these words in the gallery. */
async function nine(visit, words) {
  const page = await visit.start({ prompt: `${kPrompt}, ${words}`, count: 9, seed: '900' });
  await visit.draw();
  await visit.allDrawn(9);
  await page.click('.top nav a[data-page=gallery]');
  await page.fill('#search', words);
  await page.waitForFunction(() => document.querySelectorAll('.tile').length === 9);
  return page;
}

/** A ZIP's files by name, from its directory at the end. */
function filesIn(zip) {
  const end = zip.length - 22;
  equal(zip.readUInt32LE(end), 0x06054b50, 'the directory’s end');
  const files = [];
  let at = zip.readUInt32LE(end + 16);
  for (let k = 0; k < zip.readUInt16LE(end + 10); ++k) {
    equal(zip.readUInt32LE(at), 0x02014b50, 'an entry');
    const [crc, packed, bytes] = [16, 20, 24].map((by) => zip.readUInt32LE(at + by));
    const length = zip.readUInt16LE(at + 28);
    const head = zip.readUInt32LE(at + 42);
    equal([zip.readUInt32LE(head), zip.readUInt32LE(head + 14)], [0x04034b50, crc], 'the file’s own head');
    const begin = head + 30 + zip.readUInt16LE(head + 26) + zip.readUInt16LE(head + 28);
    const data = zip.subarray(begin, begin + bytes);
    equal([packed, crc32(data)], [bytes, crc], 'stored whole');
    files.push({ name: zip.toString('utf8', at + 46, at + 46 + length), data });
    at += 46 + length;
  }
  return files;
}

export const gallery = [
  {
    name: 'pictures are chosen by click, with Shift and by keys',
    async run(visit) {
      const page = await nine(visit, 'chosen');
      await page.hover('.tile');
      await page.locator('.tile-choose').nth(1).click();
      equal([await chosen(page), await said(page)], [1, '1 picture chosen'], 'by its button');
      await page
        .locator('.tile-picture')
        .nth(4)
        .click({ modifiers: ['Shift'] });
      equal(await chosen(page), 4, 'all from the second to the fifth');
      await page.locator('.tile-picture').nth(2).click();
      equal(await chosen(page), 3, 'a click takes one away');
      check(!(await page.locator('.viewer[open]').count()), 'and opens nothing');
      await page.keyboard.press('Escape');
      equal([await chosen(page), await page.isVisible('.selection')], [0, false], 'none, by Esc');
      await page.locator('.tile-picture').nth(0).focus();
      await page.keyboard.press('x');
      await page.locator('.tile-picture').nth(2).focus();
      await page.keyboard.press('Shift+X');
      equal(await chosen(page), 3, 'a row by keys');
      await page.keyboard.press('Control+a');
      equal([await chosen(page), await said(page)], [9, '9 pictures chosen'], 'all');
      equal(await page.locator('.tile-choose[aria-pressed=true]').count(), 9, 'as screen readers are told');
      await page.click('#selected-none');
      await page.locator('.tile-picture').nth(0).click();
      await page.waitForSelector('.viewer[open]');
    },
  },
  {
    name: 'chosen pictures become favourites, are deleted and come back together',
    async run(visit) {
      const page = await nine(visit, 'together');
      for (const k of [0, 2])
        await page
          .locator('.tile-picture')
          .nth(k)
          .click({ modifiers: ['Control'] });
      await page.click('#selected-favourite');
      await page.waitForSelector('.toast >> text=2 pictures marked as favourites');
      await page.click('#favourites');
      await page.waitForFunction(() => document.querySelectorAll('.tile').length === 2);
      equal(await page.isVisible('.selection'), false, 'another view begins with nothing chosen');
      await page.click('#favourites');
      await page.waitForFunction(() => document.querySelectorAll('.tile').length === 9);
      for (const k of [0, 1, 2])
        await page
          .locator('.tile-picture')
          .nth(k)
          .click({ modifiers: ['Control'] });
      await page.click('#selected-delete');
      await page.waitForFunction(() => document.querySelectorAll('.tile').length === 6);
      await page.waitForSelector('.toast >> text=3 pictures deleted');
      await page.click('.toast >> text=Undo');
      await page.waitForFunction(() => document.querySelectorAll('.tile').length === 9);
    },
  },
  {
    name: 'chosen pictures are downloaded as one ZIP, byte for byte',
    async run(visit) {
      const page = await nine(visit, 'packed');
      for (const k of [0, 3])
        await page
          .locator('.tile-picture')
          .nth(k)
          .click({ modifiers: ['Control'] });
      const ids = await page.locator('.tile.chosen').evaluateAll((tiles) => tiles.map((t) => t.dataset.picture));
      const [download] = await Promise.all([page.waitForEvent('download'), page.click('#selected-zip')]);
      const files = filesIn(readFileSync(await download.path()));
      equal(files.length, 2, 'files');
      check(new Set(files.map((f) => f.name)).size === 2, 'names that differ');
      check(!files.some((f) => /["/]/.test(f.name)), `names that a file system takes: ${files[0].name}`);
      for (const [k, id] of ids.entries()) {
        const own = await page.request.get(`${visit.site.url}/api/v1/pictures/${id}/image.png`);
        equal(Buffer.compare(files[k].data, await own.body()), 0, `file ${k + 1} is the picture’s`);
      }
    },
  },
  {
    name: 'stars and tags are given in the viewer, and found, ordered and left out by them',
    async run(visit) {
      const page = await nine(visit, 'starry');
      const tile = (k) => page.locator('.tile-picture').nth(k);
      await tile(3).click();
      await page.keyboard.press('4');
      await page.fill('#add-tag', 'for mother');
      await page.press('#add-tag', 'Enter');
      await page.waitForSelector('.tags li >> text=for mother');
      equal(await page.locator('.stars .lit').count(), 4, 'stars in the viewer');
      await page.keyboard.press('Escape');
      await page.selectOption('#sort', 'best');
      await page.waitForSelector('.tile:first-child .tile-stars');
      await page.fill('#search', 'starry -mother');
      await page.waitForFunction(() => document.querySelectorAll('.tile').length === 8);
      await page.fill('#search', 'starry mother');
      await page.waitForFunction(() => document.querySelectorAll('.tile').length === 1);
      await page.fill('#search', 'starry');
      await page.click('#more-filters');
      await page.selectOption('#by-rating', '4');
      await page.waitForFunction(() => document.querySelectorAll('.tile').length === 1);
      await page.selectOption('#by-rating', '');
      await page.selectOption('#by-tag', 'for mother');
      await page.waitForFunction(() => document.querySelectorAll('.tile').length === 1);
      check((await page.textContent('#more-filters')).includes('(1)'), 'the button counts what is set');
      await tile(0).click();
      await page.click('.tags button');
      await page.waitForFunction(() => !document.querySelector('.tags li'));
    },
  },
  {
    name: 'the gallery is in days, and asked for by them',
    async run(visit) {
      const page = await nine(visit, 'dated');
      equal(await page.locator('.wall-day').count(), 1, 'headings of one day');
      await page.click('#more-filters');
      const day = (by) => {
        const at = new Date(Date.now() + by * 86400000);
        return [at.getFullYear(), at.getMonth() + 1, at.getDate()].map((n) => String(n).padStart(2, '0')).join('-');
      };
      await page.fill('#from-day', day(1));
      await page.waitForFunction(() => document.querySelectorAll('.tile').length === 0);
      await page.fill('#from-day', day(-1));
      await page.fill('#to-day', day(0));
      await page.waitForFunction(() => document.querySelectorAll('.tile').length === 9);
    },
  },
  {
    name: 'pictures that are dropped on the gallery join it, each once',
    async run(visit) {
      const page = await nine(visit, 'guests');
      const files = await page.evaluateHandle(
        ([...all]) => {
          const data = new DataTransfer();
          for (const [name, type, bytes] of all) data.items.add(new File([new Uint8Array(bytes)], name, { type }));
          return data;
        },
        [
          ['a.png', 'image/png', [...png(24, 16, () => [200, 20, 90])]],
          ['b.png', 'image/png', [...png(24, 16, () => [20, 200, 90])]],
          ['notes.txt', 'text/plain', [104, 105]],
        ],
      );
      await page.fill('#search', '');
      await page.dispatchEvent('.wall', 'drop', { dataTransfer: files });
      await page.waitForSelector('.toast >> text=2 pictures added to the gallery; 1 other file left out');
      await page.waitForFunction(() => document.querySelector('.tile img').getAttribute('width') === '24');
      await page.dispatchEvent('.wall', 'drop', { dataTransfer: files });
      await page.waitForSelector('.toast >> text=0 pictures added to the gallery; 2 were there already');
      const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.click('#bring')]);
      await chooser.setFiles({
        name: 'c.png',
        mimeType: 'image/png',
        buffer: Buffer.from(png(24, 16, () => [20, 20, 190])),
      });
      await page.waitForSelector('.toast >> text=1 picture added');
    },
  },
];
