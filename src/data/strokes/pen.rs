//! Lines of varying width on 28 × 28 pixels, fitted and centred as MNIST's digits are.
use super::PIXELS;
use super::shapes::Point;

/// Pixels along an edge of a picture.
pub(super) const EDGE: usize = 28;
/// Pixels along the longer edge of a digit.
const BOX: f64 = 20.0;
/// Paper on every side of the box, and so how far a digit can be moved without losing ink.
const MARGIN: isize = 4;

/// What a pen does between going down and up.
pub(super) struct Line {
    /// Its points.
    pub(super) way: Vec<Point>,
    /// Half its width at each of them, in pixels of the final picture.
    pub(super) radii: Vec<f64>,
}

/// Ink per pixel, 0..1.
pub(super) struct Canvas([f64; PIXELS]);

impl Canvas {
    /// Draws the lines, scaled so that they just fit the box.
    pub(super) fn fitted(lines: &[Line]) -> Self {
        let (mut least, mut most) = ((f64::MAX, f64::MAX), (f64::MIN, f64::MIN));
        let mut widest: f64 = 0.0;
        for line in lines {
            for &(x, y) in &line.way {
                least = (least.0.min(x), least.1.min(y));
                most = (most.0.max(x), most.1.max(y));
            }
            widest = line.radii.iter().fold(widest, |widest, &radius| widest.max(radius));
        }
        let (width, height) = (most.0 - least.0, most.1 - least.1);
        let scale = (BOX - 2.0 * widest) / width.max(height).max(1e-3);
        let middle = EDGE as f64 / 2.0;
        let (x0, y0) = (middle - scale * (least.0 + width / 2.0), middle - scale * (least.1 + height / 2.0));
        let mut canvas = Self([0.0; PIXELS]);
        for line in lines {
            let dots =
                line.way.iter().zip(&line.radii).map(|(&(x, y), &radius)| (x0 + scale * x, y0 + scale * y, radius));
            for (from, to) in dots.clone().zip(dots.skip(1)) {
                canvas.draw(from, to);
            }
        }
        canvas
    }

    /// A straight piece from (x, y, radius) to another. A pixel's ink grows from 0 to 1 as its centre goes from half a
    /// pixel outside to half a pixel inside.
    fn draw(&mut self, from: (f64, f64, f64), to: (f64, f64, f64)) {
        let reach = from.2.max(to.2) + 0.5;
        let span = |a: f64, b: f64| {
            let first = (a.min(b) - reach).floor().clamp(0.0, EDGE as f64) as usize;
            let last = (a.max(b) + reach).ceil().clamp(0.0, EDGE as f64) as usize;
            first..last
        };
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let square = (dx * dx + dy * dy).max(1e-12);
        let columns = span(from.0, to.0);
        for row in span(from.1, to.1) {
            let y = row as f64 + 0.5 - from.1;
            let pixels = self.0.get_mut(row * EDGE..(row + 1) * EDGE).unwrap_or_default();
            for (column, pixel) in pixels.iter_mut().enumerate().take(columns.end).skip(columns.start) {
                let x = column as f64 + 0.5 - from.0;
                let along = ((x * dx + y * dy) / square).clamp(0.0, 1.0);
                let (off_x, off_y) = (x - along * dx, y - along * dy);
                let distance = (off_x * off_x + off_y * off_y).sqrt();
                let radius = from.2 + along * (to.2 - from.2);
                *pixel = pixel.max((radius - distance + 0.5).clamp(0.0, 1.0));
            }
        }
    }

    /// As bytes, with the centre of mass as near to the middle as whole pixels allow.
    pub(super) fn bytes(&self) -> [u8; PIXELS] {
        let (mut ink, mut right, mut down) = (0.0, 0.0, 0.0);
        for (i, &value) in self.0.iter().enumerate() {
            ink += value;
            right += value * (i % EDGE) as f64;
            down += value * (i / EDGE) as f64;
        }
        // MNIST's middle is pixel 14, counted from 0.
        let shift =
            |sum: f64| ((EDGE as f64 / 2.0 - sum / f64::max(ink, 1e-9)).round() as isize).clamp(-MARGIN, MARGIN);
        let (right, down) = (shift(right), shift(down));
        let mut bytes = [0; PIXELS];
        for (i, byte) in bytes.iter_mut().enumerate() {
            let (x, y) = ((i % EDGE) as isize - right, (i / EDGE) as isize - down);
            let edge = EDGE as isize;
            if (0..edge).contains(&x) && (0..edge).contains(&y) {
                let value = self.0.get((y * edge + x) as usize).copied().unwrap_or_default();
                // Rounded from f64, so that the last bit of a sine, which differs between systems, does not show.
                *byte = (value * 255.0).round() as u8;
            }
        }
        bytes
    }
}
