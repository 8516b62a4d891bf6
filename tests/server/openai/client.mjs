// Draws with OpenAI's own package: node client.mjs http://127.0.0.1:PORT
import assert from 'node:assert/strict';
import OpenAI from 'openai';

const client = new OpenAI({ apiKey: 'none-needed', baseURL: `${process.argv[2]}/v1`, maxRetries: 0 });

const models = await client.models.list();
assert.ok(models.data.some((model) => model.id === 'default'));

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
  assert.equal(png.subarray(1, 4).toString(), 'PNG');
  assert.equal(png.readUInt32BE(16), 256);
}
assert.equal(drawn.easel.enlarged, true);
assert.deepEqual(drawn.easel.seeds, [7, 8]);

const linked = await client.images.generate({
  prompt: 'a cat wearing sunglasses',
  n: 1,
  response_format: 'url',
  seed: 7,
  steps: 2,
});
const file = await fetch(linked.data[0].url);
assert.equal(file.headers.get('content-type'), 'image/png');
assert.equal(
  Buffer.from(await file.arrayBuffer())
    .subarray(1, 4)
    .toString(),
  'PNG',
);

await assert.rejects(client.images.generate({ prompt: '', n: 1 }), (error) => {
  assert.ok(error instanceof OpenAI.UnprocessableEntityError);
  assert.equal(error.param, 'prompt');
  return true;
});
await assert.rejects(client.images.generate({ prompt: 'x', size: '7x' }), OpenAI.UnprocessableEntityError);
await assert.rejects(client.models.retrieve('nothing'), OpenAI.NotFoundError);

console.log('client: all passed');
