//! What the page knows of noise, of networks and of measurements: plain data, no page.
use crate::engine::protocol::{Answer, Cleaned};
use crate::lessons::choices::NoiseKind;
use crate::lessons::denoise::{Level, METHODS, Mask, Method, Trained, mse, psnr};
use crate::lessons::recipe::Noise;
use crate::ui::engine::newest::Newest;

/// Test inputs in view.
pub const TESTS: u32 = 6;

/// A question: clean inputs, of which the first may be the visitor's, and the same with noise.
#[derive(Clone, Debug, Default)]
pub struct Question {
    /// The first one is the visitor's.
    pub own: bool,
    pub clean: Vec<f32>,
    pub noisy: Vec<f32>,
}

/// Pictures for a file: clean, then by every method.
#[derive(Default)]
pub struct Gallery {
    pub noise: Noise,
    pub arrays: [Vec<f32>; 1 + METHODS],
    /// How many there will be.
    pub of: u32,
    pub width: usize,
}

impl Gallery {
    /// All are there.
    pub fn is_complete(&self) -> bool {
        self.of > 0 && self.arrays[0].len() == self.of as usize * self.width
    }

    /// Decibels of each method over all of them, where there are some.
    pub fn decibels(&self, clip: bool) -> [Option<f64>; METHODS] {
        std::array::from_fn(|i| {
            let there = self.is_complete() && self.arrays[1 + i].len() == self.arrays[0].len();
            there.then(|| psnr(mse(&self.arrays[0], &self.arrays[1 + i], clip)))
        })
    }
}

/// All of it.
pub struct State {
    /// The noise that was chosen.
    pub noise: Noise,
    /// All of the visitor's input is noisy; else where the brush has been.
    pub everywhere: bool,
    pub mask: Mask,
    /// Counts up for other noise of the same kind.
    pub draw: u32,
    /// Values are brought into 0..1 before they are compared.
    pub clip: bool,
    /// They lie there by nature: pictures, and not series.
    pub unit: bool,
    /// The first of the test inputs in view, and their values.
    pub first: u32,
    pub tests: Vec<Vec<f32>>,
    /// What was sent last, what waits, and the last that was answered with its answer.
    pub question: Newest<Question>,
    pub sent: Question,
    pub shown: Question,
    pub cleaned: Cleaned,
    /// The visitor's input with noise on it, as it is now.
    pub own: Option<Vec<f32>>,
    /// How far the networks are.
    pub trained: Option<Trained>,
    pub training: bool,
    /// Training waits for the network that is being opened.
    pub waiting: bool,
    /// What was measured, by networks of so many steps.
    pub levels: Vec<Level>,
    pub measured: Option<Trained>,
    pub measuring: bool,
    pub gallery: Gallery,
    pub saving: bool,
}

impl State {
    /// Nothing yet, of this noise.
    pub fn new(noise: Noise) -> Self {
        let noise = if noise == Noise::None { NoiseKind::Gaussian.usual() } else { noise };
        Self {
            noise,
            everywhere: true,
            mask: Mask::default(),
            draw: 0,
            clip: false,
            unit: true,
            first: 0,
            tests: Vec::new(),
            question: Newest::default(),
            sent: Question::default(),
            shown: Question::default(),
            cleaned: Cleaned::default(),
            own: None,
            trained: None,
            training: false,
            waiting: false,
            levels: Vec::new(),
            measured: None,
            measuring: false,
            gallery: Gallery::default(),
            saving: false,
        }
    }

    /// Another network stands, or other data.
    pub fn forget(&mut self) {
        let Self { noise, everywhere, clip, waiting, .. } = *self;
        *self = Self { everywhere, clip, waiting, ..Self::new(noise) };
    }

    /// Whether values are brought into 0..1: those of series never are.
    pub fn clips(&self) -> bool {
        self.clip && self.unit
    }

    /// Takes in what says something of networks or measurements.
    pub fn hear(&mut self, answer: Answer) {
        match answer {
            Answer::Denoisers(trained) => {
                self.training = trained.step < trained.steps;
                self.trained = Some(trained);
            }
            Answer::Level { level, trained } => {
                if self.measured != Some(trained) {
                    self.levels.clear();
                }
                self.measured = Some(trained);
                self.levels.retain(|other| other.noise != level.noise);
                self.levels.push(level);
            }
            Answer::Gallery { first, of, clean, cleaned } => {
                if first == 0 {
                    self.gallery.arrays = Default::default();
                }
                self.gallery.of = of;
                let parts = [clean, cleaned.noisy].into_iter().chain(cleaned.outputs);
                self.gallery.arrays.iter_mut().zip(parts).for_each(|(all, part)| all.extend(part));
            }
            _ => {}
        }
    }

    /// Inputs in view, the visitor's place among them.
    pub fn columns(&self) -> usize {
        1 + TESTS as usize
    }

    /// A picture in view: of column `column`, clean (`None`) or by a method.
    pub fn picture(&self, method: Option<Method>, column: usize) -> Option<&[f32]> {
        let at = if self.shown.own { column } else { column.checked_sub(1)? };
        let all = match method {
            None => &self.shown.clean,
            Some(Method::Noisy) => &self.cleaned.noisy,
            Some(method) => &self.cleaned.outputs[method as usize - 1],
        };
        let count = self.tests.len() + usize::from(self.shown.own);
        let width = self.shown.clean.len() / count.max(1);
        if width == 0 { None } else { all.get(at * width..(at + 1) * width) }
    }

    /// Its decibels.
    pub fn decibels(&self, method: Method, column: usize) -> Option<f64> {
        let (clean, y) = (self.picture(None, column)?, self.picture(Some(method), column)?);
        Some(psnr(mse(clean, y, self.clips())))
    }

    /// Decibels over the whole test set at the noise that was chosen, if they were measured.
    pub fn over_all(&self, method: Method) -> Option<f64> {
        let level = self.levels.iter().find(|level| level.noise == self.noise)?;
        Some(self.of(level, method))
    }

    /// Decibels of a level.
    pub fn of(&self, level: &Level, method: Method) -> f64 {
        psnr(if self.clips() { level.clipped } else { level.raw }[method as usize])
    }

    /// The method that comes nearest, among those that do something.
    pub fn best(&self, decibels: impl Fn(Method) -> Option<f64>) -> Option<Method> {
        let all = Method::ALL[1..].iter().filter_map(|&method| Some((method, decibels(method)?)));
        all.max_by(|a, b| a.1.total_cmp(&b.1)).map(|(method, _)| method)
    }
}

/// Decibels as the page writes them.
pub fn decibels(value: Option<f64>) -> String {
    match value {
        None => "–".into(),
        Some(value) if value.is_infinite() => "∞".into(),
        Some(value) => format!("{value:.1}"),
    }
}
