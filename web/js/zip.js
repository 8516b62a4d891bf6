// Pictures in one ZIP file, put together in the browser. They are stored as they are: PNG is packed already.

import { h } from './dom.js';

const kMostFiles = 0xffff; // ZIP without its 64-bit extension
const kMostBytes = 2 ** 31; // half of what its 32 bits count

const kCrc = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; ++k) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

function crc32(bytes) {
  let c = -1;
  for (const byte of bytes) c = kCrc[(c ^ byte) & 255] ^ (c >>> 8);
  return ~c >>> 0;
}

/** Numbers of 2 or 4 bytes, little-endian: [[size, value] …]. */
function record(fields) {
  const view = new DataView(new ArrayBuffer(fields.reduce((sum, [size]) => sum + size, 0)));
  let at = 0;
  for (const [size, value] of fields) {
    if (size === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += size;
  }
  return new Uint8Array(view.buffer);
}

// What a file's own head and its entry in the directory have in common. Names are UTF-8 (bit 11), files
// are stored (method 0).
const described = ({ crc, bytes, name, date }) => [
  [2, 20],
  [2, 1 << 11],
  [2, 0],
  [2, (date.getHours() << 11) | (date.getMinutes() << 5) | (date.getSeconds() >> 1)],
  [2, ((date.getFullYear() - 1980) << 9) | ((date.getMonth() + 1) << 5) | date.getDate()],
  [4, crc],
  [4, bytes],
  [4, bytes],
  [2, name.length],
  [2, 0],
];

/** A ZIP's parts as they come: add files, then take the blob. */
class Zip {
  constructor() {
    this.parts = [];
    this.entries = [];
    this.size = 0;
  }

  put(...parts) {
    for (const part of parts) this.size += part.length;
    this.parts.push(...parts);
  }

  add(fileName, data, date) {
    if (this.entries.length >= kMostFiles || this.size + data.length > kMostBytes)
      throw new Error('This is more than one ZIP file can hold: choose fewer pictures');
    const name = new TextEncoder().encode(fileName);
    const file = { name, date, bytes: data.length, crc: crc32(data), at: this.size };
    this.entries.push(file);
    this.put(record([[4, 0x04034b50], ...described(file)]), name, data);
  }

  blob() {
    const begin = this.size;
    for (const file of this.entries) {
      const rest = [2, 2, 2].map((size) => [size, 0]); // comment, disk, inner attributes
      this.put(record([[4, 0x02014b50], [2, 20], ...described(file), ...rest, [4, 0], [4, file.at]]), file.name);
    }
    const count = this.entries.length;
    this.put(
      record([
        [4, 0x06054b50],
        [2, 0],
        [2, 0],
        [2, count],
        [2, count],
        [4, this.size - begin],
        [4, begin],
        [2, 0],
      ]),
    );
    return new Blob(this.parts, { type: 'application/zip' });
  }
}

// "0001 cat wearing sunglasses, seed 7.png": in order, no two alike, nothing that a file system refuses.
function nameOf(picture, k) {
  const words = picture.prompt
    .replace(/[^\p{L}\p{N} ,._-]+/gu, ' ')
    .trim()
    .slice(0, 60);
  return `${String(k + 1).padStart(4, '0')} ${words}, seed ${picture.seed}.png`;
}

/** Saves the files of `pictures` as one; `progress(done, all)` as they come. */
export async function saveZip(pictures, progress) {
  const zip = new Zip();
  for (const [k, picture] of pictures.entries()) {
    const answer = await fetch(picture.image, { credentials: 'same-origin' });
    if (!answer.ok) throw new Error(`The file of picture ${k + 1} could not be fetched: ${answer.status}`);
    zip.add(nameOf(picture, k), new Uint8Array(await answer.arrayBuffer()), new Date(picture.created));
    progress(k + 1, pictures.length);
  }
  const address = URL.createObjectURL(zip.blob());
  h('a', { href: address, download: `easel ${pictures.length} pictures.zip` }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}
