// What people do with the page. Each takes some seconds, and leaves a page on which anything else can be done.

import { eventually } from '../browsers.mjs';
import { count, sleep, step } from '../spoiled.mjs';
import { LESSONS, lessonOpen } from '../studio.mjs';

/** Between two measurements all is brought back to this network, untrained. */
const BASE = '#/studio?v=1&data=strokes&enc=32&z=4&batch=100&epochs=2000&seed=1';

/** Other networks, small enough for software. */
const NETWORKS = ['enc=16&z=2', 'enc=64,32&z=8', 'enc=48&z=10&noise=gauss', 'enc=24&z=3&act=tanh', 'data=beats&enc=32&z=8'];

/** What the Studio says of the network at rest. */
const BASE_NETWORK = '784, 32, 4, 32, 784';

const pick = (random, list) => list[Math.floor(random() * list.length)];
const isRunning = (page) => page.evaluate(() => [...document.querySelectorAll('button')].some((b) => b.textContent.trim() === 'Pause'));

/** Presses a button without a hand, which tabs do not feel that were frozen a moment ago. */
const press = async (studio, name) => {
  const button = await studio.button(name);
  await button.evaluate((button) => button.click());
  await button.dispose();
};

/** Puts away what the page had to say. */
export const dismiss = (page) => page.evaluate(() => document.querySelectorAll('.notice button[aria-label=Dismiss]').forEach((b) => b.click()));

/** The studio, wherever the visitor is, with what it needs. */
export async function inStudio({ studio }) {
  await studio.follow('#/studio');
  await lessonOpen(studio.page, 'studio');
}

/** Opens the network of a link. */
async function opens({ studio }, link) {
  await studio.opens(link);
  // Until it stands, the one before may still be seen to train.
  await sleep(1500);
}

/** All epochs are done. */
const isDone = (page) => page.evaluate(() => document.querySelector('.doing')?.textContent === 'All epochs are done');

/** Another step than this one was made, or there is none to make. */
export const goesOnFrom = (page, from, patience = 180_000) => eventually(
  page,
  () => [Number(document.querySelector('[data-testid=step]')?.textContent.replaceAll(',', '') ?? 0), document.querySelector('.doing')?.textContent],
  null,
  ([now, doing]) => now !== from || doing === 'All epochs are done',
  patience,
);

/** A network that comes late takes the place of the one that trains, as a lesson's own does: people press once more. */
const PRESSES = 9;

/** Training goes on; if it does not yet, it begins. */
export async function trains(scene) {
  const { studio } = scene;
  await inStudio(scene);
  for (let pressed = 1; ; pressed++) {
    if (await isDone(studio.page)) await press(studio, 'Reset');
    if (!(await isRunning(studio.page))) await press(studio, 'Train');
    const goesOn = async () => goesOnFrom(studio.page, await studio.page.evaluate(step), 20_000);
    // The first other step may be the other network's.
    const error = await goesOn().then(goesOn).then(() => null, (error) => error);
    if (!error) return;
    if (pressed === PRESSES) throw error;
    console.log(`nothing is trained yet: ${error.message.slice(0, 80)}`);
  }
}

export const DOINGS = {
  async train(scene) {
    await trains(scene);
    await sleep(1000 + 3000 * scene.random());
  },
  async draw(scene) {
    await inStudio(scene);
    await scene.studio.draw().catch((error) => {
      // A series has no pad for digits.
      if (!`${error}`.includes('still')) throw error;
    });
    await sleep(500);
  },
  async networks(scene) {
    const { random } = scene;
    await opens(scene, `#/studio?v=1&data=strokes&batch=100&epochs=500&seed=${Math.floor(9 * random())}&${pick(random, NETWORKS)}`);
    await trains(scene);
  },
  async lessons({ studio, random }) {
    for (let visits = 0; visits < 3; visits++) {
      const lesson = pick(random, LESSONS);
      await studio.follow(`#/${lesson}`);
      await lessonOpen(studio.page, lesson);
      await sleep(1000);
    }
  },
  async reset(scene) {
    await inStudio(scene);
    await press(scene.studio, 'Reset');
  },
};

/** All as it was at the beginning. */
export async function rest(scene) {
  const { studio } = scene;
  await inStudio(scene);
  if (await isRunning(studio.page)) await press(studio, 'Pause');
  // Another one first: what lessons left beside the same one would stay with it.
  await opens(scene, BASE.replace('enc=32', 'enc=24'));
  await opens(scene, BASE);
  const layers = () => document.querySelector('canvas.hourglass')?.getAttribute('aria-label');
  await eventually(studio.page, layers, null, (label) => label?.includes(BASE_NETWORK));
  await studio.until('device', (text) => text.startsWith('WebGPU'));
  await press(studio, 'Reset');
  await studio.until('step', (text) => count(text) === 0);
  // One step brings its kernels; what training leaves behind is a part of what is measured.
  await press(studio, 'Train');
  await studio.until('step', (text) => count(text) > 20);
  await press(studio, 'Pause');
  await press(studio, 'Reset');
  await studio.until('step', (text) => count(text) === 0);
  await dismiss(studio.page);
  // What is under way comes to its end.
  await sleep(3000);
}
