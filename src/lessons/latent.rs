//! The latent space as a map: axes, places, codes at places, walks, grids and directions that have a meaning.
use super::Lesson;
use super::files::numbers_csv;
use super::recipe::Recipe;
use crate::words;
use serde::{Deserialize, Serialize};

/// The second lesson: on whatever network is loaded.
pub const LESSON: Lesson = Lesson { slug: "latent", title: "Latent space", recipe: Recipe::default };

/// Directions of largest variance that a map has, where there are so many.
pub const COMPONENTS: usize = 8;
/// Digits to a side of the grid.
pub const GRID: usize = 20;

/// What is mapped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Space {
    /// The codes z.
    #[default]
    Codes,
    /// The inputs themselves, by PCA alone: the honest comparison.
    Inputs,
}

/// All points of a map, and the directions to look at them from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Chart {
    /// What is mapped.
    pub space: Space,
    /// Steps that the network had seen.
    pub step: u32,
    /// Values per point: dim(Z), or the components of an input.
    pub width: usize,
    /// The points, \[len, width\].
    pub codes: Vec<f32>,
    /// Their classes, or empty. Colour, and nothing else: no training has seen them.
    #[serde(with = "serde_bytes")]
    pub labels: Vec<u8>,
    /// The classes' names.
    pub classes: Vec<String>,
    /// The mean code, or the mean input.
    pub mean: Vec<f32>,
    /// Orthonormal directions through the mean by falling variance, \[components, mean's length\].
    pub axes: Vec<f32>,
    /// The share of all variance along each.
    pub shares: Vec<f32>,
}

impl Chart {
    /// Points.
    pub fn len(&self) -> usize {
        self.codes.len() / self.width.max(1)
    }

    /// None.
    pub fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }

    /// The code of a point.
    pub fn code(&self, point: usize) -> Option<&[f32]> {
        self.codes.get(point * self.width..(point + 1) * self.width)
    }

    /// The point whose code is nearest to this one.
    pub fn nearest(&self, code: &[f32]) -> Option<usize> {
        let far = |other: &[f32]| other.iter().zip(code).map(|(a, b)| (a - b) * (a - b)).sum::<f32>();
        let fits = code.len() == self.width;
        let all = self.codes.chunks_exact(self.width.max(1)).map(far).enumerate();
        all.filter(|_| fits).min_by(|(_, a), (_, b)| a.total_cmp(b)).map(|(point, _)| point)
    }

    /// How many directions there are to look along: the components, and after them the values of z themselves.
    pub fn directions(&self) -> usize {
        self.shares.len() + if self.space == Space::Codes { self.width } else { 0 }
    }

    /// A direction's name.
    pub fn name(&self, direction: usize) -> String {
        match direction.checked_sub(self.shares.len()) {
            None => words!("PC {}", direction + 1),
            Some(z) => format!("z{}", z + 1),
        }
    }

    /// The two to look along at first: both values of z where there are just two, else the first two components.
    pub fn first_axes(&self) -> [usize; 2] {
        match (self.space, self.width) {
            (Space::Codes, width @ 1..=2) => [self.shares.len(), self.shares.len() + width - 1],
            _ => [0, 1.min(self.shares.len().saturating_sub(1))],
        }
    }

    /// A component's direction.
    fn component(&self, component: usize) -> &[f32] {
        let width = self.mean.len();
        self.axes.get(component * width..(component + 1) * width).unwrap_or_default()
    }

    /// How far a code (or, on a map of inputs, an input) lies along a direction.
    pub fn along(&self, direction: usize, code: &[f32]) -> f32 {
        match direction.checked_sub(self.shares.len()) {
            Some(z) => code.get(z).copied().unwrap_or(0.0),
            None => {
                let terms = code.iter().zip(&self.mean).zip(self.component(direction));
                terms.map(|((x, mean), axis)| (x - mean) * axis).sum()
            }
        }
    }

    /// Where every point lies.
    pub fn places(&self, axes: [usize; 2]) -> Vec<[f32; 2]> {
        let place = |code: &[f32]| {
            axes.map(|axis| match self.space {
                Space::Codes => self.along(axis, code),
                // Points of a map of inputs come as their components.
                Space::Inputs => code.get(axis).copied().unwrap_or(0.0),
            })
        };
        self.codes.chunks_exact(self.width.max(1)).map(place).collect()
    }

    /// The code (or the input) at a place of the plane through the mean.
    pub fn at(&self, axes: [usize; 2], place: [f32; 2]) -> Vec<f32> {
        let mut code = self.mean.clone();
        for (axis, along) in axes.into_iter().zip(place) {
            match axis.checked_sub(self.shares.len()) {
                Some(z) => {
                    if let Some(value) = code.get_mut(z) {
                        *value = along;
                    }
                }
                None => {
                    for (value, direction) in code.iter_mut().zip(self.component(axis)) {
                        *value += along * direction;
                    }
                }
            }
        }
        code
    }

    /// Turns components round that point the other way than they did: v and −v are equally good, and a map that
    /// follows training should not flip.
    pub fn align(&mut self, before: &Self) {
        let width = self.mean.len();
        if before.mean.len() != width || before.space != self.space {
            return;
        }
        for (now, before) in self.axes.chunks_mut(width.max(1)).zip(before.axes.chunks(width.max(1))) {
            if now.iter().zip(before).map(|(a, b)| a * b).sum::<f32>() < 0.0 {
                now.iter_mut().for_each(|x| *x = -*x);
            }
        }
    }

    /// The least and the largest of each value of z over all points.
    pub fn ranges(&self) -> Vec<[f32; 2]> {
        let mut ranges = vec![[f32::MAX, f32::MIN]; self.width];
        for code in self.codes.chunks_exact(self.width.max(1)) {
            for ([least, most], &value) in ranges.iter_mut().zip(code) {
                (*least, *most) = (least.min(value), most.max(value));
            }
        }
        ranges
    }

    /// The mean code of some points. `None` of none.
    pub fn mean_of(&self, points: &[u32]) -> Option<Vec<f32>> {
        let codes: Vec<&[f32]> = points.iter().filter_map(|&point| self.code(point as usize)).collect();
        let count = codes.len() as f32;
        let sum =
            codes.iter().fold(vec![0.0; self.width], |sum, code| sum.iter().zip(*code).map(|(a, b)| a + b).collect());
        (count > 0.0).then(|| sum.iter().map(|x| x / count).collect())
    }

    /// `latents.csv`: index, label, z0, z1, … of every point.
    pub fn csv(&self) -> String {
        numbers_csv("z", self.width, &self.codes, Some(&|index| self.labels.get(index).copied()))
    }
}

/// The rectangle that holds most points: 2.2 standard deviations to each side of their middle, but not beyond the last of
/// them. So a few far ones do not make it all too small. As `[[least x, most x], [least y, most y]]`.
pub fn extent(places: &[[f32; 2]]) -> [[f32; 2]; 2] {
    [0, 1].map(|axis| {
        let values = || places.iter().map(|place| place[axis]);
        let count = places.len() as f32;
        let mean = values().sum::<f32>() / count;
        let reach = 2.2 * (values().map(|value| (value - mean) * (value - mean)).sum::<f32>() / count).sqrt();
        let least = values().fold(f32::MAX, f32::min).max(mean - reach);
        let most = values().fold(f32::MIN, f32::max).min(mean + reach);
        match count {
            0.0 => [-1.0, 1.0],
            _ if most > least => [least, most],
            _ => [mean - 1.0, mean + 1.0],
        }
    })
}

/// The rectangle that holds every point, in the same form.
pub fn bounds(places: &[[f32; 2]]) -> [[f32; 2]; 2] {
    let finite = places.iter().filter(|place| place.iter().all(|x| x.is_finite()));
    finite
        .copied()
        .map(|place| place.map(|x| [x, x]))
        .reduce(|a, b| [0, 1].map(|axis| [a[axis][0].min(b[axis][0]), a[axis][1].max(b[axis][1])]))
        .unwrap_or([[-1.0, 1.0]; 2])
}

/// The places that are nearest to one, nearest first, with how far they are: up to `count` of those that are shown.
pub fn nearest_places(
    places: &[[f32; 2]],
    at: [f32; 2],
    count: usize,
    is_shown: impl Fn(usize) -> bool,
) -> Vec<(usize, f32)> {
    let far = |[x, y]: [f32; 2]| (x - at[0]).hypot(y - at[1]);
    let shown = places.iter().enumerate().filter(|(point, _)| is_shown(*point));
    let mut all: Vec<(usize, f32)> = shown.map(|(point, place)| (point, far(*place))).collect();
    all.sort_unstable_by(|(_, a), (_, b)| a.total_cmp(b));
    all.truncate(count);
    all
}

/// The class that most of these are of, and how many are; of classes that are as common, the one that comes first.
pub fn commonest(classes: &[u8]) -> Option<(u8, usize)> {
    let count = |class: u8| classes.iter().filter(|&&other| other == class).count();
    let mut best = None;
    for &class in classes {
        if best.is_none_or(|(_, most)| count(class) > most) {
            best = Some((class, count(class)));
        }
    }
    best
}

/// The places of a grid's digits over a rectangle, row by row from the top left.
pub fn grid(extent: [[f32; 2]; 2]) -> Vec<[f32; 2]> {
    let share = |i: usize| i as f32 / (GRID - 1) as f32;
    let between = |[least, most]: [f32; 2], share: f32| least + share * (most - least);
    let row = |down: usize| (0..GRID).map(move |right| (share(right), 1.0 - share(down)));
    (0..GRID).flat_map(row).map(|(x, y)| [between(extent[0], x), between(extent[1], y)]).collect()
}

/// The code at `share` of the way from one to another; below 0 and above 1 it goes on.
pub fn between(from: &[f32], to: &[f32], share: f32) -> Vec<f32> {
    from.iter().zip(to).map(|(from, to)| from + share * (to - from)).collect()
}

/// A draw from N(0, 1), from two between 0 and 1 (Box and Muller, 1958).
pub fn normal([a, b]: [f64; 2]) -> f32 {
    ((-2.0 * (1.0 - a).ln()).sqrt() * (std::f64::consts::TAU * b).cos()) as f32
}

/// What part of the plane is in view: pixels are places times `scale` away from the middle, up is up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    /// The place in the middle.
    pub middle: [f32; 2],
    /// Pixels per unit.
    pub scale: f32,
}

impl View {
    /// The whole of a rectangle, with a margin.
    pub fn of(extent: [[f32; 2]; 2], [width, height]: [f32; 2]) -> Self {
        let [x, y] = extent.map(|[least, most]| (most - least).max(1e-6));
        Self {
            middle: extent.map(|[least, most]| (least + most) / 2.0),
            scale: (0.78 * width / x).min(0.78 * height / y).max(1e-6),
        }
    }

    /// Where a place is on a canvas of this size.
    pub fn pixel(&self, place: [f32; 2], [width, height]: [f32; 2]) -> [f32; 2] {
        let [x, y] = self.middle;
        [width / 2.0 + (place[0] - x) * self.scale, height / 2.0 - (place[1] - y) * self.scale]
    }

    /// Which place a pixel shows.
    pub fn place(&self, pixel: [f32; 2], [width, height]: [f32; 2]) -> [f32; 2] {
        let [x, y] = self.middle;
        [x + (pixel[0] - width / 2.0) / self.scale, y - (pixel[1] - height / 2.0) / self.scale]
    }

    /// Moved by so many pixels.
    pub fn moved(&self, [dx, dy]: [f32; 2]) -> Self {
        let [x, y] = self.middle;
        Self { middle: [x - dx / self.scale, y + dy / self.scale], ..*self }
    }

    /// Enlarged about a pixel, which goes on to show its place.
    pub fn zoomed(&self, by: f32, pixel: [f32; 2], size: [f32; 2]) -> Self {
        let fixed = self.place(pixel, size);
        let zoomed = Self { scale: (self.scale * by).clamp(1e-6, 1e9), ..*self };
        let now = zoomed.pixel(fixed, size);
        zoomed.moved([pixel[0] - now[0], pixel[1] - now[1]])
    }
}

#[cfg(test)]
mod tests;
