// What holds on every page: no script from words, keys and names for everybody, no jumps.

import { check, equal, kPhone } from '../harness.mjs';

const kHostile = [
  '<script>window.ran=1</script>', '<img src=x onerror="window.ran=1">', '<svg onload="window.ran=1">', '"><script>window.ran=1</script>',
  '<iframe srcdoc="<script>parent.ran=1</script>">', "javascript:window.ran=1", '<a href="javascript:window.ran=1">x</a>',
  '<body onload=window.ran=1>', '<math><mtext></mtext><script>window.ran=1</script>', '{{constructor.constructor("window.ran=1")()}}',
  '${window.ran=1}', '</title><script>window.ran=1</script>', '</textarea><script>window.ran=1</script>', '<style>@import"x"</style>',
  '<input autofocus onfocus=window.ran=1>', '<details open ontoggle=window.ran=1>', "';window.ran=1;//", '<link rel=import href=x>',
  '<object data="javascript:window.ran=1">', '<base href="//example.invalid/">', '<form action="javascript:window.ran=1"><button>',
  '\u2028window.ran=1\u2029', '<!--><script>window.ran=1</script>-->', '<template><script>window.ran=1</script></template>',
];

export const manners = [
  {
    name: 'the page paints (its time is told, not judged)',
    async run(visit) {
      const page = await visit.start();
      const [first, sent] = await page.evaluate(() => [
        performance.getEntriesByName('first-contentful-paint')[0]?.startTime,
        performance.getEntriesByType('resource').reduce((sum, entry) => sum + entry.transferSize, 0)]);
      check(first > 0, 'a first paint');
      console.log(`      first contentful paint after ${first.toFixed(0)} ms; ${(sent / 1024).toFixed(0)} KiB in all`);
    },
  },
  {
    name: 'a prompt full of HTML runs no script, on the page, in the viewer and in the gallery',
    async run(visit) {
      const page = await visit.start({ count: 1, prompt: kHostile.join(' '), steps: 1 });
      await visit.draw();
      await visit.allDrawn(1);
      await page.click('.draw .cell-picture');
      await page.waitForSelector('.viewer[open]');
      await page.keyboard.press('Escape');
      for (const name of kHostile.slice(0, 6)) {
        await page.evaluate(async (text) => {
          const own = { subjects: [{ name: text, text }], styles: [{ name: text, text }] };
          await fetch('/api/v1/catalogue', { method: 'PUT', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(own) });
        }, name);
        await page.reload();
        await page.waitForSelector('#draw');
      }
      await page.click('.top nav a[data-page="sheet"]');
      await page.waitForSelector('.board');
      await page.click('.top nav a[data-page="gallery"]');
      await page.waitForSelector('.tile');
      await page.click('.tile .tile-picture');
      await page.waitForSelector('.viewer[open]');
      check((await page.textContent('.viewer-prompt')).includes('<script>'), 'the words are shown as words');
      equal(await page.evaluate(() => [window.ran ?? 0, document.querySelectorAll('main script, main iframe, dialog script').length]), [0, 0], 'scripts that ran, elements that came');
      await page.evaluate(() => fetch('/api/v1/catalogue', { method: 'PUT', headers: { 'Content-Type': 'application/json' }, body: '{"subjects":[],"styles":[]}' }));
    },
  },
  {
    name: 'everything can be done with the keyboard',
    async run(visit) {
      const page = await visit.start({ count: 4 });
      await page.focus('#prompt');
      await page.keyboard.press('Enter');
      await visit.allDrawn(4);
      await page.focus('.draw .cell-picture');
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('ArrowDown');
      equal(await page.evaluate(() => [...document.querySelectorAll('.draw .cell-picture')].indexOf(document.activeElement)), 3, 'the cell in focus');
      await page.keyboard.press('Enter');
      await page.waitForSelector('.viewer[open]');
      equal(await page.textContent('.viewer-top .muted'), '4 of 4', 'the picture opened');
      await page.keyboard.press('ArrowLeft');
      equal(await page.textContent('.viewer-top .muted'), '3 of 4', 'the one before');
      await page.keyboard.press('Escape');
      await page.waitForSelector('.viewer', { state: 'hidden' });
      await page.focus('.draw .cell-picture');
      await page.keyboard.press('Delete');
      await page.waitForSelector('.draw .cell[data-state="gone"]');
      await page.click('.toast button');
    },
  },
  {
    name: 'every control has a name for screen readers',
    async run(visit) {
      const page = await visit.start({ count: 1 });
      await visit.draw();
      await visit.allDrawn(1);
      const nameless = () => page.evaluate(() => [...document.querySelectorAll('button, input, select, textarea, a[href], summary, [role=progressbar]')]
        .filter((e) => e.checkVisibility())
        .filter((e) => !(e.getAttribute('aria-label') || e.labels?.length || e.textContent.trim() || e.title)).map((e) => e.outerHTML.slice(0, 120)));
      for (const name of ['draw', 'sheet', 'gallery', 'how']) {
        await page.click(`.top nav a[data-page="${name}"]`);
        await page.waitForFunction((wanted) => document.querySelector(`nav a[data-page="${wanted}"]`).hasAttribute('aria-current'), name);
        equal(await nameless(), [], `controls without a name on ${name}`);
        equal(await page.locator('main > :not([hidden])').count(), 1, 'one page shown');
      }
    },
  },
  {
    name: 'nothing jumps while it draws',
    async run(visit) {
      const page = await visit.open();
      await page.addInitScript(() => {
        window.shifted = 0;
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
        }).observe({ type: 'layout-shift', buffered: true });
      });
      await visit.start({ seed: '61' });
      await page.evaluate(() => { window.shifted = 0; });
      await visit.draw();
      await visit.allDrawn();
      const shifted = await page.evaluate(() => window.shifted);
      check(shifted < 0.01, `cumulative layout shift ${shifted}`);
    },
  },
  {
    name: 'dark and light follow the system, and the choice is kept',
    async run(visit) {
      const page = await visit.start({}, { colorScheme: 'dark' });
      const wall = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      const dark = await wall();
      await page.click('#theme');
      const light = await wall();
      check(dark !== light, `walls ${dark} and ${light}`);
      await page.reload();
      await page.waitForSelector('#draw');
      equal(await wall(), light, 'after a reload');
      equal(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme), 'light', 'the browser’s own controls');
    },
  },
  {
    name: 'at a phone’s width nothing is cut off',
    async run(visit) {
      const page = await visit.start({}, { viewport: kPhone, hasTouch: true, isMobile: true });
      await visit.draw();
      await visit.allDrawn();
      for (const name of ['draw', 'sheet', 'gallery', 'how']) {
        await page.click(`.top nav a[data-page="${name}"]`);
        await page.waitForFunction((wanted) => document.querySelector(`nav a[data-page="${wanted}"]`).hasAttribute('aria-current'), name);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        check(wide <= 0, `${name} is ${wide} pixels too wide`);
      }
      await page.click('.top nav a[data-page="draw"]');
      await page.tap('.draw .cell-picture');
      await page.waitForSelector('.viewer[open]');
      const cut = await page.evaluate(() => [...document.querySelectorAll('.viewer button, .viewer select')].filter((e) => e.checkVisibility() && e.getBoundingClientRect().right > innerWidth).length);
      equal(cut, 0, 'buttons beyond the edge');
    },
  },
  {
    name: 'a server that goes away and comes back finds the page waiting',
    needs: (site) => (site.restart ? '' : 'elsewhere'),
    async run(visit, site) {
      const page = await visit.start({ steps: 30, seed: '888', count: 4 });
      await visit.draw();
      await page.waitForFunction(() => /^Step/.test(document.querySelector('#progress-text')?.textContent));
      await site.restart();
      await visit.allDrawn(4);
      visit.faults.length = 0; // the browser's own notes of the broken connection
    },
  },
];
