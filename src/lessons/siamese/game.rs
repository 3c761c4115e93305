//! The course of the game: answers, what they came to, and what is asked of the engine next.
use super::{Choice, Dealt, EPOCHS, MARGIN, Measured, PAIRS, Pair, Start, Taught};
use crate::lessons::latent::Chart;
use crate::words;
use std::collections::VecDeque;
use std::mem::take;

/// Steps at one go while the game is open, and until it waits for another answer.
pub const STEPS: u32 = 20;
/// Steps after the last answer.
pub const PATIENCE: u32 = 400;
/// So many answers later it is measured again, at the latest.
pub const OFTEN: usize = 10;

/// What the engine is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// It begins anew.
    Begin,
    /// It learns by answers.
    Game,
    /// It measures after so many answers.
    Measure(usize),
    /// It learns by true labels.
    Labels,
    /// It measures with everything there is.
    Whole,
}

/// Everything; one struct, so that the page is one signal.
#[derive(Clone)]
pub struct State {
    /// To be judged, the next one first.
    pub queue: VecDeque<Dealt>,
    /// It was asked for.
    pub dealing: bool,
    /// What was answered, and what the labels say.
    pub answers: Vec<(Pair, Option<bool>)>,
    /// The last answer, with the pair's distance when it was dealt.
    pub last: Option<(Pair, f32)>,
    /// Decides the pairs: another one for each hand of them.
    pub seed: u64,
    /// How pairs are chosen.
    pub choice: Choice,
    /// Where the encoder starts.
    pub start: Start,
    /// m
    pub margin: f32,
    /// Pairs from the true labels to learn from.
    pub wanted: u32,
    /// Passes over them.
    pub epochs: u32,
    /// The map before the first pair.
    pub before: Chart,
    /// The map now.
    pub after: Chart,
    /// The newest lesson.
    pub taught: Option<Taught>,
    /// Pairs from true labels that it learned from.
    pub labelled: u32,
    /// And so many answers there were by then.
    pub answered_before: usize,
    /// Learning from true labels was stopped before its end.
    pub stopped: bool,
    /// Steps since the last answer.
    pub rested: u32,
    /// After how many answers it was measured, and what came out.
    pub points: Vec<(usize, Measured)>,
    /// After how many answers a measurement was last asked for.
    pub asked: usize,
    /// After learning from true labels; with the whole of both sets.
    pub by_labels: Option<(u32, Measured)>,
    /// With everything there is.
    pub whole: Option<Measured>,
    /// What goes on.
    pub work: Option<Work>,
    /// The engine has an encoder.
    pub begun: bool,
    /// Steps of the network that stands, when the encoder was begun with it.
    pub network: u32,
    /// The codes of the visitor's digit and of the one that was kept: before, and now.
    pub codes: Vec<[Vec<f32>; 2]>,
    /// The digit that was kept to be compared with.
    pub kept: Option<Vec<f32>>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            queue: VecDeque::new(),
            dealing: false,
            answers: Vec::new(),
            last: None,
            seed: 1,
            choice: Choice::Chance,
            start: Start::Network,
            margin: MARGIN,
            wanted: PAIRS,
            epochs: EPOCHS,
            before: Chart::default(),
            after: Chart::default(),
            taught: None,
            labelled: 0,
            answered_before: 0,
            stopped: false,
            rested: 0,
            points: Vec::new(),
            asked: 0,
            by_labels: None,
            whole: None,
            work: None,
            begun: false,
            network: 0,
            codes: Vec::new(),
            kept: None,
        }
    }
}

impl State {
    /// All that was learned and answered is forgotten; what was chosen stays.
    pub fn forget(&mut self) {
        *self = Self {
            seed: self.seed,
            choice: self.choice,
            start: self.start,
            margin: self.margin,
            wanted: self.wanted,
            epochs: self.epochs,
            kept: self.kept.take(),
            ..Self::default()
        };
    }

    /// The encoder begins anew; the answers stay, and it learns by them again.
    pub fn renew(&mut self) {
        let (queue, answers, last) = (take(&mut self.queue), take(&mut self.answers), self.last);
        self.forget();
        // Measured when it has learned, and not before.
        self.asked = answers.len().saturating_sub(1);
        (self.queue, self.answers, self.last) = (queue, answers, last);
    }

    /// What to ask next.
    pub fn next(&self) -> Option<Work> {
        let count = self.answers.len();
        match () {
            () if self.work.is_some() => None,
            () if !self.begun => Some(Work::Begin),
            () if count == 0 => None,
            () if count >= self.asked + OFTEN => Some(Work::Measure(count)),
            () if self.rested < PATIENCE => Some(Work::Game),
            () if count > self.asked => Some(Work::Measure(count)),
            () => None,
        }
    }

    /// A lesson's end, or a word on its way. False: it is of what went on before all began anew, and was on its way when
    /// that was dropped; it is not for what goes on now, whose first word is that it has begun.
    pub fn hear(&mut self, mut taught: Taught) -> bool {
        if !taught.begun && !self.begun {
            return false;
        }
        if taught.begun {
            self.begun = true;
            self.before = taught.chart.clone();
            self.points.clear();
            self.points.extend(taught.measured.map(|measured| (0, measured)));
        } else {
            taught.chart.align(if self.after.is_empty() { &self.before } else { &self.after });
        }
        self.after = taught.chart.clone();
        if taught.done && !taught.begun {
            match self.work.take() {
                Some(Work::Game) => self.rested += STEPS,
                Some(Work::Measure(count)) => self.points.extend(taught.measured.map(|measured| (count, measured))),
                Some(Work::Labels) => {
                    (self.labelled, self.answered_before) = (taught.pairs, self.answers.len());
                    self.by_labels = taught.measured.map(|measured| (taught.pairs, measured));
                }
                Some(Work::Whole) => self.whole = taught.measured,
                Some(Work::Begin) | None => {}
            }
        }
        self.taught = Some(Taught { chart: Chart::default(), ..taught });
        true
    }

    /// The data have no labels: nothing can be measured.
    pub fn is_unlabelled(&self) -> bool {
        self.begun && self.before.labels.is_empty()
    }

    /// What was asked came to nothing: not again before the next answer.
    pub fn give_up(&mut self) {
        (self.work, self.rested, self.asked) = (None, PATIENCE, self.answers.len());
    }

    /// How it stood before any pair, and how it stands, on the same inputs.
    pub fn compared(&self) -> Option<(Measured, Measured)> {
        let first = self.points.first()?.1;
        let last = match (self.labelled, self.by_labels) {
            // Answers that came after true labels.
            (1.., Some((_, measured))) => match self.points.last() {
                Some((count, measured)) if *count > 0 => *measured,
                _ => measured,
            },
            _ => self.points.last().filter(|(count, _)| *count > 0)?.1,
        };
        first.compares(&last).then_some((first, last))
    }

    /// What came of it, in words that hold whichever way it fell.
    pub fn verdict(&self) -> String {
        let Some((before, now)) = self.compared() else { return String::new() };
        let (from, to) = (before.percent(), now.percent());
        let way = match now.right.cmp(&before.right) {
            std::cmp::Ordering::Greater => words!("rose by {:.1} points", to - from),
            std::cmp::Ordering::Less => words!("fell by {:.1} points", from - to),
            std::cmp::Ordering::Equal => "stayed as it was".into(),
        };
        words!(
            "Nearest neighbours (k = 9) are right in {to:.1} %, before the first pair in {from:.1} %: accuracy {way}. \
             ({} test inputs among {} training inputs)",
            now.asked,
            now.known
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taught(begun: bool, right: Option<u32>) -> Taught {
        Taught {
            begun,
            done: true,
            steps: 0,
            pairs: 0,
            loss: None,
            chart: Chart::default(),
            moved: 0.0,
            measured: right.map(|right| Measured { right, asked: 1000, known: 10_000 }),
        }
    }

    #[test]
    fn the_last_word_of_what_went_on_before_ends_nothing_new() {
        let mut state = State::default();
        state.hear(taught(true, Some(900)));
        state.answers.push((Pair { a: 0, b: 1, same: true }, None));
        // Of the game, and on its way when the labels are asked.
        state.renew();
        state.work = Some(Work::Labels);
        assert!(!state.hear(taught(false, None)));
        assert_eq!((state.work, state.taught.is_none()), (Some(Work::Labels), true));
        assert!(state.hear(taught(true, Some(900))));
        state.work = Some(Work::Labels);
        assert!(state.hear(taught(false, Some(950))));
        assert_eq!((state.work, state.by_labels.is_some()), (None, true));
    }

    #[test]
    fn data_are_without_labels_when_the_chart_is_and_not_before_there_is_one() {
        let mut state = State::default();
        assert!(!state.is_unlabelled());
        let mut labelled = taught(true, None);
        labelled.chart.labels = vec![3, 5];
        // Nothing was measured, and there are labels all the same.
        state.hear(labelled);
        assert!(!state.is_unlabelled());
        state.hear(taught(true, None));
        assert!(state.is_unlabelled());
    }

    #[test]
    fn the_game_begins_teaches_measures_and_waits() {
        let mut state = State::default();
        assert_eq!(state.next(), Some(Work::Begin));
        state.hear(taught(true, Some(900)));
        assert_eq!((state.next(), state.points.len()), (None, 1));
        state.answers.push((Pair { a: 0, b: 1, same: true }, None));
        assert_eq!(state.next(), Some(Work::Game));
        for _ in 0..PATIENCE / STEPS {
            state.work = Some(Work::Game);
            assert_eq!(state.next(), None, "one thing at a time");
            state.hear(taught(false, None));
        }
        assert_eq!(state.next(), Some(Work::Measure(1)));
        (state.work, state.asked) = (Some(Work::Measure(1)), 1);
        state.hear(taught(false, Some(880)));
        assert_eq!((state.next(), state.points.len()), (None, 2));
        assert!(state.verdict().contains("accuracy fell by 2.0 points"), "{}", state.verdict());
        state.points[1].1.right = 913;
        assert!(state.verdict().contains("accuracy rose by 1.3 points"), "{}", state.verdict());
        state.answers.extend([(Pair { a: 0, b: 1, same: true }, None); OFTEN]);
        assert_eq!(state.next(), Some(Work::Measure(11)));
        state.renew();
        assert_eq!((state.next(), state.answers.len(), state.points.len()), (Some(Work::Begin), 11, 0));
        state.hear(taught(true, Some(900)));
        assert_eq!(state.next(), Some(Work::Game), "the answers are learned again");
        state.rested = PATIENCE;
        assert_eq!(state.next(), Some(Work::Measure(11)));
    }
}
