//! The Studio: draw, train, and see what the network makes of it.
use crate::ui::desk::Desk;
use crate::ui::numbers;
use crate::ui::widgets::chart::LossChart;
use crate::ui::widgets::codes::Codes;
use crate::ui::widgets::controls::{Controls, LearnAgain};
use crate::ui::widgets::explain::{Explain, Tries};
use crate::ui::widgets::figures::Figures;
use crate::ui::widgets::hourglass::Hourglass;
use crate::ui::widgets::pad::Pad;
use crate::ui::widgets::picture::{Picture, Show};
use crate::ui::widgets::recipe::RecipePanel;
use crate::ui::widgets::strip::Strip;
use leptos::prelude::*;

/// The page.
#[component]
pub fn Studio() -> impl IntoView {
    view! {
        <main class="studio">
            <section class="card hero" aria-label="Your digit and what the network makes of it">
                <Draw />
                <See />
                <Through />
                <Back />
                <Codes />
            </section>
            <section class="card training" aria-label="Training">
                <Controls />
                <Figures />
                <LossChart />
            </section>
            <section class="card unseen" aria-label="Digits it has never seen">
                <Strip />
            </section>
            <aside class="side">
                <section class="card" aria-label="Recipe">
                    <div class="head">
                        <h2>"Recipe"</h2>
                        <Parameters />
                    </div>
                    <RecipePanel />
                </section>
                <section class="card" aria-label="You could try">
                    <h2>"You could try to …"</h2>
                    <Tries />
                </section>
                <details class="card explain" open>
                    <summary>
                        <h2>"What is going on?"</h2>
                    </summary>
                    <Explain />
                </details>
            </aside>
        </main>
    }
}

#[component]
fn Draw() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let what = move || if desk.is_series() { "Your heartbeat" } else { "Your digit" };
    view! {
        <div class="draw">
            <div class="head">
                <h2>{what}</h2>
                <span class="hint">{move || (!drawn(desk)).then_some(if desk.is_series() { "draw here" } else { "draw a digit" })}</span>
            </div>
            <Pad />
        </div>
    }
}

/// Whether the visitor has drawn something.
fn drawn(desk: Desk) -> bool {
    use crate::ui::sheet::Sheet;
    desk.sheets.with(|sheets| matches!(sheets.now(), Sheet::Strokes(_) | Sheet::Series(_)))
}

#[component]
fn See() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let note = move || match desk.is_series() {
        false => "what the network sees: fitted and centred, as MNIST was made",
        true => "what the network sees: the values in a row",
    };
    view! {
        <div class="see">
            <div class="head">
                <h2><i>"x"</i></h2>
                <Shape />
            </div>
            <Picture show=Show::Input testid="seen" label="What the network sees" />
            <p class="note">{note}</p>
        </div>
    }
}

#[component]
fn Shape() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let words = move || match desk.shape() {
        (1, columns) => columns.to_string(),
        (rows, columns) => format!("{rows} × {columns}"),
    };
    view! { <span class="figure">{words}</span> }
}

#[component]
fn Through() -> impl IntoView {
    view! {
        <div class="through">
            <div class="head">
                <h2><i>"x"</i>" → "<i class="latent">"z"</i>" → "<i>"x̂"</i></h2>
                <LearnAgain />
            </div>
            <Hourglass />
        </div>
    }
}

#[component]
fn Parameters() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let count = Memo::new(move |_| desk.engine.opened.with(|opened| opened.as_ref().map(|opened| opened.parameters)));
    view! {
        <span class="figure">
            {move || count.get().map(|count| format!("{} parameters", numbers::count(count.into())))}
        </span>
    }
}

#[component]
fn Back() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let show = RwSignal::new(Show::Output);
    let held = Memo::new(move |_| desk.held.with(Option::is_some));
    let error = Memo::new(move |_| desk.engine.seen.with(|seen| seen.as_ref().map(|seen| seen.mse)));
    let switch = move |choice: Show, name: &'static str, words: &'static str| {
        view! {
            <button
                type="button"
                title=words
                aria-label=words
                aria-pressed=move || (show.get() == choice).to_string()
                on:click=move |_| show.set(choice)
            >
                {name}
            </button>
        }
    };
    view! {
        <div class="back">
            <div class="head">
                <h2>{move || if held.get() { "From the sliders" } else { "Reconstruction" }}</h2>
                <span class="figure" hidden=move || held.get()>
                    "MSE "
                    <b data-testid="reconstruction-error">{move || error.get().map_or("–".into(), |mse| format!("{mse:.4}"))}</b>
                </span>
            </div>
            <Picture show testid="reconstruction" label="Reconstruction" />
            <div class="row buttons switch" role="group" aria-label="What is shown">
                {switch(Show::Output, "x̂", "The reconstruction")} {switch(Show::Difference, "|x − x̂|", "The difference")}
                {switch(Show::Overlay, "overlay", "One over the other")}
            </div>
            <button type="button" class="latent release" hidden=move || !held.get() on:click=move |_| desk.held.set(None)>
                "Back to my digit"
            </button>
        </div>
    }
}
