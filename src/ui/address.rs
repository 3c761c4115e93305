//! The page's address: the recipe is in its hash, the choice of a device in its query.
use crate::engine::protocol::GpuChoice;
use crate::lessons::link::{self, Link};
use crate::words::Tongue;
use leptos::prelude::{location, window};

/// What the address says now.
pub fn read() -> Link {
    link::read(&hash())
}

/// Whether it names a recipe, and not only a lesson.
pub fn names_recipe() -> bool {
    hash().contains('?')
}

/// Whether this is a phone: a small screen for fingers.
pub fn is_phone() -> bool {
    let query = "(pointer: coarse) and (max-width: 600px)";
    window().match_media(query).ok().flatten().is_some_and(|media| media.matches())
}

/// What an address says that was just gone to, and whether it names a recipe, and not only a lesson. By the time that the
/// page hears of it, its own words may stand in the address again.
pub fn gone_to(address: &str) -> (Link, bool) {
    let hash = address.split_once('#').map_or("", |(_, hash)| hash);
    (link::read(hash), hash.contains('?'))
}

/// The device that the address asks for: `?gpu=software` or `?gpu=off`, before or after the hash.
pub fn gpu() -> GpuChoice {
    match gpu_in(&location().search().unwrap_or_default()).or_else(|| gpu_in(&hash())).as_deref() {
        Some("software") => GpuChoice::Software,
        Some("off") => GpuChoice::Off,
        _ => GpuChoice::Auto,
    }
}

/// The language that the address asks for.
pub fn tongue() -> Option<Tongue> {
    read().view.lang
}

/// Lets the address say this. Going back still leads to where the visitor came from.
pub fn show(link: String) {
    let mut wished = link;
    // A reload should find the same device.
    if let Some(choice) = gpu_in(&hash()) {
        wished.push_str(&format!("&gpu={choice}"));
    }
    if wished == hash() && is_own() {
        return;
    }
    if let Ok(history) = window().history() {
        // Browsers refuse when it comes too often; the next change brings the address up to date.
        let _ = history.replace_state_with_url(&wasm_bindgen::JsValue::TRUE, "", Some(&wished));
    }
}

/// Whether what was gone to is an address that this page wrote: somebody went back, or forward again.
pub fn is_own() -> bool {
    window().history().and_then(|history| history.state()).is_ok_and(|state| state.is_truthy())
}

/// The whole address of a link, for anybody's device.
pub fn whole(link: &str) -> String {
    let location = location();
    let part = |part: Result<String, _>| part.unwrap_or_default();
    format!("{}{}{}", part(location.origin()), part(location.pathname()), link)
}

fn hash() -> String {
    location().hash().unwrap_or_default()
}

fn gpu_in(text: &str) -> Option<String> {
    let (_, query) = text.split_once('?')?;
    let choice = query.split('&').find_map(|pair| pair.strip_prefix("gpu="))?;
    ["software", "off"].contains(&choice).then(|| choice.to_owned())
}
