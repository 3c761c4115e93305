//! Rows of values with their classes.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]
use super::DataError;
use std::sync::Arc;

/// What a byte is multiplied by to become a value in 0..1.
///
/// The kernel that reads pixels on the GPU does the same multiplication; `b / 255.0` rounds differently.
pub const BYTE_SCALE: f32 = 1.0 / 255.0;

/// How one input is laid out: rows × cols values, row by row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// 1 for a series.
    pub rows: usize,
    /// Values per row.
    pub cols: usize,
}

impl Shape {
    /// Values per input.
    pub const fn width(self) -> usize {
        self.rows * self.cols
    }
}

/// All values of a data set, \[len, width\], row by row.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Grey levels, 255 meaning 1: four times smaller than floats, and uploaded as they are.
    Bytes(Vec<u8>),
    /// Finite values of any size.
    Floats(Vec<f32>),
}

impl Values {
    /// How many, over all rows.
    pub fn len(&self) -> usize {
        match self {
            Self::Bytes(bytes) => bytes.len(),
            Self::Floats(floats) => floats.len(),
        }
    }

    /// None at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Values that are held as words.
struct AsWords(Arc<Values>);

impl AsWords {
    fn read(&self) -> Option<&[u32]> {
        match &*self.0 {
            Values::Bytes(bytes) => bytemuck::try_cast_slice(bytes).ok(),
            Values::Floats(floats) => Some(bytemuck::cast_slice(floats)),
        }
    }
}

impl AsRef<[u32]> for AsWords {
    fn as_ref(&self) -> &[u32] {
        self.read().unwrap_or_default()
    }
}

/// Inputs to train or test on, with their classes where they are known. Always consistent: see [`Dataset::new`].
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    slug: String,
    title: String,
    shape: Shape,
    // Whoever trains on them holds them too: see `Dataset::words`.
    values: Arc<Values>,
    labels: Vec<u8>,
    classes: Vec<String>,
    unit: bool,
}

impl Dataset {
    /// `values` is \[len, shape.rows × shape.cols\]; `labels` is \[len\] or empty; `classes` names label 0, 1, ...
    /// or is empty.
    ///
    /// # Errors
    /// If the sizes do not agree, a value is not finite, a label has no class, or there is no row at all.
    pub fn new(
        slug: impl Into<String>,
        title: impl Into<String>,
        shape: Shape,
        values: Values,
        labels: Vec<u8>,
        classes: Vec<String>,
    ) -> Result<Self, DataError> {
        let width = shape.rows.saturating_mul(shape.cols);
        if width == 0 || values.is_empty() {
            return Err(DataError::Empty("value"));
        }
        if !values.len().is_multiple_of(width) {
            return Err(DataError::Disagree {
                what: "the number of values left after the last whole row",
                got: (values.len() % width) as u64,
                other: "the number of values per row",
                expected: width as u64,
            });
        }
        let len = values.len() / width;
        if !labels.is_empty() && labels.len() != len {
            return Err(DataError::Disagree {
                what: "the number of labels",
                got: labels.len() as u64,
                other: "the number of inputs",
                expected: len as u64,
            });
        }
        if let Some(&label) = labels.iter().find(|&&label| !classes.is_empty() && label as usize >= classes.len()) {
            return Err(DataError::Disagree {
                what: "a label (counted from 0)",
                got: u64::from(label),
                other: "the number of classes",
                expected: classes.len() as u64,
            });
        }
        let unit = match &values {
            Values::Bytes(_) => true,
            Values::Floats(floats) => {
                if let Some(at) = floats.iter().position(|value| !value.is_finite()) {
                    return Err(DataError::NotFinite {
                        row: (at / width) as u64,
                        column: (at % width) as u64,
                        value: floats.get(at).map_or_else(String::new, f32::to_string),
                    });
                }
                floats.iter().all(|value| (0.0..=1.0).contains(value))
            }
        };
        Ok(Self { slug: slug.into(), title: title.into(), shape, values: Arc::new(values), labels, classes, unit })
    }

    /// The same under another name.
    pub(super) fn renamed(self, slug: String) -> Self {
        Self { slug, ..self }
    }

    /// Its name in recipes and links.
    pub fn slug(&self) -> &str {
        &self.slug
    }

    /// Its name on the page.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// How one input is laid out.
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// Inputs; at least one.
    pub fn len(&self) -> usize {
        self.values.len() / self.width()
    }

    /// Never: a data set has at least one input.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Values per input; at least one.
    pub fn width(&self) -> usize {
        self.shape.width()
    }

    /// All values lie in 0..1, so that a sigmoid and cross-entropy fit them. True for bytes.
    pub fn unit(&self) -> bool {
        self.unit
    }

    /// All values, \[len, width\].
    pub fn values(&self) -> &Values {
        &self.values
    }

    /// The memory of all values, to be held as 32-bit words without a copy. `None`: it is not made of whole ones.
    pub fn words(&self) -> Option<impl AsRef<[u32]> + use<>> {
        let words = AsWords(self.values.clone());
        words.read().is_some().then_some(words)
    }

    /// The class of every input as an index into [`Self::classes`], or empty where unknown.
    pub fn labels(&self) -> &[u8] {
        &self.labels
    }

    /// The class of one input, where it is known.
    pub fn label(&self, row: usize) -> Option<u8> {
        self.labels.get(row).copied()
    }

    /// The classes' names, or empty.
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    /// Bytes that its values take.
    pub fn bytes(&self) -> u64 {
        let each = if matches!(*self.values, Values::Bytes(_)) { 1 } else { 4 };
        self.values.len() as u64 * each
    }

    /// One input, \[width\], or none if there is no such row.
    pub fn row(&self, row: usize) -> Option<Vec<f32>> {
        let mut out = vec![0.0; self.width()];
        self.copy_rows([row], &mut out).ok()?;
        Some(out)
    }

    /// Writes the inputs `rows` (a range, or indices in any order) to `out`, \[rows, width\].
    ///
    /// # Errors
    /// If a row is not there, or `out` has another size.
    pub fn copy_rows(&self, rows: impl IntoIterator<Item = usize>, out: &mut [f32]) -> Result<(), DataError> {
        let width = self.width();
        let got = out.len() as u64;
        let disagree = |expected: usize| DataError::Disagree {
            what: "the room for values",
            got,
            other: "the number of values",
            expected: expected as u64,
        };
        let mut chunks = out.chunks_exact_mut(width);
        let mut count = 0;
        for row in rows {
            count += 1;
            let chunk = chunks.next().ok_or_else(|| disagree(count * width))?;
            let missing = || DataError::NoSuchRow { row: row as u64, len: self.len() as u64 };
            let start = row.checked_mul(width).ok_or_else(missing)?;
            let end = start.checked_add(width).ok_or_else(missing)?;
            match &*self.values {
                Values::Bytes(bytes) => {
                    let bytes = bytes.get(start..end).ok_or_else(missing)?;
                    for (value, &byte) in chunk.iter_mut().zip(bytes) {
                        *value = f32::from(byte) * BYTE_SCALE;
                    }
                }
                Values::Floats(floats) => chunk.copy_from_slice(floats.get(start..end).ok_or_else(missing)?),
            }
        }
        if chunks.next().is_some() || !chunks.into_remainder().is_empty() {
            return Err(disagree(count * width));
        }
        Ok(())
    }

    /// The inputs `rows`, in that order, as a data set of their own.
    ///
    /// # Errors
    /// If a row is not there, or `rows` is empty.
    pub fn select(&self, rows: &[usize]) -> Result<Self, DataError> {
        fn pick<T: Copy>(from: &[T], width: usize, rows: &[usize]) -> Result<Vec<T>, DataError> {
            let mut out = Vec::with_capacity(rows.len() * width);
            for &row in rows {
                let missing = || DataError::NoSuchRow { row: row as u64, len: (from.len() / width) as u64 };
                let start = row.checked_mul(width).ok_or_else(missing)?;
                let end = start.checked_add(width).ok_or_else(missing)?;
                out.extend_from_slice(from.get(start..end).ok_or_else(missing)?);
            }
            Ok(out)
        }
        let values = match &*self.values {
            Values::Bytes(bytes) => Values::Bytes(pick(bytes, self.width(), rows)?),
            Values::Floats(floats) => Values::Floats(pick(floats, self.width(), rows)?),
        };
        let labels = if self.labels.is_empty() { Vec::new() } else { pick(&self.labels, 1, rows)? };
        Self::new(self.slug.clone(), self.title.clone(), self.shape, values, labels, self.classes.clone())
    }

    /// The rows whose class is `label`, in order; none if classes are unknown.
    pub fn rows_of(&self, label: u8) -> Vec<usize> {
        self.labels.iter().enumerate().filter(|&(_, &l)| l == label).map(|(row, _)| row).collect()
    }
}

/// What a network learns from, and what it is judged by.
#[derive(Clone, Debug, PartialEq)]
pub struct Split {
    /// Learnt from.
    pub train: Dataset,
    /// Never learnt from.
    pub test: Dataset,
}

impl Split {
    /// Both halves of one data set.
    ///
    /// # Errors
    /// If their shapes differ.
    pub fn new(train: Dataset, test: Dataset) -> Result<Self, DataError> {
        for (what, got, other, expected) in [
            ("the height of a training input", train.shape.rows, "the height of a test input", test.shape.rows),
            ("the width of a training input", train.shape.cols, "the width of a test input", test.shape.cols),
        ] {
            if got != expected {
                return Err(DataError::Disagree { what, got: got as u64, other, expected: expected as u64 });
            }
        }
        Ok(Self { train, test })
    }

    /// All values of both lie in 0..1.
    pub fn unit(&self) -> bool {
        self.train.unit && self.test.unit
    }
}
