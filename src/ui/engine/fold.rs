//! Events, one by one, into signals.
use super::{Decoded, Engine, Kept, Left, Loading, Opened, Sampled, Strip, now};
use crate::engine::protocol::{self, Answer, Command, Event, Origin, Point, Progress, Sealed, VERSION};
use crate::lessons::Recipe;
use crate::words;
use leptos::prelude::*;

/// A run that has not begun.
pub fn nothing_done() -> Progress {
    Progress {
        running: false,
        finished: false,
        step: 0,
        steps: 0,
        epoch: 0.0,
        points: Vec::new(),
        samples_per_second: 0.0,
        ms_per_step: 0.0,
        seconds_left: 0.0,
    }
}

impl Engine {
    /// Takes one event in.
    pub(super) fn hear(self, event: Event) {
        match event {
            Event::Ready { version, device, sets } => {
                if version != VERSION {
                    self.news.trouble(
                        "The page and its engine are of different versions: reload the page, so that it fetches both anew.",
                    );
                }
                self.device.set(Some(device));
                self.sets.set(sets);
                self.ready.update(|ready| *ready += 1);
            }
            Event::Loading { what, done, total } => {
                let over = total > 0 && done >= total;
                self.loading.set((!over).then_some(Loading { what, done, total }));
            }
            Event::Opened { recipe, origin, widths, z_at, parameters, shape, step, test } => {
                self.inner.update_value(|inner| inner.opening = inner.opening.saturating_sub(1));
                let (curve, test) = self.change_network(&recipe, &origin, test);
                self.curve.set(curve);
                self.seen.set(None);
                self.decoded.set(None);
                self.test.set(test);
                // What was on its way may be of no interest any more; what still is says so again.
                self.loading.set(None);
                // Steps are counted from here, whatever the weights have seen before.
                self.progress.set(nothing_done());
                let data = self.opened.with_untracked(|opened| opened.as_ref().map(|o| o.recipe.data.clone()));
                if data.is_some_and(|data| data != recipe.data) {
                    self.strip.set(None);
                    self.sampled.set(None);
                }
                self.opened.set(Some(Opened { recipe, origin, widths, z_at, parameters, shape, step }));
                self.openings.update(|openings| *openings += 1);
            }
            Event::Progress(progress) => self.go_on(progress),
            Event::Seen(seen) => {
                let current = self.inner.try_update_value(|inner| {
                    let current = seen.id == inner.watch_id;
                    (current, if current { inner.watch.answered(now()) } else { None })
                });
                if let Some((true, next)) = current {
                    self.seen.set(Some(seen));
                    if let Some(input) = next {
                        self.send_watch(input);
                    }
                }
            }
            Event::Decoded { z, signals } => {
                self.decoded.set(Some(Decoded { z, signals }));
                if let Some(Some(z)) = self.inner.try_update_value(|inner| inner.decode.answered(now())) {
                    self.send(Command::Decode { z });
                }
            }
            Event::Sampled { index, input, label } => self.sampled.set(Some(Sampled { index, input, label })),
            Event::Strip { first, inputs, outputs, step: _ } => self.strip.set(Some(Strip { first, inputs, outputs })),
            Event::Pca { data, mse } => self.pca.set(Some((data, mse))),
            Event::Diverged { step, learning_rate } => {
                self.progress.update(|progress| progress.running = false);
                self.diverged.set(Some((step, learning_rate)));
            }
            Event::DeviceChanged { device, note } => {
                note.into_iter().for_each(|note| self.news.of_device(note));
                self.device.set(Some(device));
            }
            Event::Batch(batch) => self.opened.update(|opened| {
                if let Some(opened) = opened {
                    opened.recipe.batch = batch;
                }
            }),
            Event::Left { id, recipe, step, when } => self.left.set(Some(Left { id, recipe, step, when })),
            Event::Drawing(drawing) => self.drawing.set(drawing),
            Event::NotKept { message } => self.news.trouble(message),
            Event::Answering { topic, done } => self.answering.set(Some((topic, done))),
            Event::Answer(answer) => self.hear_answer(answer),
            Event::Unanswered { topic, message } => {
                self.answering.set(None);
                self.unanswered.set(Some(topic));
                self.news.trouble(message);
            }
            Event::Failed { doing, message } => {
                self.loading.set(None);
                let was_opening = self.inner.try_update_value(|inner| std::mem::take(&mut inner.opening) > 0);
                if was_opening == Some(true) {
                    self.refused.update(|refused| *refused += 1);
                }
                self.news.trouble(words!("Could not {doing}: {message}"));
            }
        }
    }

    /// What the engine keeps of the network before, the page keeps too; and what comes back has its curves again.
    fn change_network(self, recipe: &Recipe, origin: &Origin, test: Option<f32>) -> (Vec<Point>, Option<f32>) {
        let before = self.opened.with_untracked(|opened| opened.as_ref().map(|opened| opened.recipe.clone()));
        let (curve, loss) = (self.curve.get_untracked(), self.test.get_untracked());
        let mut all = self.kept.get_untracked();
        let back = all.iter().position(|kept| kept.recipe.data == recipe.data).map(|at| all.remove(at));
        if let Some(before) = before.filter(|before| before.data != recipe.data) {
            all.push(Kept { recipe: before, curve, test: loss });
        }
        self.kept.set(all);
        match back {
            Some(back) if *origin == Origin::Kept => (back.curve, back.test),
            _ => (Vec::new(), test),
        }
    }

    fn hear_answer(self, answer: Sealed<Answer>) {
        let topic = answer.topic;
        if self.answering.with_untracked(|answering| answering.is_some_and(|(other, _)| other == topic)) {
            self.answering.set(None);
        }
        // Taken out before it is called: it may ask again.
        let hear = self.inner.with_value(|inner| inner.answers.get(&topic).cloned());
        if let Some(hear) = hear {
            hear(&answer);
        }
    }

    fn go_on(self, mut progress: Progress) {
        let points = std::mem::take(&mut progress.points);
        let restarted = progress.step == 0 && points.is_empty();
        if restarted && self.curve.with_untracked(|curve| !curve.is_empty()) {
            self.curve.set(Vec::new());
            self.test.set(None);
        }
        if let Some(test) = points.iter().rev().find_map(|point| point.test) {
            self.test.set(Some(test));
        }
        if !points.is_empty() {
            self.curve.update(|curve| {
                protocol::go_on(curve, &points);
                thin(curve);
            });
        }
        if progress.running {
            progress.running = !self.inner.with_value(|inner| inner.pausing);
        } else {
            self.set_pausing(false);
        }
        self.progress.set(progress);
    }
}

/// More points than any screen shows; beyond, every second one goes.
const MOST_POINTS: usize = 20_000;

fn thin(curve: &mut Vec<Point>) {
    if curve.len() > MOST_POINTS {
        let mut at = 0;
        curve.retain(|point| {
            at += 1;
            at % 2 == 0 || point.test.is_some()
        });
    }
}
