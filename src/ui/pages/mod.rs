//! One file per lesson, by the lesson's name.
mod class;
mod compress;
mod denoise;
mod files;
mod heartbeats;
mod kernels;
pub mod latent;
mod later;
mod machine;
pub mod neighbours;
mod offline;
mod path;
mod share;
mod siamese;
pub mod studio;
mod worlds;

use super::desk::Desk;
use leptos::prelude::*;

/// The page of the lesson with this name in addresses.
pub fn page(desk: Desk, slug: &str) -> AnyView {
    match slug {
        "studio" => studio::studio(desk).into(),
        other => later::later(desk, other.to_owned()),
    }
}

/// The lecture's card below the lesson, once its code is here.
pub fn path(desk: Desk) -> AnyView {
    later::path(desk)
}

/// The check of the GPU and its report, likewise.
pub fn machine(desk: Desk) -> AnyView {
    later::machine(desk)
}

/// The page of a lesson that comes later: only [`later`] may call this, or the lessons come with the Studio.
fn lesson(desk: Desk, slug: &str) -> AnyView {
    match slug {
        "neighbours" => neighbours::neighbours(desk).into(),
        "heartbeats" => heartbeats::heartbeats(desk).into(),
        "denoise" => denoise::denoise(desk).into(),
        "compress" => compress::compress(desk).into(),
        "files" => files::files(desk).into(),
        "kernels" => kernels::kernels(desk).into(),
        "siamese" => siamese::siamese(desk).into(),
        "worlds" => worlds::worlds(desk).into(),
        _ => latent::latent(desk).into(),
    }
}
