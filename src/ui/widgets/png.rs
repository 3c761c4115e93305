//! Charts as pictures to keep: large enough for a slide, under their name, with what their colours stand for.
use crate::ui::canvas::{Surface, drawn, finer, framed};
use crate::ui::download;
use crate::ui::palette::{Palette, Rgb, Theme, css};
use crate::ui::tag::{Tag, button};
use crate::ui::widgets::map::raster::GLYPHS;
use crate::ui::widgets::plot::{DASHED, colour};
use crate::words;
use crate::words::{said, shown};
use leptos::html;
use leptos::prelude::*;
use std::borrow::Cow;
use std::rc::Rc;

/// How something looks in a chart.
#[derive(Clone, Copy)]
pub enum Mark {
    /// A curve.
    Line,
    /// A dashed one.
    Dashes,
    /// A point, or what is filled.
    Glyph(&'static str),
}

/// A mark in its colour, and what it stands for.
pub struct Key {
    /// As it looks in the chart.
    pub mark: Mark,
    /// Its colour.
    pub ink: Rgb,
    /// What it stands for.
    pub words: Cow<'static, str>,
}

impl Key {
    /// A curve of this colour.
    pub fn line(ink: Rgb, words: impl Into<Cow<'static, str>>) -> Self {
        Self { mark: Mark::Line, ink, words: words.into() }
    }
}

/// The keys of curves, by their kinds.
pub fn of_curves<const N: usize>(names: [(usize, &'static str); N]) -> impl Fn(&Palette) -> Vec<Key> {
    move |palette| {
        let key = |(kind, words): (usize, &'static str)| {
            let mark = if kind < DASHED { Mark::Line } else { Mark::Dashes };
            Key { mark, ..Key::line(colour(palette, kind), words) }
        };
        names.map(key).into()
    }
}

/// The keys of classes that are shown.
pub fn of_classes(palette: &Palette, names: &[String], is_shown: impl Fn(usize) -> bool) -> Vec<Key> {
    let key = |(class, name): (usize, &String)| {
        let of = class % GLYPHS.len();
        let words = said(name).into_owned().into();
        Key { mark: Mark::Glyph(GLYPHS[of]), ink: palette.classes[of], words }
    };
    names.iter().enumerate().filter(|(class, _)| is_shown(*class)).map(key).collect()
}

type Keys = Rc<dyn Fn(&Palette) -> Vec<Key>>;

/// As many pixels are in a row, at least.
const ACROSS: f64 = 1600.0;
/// Room at the edges of what is written, and a line of it, in CSS pixels.
const EDGE: f64 = 12.0;
const LINE: f64 = 19.0;

/// A button that hands over what this canvas shows; `name` says which chart it is, also to those who do not see it.
pub fn png(
    canvas: NodeRef<html::Canvas>,
    file: &'static str,
    name: &'static str,
    keys: impl Fn(&Palette) -> Vec<Key> + 'static,
) -> Tag {
    // Looked up now: when it is pressed there is no context to look in.
    let theme = use_context::<Theme>();
    let keys: Keys = Rc::new(keys);
    let press = move || {
        let Some((canvas, theme)) = canvas.get_untracked().zip(theme) else { return };
        let palette = theme.now();
        let keys = untrack(|| keys(&palette));
        finer(canvas, ACROSS, move |canvas, density| {
            let head = Head::of(name, keys, f64::from(canvas.width()) / density);
            let picture = framed(canvas, palette, density, head.height, |surface| head.write(surface));
            if let Some(picture) = picture {
                download::picture(file, &picture);
            }
        });
    };
    button("PNG", press)
        .class("quiet png")
        .set("title", "Download this chart as a picture")
        .label(words!("{name} as PNG"))
}

/// What stands above a chart that left the page: its name, and its keys in lines.
struct Head {
    name: Cow<'static, str>,
    /// With where they begin, from the left edge and from the upper one.
    keys: Vec<(Key, [f64; 2])>,
    height: f64,
}

impl Head {
    const FONT: &str = "13px system-ui, sans-serif";
    /// Between a mark and its words, and between keys.
    const GAPS: [f64; 2] = [20.0, 18.0];

    fn of(name: &'static str, keys: Vec<Key>, width: f64) -> Self {
        let mut placed = Vec::new();
        let mut at = [EDGE, EDGE + 2.0 * LINE];
        // A canvas of its own only lends its measure.
        drawn([1, 1], |surface| {
            surface.ctx.set_font(Self::FONT);
            for mut key in keys {
                key.words = shown(key.words);
                let long = surface.ctx.measure_text(&key.words).map_or(80.0, |measured| measured.width());
                let wide = Self::GAPS[0] + long;
                if at[0] + wide > width - EDGE && at[0] > EDGE {
                    at = [EDGE, at[1] + LINE];
                }
                placed.push((key, at));
                at[0] += wide + Self::GAPS[1];
            }
        });
        let lowest = placed.last().map_or(EDGE + LINE, |(_, [_, y])| *y);
        Self { name: shown(name.into()), keys: placed, height: lowest + 4.0 }
    }

    fn write(&self, surface: &Surface) {
        let (ctx, palette) = (&surface.ctx, &surface.palette);
        // It can fail only for a context that is gone.
        let put = |words: &str, ink: Rgb, x: f64, y: f64| {
            ctx.set_fill_style_str(&css(ink, 1.0));
            let _ = ctx.fill_text(words, x, y);
        };
        ctx.set_font("bold 15px system-ui, sans-serif");
        put(&self.name, palette.ink, EDGE, EDGE + LINE - 5.0);
        ctx.set_font(Self::FONT);
        for (key, [x, y]) in &self.keys {
            if let Mark::Glyph(glyph) = key.mark {
                put(glyph, key.ink, *x, y - 5.0);
            } else {
                let dashes = if matches!(key.mark, Mark::Dashes) { [4.0, 3.0] } else { [20.0, 0.0] };
                let _ = ctx.set_line_dash(&js_sys::Array::from_iter(dashes.map(wasm_bindgen::JsValue::from)));
                ctx.set_stroke_style_str(&css(key.ink, 1.0));
                ctx.set_line_width(2.5);
                surface.line([*x, y - 9.5], [x + 15.0, y - 9.5]);
            }
            put(&key.words, palette.ink, x + Self::GAPS[0], y - 5.0);
        }
    }
}
