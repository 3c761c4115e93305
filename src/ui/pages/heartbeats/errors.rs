//! The histogram of reconstruction errors, and the threshold as a line to drag.
use super::Hearts;
use super::state::{DETECTORS, MEANINGS};
use crate::lessons::anomaly::{Rule, share_flagged};
use crate::ui::canvas::{Surface, painted};
use crate::ui::numbers;
use crate::ui::palette::{Rgb, css};
use crate::ui::tag::{Tag, button, tag};
use crate::ui::widgets::fields::menu;
use crate::ui::widgets::png::{Key, Mark, png};
use crate::words;
use leptos::html;
use leptos::prelude::*;
use web_sys::{KeyboardEvent, PointerEvent};

/// Bars of the histogram.
const BINS: usize = 56;
/// Room below it for the axis, and above it for the handle, in CSS pixels.
const BOTTOM: f64 = 30.0;
const TOP: f64 = 14.0;
/// One press of an arrow key moves the line by so much of the axis.
const STEP: f32 = 0.005;

/// What there is to see.
struct Scene {
    /// Training, test normal, test abnormal: the share of errors in each bar.
    bars: [Vec<f32>; 3],
    /// Where the line is, 0 to 1.
    line: Option<f32>,
    /// Where there are marks.
    ticks: Vec<(f32, String)>,
}

/// The card.
pub fn errors(hearts: Hearts) -> Tag {
    let state = hearts.state;
    let canvas = NodeRef::<html::Canvas>::new();
    painted(canvas, move || scene(hearts), paint);
    let drag = move |event: PointerEvent| {
        let Some(element) = canvas.get_untracked() else { return };
        if event.buttons() == 0 {
            return;
        }
        let _ = element.set_pointer_capture(event.pointer_id());
        let area = element.get_bounding_client_rect();
        let share = ((f64::from(event.client_x()) - area.left()) / area.width().max(1.0)) as f32;
        hearts.change(&mut |s| s.by_hand = Some(s.axis().error(share)));
    };
    let key = move |event: KeyboardEvent| {
        let by = match event.key().as_str() {
            "ArrowLeft" | "ArrowDown" => -STEP,
            "ArrowRight" | "ArrowUp" => STEP,
            "PageDown" => -10.0 * STEP,
            "PageUp" => 10.0 * STEP,
            "Home" => -1.0,
            "End" => 1.0,
            _ => return,
        };
        event.prevent_default();
        hearts.change(&mut |s| {
            let axis = s.axis();
            s.by_hand = s.threshold().map(|now| axis.error(axis.share(now) + by));
        });
    };
    let threshold = move || state.with(|s| s.threshold().map_or("–".into(), numbers::loss));
    // In thousandths of the axis: a slider's value is a number.
    let place = move || {
        state.with(|s| s.threshold().map_or(0, |now| (s.axis().share(now) * 1000.0).round() as u32).to_string())
    };
    let rule = menu(
        RwSignal::new(None),
        Rule::ALL
            .iter()
            .enumerate()
            .map(|(i, rule)| (i.to_string(), rule.title()))
            .chain([("hand".to_owned(), "by hand".to_owned())])
            .collect(),
        move || {
            state.with(|s| match s.by_hand {
                Some(_) => "hand".into(),
                None => Rule::ALL.iter().position(|rule| *rule == s.rule).unwrap_or(0).to_string(),
            })
        },
        move |chosen| {
            hearts.change(&mut |s| match chosen.parse().ok().and_then(|i: usize| Rule::ALL.get(i)) {
                Some(rule) => (s.rule, s.by_hand) = (*rule, None),
                None => s.by_hand = s.threshold(),
            });
            Ok(())
        },
    );
    let flags = move || {
        state.with(|s| {
            let detector = s.detector_shown();
            let Some(threshold) = s.threshold() else { return "no scores yet".into() };
            let percent = |errors: &[f32]| 100.0 * share_flagged(errors, threshold);
            let labels = match hearts.desk.recipe.with(|recipe| recipe.abnormal) {
                // It may be the cheapest one, which labels tell.
                _ if s.by_hand.is_some() => "the threshold was set by hand",
                Some(_) if !s.train_labels.is_empty() => {
                    "the threshold used no label (only the choice of the beats to learn from did)"
                }
                _ => "no label was used",
            };
            words!(
                "flags {:.1} % of the {} beats it learned from and {:.1} % of the test beats: {labels}",
                percent(detector.train.all()),
                detector.train.all().len(),
                percent(&detector.test)
            )
        })
    };
    let detector = |i: usize| {
        button(DETECTORS[i], move || hearts.change(&mut |s| (s.shown, s.by_hand) = (i, None)))
            .set("title", MEANINGS[i])
            .shows("aria-pressed", move || state.with(|s| s.shown == i).to_string())
            .into()
    };
    let keys = [("key learned-key", "training"), ("key train-key", "test, normal"), ("key test-key", "test, abnormal")];
    let switch = tag("div").class("row switch").set("role", "group").label("Detector").children((0..3).map(detector));
    let picture = png(canvas, "errors.png", "Reconstruction errors", |palette| {
        let filled = |ink, words: &'static str| Key { mark: Mark::Glyph("■"), ..Key::line(ink, words) };
        vec![
            Key::line(palette.muted, "training"),
            filled(palette.blue, "test, normal"),
            filled(palette.ink, "test, abnormal"),
        ]
    })
    .flag("disabled", move || state.with(|s| s.threshold().is_none()));
    let head = tag("div")
        .class("head wrap")
        .child(tag("h2").text("Errors"))
        .child(tag("div").class("row").child(switch).child(picture))
        .child(
            tag("span").class("keys").children(keys.map(|(class, words)| tag("span").class(class).text(words).into())),
        );
    let histogram = tag("canvas")
        .class("errors")
        .set("role", "slider")
        .set("tabindex", "0")
        .label("Threshold, over the histogram of reconstruction errors")
        .set("aria-valuemin", "0")
        .set("aria-valuemax", "1000")
        .shows("aria-valuenow", place)
        .shows("aria-valuetext", threshold)
        .testid("errors")
        .node(canvas)
        .on("pointerdown", drag)
        .on("pointermove", drag)
        .on("keydown", key);
    let row = tag("label")
        .class("row wrap")
        .text("threshold ")
        .child(tag("b").testid("threshold").says(threshold))
        .text(" = ")
        .child(rule.label("Rule of the threshold"));
    tag("section")
        .class("card")
        .label("Reconstruction errors")
        .child(head)
        .child(histogram)
        .child(row)
        .child(tag("p").class("note").testid("flags").says(flags))
}

fn scene(hearts: Hearts) -> Scene {
    hearts.state.with(|s| {
        let axis = s.axis();
        let detector = s.detector_shown();
        let of = |normal: bool| {
            let is = |row: usize| (s.labels.class(row).unwrap_or(0) == 0) == normal;
            detector.test.iter().enumerate().filter(|(row, _)| is(*row)).map(|(_, &error)| error).collect::<Vec<_>>()
        };
        let bars = [detector.train.all().to_vec(), of(true), of(false)].map(|errors| axis.histogram(errors, BINS));
        let mut ticks = Vec::new();
        for exponent in axis.log[0].floor() as i32..=axis.log[1].ceil() as i32 {
            for digit in [1, 2, 5] {
                // By way of text, because 0.1 * 0.1 is not 0.01 but almost.
                let error: f32 = format!("{digit}e{exponent}").parse().unwrap_or(0.0);
                if (axis.log[0]..=axis.log[1]).contains(&error.log10()) {
                    ticks.push((axis.share(error), error.to_string()));
                }
            }
        }
        Scene { bars, line: s.threshold().map(|threshold| axis.share(threshold)), ticks }
    })
}

fn paint(surface: &Surface, scene: &Scene) {
    let (ctx, palette) = (&surface.ctx, &surface.palette);
    let floor = surface.height - BOTTOM;
    let most = scene.bars.iter().flatten().fold(1e-6f32, |most, &bar| most.max(bar));
    let wide = surface.width / BINS as f64;
    // A bar of a few beats is still a pixel high.
    let top = |bar: f32| floor - (f64::from(bar / most) * (floor - TOP)).max(if bar > 0.0 { 1.0 } else { 0.0 });
    let filled = |bars: &[f32], colour: Rgb, opacity: f64| {
        ctx.set_fill_style_str(&css(colour, opacity));
        for (i, &bar) in bars.iter().enumerate() {
            ctx.fill_rect(i as f64 * wide, top(bar), wide - 1.0, floor - top(bar));
        }
    };
    let [train, normal, abnormal] = &scene.bars;
    filled(abnormal, palette.ink, 0.55);
    filled(normal, palette.blue, 0.6);
    ctx.set_stroke_style_str(&css(palette.muted, 1.0));
    ctx.set_line_width(1.4);
    surface.path(train.iter().enumerate().flat_map(|(i, &bar)| [i, i + 1].map(|i| [i as f64 * wide, top(bar)])));
    ctx.set_stroke_style_str(&css(palette.line, 1.0));
    surface.line([0.0, floor + 0.5], [surface.width, floor + 0.5]);
    ctx.set_font("11px system-ui, sans-serif");
    ctx.set_fill_style_str(&css(palette.muted, 1.0));
    ctx.set_text_align("center");
    let mut free = 0.0;
    for (share, words) in &scene.ticks {
        let at = f64::from(*share) * surface.width;
        if at > free && (20.0..surface.width - 20.0).contains(&at) {
            surface.text(words, at, floor + 13.0);
            free = at + 34.0;
        }
    }
    ctx.set_text_align("right");
    surface.text("mean squared error of a beat, logarithmic →", surface.width - 2.0, surface.height - 3.0);
    // Each group's bars add up to 1, however many beats it has.
    ctx.set_text_align("start");
    surface.text("share of each group ↑", 2.0, TOP - 3.0);
    let Some(line) = scene.line else { return };
    let at = f64::from(line) * surface.width;
    ctx.set_stroke_style_str(&css(palette.ink, 1.0));
    ctx.set_line_width(2.0);
    surface.line([at, TOP], [at, floor]);
    ctx.begin_path();
    let _ = ctx.arc(at, 8.0, 6.0, 0.0, std::f64::consts::TAU);
    ctx.set_fill_style_str(&css(palette.paper, 1.0));
    ctx.fill();
    ctx.set_stroke_style_str(&css(palette.blue, 1.0));
    ctx.set_line_width(2.5);
    ctx.stroke();
}
