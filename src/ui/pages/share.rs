//! The card that puts a link together: what it sets, what its readers cannot change and do not see, and a drawing; as an
//! address, and as a QR code for the wall.
use crate::lessons::link::{self, Drawing, MOST_BYTES, PARTS, View};
use crate::lessons::qr::Code;
use crate::lessons::{LESSONS, Lesson};
use crate::ui::address;
use crate::ui::canvas::{Image, pictured};
use crate::ui::desk::Desk;
use crate::ui::download;
use crate::ui::tag::{Tag, button, tag};
use crate::ui::widgets::fields::check;
use crate::ui::widgets::lesson::card;
use crate::ui::widgets::share::copy;
use crate::words;
use crate::words::Tongue;
use leptos::html;
use leptos::prelude::*;
use web_sys::Event;

/// Pixels of a module, in the PNG.
const SCALE: usize = 8;

/// What the card is set to.
#[derive(Clone, Copy)]
struct Share {
    desk: Desk,
    lesson: RwSignal<&'static Lesson>,
    view: RwSignal<View>,
    recipe: RwSignal<bool>,
    drawing: RwSignal<bool>,
    /// What became of copying it.
    said: RwSignal<&'static str>,
}

impl Share {
    /// The part after the page's own address.
    fn link(self) -> String {
        let lesson = self.lesson.get();
        let recipe = if self.recipe.get() { self.desk.recipe.get() } else { (lesson.recipe)() };
        let drawing = self.drawing.get().then(|| self.drawn()).flatten();
        self.view.with(|view| link::write_shown(lesson, &recipe, view, drawing.as_ref()))
    }

    /// What is on the pad, if it is a digit.
    fn drawn(self) -> Option<Drawing> {
        self.desk.input.with(|input| input.as_deref().and_then(Drawing::of))
    }
}

/// The card.
pub fn share(desk: Desk) -> Tag {
    let share = Share {
        desk,
        lesson: RwSignal::new(&LESSONS[0]),
        view: RwSignal::default(),
        recipe: RwSignal::new(true),
        drawing: RwSignal::new(false),
        said: RwSignal::new(""),
    };
    let address = Memo::new(move |_| address::whole(&share.link()));
    card("Share", [tag("div").class("share").child(choices(share)).child(outcome(share, address)).into()])
        .class("card share-card")
}

fn choices(share: Share) -> Tag {
    let view = share.view;
    let lessons = LESSONS.iter().map(|lesson| tag("option").set("value", lesson.slug).text(lesson.title).into());
    let choose = move |event: Event| {
        let slug = event_target_value(&event);
        if let Some(lesson) = LESSONS.iter().find(|lesson| lesson.slug == slug) {
            share.lesson.set(lesson);
        }
    };
    let menu = tag("label")
        .class("row")
        .text("Opens ")
        .child(tag("select").children(lessons).value(move || share.lesson.get().slug.into()).on("change", choose));
    let tongues = Tongue::ALL.map(|(_, code, name)| tag("option").set("value", code).verbatim(name.into()).into());
    let language = tag("label").class("row").text("Language ").child(
        tag("select")
            .child(tag("option").set("value", "").text("the reader’s own"))
            .children(tongues)
            .value(move || view.with(|view| view.lang.map_or(String::new(), |tongue| tongue.code().into())))
            .on("change", move |event: Event| {
                let tongue = Tongue::of(&event_target_value(&event));
                view.update(|view| view.lang = tongue);
            }),
    );
    let in_list = move |list: fn(&mut View) -> &mut Vec<&'static str>, name: &'static str, words: &'static str| {
        let is = move || view.with(|view| list(&mut view.clone()).contains(&name));
        let set = move |on: bool| {
            view.update(|view| {
                let list = list(view);
                list.retain(|other| *other != name);
                if on {
                    list.push(name);
                }
            });
        };
        check(words, is, set).into()
    };
    let locks = link::lockable().map(|(key, name)| in_list(|view| &mut view.lock, key, name));
    let hides = PARTS.iter().map(|(slug, name)| in_list(|view| &mut view.hide, slug, name));
    let folded = |title: &'static str, inside: Vec<AnyView>| {
        tag("details").child(tag("summary").text(title)).child(tag("div").class("checks").children(inside))
    };
    let no_drawing = move || share.drawn().is_none();
    tag("div")
        .class("choices")
        .child(menu)
        .child(language)
        .child(check("with the recipe that is set now", move || share.recipe.get(), move |on| share.recipe.set(on)))
        .child(
            check("with the digit on the pad", move || share.drawing.get(), move |on| share.drawing.set(on))
                .class_if("off", no_drawing),
        )
        .child(check(
            "for a projector: large type, keys 1 to 9 and 0 for the lessons",
            move || view.with(|view| view.present),
            move |on| view.update(|view| view.present = on),
        ))
        .child(check(
            "for a frame in another page: without the header",
            move || view.with(|view| view.embed),
            move |on| view.update(|view| view.embed = on),
        ))
        .child(folded("What readers cannot change", locks.collect()))
        .child(folded("What is not shown", hides.collect()))
}

fn outcome(share: Share, address: Memo<String>) -> Tag {
    let code = Memo::new(move |_| address.with(|address| Code::of(address)));
    let canvas = NodeRef::<html::Canvas>::new();
    pictured(canvas, move |_| code.with(|code| code.as_ref().map_or_else(nothing, picture)));
    let fits = move || share.link().len() <= MOST_BYTES;
    let press = move || {
        let text = address.get_untracked();
        leptos::task::spawn_local(async move {
            share.said.set(if copy(&text).await { "copied" } else { "this browser keeps its clipboard to itself" });
        });
    };
    let svg = move || {
        if let Some(code) = code.get_untracked() {
            download::text("hourglass-link.svg", "image/svg+xml", &code.svg());
        }
    };
    let png = move || {
        if let Some(canvas) = canvas.get_untracked() {
            download::picture("hourglass-link.png", &canvas);
        }
    };
    let bytes = move || {
        let bytes = share.link().len();
        words!("{bytes} of {MOST_BYTES} bytes {}", share.said.get())
    };
    tag("div")
        .class("outcome")
        .child(tag("canvas").class("qr").set("role", "img").label("The link as a QR code").testid("qr").node(canvas))
        .child(tag("output").class("listing").testid("shared-link").spells(move || address.get()))
        .child(
            tag("div")
                .class("row wrap")
                .child(button("Copy this link", press).class("main").flag("disabled", move || !fits()))
                .child(button("QR code as SVG", svg))
                .child(button("QR code as PNG", png)),
        )
        .child(tag("p").class("note").set("aria-live", "polite").says(bytes))
}

fn nothing() -> Image {
    Image { columns: 1, rows: 1, rgba: vec![255; 4] }
}

/// Black on white in any theme: readers expect it so.
fn picture(code: &Code) -> Image {
    let side = code.side * SCALE;
    let pixel = |i: usize| {
        let (x, y) = (i % side / SCALE, i / side / SCALE);
        if code.dark[y * code.side + x] { [0, 0, 0, 255] } else { [255; 4] }
    };
    Image { columns: side, rows: side, rgba: (0..side * side).flat_map(pixel).collect() }
}
