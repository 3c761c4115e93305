//! Starting, stopping, and how fast to learn.
use crate::lessons::recipe::limits;
use crate::ui::desk::Desk;
use crate::ui::numbers;
use crate::ui::widgets::fields::Complaint;
use leptos::prelude::*;

/// Train or pause, step, reset, other first weights; and how far the run is.
#[component]
pub fn Controls() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let engine = desk.engine;
    let progress = engine.progress;
    let running = Memo::new(move |_| progress.with(|progress| progress.running));
    let standing = Memo::new(move |_| engine.opened.with(Option::is_some));
    let share = Memo::new(move |_| desk.epoch() / f64::from(desk.recipe.with(|recipe| recipe.epochs).max(1)));
    view! {
        <div class="row controls">
            <button
                type="button"
                class="main train"
                class:running=running
                disabled=move || !standing.get()
                on:click=move |_| if running.get_untracked() { engine.pause() } else { desk.train() }
            >
                {move || if running.get() { "Pause" } else { "Train" }}
            </button>
            <button
                type="button"
                disabled=move || !standing.get() || running.get()
                on:click=move |_| engine.send(crate::engine::Command::Step)
            >
                "Step"
            </button>
            <button
                type="button"
                title="Back to step 0: the same run again"
                disabled=move || !standing.get()
                on:click=move |_| desk.reset()
            >
                "Reset"
            </button>
            <button
                type="button"
                title="Other first weights, another order of the data"
                disabled=move || !standing.get()
                on:click=move |_| desk.new_seed()
            >
                "New seed"
            </button>
            <div class="run">
                <progress max="1" aria-label="Progress of the run" prop:value=move || share.get().min(1.0)></progress>
                <span class="epochs">
                    "epoch "
                    <b data-testid="epoch">{move || format!("{:.1}", desk.epoch())}</b>
                    " / "
                    {move || desk.recipe.with(|recipe| recipe.epochs)}
                </span>
            </div>
        </div>
        <Rate />
    }
}

/// The button that the first minute leads to.
#[component]
pub fn LearnAgain() -> impl IntoView {
    let desk = expect_context::<Desk>();
    view! {
        <button
            type="button"
            class="main again"
            disabled=move || desk.engine.opened.with(Option::is_none)
            on:click=move |_| desk.learn_again()
        >
            "Forget everything and learn again"
        </button>
    }
}

/// The learning rate: a slider over its logarithm, and the number itself. Both act on the run that is there.
#[component]
fn Rate() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let rate = Memo::new(move |_| desk.recipe.with(|recipe| recipe.learning_rate));
    let wrong = RwSignal::new(None::<String>);
    let (least, most) = (limits::RATE.start().log10(), limits::RATE.end().log10());
    view! {
        <div class="row rate">
            <label for="rate-slider">"learning rate " <i>"η"</i></label>
            <input
                id="rate-slider"
                type="range"
                step="any"
                min=least.to_string()
                max=most.to_string()
                aria-valuetext=move || numbers::rate(rate.get())
                prop:value=move || rate.get().log10().to_string()
                on:input=move |event| {
                    if let Ok(exponent) = event_target_value(&event).parse::<f32>() {
                        // Two digits that matter: 0.0012, not 0.001194.
                        let raw = 10f32.powf(exponent);
                        let unit = 10f32.powf(raw.log10().floor() - 1.0);
                        let rounded = ((raw / unit).round() * unit).clamp(*limits::RATE.start(), *limits::RATE.end());
                        wrong.set(None);
                        desk.set_rate(numbers::rate(rounded).parse().unwrap_or(rounded));
                    }
                }
            />
            <input
                type="text"
                inputmode="decimal"
                class="number"
                aria-label="Learning rate"
                aria-invalid=move || wrong.with(Option::is_some).to_string()
                prop:value=move || {
                    // What was refused is replaced by what stays.
                    wrong.track();
                    numbers::rate(rate.get())
                }
                on:change=move |event| {
                    let text = event_target_value(&event);
                    let range = limits::RATE;
                    match text.trim().parse::<f32>() {
                        Ok(value) if range.contains(&value) => {
                            wrong.set(None);
                            desk.set_rate(value);
                        }
                        _ => {
                            wrong.set(Some(format!(
                                "The learning rate is a number from {} to {}; it stays {}.",
                                numbers::rate(*range.start()),
                                range.end(),
                                numbers::rate(rate.get_untracked()),
                            )));
                        }
                    }
                }
            />
            <Complaint text=wrong />
        </div>
    }
}
