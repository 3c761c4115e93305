//! The run in figures: plain decimals, so that people and programs read the same.
use crate::ui::desk::Desk;
use crate::ui::numbers;
use leptos::prelude::*;

/// Step, losses, speed, time left.
#[component]
pub fn Figures() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let engine = desk.engine;
    let progress = engine.progress;
    let train = Memo::new(move |_| engine.curve.with(|curve| curve.last().map(|point| point.train)));
    let or_none = |text: Option<String>| text.unwrap_or_else(|| "–".into());
    let positive = move |value: f32, text: fn(f32) -> String| or_none((value > 0.0).then(|| text(value)));
    view! {
        <dl class="figures">
            <div>
                <dt>"step"</dt>
                <dd data-testid="step">{move || progress.with(|p| p.step)}</dd>
            </div>
            <div>
                <dt class="train-key">"train loss"</dt>
                <dd data-testid="train-loss">{move || or_none(train.get().map(numbers::loss))}</dd>
            </div>
            <div>
                <dt class="test-key">"test loss"</dt>
                <dd data-testid="test-loss">{move || or_none(engine.test.get().map(numbers::loss))}</dd>
            </div>
            <div>
                <dt>"samples/s"</dt>
                <dd data-testid="samples-per-second">
                    {move || positive(progress.with(|p| p.samples_per_second), |v| format!("{v:.0}"))}
                </dd>
            </div>
            <div>
                <dt>"ms per step"</dt>
                <dd data-testid="ms-per-step">{move || positive(progress.with(|p| p.ms_per_step), numbers::milliseconds)}</dd>
            </div>
            <div>
                <dt>"time left"</dt>
                <dd data-testid="time-left">{move || positive(progress.with(|p| p.seconds_left), numbers::duration)}</dd>
            </div>
        </dl>
    }
}
