// What `cargo xtask soak` calls growth.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judged, slope, table } from './soak/measure.mjs';

const MIB = 1 << 20;
/** Lines of an hour, one a minute, where nothing grows but by `change`. */
function hour(change = () => ({})) {
  const still = { buffers: 58, nodes: 1226, gpuBytes: 8 * MIB, staging: 5, params: 29, made: 9, generation: 3, wasm: 70 * MIB, heapPage: 2 * MIB, heapWorker: MIB, rssGpu: 180 * MIB, rssPage: 400 * MIB };
  return Array.from({ length: 60 }, (_, minutes) => ({ minutes, ...still, ...change(minutes) }));
}
/** Up and down, around nothing. */
const wobble = (minutes) => ((minutes * 7919) % 13) - 6;

test('a line is found among points', () => {
  const { steep, unsure } = slope([[0, 1], [1, 3], [2, 5], [3, 7]]);
  assert.deepEqual([steep, unsure], [2, 0]);
  assert.equal(slope([[0, 1], [1, 2]]).unsure, Infinity, 'two points say nothing');
});

test('what stays breaks no rule, nor what only wobbles', () => {
  assert.deepEqual(judged(hour(), [], null), []);
  assert.deepEqual(judged(hour((minutes) => ({ rssGpu: (180 + wobble(minutes)) * MIB })), [], null), []);
  // Until caches are full anything may grow.
  assert.deepEqual(judged(hour((minutes) => ({ heapPage: Math.min(minutes, 9) * MIB })), [], null), []);
});

test('growth, other counts, words in the console and an end before time are named', () => {
  const grows = hour((minutes) => ({ heapWorker: (10 + minutes / 20 + wobble(minutes) / 100) * MIB }));
  assert.match(judged(grows, [], null).join(), /^heapWorker grows by [23]\.\d\d MiB per hour$/);
  assert.match(table(grows), /heapWorker +10\.\d+ MiB +12\.\d+ MiB +[23]\.\d+ MiB +± 0\.\d+ MiB/);
  const more = hour((minutes) => ({ buffers: minutes < 40 ? 58 : 59 }));
  assert.match(judged(more, [], null).join(), /58, 59 buffers/);
  // A lesson that is kept every twenty minutes.
  const kept = hour((minutes) => ({ nodes: 1226 + 1000 * Math.floor(minutes / 20) }));
  assert.match(judged(kept, [], null).join(), /^the document grows by \d{4} nodes per hour$/);
  assert.match(judged(hour(), ['console: no'], null).join(), /not silent: console: no/);
  assert.match(judged(hour(), [], new Error('kill: lost')).join(), /it did not go on: kill: lost/);
});
