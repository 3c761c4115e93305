// The page's side of its service worker (service.js). It says how things stand on the root element, `data-offline`:
// `ready` when everything is here for visits without a network, `new` when another version waits to be asked for; in
// `data-kept` which data sets are here, and in `data-keeping` which one is being fetched, or `failed`. The page asks by
// events: for a list of them, for one more (named in `data-keep`), and for the other version.

const root = document.documentElement;
const build = document.querySelector('meta[name=build]').content;
let asked = false;

function say(key, value) {
  root.dataset[key] = value;
  dispatchEvent(new Event('offline-state'));
}

function ask(worker, message) {
  return new Promise((done) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => done(data);
    worker.postMessage(message, [port2]);
  });
}

/** Whether this worker is of the page's own build. */
const isOwn = async (worker) => (await ask(worker, { verb: 'build' })) === build;

async function list() {
  const { controller } = navigator.serviceWorker;
  if (controller) say('kept', (await ask(controller, { verb: 'kept' })).join(' '));
}

async function keep() {
  const { controller } = navigator.serviceWorker;
  if (!controller) return;
  const slug = root.dataset.keep;
  say('keeping', slug);
  say('keeping', (await ask(controller, { verb: 'keep', slug })) ? '' : 'failed');
  await list();
}

async function follow(registration) {
  const workers = navigator.serviceWorker;
  // Another version is used when the visitor says so, and never before. Listens before anything is said: the visitor may
  // be quicker than the workers are.
  addEventListener('offline-use', () => {
    asked = true;
    if (registration.waiting) registration.waiting.postMessage({ verb: 'use' });
    else location.reload();
  });
  addEventListener('offline-list', list);
  addEventListener('offline-keep', keep);
  const look = async () => {
    const { waiting, installing } = registration;
    installing?.addEventListener('statechange', look);
    if (waiting && workers.controller && !(await isOwn(waiting))) say('offline', 'new');
  };
  registration.addEventListener('updatefound', look);
  await look();
  await workers.ready;
  const controlled = async () => {
    if (asked) return location.reload();
    if (!workers.controller) return;
    if (!(await isOwn(workers.controller))) return say('offline', 'new');
    workers.controller.postMessage({ verb: 'settle' });
    if (root.dataset.offline !== 'new') say('offline', 'ready');
  };
  workers.addEventListener('controllerchange', controlled);
  await controlled();

  // A page may be open for days.
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') registration.update().catch(() => {});
  });
}

async function start() {
  const isHttp = location.protocol === 'https:' || location.protocol === 'http:';
  if (!isHttp || !isSecureContext || !navigator.serviceWorker) return;
  try {
    await follow(await navigator.serviceWorker.register('service.js', { updateViaCache: 'none' }));
  } catch (cause) {
    // The page works without; it only has to be fetched again next time.
    console.debug(`no service worker: ${cause}`);
  }
}

// After the page has what it needs itself.
if (document.readyState === 'complete') start();
else addEventListener('load', start);
