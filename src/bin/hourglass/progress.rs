//! How far long work is: on standard error, and only where that is a terminal.
use indicatif::{ProgressBar, ProgressStyle};

/// A bar over so many things, called `what` until another message is set.
pub fn bar(len: usize, what: &'static str) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} {msg}, {eta} left");
    let bar = ProgressBar::new(len as u64).with_message(what);
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
