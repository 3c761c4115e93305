//! Fields of a recipe: a name, a control, and what is wrong with the value, if anything.
use crate::lessons::choices::Choice;
use leptos::prelude::*;

/// What is wrong with a value, beside its field.
#[component]
pub fn Complaint(
    /// In a whole sentence.
    #[prop(into)]
    text: Signal<Option<String>>,
) -> impl IntoView {
    view! { <p class="complaint" aria-live="polite">{move || text.get()}</p> }
}

/// One of a few named things.
#[component]
pub fn ChoiceField<T: Choice>(
    /// Its name.
    label: &'static str,
    /// What it is now.
    #[prop(into)]
    value: Signal<T>,
    /// Takes another; the error is a sentence.
    change: impl Fn(T) -> Result<(), String> + Copy + 'static,
) -> impl IntoView {
    let wrong = RwSignal::new(None::<String>);
    // Counted up to write the old value back where another was refused.
    let refused = RwSignal::new(0u32);
    view! {
        <label class="field">
            <span>{label}</span>
            <select
                aria-invalid=move || wrong.with(Option::is_some).to_string()
                prop:value=move || {
                    refused.track();
                    value.get().slug()
                }
                on:change=move |event| {
                    if let Some(choice) = T::from_slug(&event_target_value(&event)) {
                        wrong.set(change(choice).err());
                        refused.update(|refused| *refused += 1);
                    }
                }
            >
                {T::all()
                    .iter()
                    .map(|&choice| {
                        view! {
                            <option value=choice.slug() prop:selected=move || value.get() == choice>
                                {choice.title()}
                            </option>
                        }
                    })
                    .collect_view()}
            </select>
        </label>
        <Complaint text=wrong />
    }
}

/// A number.
#[component]
pub fn NumberField(
    /// Its name.
    label: &'static str,
    /// What it is now, as text.
    #[prop(into)]
    value: Signal<String>,
    /// Takes another, as it was typed; the error is a sentence.
    change: impl Fn(&str) -> Result<(), String> + Copy + 'static,
    /// Colours it as the latent code.
    #[prop(optional)]
    latent: bool,
) -> impl IntoView {
    let wrong = RwSignal::new(None::<String>);
    view! {
        <label class="field">
            <span>{label}</span>
            <input
                type="text"
                inputmode="decimal"
                class="number"
                class:latent=latent
                aria-invalid=move || wrong.with(Option::is_some).to_string()
                prop:value=move || {
                    // What was refused is replaced by what stays.
                    wrong.track();
                    value.get()
                }
                on:change=move |event| wrong.set(change(event_target_value(&event).trim()).err())
            />
        </label>
        <Complaint text=wrong />
    }
}

/// The number that was typed, or a sentence on what would be one.
pub fn parsed<T: std::str::FromStr>(name: &str, text: &str, kept: impl std::fmt::Display) -> Result<T, String> {
    text.parse().map_err(|_| {
        let whole = std::any::type_name::<T>().starts_with('u');
        let wanted = if whole { "a whole number" } else { "a number such as 0.5" };
        format!("{name} has to be {wanted}; it stays {kept}.")
    })
}
