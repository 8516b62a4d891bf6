// Takes the pictures of the page that docs/images shows, from a running Easel:
//
//   node shots.mjs EASEL_BIN OUT_FOLDER
//
// docs/images keeps them as WebP, a sixth of the size: Pillow, quality 88.

import { chromium } from 'playwright-core';
import { findChromium, kDesk, kPhone, openBrowser } from './harness.mjs';
import { serveEasel } from './real.mjs';

const [binary, out] = process.argv.slice(2);
const site = await serveEasel(binary);
const browser = await openBrowser(chromium, findChromium());

async function visit(options, settings = {}) {
  const context = await browser.newContext({ viewport: kDesk, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(300000);
  await page.addInitScript((values) => {
    if (!localStorage.getItem('easel.settings')) localStorage.setItem('easel.settings', JSON.stringify(values));
  }, settings);
  await page.goto(site.url);
  await page.waitForSelector('#draw');
  return page;
}

const shot = (page, name) => page.screenshot({ path: `${out}/page-${name}.png` });
const drawn = (page) =>
  page.waitForFunction(() => document.querySelectorAll('.draw .cell[data-state=done]').length === 16);
const pause = (page, ms = 700) => page.waitForTimeout(ms);
const words = async (page, subject, style) => {
  for (const [menu, part] of [
    ['#subject', subject],
    ['#style', style],
  ]) {
    const names = await page.locator(`${menu} option`).allTextContents();
    await page.selectOption(menu, {
      index: Math.max(
        1,
        names.findIndex((name) => name.includes(part)),
      ),
    });
  }
};

const light = await visit({ colorScheme: 'light' });
await words(light, 'cat', 'Van Gogh');
await shot(light, 'empty');
await light.click('#draw');
await light.waitForFunction(() => Number(document.querySelector('.draw .cell').dataset.frames) >= 12);
await shot(light, 'drawing');
await drawn(light);
await light.evaluate(() => scrollTo(0, 0));
await pause(light);
await shot(light, 'light');
await words(light, 'ship', 'Warhol');
await light.click('#draw');
await drawn(light);
await light.click('.draw .cell:nth-child(3) .cell-picture');
await light.click('.viewer-actions >> text=Vary subtly');
await light.selectOption('#restyle', { index: 4 });
await light.waitForFunction(() => document.querySelectorAll('.strip .cell[data-state=done]').length === 5);
await pause(light);
await shot(light, 'viewer');
await light.keyboard.press('Escape');
await light.click('nav a[data-page=sheet]');
await light.click('#draw-sheet');
await light.waitForFunction(() => document.querySelectorAll('.board .cell[data-state=done]').length >= 40);
await pause(light);
await shot(light, 'matrix');
await light.waitForFunction(() => document.querySelector('#sheet-text').textContent.includes('complete'));
await light.click('nav a[data-page=how]');
await pause(light);
if (await light.locator('#how-run').isEnabled()) await light.click('#how-run');
await light.waitForFunction(() => document.querySelectorAll('.sweep .cell[data-state=done]').length === 12);
await pause(light);
await light.screenshot({ path: `${out}/page-how.png`, fullPage: true });
await light.click('nav a[data-page=gallery]');
await light.waitForSelector('.tile');
await pause(light, 1200);
await shot(light, 'gallery');

const dark = await visit({ colorScheme: 'dark' });
await words(dark, 'robot', 'bauhaus');
await dark.click('#draw');
await drawn(dark);
await dark.evaluate(() => scrollTo(0, 0));
await pause(dark);
await shot(dark, 'dark');

const phone = await visit({
  viewport: kPhone,
  deviceScaleFactor: 2,
  isMobile: true,
  hasTouch: true,
  colorScheme: 'light',
});
await words(phone, 'mountain', 'Monet');
await phone.click('#draw');
await drawn(phone);
await phone.evaluate(() => scrollTo(0, 0));
await pause(phone);
await shot(phone, 'phone');
await phone.locator('.draw .cell-picture').nth(5).tap();
await pause(phone);
await shot(phone, 'phone-viewer');

await browser.close();
await site.close();
