//! The encoder's hidden layers as chips: change a width, take a layer away, add one.
use crate::lessons::Recipe;
use crate::lessons::recipe::limits;
use crate::ui::desk::Desk;
use crate::ui::widgets::fields::{Complaint, parsed};
use leptos::prelude::*;

/// The chips, z last.
#[component]
pub fn Encoder() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let wrong = RwSignal::new(None::<String>);
    let widths = Memo::new(move |_| desk.recipe.with(|recipe| recipe.encoder.clone()));
    let z = Memo::new(move |_| desk.recipe.with(|recipe| recipe.z));
    let change = move |edit: &dyn Fn(&mut Recipe)| {
        let mut recipe = desk.recipe.get_untracked();
        edit(&mut recipe);
        wrong.set(desk.apply(recipe).err().map(|error| sentence(&error.to_string())));
    };
    let chip = move |i: usize, width: u32| {
        view! {
            <span class="chip">
                <input
                    type="text"
                    inputmode="numeric"
                    aria-label=format!("Width of encoder layer {}", i + 1)
                    prop:value=move || {
                        wrong.track();
                        width.to_string()
                    }
                    on:change=move |event| match parsed("The width", event_target_value(&event).trim(), width) {
                        Ok(width) => change(&|recipe| recipe.encoder[i] = width),
                        Err(text) => wrong.set(Some(text)),
                    }
                />
                <button
                    type="button"
                    class="remove"
                    aria-label=format!("Remove encoder layer {}", i + 1)
                    on:click=move |_| {
                        change(&|recipe| {
                            recipe.encoder.remove(i);
                        })
                    }
                >
                    <span aria-hidden="true">"×"</span>
                </button>
            </span>
        }
    };
    view! {
        <div class="field wide" role="group" aria-label="Encoder">
            <span>"Encoder"</span>
            <span class="chips">
                {move || widths.get().into_iter().enumerate().map(|(i, width)| chip(i, width)).collect_view()}
                <button
                    type="button"
                    class="add"
                    aria-label="Add an encoder layer"
                    title="Add a layer"
                    disabled=move || widths.with(|widths| widths.len() >= *limits::LAYERS.end())
                    on:click=move |_| change(&|recipe| {
                        // Half-way to z, as hourglasses go.
                        let before = recipe.encoder.last().copied().unwrap_or(4 * recipe.z);
                        recipe.encoder.push((before / 2).max(recipe.z).max(1));
                    })
                >
                    <span aria-hidden="true">"+"</span>
                </button>
                <label class="chip latent">
                    <i>"z"</i>
                    <input
                        type="text"
                        inputmode="numeric"
                        aria-label="z: values of the latent code"
                        prop:value=move || {
                            wrong.track();
                            z.get().to_string()
                        }
                        on:change=move |event| {
                            match parsed("z", event_target_value(&event).trim(), z.get_untracked()) {
                                Ok(z) => change(&|recipe| recipe.z = z),
                                Err(text) => wrong.set(Some(text)),
                            }
                        }
                    />
                </label>
            </span>
        </div>
        <Complaint text=wrong />
    }
}

/// The engine's words as a sentence.
pub fn sentence(words: &str) -> String {
    let mut characters = words.chars();
    let first: String = characters.next().map(|first| first.to_uppercase().collect()).unwrap_or_default();
    // A symbol stays as it is written: z, not Z.
    let first = if words.starts_with("z ") { "z".into() } else { first };
    format!("{first}{}.", characters.as_str())
}
