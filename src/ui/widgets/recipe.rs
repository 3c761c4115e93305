//! The recipe: everything that decides a run. A change opens the network that it describes.
use super::encoder::{Encoder, sentence};
use super::fields::{ChoiceField, Complaint, NumberField, parsed};
use crate::lessons::Recipe;
use crate::lessons::choices::{Choice, NoiseKind};
use crate::lessons::recipe::Noise;
use crate::ui::desk::Desk;
use crate::ui::numbers;
use leptos::prelude::*;

/// All fields.
#[component]
pub fn RecipePanel() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let recipe = desk.recipe;
    let apply = move |edit: &dyn Fn(&mut Recipe)| {
        let mut recipe = recipe.get_untracked();
        edit(&mut recipe);
        desk.apply(recipe).map_err(|error| sentence(&error.to_string()))
    };
    let part = move |of: fn(&Recipe) -> String| Signal::derive(move || recipe.with(of));
    view! {
        <div class="fields">
            <DataField />
            <Encoder />
            <ChoiceField
                label="Activation"
                value=Signal::derive(move || recipe.with(|r| r.activation))
                change=move |choice| apply(&|r| r.activation = choice)
            />
            <ChoiceField
                label="Loss"
                value=Signal::derive(move || recipe.with(|r| r.loss))
                change=move |choice| apply(&|r| r.loss = choice)
            />
            <ChoiceField
                label="Optimiser"
                value=Signal::derive(move || recipe.with(|r| r.optimiser))
                change=move |choice| apply(&|r| r.optimiser = choice)
            />
            <NumberField
                label="Batch"
                value=part(|r| r.batch.to_string())
                change=move |text| {
                    let batch = parsed("The batch", text, recipe.with_untracked(|r| r.batch))?;
                    apply(&|r| r.batch = batch)
                }
            />
            <NoiseField />
            <NumberField
                label="Epochs"
                value=part(|r| r.epochs.to_string())
                change=move |text| {
                    let epochs = parsed("The number of epochs", text, recipe.with_untracked(|r| r.epochs))?;
                    apply(&|r| r.epochs = epochs)
                }
            />
            <NumberField
                label="Seed"
                value=part(|r| r.seed.to_string())
                change=move |text| {
                    let seed = parsed("The seed", text, recipe.with_untracked(|r| r.seed))?;
                    apply(&|r| r.seed = seed)
                }
            />
            <ChoiceField
                label="First weights"
                value=Signal::derive(move || recipe.with(|r| r.init))
                change=move |choice| apply(&|r| r.init = choice)
            />
        </div>
    }
}

/// The data sets that this site has.
#[component]
fn DataField() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let wrong = RwSignal::new(None::<String>);
    let now = Memo::new(move |_| desk.recipe.with(|recipe| recipe.data.clone()));
    let origin = move || {
        let set = desk.engine.set(&now.get())?;
        Some(match (set.built_in, set.bytes) {
            (true, _) => "made by formula".to_owned(),
            (false, 0) => String::new(),
            (false, bytes) => numbers::megabytes(bytes),
        })
    };
    view! {
        <label class="field wide">
            <span>"Data " <small>{origin}</small></span>
            <select
                aria-invalid=move || wrong.with(Option::is_some).to_string()
                prop:value=move || {
                    wrong.track();
                    now.get()
                }
                on:change=move |event| {
                    let recipe = Recipe { data: event_target_value(&event), ..desk.recipe.get_untracked() };
                    wrong.set(desk.apply(recipe).err().map(|error| sentence(&error.to_string())));
                }
            >
                {move || {
                    let sets = desk.engine.sets.get();
                    sets.into_iter()
                        .map(|set| {
                            let slug = set.slug.clone();
                            let words = format!("{} · {}", set.title, numbers::count(set.train.into()));
                            view! {
                                <option value=set.slug prop:selected=move || now.with(|now| *now == slug)>{words}</option>
                            }
                        })
                        .collect_view()
                }}
            </select>
        </label>
        <Complaint text=wrong />
    }
}

/// What is done to the inputs, and how much of it.
#[component]
fn NoiseField() -> impl IntoView {
    let desk = expect_context::<Desk>();
    let noise = Memo::new(move |_| desk.recipe.with(|recipe| recipe.noise));
    let wrong = RwSignal::new(None::<String>);
    let set = move |noise: Noise| {
        let recipe = Recipe { noise, ..desk.recipe.get_untracked() };
        desk.apply(recipe).map_err(|error| sentence(&error.to_string()))
    };
    let strength = move || match noise.get() {
        Noise::None => None,
        Noise::Gaussian { sd } => Some((sd.to_string(), "Standard deviation of the noise")),
        Noise::SaltPepper { share } => Some((share.to_string(), "Share of the values")),
        Noise::Block { size } => Some((size.to_string(), "Edge of the block")),
    };
    let change = move |text: &str| -> Result<(), String> {
        set(match noise.get_untracked() {
            Noise::None => return Ok(()),
            Noise::Gaussian { sd } => Noise::Gaussian { sd: parsed("The standard deviation", text, sd)? },
            Noise::SaltPepper { share } => Noise::SaltPepper { share: parsed("The share", text, share)? },
            Noise::Block { size } => Noise::Block { size: parsed("The edge", text, size)? },
        })
    };
    view! {
        <div class="field wide" role="group" aria-label="Noise on the inputs">
            <span>"Noise"</span>
            <span class="pair">
                {move || {
                    strength()
                        .map(|(value, label)| {
                            view! {
                                <input
                                    type="text"
                                    inputmode="decimal"
                                    class="number"
                                    aria-label=label
                                    title=label
                                    prop:value=move || {
                                        wrong.track();
                                        value.clone()
                                    }
                                    on:change=move |event| wrong.set(change(event_target_value(&event).trim()).err())
                                />
                            }
                        })
                }}
                <select
                    aria-label="Kind of noise"
                    prop:value=move || NoiseKind::of(noise.get()).slug()
                    on:change=move |event| {
                        if let Some(kind) = NoiseKind::from_slug(&event_target_value(&event)) {
                            wrong.set(set(kind.usual()).err());
                        }
                    }
                >
                    {NoiseKind::all()
                        .iter()
                        .map(|&kind| {
                            view! {
                                <option value=kind.slug() prop:selected=move || NoiseKind::of(noise.get()) == kind>
                                    {kind.title()}
                                </option>
                            }
                        })
                        .collect_view()}
                </select>
            </span>
        </div>
        <Complaint text=wrong />
    }
}
