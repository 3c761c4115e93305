//! Side by side: yours and some of the test set, with noise, and what each method makes of it.
use super::Page;
use super::state::{TESTS, decibels};
use crate::lessons::denoise::Method;
use crate::lessons::thing::Thing;
use crate::ui::numbers;
use crate::ui::tag::{Tag, again, button, fact, tag};
use crate::ui::widgets::picture::values;
use crate::words;
use leptos::prelude::*;
use web_sys::Event;

/// Names of the rows, with how their curves are drawn.
pub fn title(method: Method) -> (&'static str, &'static str) {
    match method {
        Method::Noisy => ("with noise", "key noisy-key"),
        Method::Plain => ("plain autoencoder", "key plain-key"),
        Method::Denoising => ("denoising autoencoder", "key denoising-key"),
        Method::Pca => ("PCA", "key pca-line"),
        Method::Median => ("median filter", "key median-key"),
    }
}

/// The card.
pub fn table(page: Page) -> Tag {
    let (desk, state) = (page.desk, page.state);
    let total = move || {
        let data = desk.recipe.with(|recipe| recipe.data.clone());
        desk.engine.set(&data).map_or(TESTS, |set| set.test)
    };
    let go = move |back: bool| {
        let (now, total) = (state.with_untracked(|state| state.first), untrack(total).max(TESTS));
        let last = (total - 1) / TESTS * TESTS;
        page.turn_to(match back {
            true => now.checked_sub(TESTS).unwrap_or(last),
            false if now + TESTS > last => 0,
            false => now + TESTS,
        });
    };
    let clip = tag("label")
        .class("row clip")
        .flag("hidden", move || {
            let data = desk.recipe.with(|recipe| recipe.data.clone());
            desk.engine.set(&data).is_some_and(|set| !set.unit)
        })
        .child(
            tag("input")
                .set("type", "checkbox")
                .on("change", move |_: Event| page.change(&mut |state| state.clip = !state.clip)),
        )
        .text("cut all off at 0 and 1");
    let paging = tag("span")
        .class("paging")
        .child(button("‹", move || go(true)).class("quiet").label("Others before"))
        .child(button("›", move || go(false)).class("quiet").label("Others"));
    // Series have no peak, but a power.
    let title = move || match state.with(|state| state.unit) {
        true => "Side by side, with PSNR in dB".into(),
        false => "Side by side, with the signal-to-noise ratio in dB".into(),
    };
    let head = tag("div").class("head wrap").child(tag("h2").says(title)).child(clip).child(paging);
    // Canvases of digits and of series are made differently.
    let is_series = fact(move || desk.is_series());
    let rows = again(move || {
        is_series.track();
        let methods = Method::ALL.into_iter().map(Some);
        let rows = std::iter::once(None).chain(methods).map(|method| row(page, method));
        tag("table").class("side-by-side").child(names(page)).children(rows).into()
    });
    tag("section").class("card").label("Side by side").child(head).child(rows)
}

/// The first line: whose columns these are.
fn names(page: Page) -> Tag {
    let state = page.state;
    let test = move |i: u32| {
        tag("th")
            .set("scope", "col")
            .says(move || {
                let (first, there) = state.with(|state| (state.first, state.tests.len() as u32));
                if i < there { words!("test {}", first + i) } else { "test …".into() }
            })
            .into()
    };
    let all = move || {
        let data = page.desk.recipe.with(|recipe| recipe.data.clone());
        page.desk.engine.set(&data).map_or("all".into(), |set| words!("all {}", numbers::count(set.test.into())))
    };
    tag("tr")
        .child(tag("td"))
        .child(tag("th").set("scope", "col").text("yours"))
        .children((0..TESTS).map(test))
        .child(tag("th").set("scope", "col").class("all").says(all))
}

/// The clean inputs, or what a method makes of them.
fn row(page: Page, method: Option<Method>) -> AnyView {
    let state = page.state;
    let (name, key) = method.map_or(("clean", ""), title);
    let cell = move |column: usize| {
        let picture = move || state.with(|state| state.picture(method, column).map(<[f32]>::to_vec));
        let words = move || {
            let of = |method| state.with(|state| state.decibels(method, column));
            method.map_or(String::new(), |method| decibels(of(method)))
        };
        let best = move || state.with(|s| method.is_some() && s.best(|m| s.decibels(m, column)) == method);
        // The number in the column's heading.
        let number = move || state.with(|state| state.first) + column as u32 - 1;
        let whose = move || match (column, page.desk.thing()) {
            (0, _) => "yours".into(),
            (_, Thing::Digit) => words!("test digit {}", number()),
            (_, Thing::Picture) => words!("test picture {}", number()),
            (_, Thing::Beat) => words!("test beat {}", number()),
            (_, Thing::Series) => words!("test series {}", number()),
        };
        tag("td")
            .class_if("best", best)
            .child(values(page.desk, picture).shows("aria-label", move || words!("{name}, {}", whose())))
            .child(tag("span").class("decibels").says(words))
            .into()
    };
    let over_all = move || match method {
        None => String::new(),
        Some(method) => decibels(state.with(|state| state.over_all(method))),
    };
    let best = move || state.with(|s| method.is_some() && s.best(|m| s.over_all(m)) == method);
    let testid = match method {
        None => "row-clean",
        Some(Method::Noisy) => "row-noisy",
        Some(Method::Plain) => "row-plain",
        Some(Method::Denoising) => "row-denoising",
        Some(Method::Pca) => "row-pca",
        Some(Method::Median) => "row-median",
    };
    let columns = state.with_untracked(super::state::State::columns);
    tag("tr")
        .testid(testid)
        .child(tag("th").set("scope", "row").child(tag("span").class(key).text(name)))
        .children((0..columns).map(cell))
        .child(tag("td").class("all").class_if("best", best).says(over_all))
        .into()
}
