//! `hourglass data`.
use super::arguments::{Arguments, Data};
use super::input::Outcome;
use hourglass::data::fetch::{self, Outcome as Found, Places, Progress};
use hourglass::data::{Kind, SOURCES};
use indicatif::{ProgressBar, ProgressStyle};
use std::cell::RefCell;
use std::path::PathBuf;

pub fn data(options: &Data, arguments: &Arguments) -> Outcome {
    let all: Vec<&str> = SOURCES.iter().filter(|s| s.kind != Kind::BuiltIn).map(|s| s.slug).collect();
    let slugs = options.sets.as_ref().map_or(all, |sets| sets.iter().map(String::as_str).collect());
    let from = options.from.clone().or_else(|| std::env::var_os("HOURGLASS_DATA").map(PathBuf::from));
    let places = Places { from: from.as_deref(), into: &options.into, cache: &options.cache, online: !options.offline };
    let report = fetch::put(&slugs, &places, &Bar::default()).map_err(|e| e.to_string())?;
    if arguments.json {
        let sets: Vec<_> = report
            .sets
            .iter()
            .map(|(slug, title, outcome)| match outcome {
                Found::There { bytes, .. } => serde_json::json!({ "slug": slug, "title": title, "bytes": bytes }),
                Found::BuiltIn => serde_json::json!({ "slug": slug, "title": title, "built_in": true }),
                Found::Missing { reasons, .. } => {
                    serde_json::json!({ "slug": slug, "title": title, "missing": reasons })
                }
            })
            .collect();
        println!("{}", serde_json::json!({ "sets": sets }));
    } else {
        print!("{report}");
    }
    let missing = report.sets.iter().filter(|(.., outcome)| matches!(outcome, Found::Missing { .. }));
    let missing: Vec<&str> = missing.map(|(_, title, _)| title.as_str()).collect();
    match missing.len() {
        0 => Ok(()),
        _ if options.require => Err(format!("{} could not be had, and is required", missing.join(" and "))),
        count if count == report.sets.len() => {
            Err("none of the data sets could be had; the page works without them, on its built-in data".into())
        }
        _ => Ok(()),
    }
}

/// One bar per download.
#[derive(Default)]
struct Bar(RefCell<Option<ProgressBar>>);

impl Progress for Bar {
    fn start(&self, what: &str, total: Option<u64>) {
        let style = ProgressStyle::with_template("{msg} {bar:40} {bytes}/{total_bytes}, {eta} left");
        let bar = ProgressBar::new(total.unwrap_or(0)).with_message(what.to_owned());
        *self.0.borrow_mut() = Some(bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())));
    }

    fn advance(&self, done: u64) {
        if let Some(bar) = &*self.0.borrow() {
            bar.set_position(done);
        }
    }

    fn finish(&self) {
        if let Some(bar) = self.0.borrow_mut().take() {
            bar.finish_and_clear();
        }
    }
}
