//! "Strokes": digits written by a pen that follows a formula, laid out as MNIST is. No download, no copyright.
//!
//! Each digit is one of several styles (see `shapes`), its points jittered, bent by a smooth field, slanted, turned and
//! stretched, drawn with a pen whose width depends on its direction and its way, antialiased. Then, as MNIST
//! was made (Y. LeCun et al., "Gradient-based learning applied to document recognition", 1998): scaled to a box of
//! 20 × 20 with its proportions kept, and moved by whole pixels so that its centre of mass is in the middle of 28 × 28.
mod pen;
mod shapes;

use super::chance::Chance;
use pen::{Canvas, Line};
use shapes::{Point, STYLES, Stroke};
use std::f64::consts::{FRAC_PI_4, TAU};
use std::ops::Range;

/// Pixels of a digit.
pub const PIXELS: usize = pen::EDGE * pen::EDGE;

/// An endless supply of digits: the one at an index depends on seed and index alone.
#[derive(Clone, Copy, Debug)]
pub struct Strokes {
    seed: u64,
}

impl Strokes {
    /// Digits by this seed.
    pub fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// Digit number `index`: its 28 × 28 pixels (0 paper, 255 ink), row by row, and which digit it is.
    pub fn digit(&self, index: u64) -> ([u8; PIXELS], u8) {
        let mut chance = Chance::at(self.seed, index);
        let digit = chance.below(STYLES.len());
        let styles = STYLES.get(digit).copied().unwrap_or_default();
        let style = styles.get(chance.below(styles.len())).copied().unwrap_or_default();
        let hand = Hand::new(&mut chance);
        let lines: Vec<Line> = style.iter().map(|stroke| hand.write(stroke, &mut chance)).collect();
        (Canvas::fitted(&lines).bytes(), digit as u8)
    }

    /// Appends the digits `range` to `pixels`, \[range, 784\], and `labels`, \[range\].
    pub fn fill(&self, range: Range<u64>, pixels: &mut Vec<u8>, labels: &mut Vec<u8>) {
        for index in range {
            let (digit, label) = self.digit(index);
            pixels.extend_from_slice(&digit);
            labels.push(label);
        }
    }
}

/// How one digit is written: what all its strokes share.
struct Hand {
    /// How far each point may stray.
    jitter: f64,
    /// Waves that bend the paper.
    waves: [Wave; 3],
    /// Bulges of either axis: its middle is moved, its ends stay.
    bulge: (f64, f64),
    /// From the shape's box to the paper: slant, stretch and turn in one matrix.
    matrix: [[f64; 2]; 2],
    /// Half the pen's width, in pixels.
    radius: f64,
    /// How much wider along one diagonal than along the other.
    nib: f64,
}

/// A displacement that varies smoothly over the paper.
struct Wave {
    along: (f64, f64),
    phase: f64,
    shift: (f64, f64),
}

impl Hand {
    fn new(chance: &mut Chance) -> Self {
        let mut wave = || {
            let (angle, length) = (chance.between(0.0, TAU), chance.between(0.5, 1.3));
            Wave {
                along: (TAU * length * angle.cos(), TAU * length * angle.sin()),
                phase: chance.between(0.0, TAU),
                shift: (chance.mild(0.026), chance.mild(0.026)),
            }
        };
        let waves = [wave(), wave(), wave()];
        // Most people lean to the right.
        let slant = 0.12 + chance.mild(0.22);
        let turn = chance.mild(0.1);
        // Digits are higher than wide.
        let wide = 0.8 * (1.0 + chance.mild(0.17));
        let (sin, cos) = turn.sin_cos();
        // x' = wide · x - slant · y (y points down), then turned.
        let matrix = [[cos * wide, -cos * slant - sin], [sin * wide, -sin * slant + cos]];
        Self {
            jitter: chance.between(0.01, 0.04),
            waves,
            bulge: (chance.mild(0.14), chance.mild(0.2)),
            matrix,
            radius: (1.36 * (1.0 + chance.mild(0.24))).max(0.75),
            nib: chance.between(0.0, 0.22),
        }
    }

    /// The pen's way for one stroke, on a paper of any scale.
    fn write(&self, stroke: Stroke, chance: &mut Chance) -> Line {
        let mut points: Vec<Point> = Vec::with_capacity(stroke.len());
        let mut last = (None, (0.0, 0.0));
        for &point in stroke {
            // Both points of a corner move alike, or it would be none.
            if last.0 != Some(point) {
                let moved = (point.0 + chance.mild(self.jitter), point.1 + chance.mild(self.jitter));
                last = (Some(point), moved);
            }
            points.push(last.1);
        }
        let way: Vec<Point> = smooth(&points).into_iter().map(|point| self.place(point)).collect();
        // The pen comes down and lifts off while it moves.
        let (down, up) = (chance.between(0.75, 1.05), chance.between(0.6, 1.0));
        let swell = (chance.mild(0.08), chance.between(0.0, TAU));
        let steps = way.len().max(2) as f64 - 1.0;
        let width = |i: usize| {
            let at = i as f64 / steps;
            let ends = (down + (1.0 - down) * (at * 6.0).min(1.0)) * (up + (1.0 - up) * ((1.0 - at) * 6.0).min(1.0));
            let here = way.get(i).copied().unwrap_or_default();
            let next = way.get(i + 1).copied().unwrap_or(here);
            let before = if i > 0 { way.get(i - 1).copied().unwrap_or(here) } else { here };
            let angle = (next.1 - before.1).atan2(next.0 - before.0);
            let nib = 1.0 + self.nib * (2.0 * (angle - FRAC_PI_4)).cos();
            self.radius * ends * nib * (1.0 + swell.0 * (TAU * at + swell.1).sin())
        };
        let radii = (0..way.len()).map(width).collect();
        Line { way, radii }
    }

    /// Where a point of the shape comes to lie.
    fn place(&self, (x, y): Point) -> Point {
        let x = x + self.bulge.0 * x * (1.0 - x);
        let y = y + self.bulge.1 * y * (1.0 - y);
        let (mut bent_x, mut bent_y) = (x, y);
        for wave in &self.waves {
            let height = (wave.along.0 * x + wave.along.1 * y + wave.phase).sin();
            bent_x += wave.shift.0 * height;
            bent_y += wave.shift.1 * height;
        }
        let [[a, b], [c, d]] = self.matrix;
        (a * bent_x + b * bent_y, c * bent_x + d * bent_y)
    }
}

/// A smooth way through all points: Catmull-Rom splines (E. Catmull, R. Rom, 1974), with the ends repeated. A point
/// given twice takes the tangent of either side and so makes a corner.
fn smooth(points: &[Point]) -> Vec<Point> {
    /// Pieces per span: about a pixel each.
    const PIECES: usize = 6;
    let at = |i: isize| points.get(i.clamp(0, points.len() as isize - 1) as usize).copied().unwrap_or_default();
    let mut way = vec![at(0)];
    for i in 0..points.len() as isize - 1 {
        let (p0, p1, p2, p3) = (at(i - 1), at(i), at(i + 1), at(i + 2));
        if p1 == p2 {
            continue;
        }
        for piece in 1..=PIECES {
            let t = piece as f64 / PIECES as f64;
            let curve = |p0: f64, p1: f64, p2: f64, p3: f64| {
                let (linear, square) = (p2 - p0, 2.0 * p0 - 5.0 * p1 + 4.0 * p2 - p3);
                let cube = 3.0 * (p1 - p2) + p3 - p0;
                p1 + 0.5 * t * (linear + t * (square + t * cube))
            };
            way.push((curve(p0.0, p1.0, p2.0, p3.0), curve(p0.1, p1.1, p2.1, p3.1)));
        }
    }
    way
}
