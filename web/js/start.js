// The picture that a drawing begins at, and its mask: sent to the server, kept among the settings.

import { api } from './api.js';
import { change, noEditing } from './state.js';

const kTaken = ['image/png', 'image/jpeg', 'image/webp']; // by the server

/** What must be sent before a drawing is asked for; the canvas puts its mask here. */
export const pending = { send: async () => {} };

// Other kinds (GIF, BMP, AVIF …) are read by the browser and sent as PNG.
export async function readable(file) {
  if (kTaken.includes(file.type)) return file;
  let bitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch (cause) {
    throw new Error(`${file.name || 'This file'} is no picture that can be read`, { cause });
  }
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  canvas.getContext('2d').drawImage(bitmap, 0, 0);
  bitmap.close();
  return canvas.convertToBlob({ type: 'image/png' });
}

function begin({ sha256 }) {
  change({ init_sha256: sha256, mask_sha256: '', extend: '' });
  location.hash = '#/draw';
}

/** Begins at a file of one's own. */
export const startFromFile = async (file) => begin(await api.give(await readable(file)));

/** Begins at a picture of the gallery. */
export const startFromPicture = async (picture) => begin(await api.givePicture(picture.id));

export const startFromNothing = () => change(noEditing());
