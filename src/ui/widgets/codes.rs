//! The code z, value by value: what the encoder made of the drawing, and what the visitor makes of that.
use crate::ui::desk::Desk;
use crate::ui::numbers;
use leptos::prelude::*;

/// The least that a slider reaches to each side: codes of a fresh network are small.
const REACH: f32 = 2.0;

/// A slider for each value of z.
#[component]
pub fn Codes() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let dims = Memo::new(move |_| {
        let (widths, z_at) = desk.widths();
        widths.get(z_at).copied().unwrap_or(0) as usize
    });
    // How far sliders reach: a power of two that holds every value seen since the network was opened. It only grows,
    // because a scale that moves under the hand can't be used.
    let reach = Memo::new(move |before: Option<&(usize, f32)>| {
        let dims = dims.get();
        let least = before.filter(|(d, _)| *d == dims).map_or(REACH, |(_, reach)| *reach);
        let most = desk.code().unwrap_or_default().iter().fold(0.0f32, |most, value| most.max(value.abs()));
        let mut reach = least;
        while most > reach && reach < 1e6 {
            reach *= 2.0;
        }
        (dims, reach)
    });
    let code = Memo::new(move |_| desk.code());
    view! {
        <div class="codes" role="group" aria-label="The latent code z" class:many=move || { dims.get() > 10 }>
            {move || {
                (0..dims.get())
                    .map(|i| {
                        let value = move || code.with(|code| code.as_ref().and_then(|code| code.get(i).copied()));
                        let reach = move || reach.get().1;
                        view! {
                            <label class="code">
                                <span class="name">"z"<sub>{i + 1}</sub></span>
                                <input
                                    type="range"
                                    step="any"
                                    min=move || (-reach()).to_string()
                                    max=move || reach().to_string()
                                    disabled=move || value().is_none()
                                    prop:value=move || value().unwrap_or(0.0).to_string()
                                    on:input=move |event| {
                                        if let Ok(value) = event_target_value(&event).parse() {
                                            desk.hold(i, value);
                                        }
                                    }
                                />
                                <span class="value">{move || value().map_or("–".into(), numbers::code)}</span>
                            </label>
                        }
                    })
                    .collect_view()
            }}
        </div>
    }
}
