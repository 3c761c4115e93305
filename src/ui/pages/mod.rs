//! One file per lesson, by the lesson's name.
pub mod latent;
pub mod neighbours;
pub mod studio;

use super::desk::Desk;
use leptos::prelude::*;

/// The page of the lesson with this name in addresses.
pub fn page(desk: Desk, slug: &str) -> AnyView {
    match slug {
        "latent" => latent::latent(desk).into(),
        "neighbours" => neighbours::neighbours(desk).into(),
        _ => studio::studio(desk).into(),
    }
}
