// A grid as one file.

import { h } from './dom.js';

const kGap = 2; // pixels

/** All pictures of `grid` as one PNG named `name`, put together in the browser. */
export async function saveGrid({ cells, pictures, columns }, name) {
  if (!pictures.length) return;
  const { width, height } = pictures[0];
  const canvas = h('canvas', {
    width: columns * (width + kGap) + kGap,
    height: Math.ceil(pictures.length / columns) * (height + kGap) + kGap,
  });
  const context = canvas.getContext('2d');
  for (const [k, cell] of cells.entries()) {
    if (!cell.picture) continue;
    const x = kGap + (k % columns) * (width + kGap);
    context.drawImage(cell.image, x, kGap + Math.floor(k / columns) * (height + kGap), width, height);
  }
  const blob = await new Promise((take) => {
    canvas.toBlob(take, 'image/png');
  });
  const address = URL.createObjectURL(blob);
  h('a', { href: address, download: `${name.slice(0, 60)}.png` }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}
