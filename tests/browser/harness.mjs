// Runs journeys: what a person does on the page, in a real browser, against a server.

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const kFlags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
];
export const kDesk = { width: 1360, height: 900 };
export const kPhone = { width: 390, height: 844 };

/** Where Debian puts the browser; null where there is none. */
export function findChromium() {
  return ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((path) => existsSync(path)) ?? null;
}

/** A browser with a profile of its own. */
export async function openBrowser(chromium, executablePath) {
  const browser = await chromium.launch({ executablePath, args: kFlags });
  return browser;
}

export class Failure extends Error {}

export function check(truth, what) {
  if (!truth) throw new Failure(what);
}

export function equal(seen, wanted, what) {
  check(
    Object.is(seen, wanted) || JSON.stringify(seen) === JSON.stringify(wanted),
    `${what}: ${JSON.stringify(seen)}, wanted ${JSON.stringify(wanted)}`,
  );
}

/** One journey's browser window, which remembers everything that went wrong in it. */
export class Visit {
  constructor(browser, site) {
    this.browser = browser;
    this.site = site;
    this.faults = [];
    this.strangers = [];
    this.folder = mkdtempSync(join(tmpdir(), 'easel-browser-'));
  }

  async open(options = {}) {
    this.context = await this.browser.newContext({ viewport: kDesk, acceptDownloads: true, ...options });
    await this.context
      .grantPermissions(['clipboard-read', 'clipboard-write'], { origin: this.site.url })
      .catch(() => {});
    this.page = await this.context.newPage();
    this.page.setDefaultTimeout(this.site.patience);
    // Refusals that a journey provokes are logged by the browser as failed loads; scripts' own
    // errors and breaches of the content policy are faults.
    this.page.on('console', (message) => {
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
        this.faults.push(message.text());
    });
    this.page.on('pageerror', (error) => this.faults.push(String(error.stack ?? error)));
    this.page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(this.site.url) && !url.startsWith('blob:') && !url.startsWith('file:'))
        this.strangers.push(url);
    });
    return this.page;
  }

  /** The drawing page, ready, with settings that draw quickly. */
  async start(settings = {}, options = {}) {
    const page = this.page ?? (await this.open(options));
    await page.addInitScript(
      (values) => {
        if (!localStorage.getItem('easel.settings')) localStorage.setItem('easel.settings', JSON.stringify(values));
      },
      { steps: this.site.steps, count: 16, seed: '1', ...settings },
    );
    await page.goto(this.site.url);
    await page.waitForSelector('#draw');
    return page;
  }

  async draw() {
    await this.page.click('#draw');
  }

  async allDrawn(count = 16) {
    await this.page.waitForFunction(
      (n) => document.querySelectorAll('.draw .cell[data-state=done]').length === n,
      count,
    );
  }

  async close() {
    await this.context?.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Runs the journeys that fit the site one after the other; returns {passed, failed, skipped}. */
export async function runJourneys(browser, site, journeys, only) {
  const tally = { passed: 0, failed: 0, skipped: 0 };
  for (const journey of journeys) {
    if (only && !journey.name.includes(only)) continue;
    const why = journey.needs?.(site);
    if (why) {
      if (why !== 'elsewhere') {
        tally.skipped += 1;
        console.log(`skip  ${site.name}: ${journey.name} (${why})`);
      }
      continue;
    }
    const visit = new Visit(browser, site);
    const began = Date.now();
    try {
      await journey.run(visit, site);
      check(visit.faults.length === 0, `the page reported: ${visit.faults.join(' | ')}`);
      check(visit.strangers.length === 0, `requests left the machine: ${visit.strangers.join(' ')}`);
      tally.passed += 1;
      console.log(`pass  ${site.name}: ${journey.name} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
    } catch (error) {
      tally.failed += 1;
      console.log(
        `FAIL  ${site.name}: ${journey.name}\n      ${error instanceof Failure ? error.message : error.stack}`,
      );
      for (const fault of visit.faults) console.log(`      page: ${fault}`);
      await visit.page?.screenshot({ path: join(tmpdir(), 'easel-browser-failure.png') }).catch(() => {});
    } finally {
      await visit.close();
    }
  }
  return tally;
}
