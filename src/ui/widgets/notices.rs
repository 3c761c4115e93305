//! What the page has to say beside its figures.
use crate::ui::news::{News, Tone};
use leptos::prelude::*;

/// All notices, each of which can be dismissed.
#[component]
pub fn Notices() -> impl IntoView {
    let news = expect_context::<News>();
    view! {
        <div class="notices">
            <For each=move || news.items() key=|item| item.id let:item>
                <div class="notice" class:trouble=item.tone == Tone::Trouble>
                    <p>{item.text}</p>
                    {item
                        .action
                        .map(|(name, act)| {
                            view! {
                                <button
                                    type="button"
                                    on:click=move |_| {
                                        news.dismiss(item.id);
                                        act.run(());
                                    }
                                >
                                    {name}
                                </button>
                            }
                        })}
                    <button type="button" class="quiet" aria-label="Dismiss" on:click=move |_| news.dismiss(item.id)>
                        <span aria-hidden="true">"×"</span>
                    </button>
                </div>
            </For>
        </div>
    }
}
