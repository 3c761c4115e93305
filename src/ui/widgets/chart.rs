//! The loss curves of train and test, on a logarithmic scale, with PCA's error at the same z to compare with.
mod paint;

use crate::engine::protocol::Point;
use crate::lessons::recipe::Loss;
use crate::ui::canvas::painted;
use crate::ui::desk::Desk;
use crate::ui::numbers;
use crate::ui::tag::{again, fact, tag};
use crate::ui::widgets::png::{Key, Mark, png};
use crate::words;
use leptos::html;
use leptos::prelude::*;
use paint::{Frame, Scene, paint};
use web_sys::PointerEvent;

/// The chart with its legend, its read-out and its words for those who do not see it.
pub fn loss_chart(desk: Desk) -> [AnyView; 2] {
    let canvas = NodeRef::<html::Canvas>::new();
    let pointed = RwSignal::new(None::<f64>);
    let pca = Memo::new(move |_| pca(desk));
    let epoch = Memo::new(move |_| desk.steps_per_epoch());
    let scene = move || Scene {
        points: desk.engine.curve.get(),
        pca: pca.get(),
        steps_per_epoch: epoch.get(),
        epochs: desk.recipe.with(|recipe| recipe.epochs),
        pointed: pointed.get(),
    };
    painted(canvas, scene, paint);

    let point = move |event: PointerEvent| {
        if let Some(element) = canvas.get_untracked() {
            pointed.set(Some(f64::from(event.client_x()) - element.get_bounding_client_rect().left()));
        }
    };
    let readout = move || {
        let at = pointed.get()?;
        let width = canvas.get()?.client_width();
        let frame = Frame::new(&scene(), f64::from(width), 100.0);
        let point = desk.engine.curve.with(|points| nearest(points, frame.step_at(at)))?;
        let test = point.test.map_or(String::new(), |test| words!(", test {}", numbers::loss(test)));
        let epoch = f64::from(point.step) / epoch.get().max(1.0);
        Some(words!("epoch {epoch:.2}: train {}{test}", numbers::loss(point.train)))
    };
    let key = |class: &'static str, words: &'static str| AnyView::from(tag("span").class(class).text(words));
    let legend = again(move || match readout() {
        Some(words) => tag("span").class("readout").text(words).into(),
        None => vec![key("key train-key", "train"), key("key test-key", "test")].into_any(),
    });
    let chart = tag("canvas")
        .class("chart")
        .set("role", "img")
        .shows("aria-label", move || in_words(desk))
        .node(canvas)
        .on("pointermove", point)
        .on("pointerdown", point)
        .on("pointerleave", move |event: PointerEvent| {
            // A finger leaves when it is lifted, and what it pointed at is still to be read.
            if event.pointer_type() != "touch" {
                pointed.set(None);
            }
        });
    let empty = fact(move || desk.engine.curve.with(Vec::is_empty));
    let picture = png(canvas, "loss.png", "Loss curves", |palette| {
        vec![Key::line(palette.blue, "train"), Key { mark: Mark::Glyph("■"), ..Key::line(palette.ink, "test") }]
    })
    .flag("disabled", move || empty.get());
    let head = tag("div").class("head").child(tag("h2").text("Loss")).child(legend).child(picture);
    [head.into(), chart.into()]
}

/// PCA's error with as many components as z, where the loss is the same measure.
fn pca(desk: Desk) -> Option<(u32, f32)> {
    let (data, z, loss) = desk.recipe.with(|recipe| (recipe.data.clone(), recipe.z, recipe.loss));
    let known = desk.engine.pca.get()?;
    let mse = known.1.get(z as usize).copied().filter(|mse| *mse > 0.0)?;
    (known.0 == data && loss == Loss::Mse).then_some((z, mse))
}

fn nearest(points: &[Point], step: f64) -> Option<Point> {
    let at = points.partition_point(|point| f64::from(point.step) < step);
    let both = [at.checked_sub(1), Some(at)].into_iter().flatten().filter_map(|i| points.get(i));
    both.min_by(|a, b| (f64::from(a.step) - step).abs().total_cmp(&(f64::from(b.step) - step).abs())).copied()
}

/// What the curves say, in a sentence; told anew only when a run begins or ends, so that nobody is read to all the time.
fn in_words(desk: Desk) -> String {
    let running = desk.engine.progress.with(|progress| progress.running);
    let curve = desk.engine.curve;
    let points = if running { curve.get_untracked() } else { curve.get() };
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        return "Loss curves: nothing trained yet".into();
    };
    let test = points.iter().rev().find_map(|point| point.test);
    let test = test.map_or(String::new(), |test| words!(", on the test set {}", numbers::loss(test)));
    let pca = pca(desk).map_or(String::new(), |(z, mse)| words!("; PCA with {z} components: {}", numbers::loss(mse)));
    words!(
        "Loss curves: from {} to {} in {} steps{test}{pca}",
        numbers::loss(first.train),
        numbers::loss(last.train),
        last.step
    )
}
