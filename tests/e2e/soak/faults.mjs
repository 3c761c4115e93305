// What happens to pages in hours. After each of these training must go on by itself.

import { eventually } from '../browsers.mjs';
import { destroy, sleep, step } from '../spoiled.mjs';
import { LESSONS, lessonOpen } from '../studio.mjs';
import { dismiss, goesOnFrom, trains } from './doings.mjs';

/** The browser's processes of a kind, or all. */
async function processes({ cdp }, kind) {
  const { processInfo } = await cdp.send('SystemInfo.getProcessInfo');
  return processInfo.filter(({ type }) => !kind || type === kind).map(({ id }) => id);
}

/** Holds processes for so long. */
async function held(ids, ms) {
  const send = (signal) => ids.forEach((id) => {
    // One that has ended meanwhile is held by nothing.
    try { process.kill(id, signal); } catch (error) { if (error.code !== 'ESRCH') throw error; }
  });
  send('SIGSTOP');
  await sleep(ms);
  send('SIGCONT');
}

/**
 * Does this with another tab in front. What waits for a frame waits until the page is seen again, lessons that were left among
 * it: a page that stayed hidden would seem to grow.
 */
async function behind({ browser, studio }, what) {
  const other = await browser.newPage();
  await other.bringToFront();
  await what();
  await other.close();
  await studio.page.bringToFront();
  await eventually(studio.page, () => document.visibilityState, null, (state) => state === 'visible');
}

/** Training goes on, on a GPU. */
async function goesOn(scene) {
  const { studio } = scene;
  const from = await studio.page.evaluate(step);
  await goesOnFrom(studio.page, from);
  await eventually(studio.page, () => document.querySelector('[data-testid=device]').textContent, null, (text) => text.startsWith('WebGPU'), 180_000);
  await dismiss(studio.page);
}

/** While training. */
const during = (fault) => async (scene) => {
  await trains(scene);
  await fault(scene);
  await goesOn(scene);
};

export const FAULTS = {
  kill: during(({ cdp }) => cdp.send('Browser.crashGpuProcess').catch(() => {})),
  destroy: during(({ studio }) => destroy(studio.page)),
  /** The GPU is busy, and comes back before it is given up. */
  hang: during(async (scene) => held(await processes(scene, 'GPU'), 7000)),
  /** Another tab is in front. */
  hidden: during((scene) => behind(scene, () => sleep(4000))),
  /** And there is put to sleep, as browsers do after some minutes. */
  frozen: during((scene) => behind(scene, async () => {
    await scene.page.send('Page.setWebLifecycleState', { state: 'frozen' });
    await sleep(5000);
    await scene.page.send('Page.setWebLifecycleState', { state: 'active' });
  })),
  /** The lid is closed: all processes stand still. */
  sleep: during(async (scene) => held(await processes(scene), 8000)),
  quota: during(async ({ page, site, studio }) => {
    await page.send('Storage.overrideQuotaForOrigin', { origin: site.origin, quotaSize: 1 });
    await sleep(5000);
    await page.send('Storage.overrideQuotaForOrigin', { origin: site.origin });
    await studio.page.bringToFront();
  }),
  offline: during(async ({ studio, random }) => {
    await studio.page.setOfflineMode(true);
    // The lesson about heartbeats puts the network for digits away.
    const others = LESSONS.filter((lesson) => lesson !== 'heartbeats');
    const lesson = others[Math.floor(random() * others.length)];
    await studio.follow(`#/${lesson}`);
    await lessonOpen(studio.page, lesson);
    await sleep(3000);
    await studio.follow('#/studio');
    await lessonOpen(studio.page, 'studio');
    await studio.page.setOfflineMode(false);
  }),
};
