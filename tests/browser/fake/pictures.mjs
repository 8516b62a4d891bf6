// Made-up pictures for the stand-in server: a subject's shape in a style's colours, as PNG files
// with their settings inside.

import { deflateSync } from 'node:zlib';

// zlib.crc32 came with Node 20; Debian 12 has 18.
const kCrc = Int32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; ++k) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});
export const crc32 = (bytes) => {
  let c = -1;
  for (const byte of bytes) c = kCrc[(c ^ byte) & 255] ^ (c >>> 8);
  return ~c >>> 0;
};

const chunk = (type, data) => {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
};

/** An RGB PNG; `texts` become iTXt chunks. `pixel(x, y)` returns [r, g, b]. */
export function png(width, height, pixel, texts = {}) {
  const raw = Buffer.alloc(height * (1 + width * 3));
  for (let y = 0, at = 0; y < height; ++y) {
    raw[at++] = 0;
    for (let x = 0; x < width; ++x) for (const c of pixel(x, y)) raw[at++] = Math.max(0, Math.min(255, c));
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const notes = Object.entries(texts).map(([key, text]) =>
    chunk('iTXt', Buffer.concat([Buffer.from(`${key}\0\0\0\0\0`, 'latin1'), Buffer.from(text, 'utf8')])),
  );
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    ...notes,
    chunk('IDAT', deflateSync(raw)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** The iTXt texts of a PNG. */
export function textsIn(file) {
  const texts = {};
  for (let at = 8; at + 12 <= file.length; at += 12 + file.readUInt32BE(at)) {
    const size = file.readUInt32BE(at);
    if (file.toString('latin1', at + 4, at + 8) !== 'iTXt') continue;
    const data = file.subarray(at + 8, at + 8 + size);
    const end = data.indexOf(0);
    texts[data.toString('latin1', 0, end)] = data.toString('utf8', end + 5);
  }
  return texts;
}

export function hash(text) {
  let h = 2166136261;
  for (const c of text) h = Math.imul(h ^ c.codePointAt(0), 16777619);
  h = Math.imul(h ^ (h >>> 15), 2246822519);
  return (h ^ (h >>> 13)) >>> 0;
}

const colour = (hue, light) =>
  [0, 2, 4].map((k) => {
    const wave = Math.max(0, Math.min(1, Math.abs(((hue * 6 + k) % 6) - 3) - 1));
    return 255 * (light < 0.5 ? wave * 2 * light : 1 - (1 - wave) * 2 * (1 - light));
  });

/** The scene of a prompt and seed, as a function of x and y in [0, 1]. */
export function scene(prompt, seed) {
  const at = prompt.indexOf(',');
  const words = hash(at < 0 ? prompt : prompt.slice(0, at));
  const style = hash(at < 0 ? 'plain' : prompt.slice(at));
  const s = hash(`${seed}`);
  const ground = (style % 360) / 360;
  const petals = 2 + (words % 6);
  const radius = 0.2 + (s % 100) / 700;
  const [cx, cy] = [0.4 + ((s >>> 8) % 100) / 500, 0.42 + ((s >>> 16) % 100) / 500];
  const waves = 3 + ((style >>> 9) % 14);
  return (x, y) => {
    const angle = Math.atan2(y - cy, x - cx);
    const edge = radius * (1 + 0.33 * Math.cos(petals * angle + s));
    const r = Math.hypot(x - cx, y - cy);
    if (r < edge) return colour((ground + 0.42 + (words % 97) / 400) % 1, 0.72 - 0.4 * (r / edge));
    const ripple = 0.5 + 0.5 * Math.sin(waves * (x + 0.7 * y * ((style >>> 4) % 3)) + s + 9 * y * y);
    return colour((ground + 0.07 * ripple) % 1, 0.34 + 0.3 * ripple * (1 - 0.4 * y));
  };
}

const noise = (x, y, seed) =>
  (Math.imul(hash(`${seed}`) ^ Math.imul(x + 7, 374761393) ^ Math.imul(y + 3, 668265263), 2654435761) >>> 9) % 256;

export function drawn(picture, texts) {
  const look = scene(picture.prompt, picture.seed);
  return png(picture.width, picture.height, (x, y) => look(x / picture.width, y / picture.height), texts);
}

/** What a preview looks like with `clear` in [0, 1] of the noise gone. */
export function preview(prompt, seed, clear, side = 8) {
  const look = scene(prompt, seed);
  return png(side, side, (x, y) =>
    look((x + 0.5) / side, (y + 0.5) / side).map((c, k) => c * clear + (1 - clear) * noise(x + 31 * k, y, seed)),
  );
}
