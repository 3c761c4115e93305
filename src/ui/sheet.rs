//! What lies on the drawing pad, and what it was before: plain data, no pad.
use crate::lessons::draw::{self, Dot, SIDE, Stroke};

/// The keyboard's pen, in shares of the pad's size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cursor {
    /// To the right.
    pub x: f32,
    /// Downwards.
    pub y: f32,
    /// It touches the paper.
    pub down: bool,
}

/// What lies on the pad.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Sheet {
    /// Nothing.
    #[default]
    Blank,
    /// A five that somebody drew for the page: what the first picture shows, before anything is loaded.
    Example,
    /// An input of a data set.
    Sample {
        /// Which of the test set at hand, if it is one of that.
        index: Option<u32>,
        /// Its values.
        input: Vec<f32>,
        /// Its class among those of the data at hand, where it is known.
        label: Option<u8>,
    },
    /// A digit that was drawn, in shares of the pad's size.
    Strokes(Vec<Stroke>),
    /// A series that was drawn or drawn over.
    Series(Vec<f32>),
    /// A drawing that a link brought.
    Linked(Vec<f32>),
}

impl Sheet {
    /// What a network for inputs of `rows` by `columns` sees of it; `None` of a blank sheet.
    pub fn input(&self, (rows, columns): (u32, u32)) -> Option<Vec<f32>> {
        let fitted = |strokes: &[Stroke]| draw::fitted(draw::digit(strokes), (rows as usize, columns as usize));
        match self {
            Self::Blank => None,
            Self::Example => Some(fitted(&example())),
            Self::Sample { input, .. } => Some(input.clone()),
            Self::Strokes(strokes) => Some(fitted(strokes)),
            Self::Series(values) | Self::Linked(values) => Some(values.clone()),
        }
    }

    /// As a list of numbers, the first of which says of what kind it is: to be kept, and read by [`Sheet::of_numbers`].
    pub fn numbers(&self) -> Vec<f32> {
        match self {
            Self::Blank => vec![0.0],
            Self::Example => vec![1.0],
            Self::Sample { index, input, label } => {
                let index = index.map_or(-1.0, |index| index as f32);
                let label = label.map_or(-1.0, f32::from);
                [&[2.0, index, label], input.as_slice()].concat()
            }
            Self::Strokes(strokes) => {
                let mut numbers = vec![3.0];
                for stroke in strokes {
                    numbers.push(stroke.len() as f32);
                    stroke.iter().for_each(|dot| numbers.extend([dot.x, dot.y, dot.width]));
                }
                numbers
            }
            Self::Series(values) => [&[4.0], values.as_slice()].concat(),
            Self::Linked(values) => [&[5.0], values.as_slice()].concat(),
        }
    }

    /// What such a list says; `None` if it is none.
    pub fn of_numbers(numbers: &[f32]) -> Option<Self> {
        let (kind, rest) = numbers.split_first()?;
        match *kind as u32 {
            0 => Some(Self::Blank),
            1 => Some(Self::Example),
            2 => {
                let (&[index, label], input) = rest.split_first_chunk()?;
                let label = if label < 0.0 { None } else { Some(label as u8) };
                let index = if index < 0.0 { None } else { Some(index as u32) };
                Some(Self::Sample { index, input: input.to_vec(), label })
            }
            3 => {
                let (mut strokes, mut rest) = (Vec::new(), rest);
                while let Some((&len, dots)) = rest.split_first() {
                    let (stroke, after) = dots.split_at_checked(3 * len as usize)?;
                    strokes.push(stroke.as_chunks().0.iter().map(|&[x, y, width]| Dot { x, y, width }).collect());
                    rest = after;
                }
                Some(Self::Strokes(strokes))
            }
            5 => Some(Self::Linked(rest.to_vec())),
            _ => Some(Self::Series(rest.to_vec())),
        }
    }

    /// Whether a network for inputs of `rows` by `columns` can look at it.
    pub fn fits(&self, (rows, columns): (u32, u32)) -> bool {
        let len = (rows * columns) as usize;
        match self {
            Self::Blank => true,
            Self::Sample { input, .. } | Self::Linked(input) => input.len() == len,
            Self::Strokes(_) => rows > 1,
            Self::Example => (rows as usize, columns as usize) == (SIDE, SIDE),
            Self::Series(values) => values.len() == len,
        }
    }
}

/// The five of `index.html`, with the same pen.
pub fn example() -> Vec<Stroke> {
    const SIZE: f32 = 28.0;
    let mut dots = Vec::new();
    let mut at = (19.3, 6.5);
    let mut draw = |at: (f32, f32)| dots.push(Dot { x: at.0 / SIZE, y: at.1 / SIZE, width: 2.6 / SIZE });
    for corner in [at, (11.2, 6.5), (9.9, 13.2)] {
        draw(corner);
        at = corner;
    }
    // Control points and end of each curve, relative to where it starts, as SVG writes them.
    let curves = [
        [(2.0, -1.3), (4.2, -1.6), (6.0, -0.9)],
        [(2.9, 1.1), (3.9, 3.9), (3.0, 6.5)],
        [(-1.0, 2.9), (-4.2, 4.2), (-7.0, 3.2)],
        [(-1.0, -0.4), (-1.9, -1.0), (-2.5, -1.9)],
    ];
    for [a, b, end] in curves {
        for i in 1..=8 {
            let t = i as f32 / 8.0;
            let of = |a: f32, b: f32, end: f32| 3.0 * t * (1.0 - t) * ((1.0 - t) * a + t * b) + t * t * t * end;
            draw((at.0 + of(a.0, b.0, end.0), at.1 + of(a.1, b.1, end.1)));
        }
        at = (at.0 + end.0, at.1 + end.1);
    }
    vec![dots]
}

/// The sheet and the way back from it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sheets {
    now: Sheet,
    before: Vec<Sheet>,
}

/// How many ways back are kept.
const MOST_BACK: usize = 60;
/// Dots nearer than this (in shares of the pad) would make a stroke longer and not finer.
const NEAR: f32 = 0.004;

impl Sheets {
    /// With this sheet, that nothing leads back from.
    pub fn of(sheet: Sheet) -> Self {
        Self { now: sheet, before: Vec::new() }
    }

    /// What lies on the pad.
    pub fn now(&self) -> &Sheet {
        &self.now
    }

    /// Whether there is something to undo.
    pub fn has_before(&self) -> bool {
        !self.before.is_empty()
    }

    /// Lays another sheet on the pad.
    pub fn lay(&mut self, sheet: Sheet) {
        if self.now == sheet {
            return;
        }
        self.keep();
        self.now = sheet;
    }

    /// A network for inputs of this shape stands: what it cannot look at goes, also from the way back. Of `other` data, an
    /// input of those before stays what it looks like, and is no longer one of a test set or a class.
    pub fn settle(&mut self, shape: (u32, u32), other: bool) {
        if !self.now.fits(shape) {
            *self = Self::default();
        }
        self.before.retain(|sheet| sheet.fits(shape));
        for sheet in self.before.iter_mut().chain([&mut self.now]).filter(|_| other) {
            if let Sheet::Sample { index, label, .. } = sheet {
                (*index, *label) = (None, None);
            }
        }
    }

    /// Back by one stroke, one sample or one clearing.
    pub fn undo(&mut self) {
        if let Some(before) = self.before.pop() {
            self.now = before;
        }
    }

    /// The pen touches down. A digit begins on an empty sheet: a sample makes way.
    pub fn start_stroke(&mut self, dot: Dot) {
        self.keep();
        match &mut self.now {
            Sheet::Strokes(strokes) => strokes.push(vec![dot]),
            other => *other = Sheet::Strokes(vec![vec![dot]]),
        }
    }

    /// The pen moves on.
    pub fn draw_to(&mut self, dot: Dot) {
        let Sheet::Strokes(strokes) = &mut self.now else { return };
        let Some(stroke) = strokes.last_mut() else { return };
        if stroke.last().is_none_or(|last| (last.x - dot.x).hypot(last.y - dot.y) >= NEAR) {
            stroke.push(dot);
        }
    }

    /// The pen touches down on a series of `len` values: what is there is drawn over.
    pub fn start_series(&mut self, len: usize) {
        self.keep();
        let values =
            self.now.input((1, len as u32)).filter(|values| values.len() == len).unwrap_or_else(|| vec![0.0; len]);
        self.now = Sheet::Series(values);
    }

    /// The pen moves on over a series; places are shares of the width and values.
    pub fn redraw(&mut self, from: (f32, f32), to: (f32, f32)) {
        if let Sheet::Series(values) = &mut self.now {
            draw::redraw(values, from, to);
        }
    }

    /// The pen moves on and bends the series.
    pub fn bend(&mut self, at: f32, by: f32) {
        if let Sheet::Series(values) = &mut self.now {
            draw::bend(values, at, by);
        }
    }

    fn keep(&mut self) {
        self.before.push(self.now.clone());
        let surplus = self.before.len().saturating_sub(MOST_BACK);
        self.before.drain(..surplus);
    }
}
