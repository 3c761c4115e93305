//! Points and small pictures, pixel by pixel: ten thousand of them in a few milliseconds, where a call of the canvas
//! for each would take longer than a frame.
use crate::lessons::latent::View;
use crate::ui::palette::{Palette, Rgb};
use std::hash::{DefaultHasher, Hash, Hasher};
use wasm_bindgen::Clamped;
use web_sys::{CanvasRenderingContext2d, ImageData};

/// Pixels of a canvas.
#[derive(Default)]
pub struct Raster {
    width: usize,
    height: usize,
    /// Red, green, blue and opacity, from the lowest byte up.
    pixels: Vec<u32>,
    /// The shape of each class as opacities out of [`WHOLE`], with their side: made anew when the size of points changes.
    shapes: Vec<Vec<u16>>,
    side: usize,
    /// Tells what is painted from whatever else could be.
    mark: Option<u64>,
}

/// Colours, and shapes, before they repeat.
pub const CLASSES: usize = 10;
/// The shapes as letters, for the legend.
pub const GLYPHS: [&str; CLASSES] = ["○", "▮", "▲", "■", "◆", "▬", "●", "▼", "✚", "✖"];

/// Whether the shape of a class covers a place; both reach from -1 to 1.
fn covers(class: usize, x: f32, y: f32) -> bool {
    let (across, down) = (x.abs(), y.abs());
    let radius = x.hypot(y);
    match class {
        0 => (0.52..0.96).contains(&radius),
        1 => across < 0.38 && down < 0.98,
        2 => y < 0.78 && y > 1.9 * across - 0.98,
        3 => across < 0.78 && down < 0.78,
        4 => across + down < 1.0,
        5 => across < 0.98 && down < 0.38,
        6 => radius < 0.9,
        7 => -y < 0.78 && -y > 1.9 * across - 0.98,
        8 => across.min(down) < 0.3 && across.max(down) < 0.96,
        _ => (across - down).abs() < 0.4 && across.max(down) < 0.86,
    }
}

impl Raster {
    /// Whether there is anything to paint: on an empty sheet, where `of` is not what is painted already. Points are many
    /// and stay where they are, while what is put over them follows the pointer.
    pub fn begins(&mut self, width: u32, height: u32, palette: &Palette, of: impl FnOnce(&mut DefaultHasher)) -> bool {
        let mut hasher = DefaultHasher::new();
        (width, height, palette.paper, palette.ink, palette.classes).hash(&mut hasher);
        of(&mut hasher);
        let mark = Some(hasher.finish());
        let is_new = self.mark != mark;
        if is_new {
            self.mark = mark;
            self.empty(width, height, palette);
        }
        is_new
    }

    fn empty(&mut self, width: u32, height: u32, palette: &Palette) {
        (self.width, self.height) = (width as usize, height as usize);
        self.pixels.clear();
        self.pixels.resize(self.width * self.height, pixel(palette.paper));
    }

    /// How large points are from now on: their radius in pixels.
    pub fn points_of(&mut self, radius: f32) {
        let side = (2.0 * radius).round().max(3.0) as usize | 1;
        if side == self.side {
            return;
        }
        self.side = side;
        // Sixteen places in each pixel.
        const FINE: usize = 4;
        let at = |i: usize, fine: usize| {
            (i * FINE + fine) as f32 * 2.0 / (side * FINE) as f32 - 1.0 + 1.0 / (side * FINE) as f32
        };
        let opacity = |class: usize, i: usize| {
            let places =
                (0..FINE * FINE).filter(|fine| covers(class, at(i % side, fine % FINE), at(i / side, fine / FINE)));
            (places.count() * WHOLE as usize / (FINE * FINE)) as u16
        };
        self.shapes = (0..CLASSES).map(|class| (0..side * side).map(|i| opacity(class, i)).collect()).collect();
    }

    /// A point of a class, its middle at a pixel.
    pub fn point(&mut self, [x, y]: [f32; 2], class: usize, colour: Rgb, opacity: u32) {
        let (side, half) = (self.side, (self.side / 2) as f32);
        let (left, top) = ((x - half).floor(), (y - half).floor());
        let inside =
            left >= 0.0 && top >= 0.0 && left as usize + side <= self.width && top as usize + side <= self.height;
        // Points over the edge are left out: whoever looks at the edge moves the map.
        if !inside {
            return;
        }
        let (left, top) = (left as usize, top as usize);
        let shape = &self.shapes[class % CLASSES];
        let (colour, opacity) = (pixel(colour), share(opacity));
        for (row, shape) in shape.chunks_exact(side).enumerate() {
            let start = (top + row) * self.width + left;
            for (below, &cover) in self.pixels[start..start + side].iter_mut().zip(shape) {
                if cover > 0 {
                    *below = blended(*below, colour, u32::from(cover) * opacity / WHOLE);
                }
            }
        }
    }

    /// A picture of `columns` values to a row, enlarged around a pixel until its longer side has this size, from `paper` to
    /// `ink`.
    pub fn picture(
        &mut self,
        [x, y]: [f32; 2],
        size: f32,
        values: &[u8],
        columns: usize,
        [paper, ink]: [Option<Rgb>; 2],
    ) {
        let [paper, ink] = [paper, ink].map(|colour| colour.map(pixel));
        let rows = values.len() / columns.max(1);
        let scale = size / rows.max(columns).max(1) as f32;
        let (wide, high) = (columns as f32 * scale, rows as f32 * scale);
        let (left, top) = ((x - wide / 2.0).round() as i64, (y - high / 2.0).round() as i64);
        let [wide, high] = [wide, high].map(|size| (size.round() as i64).max(1));
        // The values that a pixel of the picture covers: one where it is enlarged, some where it is made smaller.
        let covered = |i: i64, count: usize, size: i64| {
            let at = |i: i64| i as usize * count / size as usize;
            at(i)..at(i + 1).max(at(i) + 1)
        };
        let across = left.max(0)..(left + wide).min(self.width as i64);
        for down in top.max(0)..(top + high).min(self.height as i64) {
            let below = covered(down - top, rows, high);
            for right in across.clone() {
                let beside = covered(right - left, columns, wide);
                let sum: u32 = below
                    .clone()
                    .flat_map(|row| &values[row * columns + beside.start..row * columns + beside.end])
                    .map(|&value| u32::from(value))
                    .sum();
                let value = sum / (below.len() * beside.len()) as u32;
                let below = &mut self.pixels[down as usize * self.width + right as usize];
                if let Some(paper) = paper {
                    *below = paper;
                }
                if let Some(ink) = ink
                    && value > 0
                {
                    *below = blended(*below, ink, share(value));
                }
            }
        }
    }

    /// Puts it all onto the canvas, and over it what changes with every pointer.
    pub fn show_with(&mut self, ctx: &CanvasRenderingContext2d, over: impl FnOnce(&mut Self)) {
        let kept = self.pixels.clone();
        over(self);
        self.show(ctx);
        self.pixels = kept;
    }

    /// Puts it all onto the canvas.
    pub fn show(&self, ctx: &CanvasRenderingContext2d) {
        let (width, height) = (self.width as u32, self.height as u32);
        // As wasm has its numbers in memory, so does a canvas its pixels.
        let bytes = bytemuck::cast_slice(&self.pixels);
        if let Ok(data) = ImageData::new_with_u8_clamped_array_and_sh(Clamped(bytes), width, height) {
            // It fails only for a context that is gone.
            let _ = ctx.put_image_data(&data, 0.0, 0.0);
        }
    }
}

/// Of an opacity: all of it.
const WHOLE: u32 = 256;

/// An opacity up to 255 as one out of [`WHOLE`], so that nothing is divided where thousands of pixels are blended.
fn share(opacity: u32) -> u32 {
    opacity + (opacity >> 7)
}

/// A colour as a pixel that hides what is below.
fn pixel([r, g, b]: Rgb) -> u32 {
    u32::from_le_bytes([r, g, b, 255])
}

/// A colour over another one, two of their bytes at a time.
#[inline(always)]
fn blended(below: u32, above: u32, share: u32) -> u32 {
    const EVEN: u32 = 0x00ff_00ff;
    let rest = WHOLE - share;
    let mix = |below: u32, above: u32| (below & EVEN) * rest + (above & EVEN) * share;
    (mix(below, above) >> 8 & EVEN) | (mix(below >> 8, above >> 8) & !EVEN)
}

/// What places tell a mark.
pub fn mark_places(places: &[[f32; 2]], view: &View, hasher: &mut DefaultHasher) {
    let [x, y] = view.middle;
    for value in [x, y, view.scale].into_iter().chain(places.iter().copied().flatten()) {
        hasher.write_u32(value.to_bits());
    }
}
