// Draws with an npm client of AUTOMATIC1111's API: node client.mjs http://127.0.0.1:PORT
import assert from 'node:assert/strict';
import sharp from 'sharp';
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

// The mask's right half is white: drawn anew. The left one stays to the byte.
const left = async (image) => await image.clone().extract({ left: 0, top: 0, width: 64, height: 128 }).raw().toBuffer();
const white = await sharp({ create: { width: 64, height: 128, channels: 3, background: 'white' } })
  .png()
  .toBuffer();
const mask_image = sharp({ create: { width: 128, height: 128, channels: 3, background: 'black' } }).composite([
  { input: white, left: 64, top: 0 },
]);
const [init] = drawn.images;
const settings = { prompt: 'a robot', width: 128, height: 128, seed: 7, batch_size: 2, sampler_name: 'Euler a' };
const masked = await api.img2img({
  ...settings,
  init_images: [init],
  mask_image,
  mask_blur: 0,
  denoising_strength: 1,
  inpaint_full_res: false,
});
assert.equal(masked.images.length, 2);
for (const image of masked.images) {
  assert.deepEqual(await left(image.removeAlpha()), await left(init.clone().removeAlpha()));
  assert.notDeepEqual(await image.raw().toBuffer(), await init.clone().raw().toBuffer());
}
assert.equal(JSON.parse(masked.info).denoising_strength, 1);
const each = await api.img2img({ ...settings, init_images: drawn.images, denoising_strength: 0.5 });
assert.deepEqual(JSON.parse(each.info).all_seeds, [7, 8]);

const progress = await api.getProgress();
assert.equal(progress.progress, 0);

await assert.rejects(api.txt2img({ prompt: 'x', width: -8 }), (error) => error.response.status === 422);

console.log('client: all passed');
