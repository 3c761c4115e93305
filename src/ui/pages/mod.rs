//! One file per lesson, by the lesson's name.
pub mod studio;

use super::desk::Desk;
use leptos::prelude::*;

/// The page of the lesson with this name in addresses.
pub fn page(desk: Desk, _slug: &str) -> AnyView {
    studio::studio(desk).into()
}
