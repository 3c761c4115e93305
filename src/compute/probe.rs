//! Which form of a kernel is the fastest on this very GPU: the likeliest are tried on a plan's own shapes, on copies of
//! what they write. Only forms that add up in the same order compete, so that the outcome changes no result: a link
//! draws the same curve again, whatever clocks said.
use super::kernel::Tile;
use super::pipelines::Key;
use super::ready::Ready;
use super::{Gpu, GpuError};
use std::slice::from_ref;
use std::time::Duration;
use web_time::Instant;

/// So many forms of a call are tried.
const RIVALS: usize = 5;
/// Milliseconds that all trials of a plan take, about: what costs most is tried first.
const ALL: u64 = 200;
/// Bytes of copies that a trial may take: a device that runs out of memory for it would seem too small for the run.
const MOST_COPIED: u64 = 64 << 20;
/// Milliseconds of replays from which a clock can tell forms apart, and replays at most.
const TRIAL: f64 = 3.0;
const MOST: u32 = 256;

impl Gpu {
    /// Begins to compile what is going to be tried. True: all of it is there.
    pub(super) fn rivals_stand(&self, calls: &[Ready]) -> bool {
        self.compiled(calls.iter().flat_map(|call| self.rivals(call)))
    }

    /// Tries what [`Self::rivals_stand`] compiled, and lets the calls take the fastest.
    pub(super) async fn probe(&self, calls: &mut [Ready]) -> Result<(), GpuError> {
        let pace = self.pacing.pace();
        let begun = Instant::now();
        let unmeasured = |call: &&Ready| {
            let (kernel, _, sizes) = call.what();
            !self.choice.borrow().is_measured(kernel, sizes) && !self.rivals(call).is_empty()
        };
        let mut wait = None;
        // What costs most first, as long as there is time.
        while let Some(call) = calls.iter().filter(unmeasured).max_by(|a, b| a.work.total_cmp(&b.work))
            && begun.elapsed() < Duration::from_millis(ALL)
        {
            let (kernel, _, sizes) = call.what();
            let apart = call.apart(|size| self.empty(size));
            let mut best = (f64::INFINITY, call.key.form);
            // What an answer takes by itself is no part of a form's time; in some browsers it is most of it.
            let wait = match wait {
                Some(wait) => wait,
                None => *wait.insert(self.idle().await?),
            };
            let mut times = 1;
            for key in self.rivals(call) {
                let Some(pipeline) = self.pipelines.get(&key) else { continue };
                let form = key.form;
                let trial = call.in_form(&self.device, key, pipeline, apart.clone());
                let ms = self.tried(&trial, wait, &mut times).await?;
                if ms < best.0 {
                    best = (ms, form);
                }
            }
            self.choice.borrow_mut().learn(kernel, sizes, best.1);
        }
        self.pacing.set_pace(pace);
        for call in calls {
            if self.rivals(call).is_empty() {
                continue;
            }
            let (.., sizes) = call.what();
            let form = self.choice.borrow().form(call.key.kernel, sizes);
            let key = Key { form, ..call.key.clone() };
            if let Some(pipeline) = self.pipelines.get(&key).filter(|_| form != call.key.form) {
                call.take(key, pipeline);
            }
        }
        Ok(())
    }

    /// The forms that a call may take, its own among them; none where nothing is to be chosen.
    fn rivals(&self, call: &Ready) -> Vec<Key> {
        let choice = self.choice.borrow();
        let (_, tile, sizes) = call.what();
        let kernel = call.key.kernel;
        // Software is known well enough, and its large tiles take seconds to compile.
        let large = call.written().iter().map(|buffer| buffer.size()).sum::<u64>() > MOST_COPIED;
        if call.fixed || large || !choice.may_try() || tile == Some(Tile::Slim) {
            return Vec::new();
        }
        let forms = choice.candidates(kernel, sizes, kernel.forms()).into_iter();
        // Those of 64 threads that share a sum add it up in another order.
        let alike = forms.filter(|&form| kernel.tile(form) != Tile::Slim).take(RIVALS);
        let all: Vec<Key> = alike.map(|form| Key { form, ..call.key.clone() }).collect();
        if all.len() > 1 { all } else { Vec::new() }
    }

    /// Milliseconds of a replay: the better of two trials, of as many `times` as a clock needs; the next form begins there.
    async fn tried(&self, trial: &Ready, wait: f64, times: &mut u32) -> Result<f64, GpuError> {
        let mut best = f64::INFINITY;
        let mut trials = 0;
        while trials < 2 {
            self.finish().await?;
            let start = Instant::now();
            self.run(from_ref(trial), *times);
            self.finish().await?;
            let ms = (start.elapsed().as_secs_f64() * 1e3 - wait).max(0.0);
            if ms < TRIAL && *times < MOST {
                *times *= 4;
                continue;
            }
            best = best.min(ms / f64::from(*times));
            trials += 1;
        }
        Ok(best)
    }
}
