//! The visitor's own data: chosen or dropped, looked at, and only then used.
use super::bring::{all_dropped_on, chooser, read_data, size_of};
use super::fields::{Refusal, check, complaint, numeral, parsed};
use super::picture::{tiles, traces};
use crate::engine::protocol::{Answer, Ask, Command, Origin, Preview, SetInfo, Topic, bytes};
use crate::lessons::Recipe;
use crate::lessons::own::{Named, Wishes};
use crate::ui::canvas::{painted, pictured};
use crate::ui::desk::Desk;
use crate::ui::numbers;
use crate::ui::tag::{Tag, again, button, fact, tag};
use crate::words;
use leptos::html;
use leptos::prelude::*;
use serde_bytes::ByteBuf;
use web_sys::File;

/// Who is told of what was opened.
type Used = Box<dyn Fn(&Preview)>;

/// Data on their way.
#[derive(Clone, Copy)]
pub struct OwnData {
    desk: Desk,
    /// As the browser holds them: their bytes are read again when they are to be taken otherwise.
    files: StoredValue<Vec<File>, LocalStorage>,
    /// How they are taken unless the visitor wishes otherwise.
    usual: Wishes,
    wishes: RwSignal<Wishes>,
    /// It is one picture that can be cut in several ways.
    sheet: RwSignal<bool>,
    seen: RwSignal<Option<Preview>>,
    /// They are being read: what is seen is of a wish before.
    reading: RwSignal<bool>,
    /// Counts how often they were: only what was read last counts.
    reads: StoredValue<u32>,
    said: RwSignal<String>,
    /// The network that is opened on them, by the recipe at hand.
    recipe: fn(&SetInfo, &Recipe) -> Recipe,
    /// Told of what is opened.
    used: StoredValue<Used, LocalStorage>,
}

/// Classes that are listed one by one.
const CLASSES: usize = 24;
/// Pictures in a row of the preview, and series.
const ACROSS: usize = 12;
const TRACES: usize = 6;

impl OwnData {
    /// Hears of data from now on. What is used is opened by `recipe`, and `used` is told of it.
    pub fn new(
        desk: Desk,
        usual: Wishes,
        recipe: fn(&SetInfo, &Recipe) -> Recipe,
        used: impl Fn(&Preview) + 'static,
    ) -> Self {
        let own = Self {
            desk,
            files: StoredValue::new_local(Vec::new()),
            usual,
            wishes: RwSignal::new(usual),
            sheet: RwSignal::new(false),
            seen: RwSignal::new(None),
            reading: RwSignal::new(false),
            reads: StoredValue::new(0),
            said: RwSignal::default(),
            recipe,
            used: StoredValue::new_local(Box::new(used)),
        };
        let engine = desk.engine;
        engine.answers(Topic::Own, move |answer| {
            if let Answer::Own(mut preview) = answer {
                let bytes = own.files.with_value(|files| size_of(files));
                let kilobytes = numbers::count((bytes / 1000.0).ceil() as u64);
                preview.facts.push(words!("{kilobytes} KB, read in this browser and sent nowhere."));
                own.said.set(String::new());
                own.reading.set(false);
                own.seen.set(Some(preview));
            }
        });
        Effect::new(move |_| {
            if engine.unanswered.get() == Some(Topic::Own) {
                // Why, is said above the page. What was seen before can still be used.
                own.said.set(String::new());
                own.reading.set(false);
                own.seen.update(|_| {});
            }
        });
        own
    }

    /// Looks at these files.
    pub fn take(self, files: Vec<File>) {
        if files.is_empty() {
            return;
        }
        self.sheet.set(files.len() == 1 && files.iter().all(|file| file.name().to_ascii_lowercase().ends_with(".png")));
        self.files.set_value(files);
        self.wishes.set(self.usual);
        self.seen.set(None);
        self.read();
    }

    fn read(self) {
        self.said.set("reading …".into());
        self.reading.set(true);
        let (wishes, read) = (self.wishes.get_untracked(), self.count());
        read_data(self.desk, self.files.get_value(), move |files| {
            // Bytes come in any order, also when the visitor has left.
            if self.reads.try_get_value() != Some(read) {
                return;
            }
            let Some(files) = files else {
                self.reading.set(false);
                return self.said.set(String::new());
            };
            let named = |(name, bytes)| Named { name, content: ByteBuf::from(bytes) };
            self.desk.engine.ask(Ask::Own { files: files.into_iter().map(named).collect(), wishes });
        });
    }

    /// What was read before no longer counts.
    fn count(self) -> u32 {
        self.reads.update_value(|reads| *reads += 1);
        self.reads.get_value()
    }

    fn wish(self, change: impl FnOnce(&mut Wishes)) {
        self.wishes.update(change);
        self.read();
    }

    /// Opens what was seen.
    fn open(self) {
        let Some(seen) = self.seen.get_untracked() else { return };
        let (desk, set) = (self.desk, &seen.set);
        desk.engine.sets.update(|sets| {
            sets.retain(|other| other.slug != set.slug);
            sets.push(set.clone());
        });
        if !desk.open((self.recipe)(set, &desk.recipe.get_untracked()), Origin::Seed) {
            // A link keeps other data, and that has been said.
            return;
        }
        self.used.with_value(|used| used(&seen));
        self.put_away();
        self.said.set(words!("{} is in use, here and in the other lessons.", seen.set.title));
    }

    fn put_away(self) {
        // Nothing that is still being read is looked at any more.
        self.count();
        self.desk.engine.send(Command::Drop(Topic::Own));
        self.reading.set(false);
        self.files.set_value(Vec::new());
        self.seen.set(None);
        self.sheet.set(false);
    }

    fn forget(self) {
        self.put_away();
        self.said.set(String::new());
    }

    /// A field for the files, a place to drop them, and what is in them.
    pub fn into_card(self, card: Tag, label: &'static str, words: &'static str) -> Tag {
        let reading = move || match self.desk.engine.answering.get() {
            Some((Topic::Own, done)) => words!("reading … {:.0} %", done * 100.0),
            _ => self.said.get(),
        };
        let field = chooser(label, move |files| self.take(files)).flag("multiple", || true);
        let there = fact(move || self.seen.with(Option::is_some));
        let card = card
            .child(tag("label").class("row wrap").text(words).child(field))
            .child(tag("p").class("note").set("role", "status").testid("own-state").says(reading))
            .child(self.tile())
            .child(again(move || if there.get() { self.preview().into() } else { ().into_any() }));
        all_dropped_on(card, move |files| self.take(files))
    }

    /// How a sheet is cut.
    fn tile(self) -> Tag {
        let wrong: Refusal = RwSignal::new(None);
        let part = move |i: usize, label: &'static str| {
            let now = move || {
                let cut = self.seen.with(|seen| seen.as_ref().and_then(|seen| seen.taken.tile));
                self.wishes.with(|wishes| wishes.tile).or(cut).unwrap_or([28, 28])
            };
            let change = move |text: &str| {
                let mut tile = untrack(now);
                tile[i] = parsed(label, text, tile[i])?;
                self.wish(|wishes| wishes.tile = Some(tile));
                Ok(())
            };
            numeral(wrong, move || now()[i].to_string(), change).class("number").label(label)
        };
        tag("div")
            .flag("hidden", move || !self.sheet.get())
            .child(
                tag("p")
                    .class("row wrap")
                    .text("Cut into tiles of ")
                    .child(part(0, "Rows of a tile"))
                    .text(" × ")
                    .child(part(1, "Columns of a tile"))
                    .text(" pixels"),
            )
            .child(complaint(wrong))
    }

    /// What is in the files, and what can be done with them. The boxes stay when a press on one of them has shown the rest anew.
    fn preview(self) -> Tag {
        let seen = again(move || self.seen.get().map_or_else(|| ().into_any(), |seen| what(seen).into_any()));
        let taken = move |which: fn(&Preview) -> Option<bool>| self.seen.with(|seen| seen.as_ref().and_then(which));
        let box_ = move |words: &'static str, which: fn(&Preview) -> Option<bool>, wish: fn(&mut Wishes, bool)| {
            let there = fact(move || taken(which).is_some());
            again(move || match there.get() {
                true => {
                    check(words, move || taken(which) == Some(true), move |is| self.wish(|wishes| wish(wishes, is)))
                        .into()
                }
                false => ().into_any(),
            })
        };
        let invert =
            box_("Invert: light ink on dark paper", |seen| seen.taken.invert, |wishes, is| wishes.invert = Some(is));
        let series =
            box_("Rows are series, not pictures", |seen| seen.taken.series, |wishes, is| wishes.series = Some(is));
        let buttons = tag("div")
            .class("row wrap")
            .child(button("Use it", move || self.open()).class("main").flag("disabled", move || self.reading.get()))
            .child(button("Not this one", move || self.forget()));
        tag("div")
            .class("own-preview")
            .set("role", "group")
            .label("What is in the file")
            .child(seen)
            .child(tag("div").class("row wrap").child(invert).child(series))
            .child(buttons)
    }
}

/// What was seen in the files.
fn what(seen: Preview) -> Vec<AnyView> {
    let Preview { set, range, facts, classes, pictures, .. } = seen;
    let (rows, columns) = set.shape;
    let shape = if rows == 1 { words!("{columns} values") } else { words!("{rows} × {columns} pixels") };
    let figures = words!(
        "{shape} · {} to learn from, {} to test · values from {} to {}",
        numbers::count(set.train.into()),
        numbers::count(set.test.into()),
        range[0],
        range[1]
    );
    let mut list: Vec<AnyView> = classes
        .iter()
        .take(CLASSES)
        .map(|(name, train, test)| {
            tag("li").child(tag("b").text(name.clone())).text(format!(" {train} + {test}")).into()
        })
        .collect();
    if classes.len() > CLASSES {
        list.push(tag("li").text(words!("and {} more", classes.len() - CLASSES)).into());
    }
    vec![
        tag("h3").verbatim(set.title).into(),
        tag("p").class("note").testid("own-figures").text(figures).into(),
        shown(rows, columns, pictures).into(),
        tag("ul").class("own-classes").testid("own-classes").children(list).into(),
        tag("p").class("note").testid("own").text(facts.join(" ")).into(),
    ]
}

/// The first pictures on one sheet, or the first series.
fn shown(rows: u32, columns: u32, pictures: Vec<u8>) -> Tag {
    let series = rows == 1;
    let width = (rows * columns).max(1) as usize;
    let values: Vec<Vec<f32>> =
        pictures.chunks_exact(width).map(|row| row.iter().map(|&byte| bytes::value(byte, series)).collect()).collect();
    let across = values.len().min(if series { TRACES } else { ACROSS }).max(1);
    let down = values.len().div_ceil(across);
    let canvas = NodeRef::<html::Canvas>::new();
    let class = if series { "own-series" } else { "own-pictures" };
    if series {
        painted(
            canvas,
            move || values.clone(),
            move |surface, values| {
                traces(surface, [across, down], |i| {
                    values.get(i).map(|values| (values.as_slice(), surface.palette.ink))
                });
            },
        );
    } else {
        let shape = (rows as usize, columns as usize);
        pictured(canvas, move |palette| tiles(palette, shape, [across, down], |i| values.get(i).map(Vec::as_slice)));
    }
    tag("canvas").class(class).set("role", "img").testid("own-pictures").label("Some of what is in it").node(canvas)
}
