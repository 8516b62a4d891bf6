// All journeys: against the stand-in, and against the real server where there is a binary.
//
//   node run.mjs [--easel PATH] [--only WORDS]

import { canvas } from './journeys/canvas.mjs';
import { drawing } from './journeys/drawing.mjs';
import { exported } from './journeys/exported.mjs';
import { gallery } from './journeys/gallery.mjs';
import { manners } from './journeys/manners.mjs';
import { pictures } from './journeys/pictures.mjs';
import { places } from './journeys/places.mjs';
import { queue } from './journeys/queue.mjs';
import { serveFake } from './fake/server.mjs';
import { findChromium, openBrowser, runJourneys } from './harness.mjs';
import { serveEasel } from './real.mjs';

const option = (name) => (process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : null);
const journeys = [...drawing, ...queue, ...pictures, ...canvas, ...places, ...gallery, ...manners, ...exported];
const total = { passed: 0, failed: 0, skipped: 0 };

function add(tally) {
  for (const key of Object.keys(total)) total[key] += tally[key];
}

function finish() {
  console.log(`browser: ${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  process.exit(total.failed ? 1 : 0);
}

function skipAll(why) {
  console.log(`skip  ${journeys.length} journeys: ${why}`);
  total.skipped += journeys.length;
  finish();
}

const { chromium } = await import('playwright-core').catch(() => ({}));
const program = findChromium();
if (!chromium) skipAll('playwright-core is not installed (npm ci could not reach its registry)');
if (!program) skipAll('there is no chromium (Debian: apt-get install chromium)');

const browser = await openBrowser(chromium, program);
const only = option('--only');

async function onStandIn() {
  const fake = await serveFake({ stepMs: 12 });
  add(
    await runJourneys(
      browser,
      { name: 'stand-in', url: fake.url, fake, real: false, steps: 6, patience: 120000 },
      journeys,
      only,
    ),
  );
  await fake.close();
}

async function onEasel() {
  const easel = option('--easel');
  if (!easel) {
    total.skipped += journeys.length;
    console.log(`skip  easel: ${journeys.length} journeys (no binary named)`);
    return;
  }
  const site = await serveEasel(easel);
  try {
    add(await runJourneys(browser, site, journeys, only));
  } finally {
    await site.close();
  }
}

// Most of a journey is waiting: the two sites are visited side by side.
try {
  await Promise.all([onStandIn(), onEasel()]);
} finally {
  await browser.close();
}
finish();
