//! Charts as pictures to keep.
use crate::ui::canvas::on_paper;
use crate::ui::download;
use crate::ui::palette::Theme;
use crate::ui::tag::{Tag, button};
use crate::words;
use leptos::html;
use leptos::prelude::*;

/// A button that hands over what this canvas shows; `name` says which chart it is to those who do not see it.
pub fn png(canvas: NodeRef<html::Canvas>, file: &'static str, name: &'static str) -> Tag {
    // Looked up now: when it is pressed there is no context to look in.
    let theme = use_context::<Theme>();
    let press = move || {
        let shown = canvas.get_untracked().zip(theme);
        if let Some(picture) = shown.and_then(|(canvas, theme)| on_paper(&canvas, theme.paper())) {
            download::picture(file, &picture);
        }
    };
    button("PNG", press)
        .class("quiet png")
        .set("title", "Download this chart as a picture")
        .label(words!("{name} as PNG"))
}
