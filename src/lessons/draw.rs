//! From a drawing to the 28 x 28 values that the network sees, the way MNIST was made: the ink is scaled so that its
//! bounding box fits 20 x 20, keeping its aspect, and its centre of mass comes to the middle of 28 x 28.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]
#[cfg(test)]
mod tests;

/// Rows and columns of a digit.
pub const SIDE: usize = 28;
/// The box that the ink is scaled into.
const BOX: f32 = 20.0;
/// Where MNIST's digits have their centre of mass, counted from the outer edge of the first pixel: whole-pixel shifts
/// left them between 14 and 15 (means over the test set: 14.51 across, 14.49 down).
const CENTRE: f32 = 14.5;
/// The thinnest and the thickest half-width of ink, in pixels. A digit that is drawn small would come out bolder than
/// any in MNIST, and one that fills the pad finer, and neither is what the visitor means.
const RADIUS: std::ops::RangeInclusive<f32> = 0.85..=2.0;
/// How many times its size a drawing is enlarged or reduced at most: a single dot has no size to go by.
const SCALE: std::ops::RangeInclusive<f32> = 1e-3..=1e3;

/// A place that the pen passed, in any units of the pad as long as they are the same throughout.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dot {
    /// To the right.
    pub x: f32,
    /// Downwards.
    pub y: f32,
    /// The pen's width there.
    pub width: f32,
}

/// What the pen drew between touching down and lifting.
pub type Stroke = Vec<Dot>;

/// The digit that the network sees: [`SIDE`] x [`SIDE`] values from 0 (paper) to 1 (ink), row by row. No ink, all 0.
pub fn digit(strokes: &[Stroke]) -> Vec<f32> {
    let dots = || strokes.iter().flatten();
    if dots().next().is_none() || dots().any(|dot| !(dot.x.is_finite() && dot.y.is_finite() && dot.width >= 0.0)) {
        return vec![0.0; SIDE * SIDE];
    }
    let scale = scale(strokes);
    let [left, right, top, bottom] = extent(strokes, scale);
    let middle = SIDE as f32 / 2.0;
    let first = [middle - (left + right) / 2.0, middle - (top + bottom) / 2.0];
    let [x, y] = centre_of_mass(&raster(strokes, scale, first));
    // A digit with its mass at one end is not pushed off the picture; ink so far apart that no scale brings it onto it has
    // no room at all.
    let room = [right - left, bottom - top].map(|size| ((SIDE as f32 - size) / 2.0).max(0.0));
    let shift = [(CENTRE - x).clamp(-room[0], room[0]), (CENTRE - y).clamp(-room[1], room[1])];
    raster(strokes, scale, [first[0] + shift[0], first[1] + shift[1]])
}

/// A digit of [`digit`] on a picture of another shape: as large as fits, in its middle.
pub fn fitted(digit: Vec<f32>, (rows, columns): (usize, usize)) -> Vec<f32> {
    if (rows, columns) == (SIDE, SIDE) {
        return digit;
    }
    let at = |row: i32, column: i32| {
        let inside = 0..SIDE as i32;
        let is_inside = inside.contains(&row) && inside.contains(&column);
        if is_inside { digit.get(row as usize * SIDE + column as usize).copied().unwrap_or(0.0) } else { 0.0 }
    };
    // Between the middles of four pixels.
    let between = |x: f32, y: f32| {
        let (left, top) = ((x - 0.5).floor(), (y - 0.5).floor());
        let (u, v) = (x - 0.5 - left, y - 0.5 - top);
        let across = |row| (1.0 - u) * at(row, left as i32) + u * at(row, left as i32 + 1);
        (1.0 - v) * across(top as i32) + v * across(top as i32 + 1)
    };
    let step = SIDE as f32 / rows.min(columns).max(1) as f32;
    // Places across and down a pixel of the picture that are looked at: two for each pixel of the digit under it.
    let fine = (2.0 * step).ceil().max(2.0) as usize;
    let middle = SIDE as f32 / 2.0;
    let place = |i: usize, at: usize, count: usize| {
        middle + (i as f32 + (at as f32 + 0.5) / fine as f32 - count as f32 / 2.0) * step
    };
    let value = |i: usize| {
        let places = (0..fine * fine)
            .map(|spot| between(place(i % columns, spot % fine, columns), place(i / columns, spot / fine, rows)));
        places.sum::<f32>() / (fine * fine) as f32
    };
    (0..rows * columns).map(value).collect()
}

fn radius(dot: &Dot, scale: f32) -> f32 {
    (dot.width / 2.0 * scale).clamp(*RADIUS.start(), *RADIUS.end())
}

/// Left, right, top and bottom of the ink at this scale.
fn extent(strokes: &[Stroke], scale: f32) -> [f32; 4] {
    let none = [f32::INFINITY, f32::NEG_INFINITY, f32::INFINITY, f32::NEG_INFINITY];
    strokes.iter().flatten().fold(none, |[left, right, top, bottom], dot| {
        let (x, y, r) = (dot.x * scale, dot.y * scale, radius(dot, scale));
        [left.min(x - r), right.max(x + r), top.min(y - r), bottom.max(y + r)]
    })
}

/// Pixels per unit of the pad. The ink's width has limits, so its box does not simply grow with the scale; but it does
/// grow, so halving the interval finds where it is 20.
fn scale(strokes: &[Stroke]) -> f32 {
    let pen = strokes.iter().flatten().map(|dot| dot.width).fold(f32::MIN_POSITIVE, f32::max);
    // Enlarging until the pen is four times its thickest is enough for any dot.
    let (mut least, mut most) = (*SCALE.start(), (8.0 * RADIUS.end() / pen).clamp(*SCALE.start(), *SCALE.end()));
    for _ in 0..24 {
        let middle = (least * most).sqrt();
        let [left, right, top, bottom] = extent(strokes, middle);
        if (right - left).max(bottom - top) > BOX { most = middle } else { least = middle }
    }
    least
}

/// Each pixel's share of ink: 1 inside the pen's way, 0 outside, with an edge of one pixel between.
fn raster(strokes: &[Stroke], scale: f32, [dx, dy]: [f32; 2]) -> Vec<f32> {
    let mut picture = vec![0.0f32; SIDE * SIDE];
    let place = |dot: &Dot| (dot.x * scale + dx, dot.y * scale + dy, radius(dot, scale));
    for stroke in strokes {
        // A stroke of one dot is a segment from it to itself.
        let ends = stroke.iter().zip(stroke.iter().skip(1)).chain(stroke.first().zip(stroke.first()));
        for (from, to) in ends {
            segment(&mut picture, place(from), place(to));
        }
    }
    picture
}

fn segment(picture: &mut [f32], (x0, y0, r0): (f32, f32, f32), (x1, y1, r1): (f32, f32, f32)) {
    let (vx, vy) = (x1 - x0, y1 - y0);
    let square = (vx * vx + vy * vy).max(f32::MIN_POSITIVE);
    let reach = r0.max(r1) + 1.0;
    let range = |a: f32, b: f32| {
        let first = (a.min(b) - reach).floor().clamp(0.0, SIDE as f32);
        let end = (a.max(b) + reach).ceil().clamp(0.0, SIDE as f32);
        first as usize..end as usize
    };
    for row in range(y0, y1) {
        for column in range(x0, x1) {
            let (px, py) = (column as f32 + 0.5 - x0, row as f32 + 0.5 - y0);
            let along = ((px * vx + py * vy) / square).clamp(0.0, 1.0);
            let (dx, dy) = (px - along * vx, py - along * vy);
            // Where this overflows there is no ink either way; `hypot` takes long to rule it out.
            let distance = (dx * dx + dy * dy).sqrt();
            let ink = (r0 + along * (r1 - r0) - distance + 0.5).clamp(0.0, 1.0);
            if let Some(pixel) = picture.get_mut(row * SIDE + column) {
                *pixel = pixel.max(ink);
            }
        }
    }
}

/// Across and down, counted from the outer edge of the first pixel.
fn centre_of_mass(picture: &[f32]) -> [f32; 2] {
    let (mut mass, mut x, mut y) = (0.0, 0.0, 0.0);
    for (i, &ink) in picture.iter().enumerate() {
        mass += ink;
        x += ink * ((i % SIDE) as f32 + 0.5);
        y += ink * ((i / SIDE) as f32 + 0.5);
    }
    if mass > 0.0 { [x / mass, y / mass] } else { [CENTRE, CENTRE] }
}

/// Draws over a series: the values from one place of the pen to the next follow the line between them. Places are
/// shares of the width, values are in the series' own units.
pub fn redraw(series: &mut [f32], from: (f32, f32), to: (f32, f32)) {
    if series.is_empty() || ![from.0, from.1, to.0, to.1].iter().all(|v| v.is_finite()) {
        return;
    }
    let ((x0, y0), (x1, y1)) = if from.0 <= to.0 { (from, to) } else { (to, from) };
    let last = (series.len() - 1) as f32;
    let index = |x: f32| (x.clamp(0.0, 1.0) * last).round() as usize;
    for (i, value) in series.iter_mut().enumerate().take(index(x1) + 1).skip(index(x0)) {
        let along = if x1 > x0 { ((i as f32 / last.max(1.0) - x0) / (x1 - x0)).clamp(0.0, 1.0) } else { 1.0 };
        // Where the pen only moved up or down, its newest place counts.
        *value = if x1 > x0 { y0 + along * (y1 - y0) } else { to.1 };
    }
}

/// How far a bend reaches to each side, as a share of the width: about as far as a heartbeat's narrow waves.
const BEND: f32 = 0.03;

/// Bends a series: what is at a place, a share of the width, moves by `by`, and what is near it follows.
pub fn bend(series: &mut [f32], at: f32, by: f32) {
    if !at.is_finite() || !by.is_finite() {
        return;
    }
    let last = series.len().saturating_sub(1).max(1) as f32;
    for (i, value) in series.iter_mut().enumerate() {
        let off = (i as f32 / last - at) / BEND;
        *value += by * (-0.5 * off * off).exp();
    }
}
