// Draws with OpenAI's own package: node client.mjs http://127.0.0.1:PORT MASK.png
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import OpenAI from 'openai';

const client = new OpenAI({ apiKey: 'none-needed', baseURL: `${process.argv[2]}/v1`, maxRetries: 0 });
const isPng = (bytes) => bytes.subarray(1, 4).toString() === 'PNG';

const models = await client.models.list();
assert.ok(models.data.some((model) => model.id === 'default'));
assert.equal((await client.models.retrieve('gpt-image-1')).object, 'model');

const drawn = await client.images.generate({
  prompt: 'a cat wearing sunglasses',
  n: 2,
  response_format: 'b64_json',
  size: '256x256',
  seed: 7,
  steps: 2,
});
assert.equal(drawn.data.length, 2);
for (const { b64_json: text } of drawn.data) {
  const png = Buffer.from(text, 'base64');
  assert.ok(isPng(png));
  assert.equal(png.readUInt32BE(16), 256);
}
assert.equal(drawn.easel.enlarged, true);
assert.deepEqual(drawn.easel.seeds, [7, 8]);

// OpenAI's own sample: the gpt-image models never have a url.
const embedded = await client.images.generate({
  model: 'gpt-image-2',
  prompt: 'a cat',
  size: 'auto',
  quality: 'low',
  output_format: 'webp',
  output_compression: 60,
  background: 'opaque',
  moderation: 'low',
});
assert.equal(Buffer.from(embedded.data[0].b64_json, 'base64').subarray(8, 12).toString(), 'WEBP');
assert.deepEqual([embedded.output_format, embedded.quality, embedded.background], ['webp', 'low', 'opaque']);
assert.equal(embedded.usage.total_tokens, 0);

const linked = await client.images.generate({
  prompt: 'a cat wearing sunglasses',
  n: 1,
  response_format: 'url',
  seed: 7,
  steps: 2,
});
const file = await fetch(linked.data[0].url);
assert.equal(file.headers.get('content-type'), 'image/png');
assert.ok(isPng(Buffer.from(await file.arrayBuffer())));

const events = [];
const stream = await client.images.generate({
  model: 'gpt-image-2',
  prompt: 'a robot',
  stream: true,
  partial_images: 2,
  seed: Math.floor(Math.random() * 1e9),
  steps: 12,
  size: '128x128',
});
for await (const event of stream) events.push(event);
assert.deepEqual(
  events.map((event) => [event.type, event.partial_image_index]),
  [
    ['image_generation.partial_image', 0],
    ['image_generation.partial_image', 1],
    ['image_generation.completed', undefined],
  ],
);
for (const event of events) {
  const png = Buffer.from(event.b64_json, 'base64');
  assert.deepEqual([isPng(png), png.readUInt32BE(16), event.size], [true, 128, '128x128']);
  assert.ok(event.created_at > 1e9 && event.quality && event.background && event.output_format === 'png');
}
assert.equal(events.at(-1).usage.total_tokens, 0);

await assert.rejects(client.images.generate({ prompt: '', n: 1 }), (error) => {
  assert.ok(error instanceof OpenAI.UnprocessableEntityError);
  assert.equal(error.param, 'prompt');
  return true;
});
await assert.rejects(client.images.generate({ prompt: 'x', size: '7x' }), OpenAI.UnprocessableEntityError);
await assert.rejects(
  client.images.generate({ prompt: 'x', stream: true, partial_images: 4 }),
  OpenAI.UnprocessableEntityError,
);
await assert.rejects(client.models.retrieve('nothing'), OpenAI.NotFoundError);

// Pictures that begin at another one.
const image = new File([Buffer.from(drawn.data[0].b64_json, 'base64')], 'cat "1".png', { type: 'image/png' });
const settings = { response_format: 'b64_json', size: '64x64', seed: 7, steps: 4 };
const edited = await client.images.edit({ image, prompt: 'a dog', n: 2, ...settings });
assert.equal(edited.data.length, 2);
for (const { b64_json: text } of edited.data) assert.equal(Buffer.from(text, 'base64').readUInt32BE(16), 64);
assert.equal(edited.easel.strength, 0.75);

const several = await client.images.edit({ image: [image, image], prompt: 'a dog', ...settings });
assert.ok(several.easel.notes.includes('image: the first of 2 is edited'));

const varied = await client.images.createVariation({ image, n: 2, ...settings });
assert.equal(varied.data.length, 2);
assert.notEqual(varied.data[0].b64_json, varied.data[1].b64_json);

// The mask's file is made by whoever runs this: its right half is transparent, 256 x 256.
const mask = new File([await readFile(process.argv[3])], 'mask.png', { type: 'image/png' });
const edits = [];
const editing = await client.images.edit({
  image,
  mask,
  prompt: 'a robot',
  model: 'gpt-image-2',
  stream: true,
  partial_images: 1,
  size: '64x64',
  seed: 9,
  steps: 8,
});
for await (const event of editing) edits.push(event);
assert.deepEqual(
  edits.map((event) => event.type),
  ['image_edit.partial_image', 'image_edit.completed'],
);
assert.ok(isPng(Buffer.from(edits.at(-1).b64_json, 'base64')));
assert.equal(edits.at(-1).easel.strength, 1);

await assert.rejects(client.images.edit({ image, prompt: 'x', mask: image }), (error) => {
  assert.ok(error instanceof OpenAI.UnprocessableEntityError);
  assert.equal(error.param, 'mask');
  return true;
});

console.log('client: all passed');
