//! The codes of the map as t-SNE lays them out: in a worker of its own, so that training and drawing go on.
use super::atlas::Atlas;
use crate::engine::protocol::{About, Answer, Ask};
use crate::engine::{Command, Event};
use crate::ui::spawn::{Sign, Worker};
use crate::words;
use leptos::prelude::*;

/// A layout that was asked for.
#[derive(Default)]
pub struct Layout {
    /// Where each code lies by now.
    pub places: Vec<[f32; 2]>,
    /// Steps that the network had seen.
    pub step: u32,
    /// Epochs that are done, and of how many.
    pub epochs: [u32; 2],
    /// Why there is none.
    pub trouble: Option<String>,
    // Dropped, it ends.
    worker: Option<Worker>,
}

impl Layout {
    /// In words.
    pub fn describe(&self) -> String {
        match (&self.trouble, self.epochs) {
            (Some(trouble), _) => trouble.clone(),
            (None, [_, 0]) => "t-SNE: looking for each code’s neighbours …".into(),
            (None, [epoch, of]) if epoch < of => words!("t-SNE: epoch {epoch} of {of}"),
            _ => words!(
                "t-SNE of the codes at step {}. Who is near whom is shown; distances between groups, their sizes and \
                 the axes mean nothing, and no place can be decoded.",
                self.step
            ),
        }
    }
}

impl Atlas {
    /// Lays out the codes that are mapped now.
    pub fn lay_out_by_tsne(self) {
        let (ask, places, step) = self.peek(|state| {
            let places = state.chart.places(state.chart.first_axes());
            let (codes, width) = (state.chart.codes.clone(), state.chart.width as u32);
            let start = places.iter().flatten().copied().collect();
            (Ask::Embedding { codes, width, start }, places, state.chart.step)
        });
        self.point_at(None, None);
        let event = move |event: Event| match event {
            Event::Answer(answer) => {
                if let Some(Answer::Embedding { places, epoch, of }) = answer.open() {
                    self.take_layout(&places, [epoch, of]);
                }
            }
            Event::Unanswered { message, .. } => self.without_layout(message),
            _ => {}
        };
        let sign = move |sign: Sign| {
            if let Sign::Dead(words) = sign {
                self.without_layout(words!("t-SNE stopped ({words}): try again"));
            }
        };
        let (worker, trouble) = match Worker::start(event, sign) {
            Ok(worker) => {
                worker.send(Command::Ask(ask.sealed()));
                (Some(worker), None)
            }
            Err(trouble) => (None, Some(trouble)),
        };
        self.turn(|state| {
            state.view = None;
            state.layout = Some(Layout { places, step, epochs: [0, 0], trouble, worker });
        });
        self.lay_out();
    }

    fn take_layout(self, places: &[f32], epochs: [u32; 2]) {
        // An answer may still be on its way when the lesson is left, or when the map shows something else.
        let wanted = self.is_open() && self.peek(|state| state.layout.is_some());
        if !wanted {
            return;
        }
        let finished = self.turned(|state| {
            let layout = state.layout.as_mut()?;
            layout.places = places.as_chunks().0.to_vec();
            layout.epochs = epochs;
            if epochs[0] >= epochs[1] { layout.worker.take() } else { None }
        });
        // Its own event is being heard: it ends behind that.
        if let Some(worker) = finished {
            request_animation_frame(move || drop(worker));
        }
        self.lay_out();
    }

    fn without_layout(self, trouble: String) {
        if self.is_open() {
            self.turn(|state| {
                if let Some(layout) = state.layout.as_mut() {
                    layout.trouble = Some(trouble);
                }
            });
        }
    }
}
