//! Beats as lines: x, what the network makes of it, and the residual between them shaded. One large, to draw on, and a
//! page of small ones, to choose from.
use super::Hearts;
use super::state::{ORDERS, PAGE, State};
use crate::ui::canvas::{Surface, painted};
use crate::ui::desk::Desk;
use crate::ui::numbers;
use crate::ui::palette::css;
use crate::ui::sheet::Sheet;
use crate::ui::tag::{Tag, again, button, tag};
use crate::ui::widgets::fields::menu;
use crate::ui::widgets::pad::pad;
use crate::ui::widgets::picture::series;
use crate::words;
use leptos::html;
use leptos::prelude::*;
use web_sys::{KeyboardEvent, MouseEvent};

/// The residual as strokes from x to x̂, then x̂.
fn residual(surface: &Surface, input: &[f32], output: &[f32]) {
    let last = input.len().saturating_sub(1).max(1) as f64;
    // As in `series`.
    let down = |value: f32| f64::from((6.0 - value) / 12.0) * surface.height;
    surface.ctx.set_stroke_style_str(&css(surface.palette.blue, 0.3));
    surface.ctx.set_line_width(surface.width / last + 0.5);
    for (i, (x, y)) in input.iter().zip(output).enumerate() {
        let at = i as f64 / last * surface.width;
        surface.line([at, down(*x)], [at, down(*y)]);
    }
    series(surface, Some(output), surface.palette.blue);
}

/// The large one, on which beats are drawn and bent.
pub fn trace(hearts: Hearts) -> Tag {
    let desk = hearts.desk;
    let canvas = NodeRef::<html::Canvas>::new();
    painted(
        canvas,
        move || (desk.input.get(), desk.output()),
        |surface, (input, output)| {
            if let Some((input, output)) = input.as_ref().zip(output.as_ref()) {
                residual(surface, input, output);
            }
        },
    );
    let title = move || {
        desk.sheets.with(|sheets| match sheets.now() {
            Sheet::Sample { index: Some(index), .. } => {
                let class = hearts.state.with(|s| {
                    s.labels.class(*index as usize).and_then(|class| s.classes.get(usize::from(class)).cloned())
                });
                words!("Test beat {index}{}", class.map_or(String::new(), |class| format!(": {}", words::said(class))))
            }
            Sheet::Series(_) => "Your beat".into(),
            _ => "A beat".into(),
        })
    };
    let verdict = move || {
        let error = desk.engine.seen.with(|seen| seen.as_ref().map(|seen| seen.mse));
        // The pad is looked at by the network, whichever detector the histogram shows.
        let threshold = hearts.state.with(State::network_threshold);
        match error.zip(threshold) {
            Some((error, threshold)) if error >= threshold => "flagged".to_owned(),
            Some(_) => "passed".to_owned(),
            None => String::new(),
        }
    };
    let error =
        move || desk.engine.seen.with(|seen| seen.as_ref().map_or("–".into(), |seen| numbers::loss(seen.mse)));
    let mode = move |bends: bool, name: &'static str, words: &'static str| {
        button(name, move || desk.bends.set(bends))
            .set("title", words)
            .shows("aria-pressed", move || (desk.bends.get() == bends).to_string())
    };
    let switch = tag("div")
        .class("row buttons switch")
        .set("role", "group")
        .label("What the pen does")
        .child(mode(false, "Draw", "Draw over the beat"))
        .child(mode(true, "Bend", "Drag a part of the beat up or down"));
    let [pad, buttons] = pad(desk);
    let head = tag("div").class("head").child(tag("h2").class("beat").testid("beat").says(title)).child(
        tag("span")
            .class("figure")
            .text("error ")
            .child(tag("b").testid("reconstruction-error").says(error))
            .text(" · ")
            .child(tag("b").testid("flag").says(verdict)),
    );
    let over = tag("canvas").class("over").set("aria-hidden", "true").testid("reconstruction").node(canvas);
    tag("section")
        .class("card")
        .label("A beat, what the network makes of it, and the residual")
        .child(head)
        .child(tag("div").class("trace").child(pad).child(over))
        .child(tag("div").class("row wrap").child(buttons).child(switch).child(legend(desk)))
}

fn legend(desk: Desk) -> Tag {
    let last = move || words!("samples 0 to {}, values in standard deviations", desk.shape().1.saturating_sub(1));
    tag("span")
        .class("keys")
        .child(tag("span").class("key test-key").child(tag("i").text("x")))
        .child(tag("span").class("key train-key").child(tag("i").text("x̂")))
        .child(tag("span").class("key shade-key").text("residual"))
        .child(tag("span").class("key").says(last))
}

/// Beats on a line of the browser's page.
const ACROSS: usize = 4;

/// The small ones, by class and error.
pub fn browser(hearts: Hearts) -> Tag {
    let (desk, state) = (hearts.desk, hearts.state);
    let canvas = NodeRef::<html::Canvas>::new();
    let chosen =
        move || desk.sheets.with(|sheets| if let Sheet::Sample { index, .. } = sheets.now() { *index } else { None });
    painted(canvas, move || state.with(|s| cells(s, chosen())), |surface, cells| paint(surface, cells));
    let choose = move |place: usize| {
        let beat = state.with_untracked(|s| {
            let row = s.list.get(place).copied()?;
            let input = s.beats.iter().find(|beat| beat.row == row).map(|beat| beat.input.clone());
            Some((row, input, s.labels.class(row as usize)))
        });
        let Some((index, input, label)) = beat else { return };
        match input {
            Some(input) => desk.draw(|sheets| sheets.lay(Sheet::Sample { index: Some(index), input, label })),
            // On another page: the engine has it.
            None => desk.sample(Some(index)),
        }
        hearts.change(&mut |s| s.first = place / PAGE * PAGE);
    };
    let step = move |by: isize| {
        let place = state.with_untracked(|s| {
            let here = chosen().and_then(|row| s.list.iter().position(|other| *other == row));
            let last = s.list.len().saturating_sub(1);
            here.map_or(s.first, |here| here.saturating_add_signed(by).min(last))
        });
        choose(place);
    };
    let key = move |event: KeyboardEvent| {
        let by = match event.key().as_str() {
            "ArrowLeft" => -1,
            "ArrowRight" => 1,
            "ArrowUp" => -(ACROSS as isize),
            "ArrowDown" => ACROSS as isize,
            "PageUp" => -(PAGE as isize),
            "PageDown" => PAGE as isize,
            _ => return,
        };
        event.prevent_default();
        untrack(|| step(by));
    };
    let press = move |event: MouseEvent| {
        let Some(element) = canvas.get_untracked() else { return };
        let area = element.get_bounding_client_rect();
        let share = |at: i32, from: f64, size: f64| ((f64::from(at) - from) / size.max(1.0)).clamp(0.0, 0.999);
        let column = (share(event.client_x(), area.left(), area.width()) * ACROSS as f64) as usize;
        let row = (share(event.client_y(), area.top(), area.height()) * (PAGE / ACROSS) as f64) as usize;
        choose(state.with_untracked(|s| s.first) + row * ACROSS + column);
    };
    let order = menu(
        RwSignal::new(None),
        ORDERS.iter().enumerate().map(|(i, words)| (i.to_string(), (*words).to_owned())).collect(),
        move || state.with(|s| s.order.to_string()),
        move |order| {
            hearts.change(&mut |s| {
                (s.order, s.first) = (order.parse().unwrap_or(0), 0);
                s.relist();
            });
            Ok(())
        },
    );
    // By their names, so that a menu that is open stays open while scores come in.
    let names = Memo::new(move |_| state.with(|s| s.classes.clone()));
    let classes = again(move || {
        let classes = names.get();
        let all = std::iter::once(("all".into(), "all classes".to_owned()));
        let options = all.chain(classes.into_iter().enumerate().map(|(i, name)| (i.to_string(), name))).collect();
        menu(
            RwSignal::new(None),
            options,
            move || state.with(|s| s.class.map_or("all".into(), |class| class.to_string())),
            move |class| {
                hearts.change(&mut |s| {
                    (s.class, s.first) = (class.parse().ok(), 0);
                    s.relist();
                });
                Ok(())
            },
        )
        .label("Class")
        .into()
    });
    let pages =
        move || state.with(|s| words!("{}–{} of {}", s.first + 1, (s.first + PAGE).min(s.list.len()), s.list.len()));
    let page = move |by: isize| {
        hearts.change(&mut |s| {
            let last = s.list.len().saturating_sub(1) / PAGE * PAGE;
            s.first = s.first.saturating_add_signed(by).min(last);
        });
    };
    let head = tag("div")
        .class("head wrap")
        .child(tag("h2").text("Test beats"))
        .child(classes)
        .child(order.label("Order"))
        .child(
            tag("span")
                .class("paging")
                .child(button("‹", move || page(-(PAGE as isize))).class("quiet").label("Beats before"))
                .child(tag("span").class("figure").testid("page").says(pages))
                .child(button("›", move || page(PAGE as isize)).class("quiet").label("Beats after")),
        );
    let grid = tag("canvas")
        .class("beats")
        .set("role", "application")
        .set("tabindex", "0")
        .label("Beats of the test set: press one, or go by the arrow keys, to see it above")
        .testid("beats")
        .node(canvas)
        .on("click", press)
        .on("keydown", key);
    tag("section").class("card").label("Test beats").child(head).child(grid)
}

/// One of the small ones.
struct Cell {
    error: Option<f32>,
    flagged: bool,
    chosen: bool,
    /// x and x̂, as soon as they have come.
    beat: Option<[Vec<f32>; 2]>,
}

/// The browser's page; the row `chosen` is the one on the pad.
fn cells(s: &State, chosen: Option<u32>) -> Vec<Cell> {
    let threshold = s.network_threshold();
    let cell = |row: u32| {
        let error = s.detectors[0].test.get(row as usize).copied();
        let beat = s.beats.iter().find(|beat| beat.row == row);
        Cell {
            error,
            flagged: error.zip(threshold).is_some_and(|(error, threshold)| error >= threshold),
            chosen: chosen == Some(row),
            beat: beat.map(|beat| [beat.input.clone(), beat.output.clone()]),
        }
    };
    s.page().into_iter().map(cell).collect()
}

fn paint(surface: &Surface, cells: &[Cell]) {
    let (ctx, palette) = (&surface.ctx, &surface.palette);
    let (wide, high) = (surface.width / ACROSS as f64, surface.height / (PAGE / ACROSS) as f64);
    for (place, cell) in cells.iter().enumerate() {
        let (left, top) = ((place % ACROSS) as f64 * wide, (place / ACROSS) as f64 * high);
        ctx.set_line_width(if cell.chosen { 2.5 } else { 1.0 });
        ctx.set_stroke_style_str(&css(if cell.chosen { palette.blue } else { palette.line }, 1.0));
        ctx.stroke_rect(left + 2.0, top + 2.0, wide - 4.0, high - 4.0);
        if let Some([input, output]) = &cell.beat {
            ctx.save();
            let _ = ctx.translate(left + 4.0, top + 4.0);
            let inner = Surface { ctx: ctx.clone(), width: wide - 8.0, height: high - 8.0, palette: palette.clone() };
            series(&inner, Some(input), palette.ink);
            residual(&inner, input, output);
            ctx.restore();
        }
        if let Some(error) = cell.error {
            ctx.set_font(if cell.flagged { "bold 11px system-ui, sans-serif" } else { "11px system-ui, sans-serif" });
            ctx.set_fill_style_str(&css(if cell.flagged { palette.ink } else { palette.muted }, 1.0));
            ctx.set_text_align("right");
            let mark = if cell.flagged { "▲ " } else { "" };
            surface.text(&format!("{mark}{error:.3}"), left + wide - 7.0, top + high - 8.0);
        }
    }
}
