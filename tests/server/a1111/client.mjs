// Draws with an npm client of AUTOMATIC1111's API: node client.mjs http://127.0.0.1:PORT
import assert from 'node:assert/strict';
import { StableDiffusionApi } from 'stable-diffusion-api';

const api = new StableDiffusionApi({ baseUrl: process.argv[2], defaultStepCount: 2 });

const samplers = await api.getSamplers();
assert.ok(samplers.some((sampler) => sampler.name === 'Euler a'));
const [model] = await api.getSdModels();
assert.ok(model.model_name && model.title);
assert.ok((await api.getUpscalers()).length > 0);
assert.deepEqual(await api.getPromptStyles(), []);
const options = await api.getOptions();
assert.equal(options.sd_model_checkpoint, model.title);
await api.setOptions({ sd_model_checkpoint: model.title });

const drawn = await api.txt2img({
  prompt: 'a cat wearing sunglasses',
  width: 128,
  height: 128,
  seed: 7,
  batch_size: 2,
});
assert.equal(drawn.images.length, 2);
for (const image of drawn.images) {
  const { format, width, height } = await image.metadata();
  assert.deepEqual({ format, width, height }, { format: 'png', width: 128, height: 128 });
}
assert.equal(JSON.parse(drawn.info).seed, 7);

const large = await api.extraSingle({ image: drawn.image, upscaler_1: 'Lanczos', upscaling_resize: 2 });
assert.equal((await large.image.metadata()).width, 256);

const progress = await api.getProgress();
assert.equal(progress.progress, 0);

await assert.rejects(api.txt2img({ prompt: 'x', width: -8 }), (error) => error.response.status === 422);

console.log('client: all passed');
