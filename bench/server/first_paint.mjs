// Milliseconds to the first contentful paint of Easel's page, in turn with a page of one word, which is the
// browser's own share. After tests/browser/run.sh has fetched playwright-core:
//
//   node bench/server/first_paint.mjs EASEL_BIN [VISITS]
//
// "new browser": a first visit in a browser process that just started; "new tab": empty caches in one that runs;
// "reload": the page again. Prints a Markdown table; judges nothing.

import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findChromium, openBrowser } from '../../tests/browser/harness.mjs';

const { chromium } = createRequire(new URL('../../tests/browser/package.json', import.meta.url))('playwright-core');
const [binary, visits = '15'] = process.argv.slice(2);
if (!binary) {
  console.error('usage: node bench/server/first_paint.mjs EASEL_BIN [VISITS]');
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), 'easel-paint-'));
const easel = spawn(binary, ['serve', '--port', '0', '--data', folder], { stdio: ['ignore', 'pipe', 'inherit'] });
const address = await new Promise((found, failed) => {
  let text = '';
  easel.stdout.on('data', (piece) => {
    text += piece;
    const match = /easel is at (http:\/\/[^\s/]+)/.exec(text);
    if (match) found(match[1]);
  });
  easel.on('exit', () => failed(new Error('easel did not start')));
});
while (!(await fetch(`${address}/readyz`)).ok) await new Promise((later) => setTimeout(later, 100));

const word = createServer((request, answer) => answer.end('<!doctype html><title>one</title>word'));
await new Promise((ready) => word.listen(0, '127.0.0.1', ready));
const pages = { easel: address, word: `http://127.0.0.1:${word.address().port}` };

const painted = (page) =>
  page.evaluate(
    () =>
      new Promise((done) => {
        const entry = () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime;
        if (entry()) return done(entry());
        new PerformanceObserver(() => entry() && done(entry())).observe({ type: 'paint', buffered: true });
      }),
  );

const times = {};
const note = (what, which, time) => ((times[what] ??= {})[which] ??= []).push(time);
for (let i = 0; i < Number(visits); ++i) {
  for (const [which, url] of Object.entries(pages)) {
    const browser = await openBrowser(chromium, findChromium());
    for (const what of ['new browser', 'new tab']) {
      const context = await browser.newContext();
      const page = await context.newPage();
      await page.goto(url);
      note(what, which, await painted(page));
      if (what === 'new tab') {
        await page.reload();
        note('reload', which, await painted(page));
      }
      await context.close();
    }
    await browser.close();
  }
}

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)].toFixed(0);
const least = (list) => Math.min(...list).toFixed(0);
console.log("| | Easel's page, median | fastest | one word, median | fastest |\n|---|---|---|---|---|");
for (const [what, of] of Object.entries(times)) {
  console.log(`| ${what} | ${median(of.easel)} | ${least(of.easel)} | ${median(of.word)} | ${least(of.word)} |`);
}
word.close();
easel.kill('SIGTERM');
await new Promise((ended) => easel.on('exit', ended));
rmSync(folder, { recursive: true, force: true });
