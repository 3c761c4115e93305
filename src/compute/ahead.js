// Pipelines that are compiled while others work. wgpu makes them one by one and waits for each; a browser can make them
// beside that, but wgpu does not ask it to. So a pipeline whose label begins with "ahead: " is begun and not waited for,
// and once it is there, whoever asks for one of that label gets it.

const AHEAD = 'ahead: ';
const begun = new WeakMap();

function of(device) {
  if (!begun.has(device)) begun.set(device, new Map());
  return begun.get(device);
}

// Devices are told apart by their pipelines' labels, because wgpu keeps its device to itself: each has its number in them.
const ready = new Set();
const refused = new Set();

export function install() {
  const prototype = globalThis.GPUDevice?.prototype;
  if (!prototype?.createComputePipelineAsync || prototype.hourglassAhead) return Boolean(prototype?.hourglassAhead);
  prototype.hourglassAhead = true;
  const atOnce = prototype.createComputePipeline;
  prototype.createComputePipeline = function (descriptor) {
    const pipelines = of(this);
    const { label } = descriptor;
    const there = pipelines.get(label);
    if (there) return there;
    if (!label?.startsWith(AHEAD)) return atOnce.call(this, descriptor);
    const name = label.slice(AHEAD.length);
    this.createComputePipelineAsync({ ...descriptor, label: name }).then(
      (pipeline) => {
        pipelines.set(name, pipeline);
        ready.add(name);
      },
      // Others do its work.
      () => refused.add(name),
    );
    // Nobody runs what is returned here.
    pipelines.set(label, pipelines.get(AHEAD) ?? atOnce.call(this, { ...descriptor, compute: idle(this), layout: 'auto' }));
    pipelines.set(AHEAD, pipelines.get(label));
    return pipelines.get(label);
  };
  return true;
}

export function isReady(name) {
  return ready.has(name);
}

export function isRefused(name) {
  return refused.has(name);
}

function idle(device) {
  return { module: device.createShaderModule({ code: '@compute @workgroup_size(1) fn main() {}' }), entryPoint: 'main' };
}
