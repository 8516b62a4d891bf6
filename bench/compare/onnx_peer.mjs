// Runs one exported part in ONNX Runtime's CPU provider, once for each line on standard input.
//
//   node onnx_peer.mjs ONNX_DIR THREADS
//
// Prints a JSON line with the error against Easel's own output, then a line of seconds a run.
import fs from 'node:fs';
import readline from 'node:readline';
import ort from 'onnxruntime-node';

const [folder, threads] = [process.argv[2], Number(process.argv[3])];
const shapes = JSON.parse(fs.readFileSync(`${folder}/inputs.json`, 'utf8'));

function read(name) {
  const bytes = fs.readFileSync(`${folder}/${name}.bin`);
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  return shapes[name].type === 'int64' ? new BigInt64Array(buffer) : new Float32Array(buffer);
}

function relativeRms(actual, expected) {
  let error = 0,
    power = 0;
  for (let i = 0; i < expected.length; i++) {
    error += (actual[i] - expected[i]) ** 2;
    power += expected[i] ** 2;
  }
  return Math.sqrt(error / power);
}

const session = await ort.InferenceSession.create(`${folder}/model.onnx`, {
  executionProviders: ['cpu'],
  intraOpNumThreads: threads,
  interOpNumThreads: 1,
  graphOptimizationLevel: 'all',
});
const feeds = {};
for (const name of session.inputNames) {
  feeds[name] = new ort.Tensor(shapes[name].type, read(name), shapes[name].shape);
}
const first = await session.run(feeds);
console.log(
  JSON.stringify({
    error: relativeRms(first.out.data, read('expected')),
    threads,
    version: ort.env.versions.node ?? ort.env.versions.common,
  }),
);
for await (const _ of readline.createInterface({ input: process.stdin })) {
  const start = performance.now();
  await session.run(feeds);
  console.log((performance.now() - start) / 1000);
}
