//! What is asked about the network that stands: when its answers begin, go on and end.
use super::jobs::{self, Scene, Trouble};
use super::protocol::{Ask, Event, Origin, Sealed, Topic};
use super::session::Session;
use super::world::World;
use crate::compute::GpuError;
use crate::words;
use futures_util::{FutureExt, StreamExt};
use web_time::Instant;

/// A question that so many devices in a row have refused is asked of no other.
const REFUSED: u32 = 3;

/// A question, and what became of it.
pub(super) type Answered = (Topic, Sealed<Ask>, Result<(), Trouble>);

impl<W: World> Session<W> {
    /// Lets each answer go on to its next rest.
    pub(super) async fn poll_jobs(&mut self) {
        while let Some(Some(answered)) = self.jobs.next().now_or_never() {
            self.answered(answered).await;
        }
    }

    /// Begins to answer the questions that wait, if what they ask about is there.
    pub(super) async fn begin_answers(&mut self) {
        if self.questions.is_empty() && self.resume.is_none() || !self.data_is_there() {
            return;
        }
        // What goes on from an earlier day shows where it is before anything is asked of it.
        self.build().await;
        for ask in std::mem::take(&mut self.questions) {
            let standing = self.model.as_ref().zip(self.run.as_ref());
            let Some((model, run, split)) = standing.and_then(|(model, run)| Some((model, run, model.split.clone()?)))
            else {
                let message = "there is no network to ask: open another one, or other data".into();
                self.say(Event::Unanswered { topic: ask.topic, message });
                continue;
            };
            let scene = Scene {
                world: self.world.clone(),
                device: self.device.clone(),
                design: model.design.clone(),
                weights: run.trainer.weights.clone(),
                clock: run.trainer.clock().clone(),
                values: model.weights.clone(),
                step: model.step,
                steps: run.trainer.steps(),
                running: self.running,
                learned: run.trainer.steps() > 0 || model.origin != Origin::Seed,
                split,
                part: run.part.clone(),
                train: run.train.clone(),
                test: run.test.clone(),
                shelf: run.shelf.clone(),
                networks: self.networks.clone(),
                fit: self.pca.fit.clone(),
                report: self.recovery.report.clone(),
                out: self.out.clone(),
                busy: self.busy.clone(),
                rested: Instant::now().into(),
            };
            self.jobs.push(jobs::begin(scene, ask));
        }
    }

    pub(super) async fn answered(&mut self, (topic, ask, result): Answered) {
        match result {
            result if topic == Topic::Keep => self.kept(result),
            Ok(()) => self.failed.retain(|(of, _)| *of != topic),
            Err(Trouble::Words(message)) => self.say(Event::Unanswered { topic, message }),
            Err(Trouble::Device(error)) => {
                let refused = matches!(error, GpuError::Refused(_) | GpuError::OutOfMemory);
                match refused && self.fails_again(topic) {
                    true => self.say(Event::Unanswered {
                        topic,
                        message: words!("{error}, each time that it was asked: ask for less, or make z smaller"),
                    }),
                    false => self.questions.push(ask),
                }
                self.change_device(error).await;
            }
        }
    }

    /// Whether devices have refused a question so often that it is the question's own doing.
    fn fails_again(&mut self, topic: Topic) -> bool {
        let before = self.failed.iter().position(|(of, _)| *of == topic).map(|at| self.failed.swap_remove(at));
        let count = 1 + before.map_or(0, |(_, count)| count);
        if count <= REFUSED {
            self.failed.push((topic, count));
        }
        count > REFUSED
    }

    /// What is being answered on this topic no longer is; `None`: on all that are about the network. What a visitor
    /// wants of kept runs is done all the same: to name one is no question that the next one takes the place of.
    pub(super) fn drop_answers(&mut self, topic: Option<Topic>) {
        if topic == Some(Topic::Runs) {
            return;
        }
        let gone = |other: Topic| topic.map_or(!other.is_file(), |topic| topic == other);
        self.questions.retain(|ask| !gone(ask.topic));
        self.jobs = std::mem::take(&mut self.jobs).into_iter().filter(|job| !gone(job.topic)).collect();
    }
}
