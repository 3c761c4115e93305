//! A slice of a session's training: some steps, a look at them, and what follows from it.
use super::model::Design;
use super::protocol::Event;
use super::run::Run;
use super::session::{REPORT, SHOWN, STRIP, Session};
use super::world::World;
use crate::compute::GpuError;
use crate::nn::Snapshot;
use futures_util::StreamExt;
use futures_util::future::{Either, select};
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;
use web_time::Instant;

/// Whoever drew so lately still draws.
const PEN: Duration = Duration::from_secs(1);
/// While somebody draws, reports of training are so many times further apart.
const BESIDE_PEN: f64 = 10.0;
/// So long this thread works without a look at its messages; and while somebody draws, whose picture waits for that.
const WORKED: Duration = Duration::from_millis(4);
const DRAWN: Duration = Duration::from_millis(1);

impl<W: World> Session<W> {
    /// A few milliseconds of training, then a look at it.
    pub(super) async fn slice(&mut self) {
        self.build().await;
        let ended = |run: &Run| self.model.as_ref().is_some_and(|model| run.finished(&model.design));
        if self.single == 0 && self.run.as_ref().is_some_and(ended) {
            // It has had as many epochs before, or more than are wished for now.
            self.running = false;
            self.settle().await;
            return self.report();
        }
        let Some(mut run) = self.run.take() else { return };
        match self.slice_of(&mut run).await {
            Ok(()) => self.run = Some(run),
            Err(error) => {
                // The state that was kept goes on elsewhere.
                self.run = Some(run);
                self.change_device(error).await;
            }
        }
    }

    /// Training stopped: what is looked at is shown by the weights where it did.
    pub(super) async fn settle(&mut self) {
        let Some(mut run) = self.run.take() else { return };
        let behind = self.model.as_ref().is_some_and(|model| model.step != run.trainer.steps());
        let looked = if behind { Some(self.patiently(run.trainer.snapshot(true)).await) } else { None };
        let kept = self.patiently(run.keep(true)).await;
        if matches!(kept, Ok(true)) {
            self.keep_run(&run, true);
        }
        self.run = Some(run);
        if let Err(error) = kept {
            return self.change_device(error).await;
        }
        match looked {
            Some(Ok(snapshot)) => {
                let finite = |weights: &Vec<f32>| weights.iter().all(|w| w.is_finite());
                if snapshot.weights.as_ref().is_some_and(finite) {
                    self.follow(snapshot, true);
                }
            }
            Some(Err(error)) => self.change_device(error).await,
            // The last weights may have come too soon after others to be shown.
            None => self.show(),
        }
    }

    async fn slice_of(&mut self, run: &mut Run) -> Result<(), GpuError> {
        let Some(design) = self.model.as_ref().map(|model| model.design.clone()) else { return Ok(()) };
        let design = &*design;
        if run.wants_test(design) && run.trainer.steps() == 0 {
            self.test(run, design).await?;
        }
        let since = Instant::now();
        let most = if self.single > 0 { 1 } else { u32::MAX };
        if run.trainer.wants_weighing() {
            self.patiently(W::weigh(&mut run.trainer)).await?;
        } else {
            run.enqueue(design, most, async || self.breathe().await).await;
        }
        let follow = run.follows() || self.single > 0 || run.finished(design);
        self.single = self.single.saturating_sub(1);
        let snapshot = self.patiently(run.trainer.snapshot(follow)).await?;
        run.account(&snapshot, since, design);
        if self.diverged(run, &snapshot, design) {
            return Ok(());
        }
        self.follow(snapshot, run.finished(design) || !self.running);
        if run.wants_test(design) {
            self.test(run, design).await?;
        }
        let stops = run.finished(design) || !self.running && self.single == 0;
        if self.patiently(run.keep(stops)).await? {
            self.recovery.got_on = true;
            self.keep_run(run, stops);
        }
        if run.finished(design) && self.running {
            self.running = false;
            self.say(Event::Progress(run.report(design, false)));
        } else if !self.running || self.reported.elapsed().as_secs_f64() * 1e3 >= self.apart(REPORT) {
            self.reported = Instant::now();
            self.say(Event::Progress(run.report(design, self.running)));
        }
        Ok(())
    }

    /// Milliseconds between two reports: more while somebody draws, whose picture the page would be late with.
    fn apart(&self, ms: f64) -> f64 {
        if self.draws() { BESIDE_PEN * ms } else { ms }
    }

    fn draws(&self) -> bool {
        self.drawn.is_some_and(|drawn| drawn.elapsed() < PEN)
    }

    /// Waits for the device; drawings are answered meanwhile.
    pub(super) async fn meanwhile(&mut self, mut device: Pin<&mut dyn Future<Output = ()>>) {
        while self.open {
            match select(device.as_mut(), self.inbox.next()).await {
                Either::Left(_) => return,
                Either::Right((Some(command), _)) => self.hear(command),
                Either::Right((None, _)) => self.open = false,
            }
        }
        device.await;
    }

    /// Work of this thread lets others in when it has lasted for long enough, and drawings are answered.
    async fn breathe(&mut self) {
        let draws = self.draws();
        if self.breathed.elapsed() < if draws { DRAWN } else { WORKED } {
            return;
        }
        // On two cores the page and the screen have one between them, and training takes the other: it leaves them half of it
        // as long as a pen moves.
        if draws {
            self.world.give_way().await
        } else {
            self.world.rest().await
        }
        self.breathed = Instant::now();
        while let Ok(command) = self.inbox.try_recv() {
            self.hear(command);
        }
    }

    async fn test(&mut self, run: &mut Run, design: &Design) -> Result<(), GpuError> {
        for _ in 0..run.begin_test() {
            run.test_piece(async || self.breathe().await).await;
        }
        let end = run.end_test(design);
        self.patiently(end).await?;
        Ok(())
    }

    /// New weights: what is looked at is shown by them, always if they are the last.
    fn follow(&mut self, snapshot: Snapshot, last: bool) {
        let (Some(weights), Some(model)) = (snapshot.weights, self.model.as_mut()) else { return };
        (model.weights, model.step) = (Rc::new(weights), snapshot.step);
        if last {
            return self.show();
        }
        // A pen asks for itself, and is shown by the newest weights.
        if self.shown.elapsed().as_secs_f64() * 1e3 >= self.apart(SHOWN) {
            self.say_seen();
        }
        if self.stripped.elapsed().as_secs_f64() * 1e3 >= self.apart(STRIP) {
            self.say_strip();
        }
    }

    fn diverged(&mut self, run: &mut Run, snapshot: &Snapshot, design: &Design) -> bool {
        let lost = snapshot.weights.as_ref().is_some_and(|weights| weights.iter().any(|w| !w.is_finite()));
        if snapshot.bad.is_none() && !lost {
            return false;
        }
        let step = snapshot.bad.unwrap_or(snapshot.step);
        self.running = false;
        self.single = 0;
        run.fall_back();
        self.say(Event::Diverged { step, learning_rate: design.recipe.learning_rate });
        if let Some(model) = self.model.as_mut() {
            model.weights = Rc::new(run.good.values[..model.design.spec.parameters()].to_vec());
            model.step = run.trainer.steps();
        }
        self.say(Event::Progress(run.report(design, false)));
        self.show();
        true
    }
}
