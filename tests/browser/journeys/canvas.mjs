// Starting from a picture of one's own: sending it, painting its mask, comparing.

import { check, equal } from '../harness.mjs';
import { png } from '../fake/pictures.mjs';

const kSide = 96;
const own = [...png(kSide, kSide, (x, y) => [2 * x, 2 * y, 90])];

/** A file as the page gets it by dropping or pasting. */
const transferOf = (page, bytes = own) =>
  page.evaluateHandle((list) => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(list)], 'own.png', { type: 'image/png' }));
    return data;
  }, bytes);

async function started(visit, settings = {}) {
  const page = await visit.start({ count: 1, ...settings });
  await page.dispatchEvent('body', 'drop', { dataTransfer: await transferOf(page) });
  await page.waitForSelector('#mask');
  return page;
}

const drawnWith = async (visit, page) => {
  const [request] = await Promise.all([
    page.waitForRequest((r) => r.method() === 'POST' && r.url().endsWith('/api/v1/jobs')),
    visit.draw(),
  ]);
  return request.postDataJSON();
};

/** The grey of a sent mask at parts of its sides, 0 to 255. */
const greyAt = (page, sha256, x, y) =>
  page.evaluate(
    async ([hash, u, v]) => {
      const bitmap = await createImageBitmap(await (await fetch(`/api/v1/given/${hash}`)).blob());
      const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
      context.drawImage(bitmap, 0, 0);
      return context.getImageData(u * bitmap.width, v * bitmap.height, 1, 1).data[0];
    },
    [sha256, x, y],
  );

const share = async (page) => Number(await page.getAttribute('.canvas-stage', 'data-share'));

async function paint(page, from, to) {
  const box = await page.locator('#mask').boundingBox();
  const at = ([x, y]) => [box.x + x * box.width, box.y + y * box.height];
  await page.mouse.move(...at(from));
  await page.mouse.down();
  await page.mouse.move(...at(to), { steps: 4 });
  await page.mouse.up();
}

export const canvas = [
  {
    name: 'a picture without settings is started from, with strength, until it is left',
    async run(visit) {
      const page = await started(visit);
      await page.locator('#strength').fill('0.4');
      const asked = await drawnWith(visit, page);
      check(/^[0-9a-f]{64}$/.test(asked.init_sha256), `a picture to begin at: ${asked.init_sha256}`);
      equal([asked.strength, asked.mask_sha256], [0.4, undefined], 'strength, and no mask');
      await visit.allDrawn(1);
      await page.reload();
      await page.waitForSelector('#mask');
      equal(await page.inputValue('#strength'), '0.4', 'the strength after a reload');
      await page.click('#start-none');
      const plain = await drawnWith(visit, page);
      equal([plain.init_sha256, plain.strength], [undefined, undefined], 'without it');
    },
  },
  {
    name: 'a picture can be chosen from a file, and pasted',
    async run(visit) {
      const page = await visit.start({ count: 1 });
      await page.click('#start-open');
      const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.click('#start-choose')]);
      await chooser.setFiles({ name: 'own.png', mimeType: 'image/png', buffer: Buffer.from(own) });
      await page.waitForSelector('#mask');
      const first = await page.getAttribute('#start', 'data-picture');
      const other = await transferOf(page, [...png(40, 80, () => [9, 9, 9])]);
      await page.focus('#mask');
      await page.evaluate(
        (data) => dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true })),
        other,
      );
      await page.waitForFunction((hash) => document.querySelector('#start').dataset.picture !== hash, first);
    },
  },
  {
    name: 'the mask: brush, eraser, undo, clear; white where it is painted',
    async run(visit) {
      const page = await started(visit);
      await paint(page, [0.2, 0.2], [0.6, 0.2]);
      const painted = await share(page);
      check(painted > 0.02 && painted < 0.2, `share that is painted: ${painted}`);
      await page.click('#eraser');
      await paint(page, [0.5, 0.2], [0.6, 0.2]);
      check((await share(page)) < painted, 'the eraser takes away');
      await page.click('#mask-undo');
      equal(await share(page), painted, 'undone');
      await page.click('#mask-clear');
      equal(await share(page), 0, 'cleared');
      await page.click('#mask-undo');
      equal(await share(page), painted, 'undone again');
      const asked = await drawnWith(visit, page);
      equal(await greyAt(page, asked.mask_sha256, 0.4, 0.2), 255, 'white is what was painted');
      equal(await greyAt(page, asked.mask_sha256, 0.4, 0.8), 0, 'black is the rest');
      await visit.allDrawn(1);
      await page.click('#mask-clear');
      equal((await drawnWith(visit, page)).mask_sha256, undefined, 'no mask once it is cleared');
    },
  },
  {
    name: 'the mask by keys alone, heard by screen readers',
    async run(visit) {
      const page = await started(visit);
      await page.focus('#mask');
      await page.keyboard.press(' ');
      const spot = await share(page);
      check(spot > 0, 'Space paints');
      await page.keyboard.press('Shift+ArrowRight');
      await page.keyboard.press('Shift+ArrowRight');
      check((await share(page)) > spot, 'Shift and an arrow paint a line');
      check(/ % of the picture is marked/.test(await page.textContent('#start [role=status]')), 'it is said');
      await page.keyboard.press('Control+z');
      await page.keyboard.press('Control+z');
      equal(await share(page), spot, 'undone');
      await page.keyboard.press('e');
      equal(await page.getAttribute('#eraser', 'aria-pressed'), 'true', 'the eraser');
      for (const key of [']', 'ArrowLeft', 'ArrowLeft']) await page.keyboard.press(key);
      await page.keyboard.press(' ');
      equal(await share(page), 0, 'a larger eraser takes the spot away');
    },
  },
  {
    name: 'a finger paints without the page moving',
    async run(visit) {
      await visit.open({ hasTouch: true, viewport: { width: 390, height: 844 } });
      const page = await started(visit);
      await page.locator('#mask').scrollIntoViewIfNeeded();
      const before = await page.evaluate(() => scrollY);
      const box = await page.locator('#mask').boundingBox();
      const touch = await page.context().newCDPSession(page);
      const send = (type, x, y) =>
        touch.send('Input.dispatchTouchEvent', {
          type,
          touchPoints: type === 'touchEnd' ? [] : [{ x: box.x + x * box.width, y: box.y + y * box.height }],
        });
      await send('touchStart', 0.5, 0.2);
      await send('touchMove', 0.5, 0.4);
      await send('touchMove', 0.5, 0.6);
      await send('touchEnd');
      check((await share(page)) > 0.04, `a line of the finger: ${await share(page)}`);
      equal(await page.evaluate(() => scrollY), before, 'the page stays');
    },
  },
  {
    name: 'a masked drawing is another where it was painted, and the same elsewhere',
    needs: (site) => (site.real ? '' : 'elsewhere'),
    async run(visit) {
      const page = await started(visit, { prompt: 'a red apple', steps: 8 });
      await paint(page, [0.1, 0.25], [0.9, 0.25]);
      await page.locator('#strength').fill('1');
      await drawnWith(visit, page);
      await visit.allDrawn(1);
      // The mask's edge is soft: rows are looked at well inside the painted band, and well below it.
      const [inside, outside] = await page.evaluate(async () => {
        const image = document.querySelector('.draw .cell img');
        const context = new OffscreenCanvas(image.naturalWidth, image.naturalHeight).getContext('2d');
        context.drawImage(image, 0, 0);
        const before = await createImageBitmap(
          await (await fetch(`/api/v1/given/${document.querySelector('#start').dataset.picture}`)).blob(),
        );
        const old = new OffscreenCanvas(image.naturalWidth, image.naturalHeight).getContext('2d');
        old.drawImage(before, 0, 0, image.naturalWidth, image.naturalHeight);
        const apart = (v) => {
          const row = [Math.round(v * image.naturalHeight), image.naturalWidth, 1];
          const [now, then] = [context, old].map((c) => c.getImageData(0, ...row).data);
          return now.reduce((sum, value, k) => sum + Math.abs(value - then[k]), 0) / now.length;
        };
        return [apart(0.25), apart(0.85)];
      });
      check(inside > 20, `drawn anew where it was painted: ${inside} levels apart`);
      check(outside < 4, `kept elsewhere: ${outside} levels apart`);
    },
  },
  {
    name: 'an edge is dragged outward, or moved with keys, and what lies beyond is drawn',
    async run(visit, site) {
      const page = await started(visit);
      const edge = page.locator('.canvas-edge.right');
      const form = () => page.locator('.canvas-stage').evaluate((e) => e.clientWidth / e.clientHeight);
      const before = await form();
      await edge.focus();
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('ArrowRight');
      const step = Number(await edge.getAttribute('aria-valuenow')) / 2;
      check(step > 0, 'an arrow key moves the edge');
      check((await form()) > before, 'the stage grows');
      await page.keyboard.press('ArrowLeft');
      const top = page.locator('.canvas-edge.top');
      const box = await top.boundingBox();
      await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width / 2, box.y - 200, { steps: 5 });
      await page.mouse.up();
      const upward = Number(await top.getAttribute('aria-valuenow'));
      check(upward > 0 && upward % step === 0, `pixels drawn above: ${upward}`);
      const asked = await drawnWith(visit, page);
      equal([asked.extend, asked.strength], [`top=${upward},right=${step}`, 0.9], 'what is asked for');
      await visit.allDrawn(1);
      if (site.real) {
        const sides = await page.locator('.draw .cell img').evaluate((i) => [i.naturalWidth, i.naturalHeight]);
        equal(sides, [64 + step, 64 + upward], 'the picture’s sides');
      }
      for (const handle of [edge, top]) await handle.press('Home');
      equal((await drawnWith(visit, page)).extend, undefined, 'nothing beyond the edges any more');
    },
  },
  {
    name: 'the canvas is looked at closer with keys, wheel and two fingers, and painted on there',
    async run(visit) {
      await visit.open({ hasTouch: true });
      const page = await started(visit);
      const says = () => page.textContent('#zoom-says');
      await page.focus('#mask');
      await page.keyboard.press('+');
      equal(await says(), '150 %', 'by key');
      await page.keyboard.press('0');
      equal(await says(), '100 %', 'and back');
      await page.locator('#mask').hover();
      await page.keyboard.down('Control');
      await page.mouse.wheel(0, -210);
      await page.keyboard.up('Control');
      await page.waitForFunction(() => parseInt(document.querySelector('#zoom-says').textContent) > 190);
      const shown = await page.locator('.canvas-view').boundingBox();
      const at = { x: shown.x + shown.width / 2, y: shown.y + shown.height / 2 };
      await page.mouse.click(at.x, at.y);
      const spot = await share(page);
      await page.keyboard.press('0');
      await page.mouse.click(at.x, at.y);
      check((await share(page)) - spot < spot * 3, 'the brush is as large a part of the picture as before');
      const before = await share(page);
      const touch = await page.context().newCDPSession(page);
      const fingers = (type, ...points) =>
        touch.send('Input.dispatchTouchEvent', { type, touchPoints: points.map(([x, y], id) => ({ x, y, id })) });
      const [{ x, y }] = [at];
      await fingers('touchStart', [x - 20, y]);
      await fingers('touchStart', [x - 20, y], [x + 20, y]);
      for (const far of [40, 60, 80]) await fingers('touchMove', [x - far, y], [x + far, y]);
      await fingers('touchEnd');
      check(parseInt(await says(), 10) > 250, `two fingers: ${await says()}`);
      equal(await share(page), before, 'the first finger’s spot is taken back');
    },
  },
  {
    name: 'what is chosen about the mask is sent with a mask, and only then',
    async run(visit, site) {
      const page = await started(visit, { steps: site.real ? 4 : 6 });
      await page.click('#mask-options summary');
      await page.check('#mask_invert');
      await page.check('#only_masked');
      await page.locator('#mask_padding').fill('16');
      await page.locator('#mask_blur').fill('2');
      await page.selectOption('#mask_content', 'fill');
      await page.selectOption('#resize_mode', 'stretch');
      await paint(page, [0.2, 0.5], [0.8, 0.5]);
      const asked = await drawnWith(visit, page);
      equal(
        [asked.mask_invert, asked.only_masked, asked.mask_padding, asked.mask_blur, asked.mask_content],
        [true, true, 16, 2, 'fill'],
        'with a mask',
      );
      await visit.allDrawn(1);
      await page.click('#mask-clear');
      const plain = await drawnWith(visit, page);
      equal(
        [plain.only_masked || undefined, plain.mask_blur, plain.mask_content, plain.resize_mode],
        [undefined, undefined, undefined, 'stretch'],
        'without a mask',
      );
      await visit.allDrawn(1);
      await page.reload();
      await page.waitForSelector('#mask');
      check(await page.isChecked('#only_masked'), 'kept after a reload');
    },
  },
  {
    name: 'from the viewer: start from it, then before and after with a slider',
    async run(visit) {
      const page = await visit.start({ count: 1 });
      await visit.draw();
      await visit.allDrawn(1);
      await page.click('.draw .cell-picture');
      equal(await page.locator('#before').count(), 0, 'no slider without a picture before');
      await page.click('.viewer-actions >> text=Start from it');
      await page.waitForSelector('#mask');
      const src = await page.locator('.draw .cell img').getAttribute('src');
      await drawnWith(visit, page);
      await page.waitForFunction((old) => document.querySelector('.draw .cell img').getAttribute('src') !== old, src);
      await visit.allDrawn(1);
      await page.click('.draw .cell-picture');
      await page.waitForSelector('#before');
      const seen = () =>
        page.evaluate(() => {
          const of = document.querySelector('canvas.before');
          const context = of.getContext('2d');
          return [0.25, 0.75].map((x) => context.getImageData(x * of.width, of.height / 2, 1, 1).data[3]);
        });
      equal(await seen(), [0, 0], 'the picture alone at first');
      await page.waitForFunction(() => {
        const slider = document.querySelector('#before');
        slider.value = 50;
        slider.dispatchEvent(new Event('input'));
        const of = document.querySelector('canvas.before');
        return of.getContext('2d').getImageData(of.width / 4, of.height / 2, 1, 1).data[3] === 255;
      });
      equal(await seen(), [255, 0], 'half of the one before');
    },
  },
];
