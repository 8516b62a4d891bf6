// `easel serve` as a journey's site: a folder of its own for everything it keeps, a port of its own.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const kStartMs = 30000;

const freePort = () =>
  new Promise((found) => {
    const probe = createServer();
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => found(port));
    });
  });

export async function serveEasel(binary) {
  const folder = mkdtempSync(join(tmpdir(), 'easel-browser-site-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const data = join(folder, 'data');
  // Its own catalogue must not be the person's.
  const env = { ...process.env, XDG_CONFIG_HOME: join(folder, 'config') };
  let child = null;
  let said = '';

  async function start() {
    said = '';
    child = spawn(binary, ['serve', '--port', String(port), '--data', data], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = new Promise((done) => {
      child.once('exit', done);
      child.once('error', done);
    });
    child.ended = ended;
    for (const pipe of [child.stdout, child.stderr])
      pipe.on('data', (text) => {
        said = (said + text).slice(-4000);
      });
    let over = false;
    ended.then(() => {
      over = true;
    });
    for (const began = Date.now(); Date.now() - began < kStartMs && !over;) {
      const answer = await fetch(`${url}/readyz`).catch(() => null);
      if (answer?.ok) return;
      await new Promise((done) => {
        setTimeout(done, 50);
      });
    }
    throw new Error(`easel serve did not become ready:\n${said}`);
  }

  async function stop() {
    child.kill('SIGTERM');
    await child.ended;
  }

  await start();
  return {
    name: 'easel',
    url,
    real: true,
    steps: 4,
    patience: 120000,
    binary,
    env,
    data,
    folder,
    start,
    stop,
    async restart() {
      await stop();
      await start();
    },
    async close() {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
