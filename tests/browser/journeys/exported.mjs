// The gallery drawn from a terminal and exported, its page opened from a folder.

import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { check, equal } from '../harness.mjs';

const run = promisify(execFile);

export const exported = [
  {
    name: 'gallery draw goes on where it was, and the exported page works from a folder',
    needs: (site) => (site.real ? '' : 'elsewhere'),
    async run(visit, site) {
      const data = join(visit.folder, 'data');
      const out = join(visit.folder, 'page');
      const easel = (...words) => run(site.binary, words, { env: site.env });
      const draw = (...styles) =>
        easel(
          'gallery',
          'draw',
          '--data',
          data,
          '--subjects',
          'a ship at sea',
          'a <b>robot</b>',
          '--styles',
          ...styles,
          '--count',
          '2',
          '--steps',
          '2',
          '--seed',
          '5',
        );
      check((await draw('as a mosaic')).stdout.startsWith('4 pictures drawn, 0 were there'), 'the first run draws');
      check(
        (await draw('as a mosaic', 'as a drawing')).stdout.startsWith('4 pictures drawn, 4 were there'),
        'the second draws what is missing',
      );
      await easel('gallery', 'export', out, '--data', data);
      equal(readdirSync(join(out, 'pictures')).length, 8, 'picture files');

      const page = await visit.open();
      await page.goto(pathToFileURL(join(out, 'index.html')).href);
      await page.selectOption('#subject', { label: 'a ship at sea' });
      await page.selectOption('#style', { label: 'as a drawing' });
      await page.waitForFunction(() => {
        const images = [...document.querySelectorAll('#grid img')];
        return images.length === 2 && images.every((image) => image.complete && image.naturalWidth > 0);
      });
      const before = await page.locator('#grid img').first().getAttribute('src');
      await page.selectOption('#subject', { label: 'a <b>robot</b>' });
      check(
        (await page.locator('#grid img').first().getAttribute('src')) !== before,
        'another subject shows other pictures',
      );
      equal(await page.locator('#prompt b').count(), 0, 'markup in a name stays text');
      await page.click('.picture');
      await page.waitForSelector('#viewer[open]');
      await page.keyboard.press('ArrowRight');
      check((await page.textContent('#facts')).includes('seed 6'), 'the next seed');
      await page.keyboard.press('Escape');
      await page.click('#matrix');
      equal(await page.locator('#board td img').count(), 4, 'pictures of the matrix');
      equal(visit.strangers.length, 0, 'requests beyond the folder');
    },
  },
];
