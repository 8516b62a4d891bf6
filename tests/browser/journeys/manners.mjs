// What holds on every page: no script from words, keys and names for everybody, no jumps.

import { check, equal, kPhone } from '../harness.mjs';

// Sixty ways in which words have become scripts elsewhere; each would set window.ran.
const kHostile = [
  '<script>window.ran=1</script>',
  '<ScRiPt>window.ran=1</sCrIpT>',
  '<script src=//example.invalid/x.js></script>',
  '<script>window.ran=1//',
  '"><script>window.ran=1</script>',
  "'><script>window.ran=1</script>",
  '</title><script>window.ran=1</script>',
  '</textarea><script>window.ran=1</script>',
  '</option></select><script>window.ran=1</script>',
  '</style><script>window.ran=1</script>',
  '</script><script>window.ran=1</script>',
  '--><script>window.ran=1</script>',
  '<!--><script>window.ran=1</script>-->',
  ']]><script>window.ran=1</script>',
  '<<script>window.ran=1</script>',
  '<script/x>window.ran=1</script>',
  '<scr<script>ipt>window.ran=1</script>',
  '<template><script>window.ran=1</script></template>',
  '<math><mtext></mtext><script>window.ran=1</script>',
  '<noscript><p title="</noscript><img src=x onerror=window.ran=1>">',
  '<img src=x onerror="window.ran=1">',
  '<img src=x onerror=window.ran=1>',
  '<IMG SRC=x OnErRoR=window.ran=1>',
  '<img/src=x/onerror=window.ran=1>',
  '<img src="x` `<script>window.ran=1</script>"` `>',
  '"><img src=x onerror=window.ran=1>',
  "'><img src=x onerror=window.ran=1>",
  '" onerror="window.ran=1" x="',
  "' onmouseover='window.ran=1' x='",
  '" autofocus onfocus="window.ran=1',
  '<svg onload="window.ran=1">',
  '<svg/onload=window.ran=1>',
  '<svg><script>window.ran=1</script></svg>',
  '<svg><animate onbegin=window.ran=1 attributeName=x dur=1s>',
  '<svg><a xlink:href="javascript:window.ran=1"><text>x</text></a></svg>',
  '<svg><set onbegin=window.ran=1>',
  '<iframe srcdoc="<script>parent.ran=1</script>">',
  '<iframe src="javascript:parent.ran=1">',
  '<frameset onload=window.ran=1>',
  '<object data="javascript:window.ran=1">',
  '<embed src="javascript:window.ran=1">',
  'javascript:window.ran=1',
  'data:text/html,<script>opener.ran=1</script>',
  '<a href="javascript:window.ran=1">x</a>',
  '<a href="java\tscript:window.ran=1">x</a>',
  '<base href="//example.invalid/">',
  '<link rel=import href=x>',
  '<link rel=stylesheet href="javascript:window.ran=1">',
  '<style>@import"x"</style>',
  '<body onload=window.ran=1>',
  '<input autofocus onfocus=window.ran=1>',
  '<select autofocus onfocus=window.ran=1>',
  '<details open ontoggle=window.ran=1>',
  '<video><source onerror=window.ran=1>',
  '<form action="javascript:window.ran=1"><button>',
  '{{constructor.constructor("window.ran=1")()}}',
  '${window.ran=1}',
  "';window.ran=1;//",
  '\u2028window.ran=1\u2029',
  '<meta http-equiv=refresh content="0;url=javascript:window.ran=1">',
];

const put = (page, own) =>
  page.evaluate(
    (body) =>
      fetch('/api/v1/catalogue', {
        method: 'PUT',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      }).then((answer) => answer.status),
    own,
  );

export const manners = [
  {
    name: 'the page paints (its time is told, not judged)',
    async run(visit) {
      const page = await visit.start();
      const [first, sent] = await page.evaluate(() => [
        performance.getEntriesByName('first-contentful-paint')[0]?.startTime,
        performance.getEntriesByType('resource').reduce((sum, entry) => sum + entry.transferSize, 0),
      ]);
      check(first > 0, 'a first paint');
      console.log(`      first contentful paint after ${first.toFixed(0)} ms; ${(sent / 1024).toFixed(0)} KiB in all`);
    },
  },
  {
    name: 'a prompt full of HTML runs no script, on the page, in the viewer and in the gallery',
    async run(visit) {
      equal(new Set(kHostile).size, 60, 'payloads');
      const page = await visit.open();
      await page.addInitScript(() => {
        window.breaches = [];
        addEventListener('securitypolicyviolation', (event) => window.breaches.push(event.violatedDirective));
      });
      await visit.start({ count: 1, prompt: kHostile.join(' '), steps: 1 });
      const nothingRan = async (where) =>
        equal(
          await page.evaluate(() => [
            window.ran ?? 0,
            window.breaches,
            document.querySelectorAll('main script, main iframe, main svg a, dialog script, dialog img[onerror]')
              .length,
          ]),
          [0, [], 0],
          `scripts that ran, breaches of the policy, elements that came ${where}`,
        );
      await visit.draw();
      await visit.allDrawn(1);
      await page.click('.draw .cell-picture');
      await page.waitForSelector('.viewer[open]');
      await nothingRan('on the page and in the viewer');
      await page.keyboard.press('Escape');
      // Each as a prompt, as what should not be in the picture, and as the name of a subject and a style.
      const refused = await page.evaluate(async (texts) => {
        const ends = [];
        for (const text of texts) {
          const answer = await fetch('/api/v1/jobs', {
            method: 'POST',
            headers: { 'Content-Type': 'application/json' },
            body: JSON.stringify({
              prompt: text,
              negative: text,
              subject: text,
              style: text,
              steps: 1,
              count: 1,
              seed: 1,
            }),
          });
          if (answer.status !== 202) ends.push([text, answer.status]);
        }
        return ends;
      }, kHostile);
      equal(refused, [], 'words that are refused');
      equal(
        await put(page, {
          subjects: kHostile.map((text) => ({ name: text, text })),
          styles: kHostile.slice(0, 3).map((text) => ({ name: text, text })),
        }),
        200,
        'own lists',
      );
      await page.reload();
      await page.waitForFunction((n) => document.querySelectorAll('#subject option').length > n, kHostile.length);
      await page.selectOption('#subject', kHostile[0]);
      await page.click('#edit-lists');
      await page.waitForSelector('.editor .entry');
      await nothingRan('in the menus and the lists’ editor');
      await page.keyboard.press('Escape');
      await page.click('.top nav a[data-page="sheet"]');
      await page.waitForSelector('.board');
      await nothingRan('in the matrix');
      await page.click('.top nav a[data-page="gallery"]');
      await page.waitForFunction(
        (text) => [...document.querySelectorAll('.tile-prompt')].some((e) => e.textContent.startsWith(text)),
        kHostile.at(-1),
      );
      await page.waitForFunction(
        (n) => {
          scrollTo(0, document.body.scrollHeight);
          return document.querySelectorAll('.tile').length >= n;
        },
        kHostile.length,
        { polling: 50 },
      );
      await page.locator('.tile .tile-picture').nth(5).click();
      await page.waitForSelector('.viewer[open]');
      check((await page.textContent('.viewer-prompt')).includes('<'), 'the words are shown as words');
      await nothingRan('in the gallery');
      equal(await put(page, { subjects: [], styles: [] }), 200, 'own lists, emptied');
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
      equal(
        await page.evaluate(() =>
          [...document.querySelectorAll('.draw .cell-picture')].indexOf(document.activeElement),
        ),
        3,
        'the cell in focus',
      );
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
    name: 'a question mark shows the keys',
    async run(visit) {
      const page = await visit.start();
      await page.locator('#draw').focus();
      await page.keyboard.press('?');
      await page.waitForSelector('dialog.keys[open]');
      await page.keyboard.press('Escape');
      await page.focus('#prompt');
      await page.keyboard.press('?');
      check(!(await page.isVisible('dialog.keys')), 'written, it is a question mark');
    },
  },
  {
    name: 'forced colours show where the focus is',
    async run(visit) {
      const page = await visit.start({}, { forcedColors: 'active' });
      await page.keyboard.press('Tab');
      await page.keyboard.press('Tab');
      const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
      equal(outline, 'solid', 'the outline of what has the focus');
    },
  },
  {
    name: 'every control has a name for screen readers',
    async run(visit) {
      const page = await visit.start({ count: 1 });
      await visit.draw();
      await visit.allDrawn(1);
      const nameless = () =>
        page.evaluate(() =>
          [...document.querySelectorAll('button, input, select, textarea, a[href], summary, [role=progressbar]')]
            .filter((e) => e.checkVisibility())
            .filter((e) => !(e.getAttribute('aria-label') || e.labels?.length || e.textContent.trim() || e.title))
            .map((e) => e.outerHTML.slice(0, 120)),
        );
      for (const name of ['draw', 'sheet', 'gallery', 'how']) {
        await page.click(`.top nav a[data-page="${name}"]`);
        await page.waitForFunction(
          (wanted) => document.querySelector(`nav a[data-page="${wanted}"]`).hasAttribute('aria-current'),
          name,
        );
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
      await page.evaluate(() => {
        window.shifted = 0;
      });
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
      equal(
        await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme),
        'light',
        'the browser’s own controls',
      );
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
        await page.waitForFunction(
          (wanted) => document.querySelector(`nav a[data-page="${wanted}"]`).hasAttribute('aria-current'),
          name,
        );
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        check(wide <= 0, `${name} is ${wide} pixels too wide`);
      }
      await page.click('.top nav a[data-page="draw"]');
      await page.tap('.draw .cell-picture');
      await page.waitForSelector('.viewer[open]');
      const cut = await page.evaluate(
        () =>
          [...document.querySelectorAll('.viewer button, .viewer select')].filter(
            (e) => e.checkVisibility() && e.getBoundingClientRect().right > innerWidth,
          ).length,
      );
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
