// The check of the GPU before it is used: the header says how it came out, a GPU that computes wrongly is left for the
// processor, and all about it is a file to save.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { chromium, eventually } from './browsers.mjs';
import { count, spoiled } from './spoiled.mjs';
import { openStudio } from './studio.mjs';

/** In the worker: one kernel's text is another; `loss` is known by what it reads. */
const WRONG = `if (!('document' in globalThis) && 'GPUDevice' in globalThis) {
  const create = GPUDevice.prototype.createShaderModule;
  GPUDevice.prototype.createShaderModule = function (descriptor) {
    const code = descriptor.code.replace('2.0 * difference', '3.0 * difference');
    return create.call(this, { ...descriptor, code });
  };
}`;

/** A page with these words before its module, and the report that it hands over. */
function visited(words, gpu) {
  const visit = {};
  before(async () => {
    visit.site = await spoiled(words);
    visit.browser = await chromium({ webgpu: true });
    visit.studio = await openStudio(visit.browser, visit.site, gpu);
  });
  after(async () => {
    await visit.browser?.close();
    await visit.site?.close();
  });
  visit.report = async () => {
    const { studio } = visit;
    await studio.page.click('.why summary');
    await studio.press('Save GPU report');
    const { name, type, text } = await studio.handedOver();
    assert.deepEqual([name, type], ['gpu-report.json', 'application/json']);
    const report = JSON.parse(text);
    assert.equal(report.page.build, await studio.page.$eval('meta[name=build]', (meta) => meta.content));
    assert.match(report.page.engine, /^[0-9a-f]{8}$/);
    assert.match(report.page.browser, /Chrome/);
    assert.equal(typeof report.adapter.vendor, 'string');
    return report;
  };
  return visit;
}

const KERNELS = ['init', 'gather', 'dense', 'loss', 'tick', 'dense_dx', 'dense_dw'];

describe('with a GPU that computes rightly', () => {
  const visit = visited('', 'software');

  test('it is said behind the badge, and the report has every kernel', async () => {
    const { studio } = visit;
    await studio.until('device', (text) => text.startsWith('WebGPU'));
    const report = await visit.report();
    assert.match(await studio.text('gpu-check'), /^GPU check passed/);
    assert.equal(report.check, 'passed');
    assert.equal(report['failing kernel'], null);
    assert.deepEqual([...new Set(report.kernels.map(({ kernel }) => kernel))].sort(), [...KERNELS].sort());
    assert.ok(report.kernels.every(({ right, got, expected, allowed }) => right && Math.abs(got - expected) <= allowed));
    assert.ok(report.gpu.limits['bytes per binding'] >= 2 ** 27);
    assert.equal(report.computes.kind, 'SoftwareWebGpu');
    assert.deepEqual(studio.faults, []);
  });
});

describe('with a GPU that computes wrongly', () => {
  const visit = visited(WRONG, 'software');

  test('the processor trains, and the kernel is named with what it gave', async (t) => {
    const { studio } = visit;
    await studio.until('device', (text) => text.startsWith('Processor'));
    const why = () => document.querySelector('.why p').textContent;
    const words = await eventually(studio.page, why, null, (text) => text.includes('computes wrongly'));
    t.diagnostic(words);
    assert.match(words, /its kernel “loss” gives -?[\d.e-]+ in a self-test where -?[\d.e-]+ is right/);
    const report = await visit.report();
    assert.deepEqual([report.check, report['failing kernel']], ['failed', 'loss']);
    const wrong = report.kernels.filter(({ right }) => !right);
    assert.ok(wrong.length > 0 && wrong.every(({ kernel, got, expected }) => kernel === 'loss' && Math.abs(got / expected - 1.5) < 0.01));
    assert.ok(report.gpu.limits['bytes per binding'] >= 2 ** 27, 'its limits');
    assert.match(report.gpu.backend, /WebGpu/);
    assert.equal(report.computes.kind, 'Processor');
    assert.match(report.computes.reason, /computes wrongly/);
    await studio.press('Train');
    await studio.until('step', (text) => count(text) > 3);
    await studio.press('Pause');
    assert.deepEqual(studio.faults, []);
  });
});
