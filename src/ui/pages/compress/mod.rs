//! Compress: how few bytes hold a digit, and how near it comes back.
mod chart;
mod files;
mod looks;
mod state;
mod table;

use crate::engine::protocol::bytes::{byte, value};
use crate::engine::protocol::{Answer, Ask, Command, Compress, Compressed, Topic};
use crate::lessons::compress::{BITS, MOST_Z, csv, widths};
use crate::ui::desk::Desk;
use crate::ui::download;
use crate::ui::engine::newest::Newest;
use crate::ui::formula::formula;
use crate::ui::numbers;
use crate::ui::tag::{Tag, button, tag, whenever};
use crate::ui::widgets::fields::{complaint, input};
use crate::ui::widgets::lesson::{card, idea, idea_of, ideas, lesson, only_normal, own_digit, run_bar, trains_beside};
use crate::ui::widgets::png::{of_curves, png};
use crate::words;
use leptos::prelude::*;
use state::{SHOWN, State};
use web_sys::Event;

/// The lesson, in the page.
#[derive(Clone, Copy)]
pub struct Page {
    desk: Desk,
    state: RwSignal<State>,
}

/// The page.
pub fn compress(desk: Desk) -> Tag {
    let page = Page { desk, state: RwSignal::new(State::new()) };
    page.follow();
    trains_beside(desk, move || page.state.with(|state| state.sweeping));
    let stage: [AnyView; 6] = [
        run_bar(desk).into(),
        own_digit(desk).into(),
        rates(page).into(),
        looks::looks(page).into(),
        table::table(page).into(),
        files::files(page).into(),
    ];
    lesson("lesson compress-lesson", stage, [explain(), tries(page), notes(page)].map(AnyView::from))
}

impl Page {
    /// Changes what the lesson knows.
    fn change(self, change: impl FnOnce(&mut State)) {
        // An answer can come after the visitor has left.
        self.state.try_update(change);
    }

    fn ask(self, ask: Compress) {
        self.desk.engine.ask(Ask::Compress(ask));
    }

    /// Values of an input.
    fn width(self) -> usize {
        let (rows, columns) = self.desk.shape();
        (rows * columns).max(1) as usize
    }

    /// What lies on the pad, a byte for each value.
    fn own_bytes(self) -> Option<Vec<u8>> {
        let series = self.desk.is_series();
        let bytes = |input: &Vec<f32>| input.iter().map(|&value| byte(value, series)).collect();
        self.desk.input.with(|input| input.as_ref().map(bytes))
    }

    fn hear(self, answer: &Compressed) {
        match answer {
            Compressed::Rated { trouble: Some(words), .. } => self.desk.trouble(words.clone()),
            Compressed::Packed { name, bytes, .. } => download::bytes(name, "application/octet-stream", bytes),
            _ => {}
        }
        self.change(|state| state.hear(answer));
    }

    /// Keeps asking for what the page shows.
    fn follow(self) {
        let engine = self.desk.engine;
        let asking = StoredValue::new(Newest::<Compress>::default());
        for topic in [Topic::Rate, Topic::Rates, Topic::Look, Topic::Pack, Topic::Unpack] {
            engine.answers(topic, move |answer| {
                let Answer::Compress(answer) = answer else { return };
                self.hear(&answer);
                if topic == Topic::Look {
                    let next = asking.try_update_value(|asking| asking.answered(js_sys::Date::now()));
                    if let Some(Some(next)) = next {
                        self.ask(next);
                    }
                }
            });
        }
        engine.answers(Topic::Pictures, move |answer| {
            if let Answer::Pictures { indices, pictures } = answer
                && !indices.is_empty()
            {
                self.change(|state| state.inputs = pictures);
            }
        });
        // Another network: what was trained beside one like it is still there.
        whenever(move || {
            if engine.openings.get() == 0 {
                return;
            }
            let (data, epochs) = self.desk.recipe.with_untracked(|recipe| (recipe.data.clone(), recipe.epochs));
            // What was asked of the old one is not answered any more.
            asking.update_value(Newest::forget);
            self.change(|state| state.open(&data, epochs));
            let epochs = self.state.with_untracked(|state| state.epochs);
            self.ask(Compress::Rates { zs: Vec::new(), epochs });
        });
        // The network at hand is rated when it stands still.
        let standing = Memo::new(move |_| {
            let (step, running) = engine.progress.with(|progress| (progress.step, progress.running));
            (engine.openings.get(), if running { u32::MAX } else { step })
        });
        whenever(move || {
            let (openings, step) = standing.get();
            if openings > 0 && step != u32::MAX {
                self.ask(Compress::Rate);
            }
        });
        let first = Memo::new(move |_| self.state.with(|state| state.first));
        whenever(move || {
            let first = first.get();
            if engine.openings.get() > 0 {
                engine.ask(Ask::Pictures { indices: (first..first + SHOWN).collect() });
            }
        });
        let rated = Memo::new(move |_| {
            self.state.with(|state| state.all().iter().map(|rated| (rated.z, rated.step)).collect::<Vec<_>>())
        });
        let shown = Memo::new(move |_| self.state.with(|state| (state.inputs.clone(), state.bits(), state.epochs)));
        whenever(move || {
            let (pictures, bits, epochs) = shown.get();
            let width = self.width();
            if rated.with(Vec::is_empty) || pictures.len() != SHOWN as usize * width {
                return;
            }
            let series = self.desk.is_series();
            let mut inputs: Vec<f32> = pictures.iter().map(|&byte| value(byte, series)).collect();
            inputs.extend(self.desk.input.get().filter(|own| own.len() == width).unwrap_or_default());
            let look = Compress::Look { inputs, bits, epochs };
            let now = asking.try_update_value(|asking| asking.offer(look, js_sys::Date::now()));
            if let Some(Some(now)) = now {
                self.ask(now);
            }
        });
        // How far a sweep is: the bar belongs to it alone, whatever else is being answered.
        whenever(move || {
            if let Some((Topic::Rates, done)) = engine.answering.get() {
                self.change(|state| {
                    if state.since == 0.0 {
                        (state.since, state.done[0]) = (js_sys::Date::now(), done.into());
                    }
                    state.done[1] = done.into();
                });
            }
        });
    }

    /// Trains what is missing of the sweep, or stops.
    fn sweep(self) {
        let (going, zs, epochs) =
            self.state.with_untracked(|state| (state.sweeping, state.widths.clone(), state.epochs));
        self.change(|state| (state.sweeping, state.since, state.done) = (!going, 0.0, [0.0; 2]));
        match going {
            true => self.desk.engine.send(Command::Drop(Topic::Rates)),
            false => self.ask(Compress::Rates { zs, epochs }),
        }
    }
}

/// The dial, the sweep, and what both come to.
fn rates(page: Page) -> Tag {
    let state = page.state;
    let going = move || state.with(|state| state.sweeping);
    let name = move || {
        state.with(|state| match (state.sweeping, state.missing(), state.widths.len()) {
            (true, ..) => "Stop the sweep".into(),
            (_, 0, _) => "All are trained".into(),
            (_, missing, all) if missing == all => "Train one for each z".into(),
            (_, missing, _) => words!("Go on: {missing} missing"),
        })
    };
    let time = move || {
        state.with(|state| {
            let [first, now] = state.done;
            if !state.sweeping || state.since == 0.0 || now - first < 0.004 {
                return if state.sweeping { "begins …".into() } else { String::new() };
            }
            let seconds = (js_sys::Date::now() - state.since) / 1000.0 * (1.0 - now) / (now - first);
            words!("{} left", numbers::duration(seconds as f32))
        })
    };
    let wrong = RwSignal::new(None);
    let list = move || state.with(|state| state.widths.iter().map(u32::to_string).collect::<Vec<_>>().join(", "));
    let take = move |text: &str| {
        let widths = widths(text, untrack(|| page.width() as u32).min(MOST_Z))?;
        page.change(|state| state.widths = widths);
        Ok(())
    };
    let epochs_wrong = RwSignal::new(None);
    let take_epochs = move |text: &str| {
        let epochs = text.parse().ok().filter(|epochs| (1..=100).contains(epochs));
        let epochs: u32 = epochs.ok_or("Epochs of the sweep have to be a whole number from 1 to 100.")?;
        page.change(|state| {
            (state.epochs, state.sweep) = (epochs, Vec::new());
        });
        page.ask(Compress::Rates { zs: Vec::new(), epochs });
        Ok(())
    };
    let title = "Rate and distortion";
    let canvas = NodeRef::new();
    let picture = png(canvas, "rate-distortion.png", title, of_curves([(0, "autoencoder"), (1, "PCA")]))
        .flag("disabled", move || page.state.with(|state| state.all().is_empty()));
    // Beside the title: after the bits it would look like one more way to compress.
    let head = tag("div").class("head wrap").child(tag("h2").text(title)).child(picture).child(looks::switch(page));
    let idle = move || !going();
    let sweep = tag("div")
        .class("row wrap sweep-row")
        .child(
            tag("label")
                .class("row")
                .text("z ")
                .child(input(wrong, list, take).class("widths").label("Widths of z to train").flag("disabled", going)),
        )
        .child(
            tag("label").class("row").text("epochs ").child(
                input(epochs_wrong, move || state.with(|state| state.epochs.to_string()), take_epochs)
                    .class("number")
                    .label("Epochs of each network of the sweep")
                    .flag("disabled", going),
            ),
        )
        .child(button("", move || page.sweep()).class("main sweep").says(name).testid("sweep").flag(
            "disabled",
            move || {
                page.desk.engine.opened.with(Option::is_none)
                    || state.with(|state| state.missing() == 0 && !state.sweeping)
            },
        ))
        .child(
            tag("progress")
                .set("max", "1")
                .label("Progress of the sweep")
                .value(move || state.with(|state| state.done[1].to_string()))
                .flag("hidden", idle),
        )
        .child(tag("span").class("figure").says(time));
    let keys = tag("span")
        .class("keys")
        .child(tag("span").class("key train-key").text("autoencoder"))
        .child(tag("span").class("key pca-key").text("PCA"))
        .child(tag("span").class("key").text("● the network at hand"));
    tag("section")
        .class("card rates-card")
        .label(title)
        .child(head)
        .child(only_normal(
            page.desk,
            "This recipe learns from inputs of the normal class, and is measured on others, too:",
        ))
        .child(sweep)
        .child(complaint(wrong))
        .child(complaint(epochs_wrong))
        .child(chart::chart(page, canvas))
        .child(dial(page))
        .child(keys)
}

/// The bottleneck as a dial, over the networks that there are.
fn dial(page: Page) -> Tag {
    let state = page.state;
    let place = move || {
        state.with(|state| {
            let chosen = state.chosen().map(|rated| (rated.z, rated.at_hand));
            state.all().iter().position(|rated| Some((rated.z, rated.at_hand)) == chosen).unwrap_or(0)
        })
    };
    let turn = move |event: Event| {
        if let Ok(place) = event_target_value(&event).parse::<usize>() {
            page.change(|state| {
                state.chosen = state.all().get(place).map(|rated| (rated.z, rated.at_hand));
            });
        }
    };
    let z = move || state.with(|state| state.chosen().map_or("–".into(), |rated| rated.z.to_string()));
    let slider = tag("input")
        .set("type", "range")
        .set("min", "0")
        .set("step", "1")
        .shows("max", move || state.with(|state| state.all().len().saturating_sub(1).to_string()))
        .label("Bottleneck")
        .shows("aria-valuetext", move || format!("z = {}", z()))
        .flag("disabled", move || state.with(|state| state.all().len() < 2))
        .value(move || place().to_string())
        .on("input", turn);
    tag("label")
        .class("row dial")
        .text("z = ")
        .child(tag("b").class("latent").testid("chosen-z").says(z))
        .child(slider)
        .child(tag("span").class("figure").testid("chosen-bytes").says(move || {
            state.with(|state| {
                state.chosen().map_or(String::new(), |rated| {
                    let size = crate::lessons::compress::bytes(rated.z, state.bits());
                    words!("{size} bytes each")
                })
            })
        }))
}

fn explain() -> Tag {
    card(
        "A code is a compression",
        [
            tag("p")
                .text("The bottleneck holds all that is left of an input: z numbers. Rounded to a few bits each, they take")
                .into(),
            formula("\"bytes\" = { z · \"bits\" / 8 }"),
            tag("p").text("and what is lost on the way shows in how near the decoder comes to the original:").into(),
            formula("\"PSNR\" = 10 log_10 { \"peak\"^2 / \"MSE\" } \"dB\""),
            tag("p")
                .text(
                    "Ten decibels more are a tenth of the squared error. The decoder is not trained again for rounded \
                     codes. PCA is the best linear compression: its coefficients are rounded in the same way.",
                )
                .into(),
        ],
    )
}

fn tries(page: Page) -> Tag {
    let bits = move |bits: u32| {
        page.change(|state| state.bits = BITS.into_iter().position(|other| other == bits).unwrap_or(1));
    };
    let widest = move || {
        if page.state.with_untracked(|state| state.sweep.is_empty()) {
            page.desk.trouble("Only the network at hand is here yet: press “Train one for each z” first.".into());
        }
        page.change(|state| state.chosen = state.sweep.last().map(|rated| (rated.z, false)));
    };
    ideas([
        idea("give each value 2 bits", "who loses more, the autoencoder or PCA?", move || bits(2)),
        idea("take the widest bottleneck", "does the network still beat the straight lines?", widest),
        idea("leave them as floats", "what did 8 bits cost?", move || bits(32)),
        idea_of(
            page.desk,
            |thing| {
                thing.among([
                    "draw something that is no digit",
                    "draw something else entirely",
                    "draw something that is no heartbeat",
                    "draw something else entirely",
                ])
            },
            |_| "a code can only say what the decoder knows",
            move || page.desk.draw(|sheets| sheets.lay(crate::ui::sheet::Sheet::Blank)),
        ),
        idea("let PCA write the file", "which decoder is the larger one?", move || {
            page.change(|state| state.method = 1);
        }),
    ])
}

fn notes(page: Page) -> Tag {
    let words = move || {
        let original = page.state.with(|state| state.original);
        let peak = match page.desk.is_series() {
            false => {
                words!(
                    "Pixels go from 0 to 1, so the peak is 1; what a decoder gives beyond is cut, as in any picture."
                )
            }
            true => words!(
                "A series has no largest value: its peak is the range of the test set, {:.2}. As it is, each of its values \
                 takes 4 bytes.",
                original.peak
            ),
        };
        let png = original.png.map_or(String::new(), |png| {
            words!(" A PNG file is exact: on average {png:.0} bytes, over the first 1,000 test inputs.")
        });
        format!("{peak}{png}")
    };
    card(
        "How it is measured",
        [
            tag("p").says(words).into(),
            tag("p")
                .text(
                    "Errors are means over the whole test set. Each value of a code is rounded to levels that are evenly \
                     spaced over a range of its own: of the ranges that leave out at most 4 % of the training codes at each \
                     end, the one with the least squared error. Networks of a sweep stay in memory until the page is \
                     closed or reloaded.",
                )
                .into(),
            button("Save rate-distortion.csv", move || {
                let text = page.state.with_untracked(|state| {
                    let all: Vec<_> = state.all().into_iter().cloned().collect();
                    csv(&all, &state.original)
                });
                download::text("rate-distortion.csv", "text/csv", &text);
            })
            .flag("disabled", move || page.state.with(|state| state.all().is_empty()))
            .into(),
        ],
    )
}
