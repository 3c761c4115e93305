//! What is going on, in sentences and in the lecture's notation; and what to try.
use crate::lessons::recipe::{Loss, Noise};
use crate::lessons::studio::TRIES;
use crate::ui::desk::Desk;
use leptos::prelude::*;

/// The card that says what is going on.
#[component]
pub fn Explain() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let z = Memo::new(move |_| desk.recipe.with(|recipe| recipe.z));
    let noisy = Memo::new(move |_| desk.recipe.with(|recipe| recipe.noise != Noise::None));
    let thing = move || if desk.is_series() { "heartbeat" } else { "digit" };
    view! {
        <p>
            "No labels here. Each " {thing} " is mapped back to "
            {move || if noisy.get() { "its clean self" } else { "itself" }} ", through a bottleneck of only "
            <b class="latent">{move || z.get()}</b> {move || if z.get() == 1 { " number:" } else { " numbers:" }}
        </p>
        <math display="block">
            <mrow>
                <mi>"AE"</mi>
                <mo stretchy="false">"("</mo>
                <mi>"x"</mi>
                <mo stretchy="false">")"</mo>
                <mo>"="</mo>
                <mi>"d"</mi>
                <mo stretchy="false">"("</mo>
                <mi>"e"</mi>
                <mo stretchy="false">"("</mo>
                <mi>"x"</mi>
                <mo stretchy="false">")"</mo>
                <mo stretchy="false">")"</mo>
                <mo>"="</mo>
                <mover accent="true">
                    <mi>"x"</mi>
                    <mo>"^"</mo>
                </mover>
            </mrow>
        </math>
        <p>
            "With so little room it can't copy. It has to summarise, in the " <b class="latent">"latent space"</b>
            ". Training moves every weight downhill:"
        </p>
        <Update />
        <p>{move || loss_in_words(desk.recipe.with(|recipe| recipe.loss))}</p>
    }
}

#[component]
fn Update() -> impl IntoView {
    view! {
        <math display="block">
            <mrow>
                <mi>"w"</mi>
                <mo>"←"</mo>
                <mi>"w"</mi>
                <mo>"−"</mo>
                <mi>"η"</mi>
                <mfrac>
                    <mrow>
                        <mo>"∂"</mo>
                        <mi>"Loss"</mi>
                        <mo stretchy="false">"("</mo>
                        <mi>"x"</mi>
                        <mo>","</mo>
                        <mover accent="true">
                            <mi>"x"</mi>
                            <mo>"^"</mo>
                        </mover>
                        <mo stretchy="false">")"</mo>
                    </mrow>
                    <mrow>
                        <mo>"∂"</mo>
                        <mi>"w"</mi>
                    </mrow>
                </mfrac>
            </mrow>
        </math>
    }
}

fn loss_in_words(loss: Loss) -> &'static str {
    match loss {
        Loss::Mse => "with the squared difference as Loss.",
        Loss::Bce => "with the binary cross-entropy as Loss.",
    }
}

/// Sentences of which some words set the page.
#[component]
pub fn Tries() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let idea = move |idea: &'static crate::lessons::studio::Try| {
        let changed = move || {
            let has = |slug: &str| desk.engine.sets.with(|sets| sets.iter().any(|set| set.slug == slug));
            let changed = desk.recipe.with(|recipe| (idea.change)(recipe, &has).filter(|changed| changed != recipe));
            changed.filter(|changed| desk.check(changed).is_ok())
        };
        let possible = Memo::new(move |_| changed().is_some());
        view! {
            <li hidden=move || !possible.get()>
                <button
                    type="button"
                    class="words"
                    on:click=move |_| {
                        if let Some(recipe) = untrack(changed) {
                            // It was checked: what cannot be run is not offered.
                            let _ = desk.apply(recipe);
                        }
                    }
                >
                    {idea.words}
                </button>
                ": "
                {idea.question}
            </li>
        }
    };
    view! { <ul class="tries">{TRIES.iter().map(idea).collect_view()}</ul> }
}
