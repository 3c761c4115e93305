//! The worker as signals: commands go out, events come in and are folded into what the page shows.
mod fold;
pub mod newest;

use super::news::{News, Tone};
use super::spawn::{Sign, Worker};
use crate::engine::protocol::{
    self, About, Answer, Ask, Command, DeviceInfo, GpuChoice, Origin, Point, Progress, Sealed, Seen, SetInfo, Topic,
};
use crate::lessons::Recipe;
use crate::lessons::own::file_of;
use crate::words;
use leptos::prelude::*;
use newest::Newest;
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

/// The network that stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Opened {
    /// What it was made from.
    pub recipe: Recipe,
    /// Where its weights came from.
    pub origin: Origin,
    /// Width of every signal from x to x̂.
    pub widths: Vec<u32>,
    /// Which of them is z.
    pub z_at: usize,
    /// Weights and biases.
    pub parameters: u32,
    /// Rows and columns of an input.
    pub shape: (u32, u32),
    /// Steps that its weights had seen before they came here.
    pub step: u32,
}

/// Who hears answers.
type Hears = Rc<dyn Fn(&Sealed<Answer>)>;

/// What the decoder made of a code that was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded {
    /// The code.
    pub z: Vec<f32>,
    /// Every signal from z to x̂.
    pub signals: Vec<Vec<f32>>,
}

/// An input of the test set.
#[derive(Clone, Debug, PartialEq)]
pub struct Sampled {
    /// Which.
    pub index: u32,
    /// Its values.
    pub input: Vec<f32>,
    /// Its class, where it is known.
    pub label: Option<u8>,
}

/// A part of the test set and its reconstructions.
#[derive(Clone, Debug, PartialEq)]
pub struct Strip {
    /// Index of the first.
    pub first: u32,
    /// Inputs.
    pub inputs: Vec<Vec<f32>>,
    /// Their reconstructions.
    pub outputs: Vec<Vec<f32>>,
}

/// A network that was left for one on other data, as it was when it was left.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// What it was made from.
    pub recipe: Recipe,
    /// Its loss curves.
    pub curve: Vec<Point>,
    /// Its newest loss over the test set.
    pub test: Option<f32>,
}

/// The run of an earlier visit.
#[derive(Clone, Debug, PartialEq)]
pub struct Left {
    /// Its name.
    pub id: String,
    /// What it was made from.
    pub recipe: Recipe,
    /// Steps.
    pub step: u32,
    /// When it was kept, in milliseconds since 1970.
    pub when: f64,
}

/// Something that takes time.
#[derive(Clone, Debug, PartialEq)]
pub struct Loading {
    /// What.
    pub what: String,
    /// Bytes or items so far.
    pub done: u64,
    /// Of how many; 0 if unknown.
    pub total: u64,
}

/// The engine, as the page knows it. There is one for as long as the page lives, so that whoever needs it holds no more
/// than a pointer.
#[derive(Clone, Copy)]
pub struct Engine(&'static Signals);

/// What is known of it.
pub struct Signals {
    /// Who does the work; `None` until it has said so.
    pub device: RwSignal<Option<DeviceInfo>>,
    /// What can be trained on here.
    pub sets: RwSignal<Vec<SetInfo>>,
    /// The network that stands.
    pub opened: RwSignal<Option<Opened>>,
    /// Counts the networks that were opened.
    pub openings: RwSignal<u32>,
    /// Those that wait, newest last.
    pub kept: RwSignal<Vec<Kept>>,
    /// How training stands; its points are in `curve`.
    pub progress: RwSignal<Progress>,
    /// The loss curves of this run.
    pub curve: RwSignal<Vec<Point>>,
    /// The newest loss over the test set.
    pub test: RwSignal<Option<f32>>,
    /// What the network makes of the drawing.
    pub seen: RwSignal<Option<Seen>>,
    /// What the decoder makes of a code.
    pub decoded: RwSignal<Option<Decoded>>,
    /// The newest input that was taken from the test set.
    pub sampled: RwSignal<Option<Sampled>>,
    /// A part of the test set, live.
    pub strip: RwSignal<Option<Strip>>,
    /// Of which data set, and PCA's test error on it by number of components.
    pub pca: RwSignal<Option<(String, Vec<f32>)>>,
    /// What takes time right now.
    pub loading: RwSignal<Option<Loading>>,
    /// Counts how often an engine has said that it is ready: 1, and more after restarts.
    pub ready: RwSignal<u32>,
    /// At which step and with which η the loss was last no longer a number.
    pub diverged: RwSignal<Option<(u32, f32)>>,
    /// The engine died in the middle of a run; whether it was training. The run goes on once it is found.
    pub fell: StoredValue<Option<bool>>,
    /// Counts the commands to open that could not be done.
    pub refused: RwSignal<u32>,
    /// The run that this browser kept last, as of when the engine started.
    pub left: RwSignal<Option<Left>>,
    /// What lay on the pad when the run that was opened last was kept.
    pub drawing: RwSignal<Vec<u8>>,
    /// The question that is being answered, and how far its answer is, from 0 to 1; `None` when all are answered.
    pub answering: RwSignal<Option<(Topic, f32)>>,
    /// Which question was last not answered.
    pub unanswered: RwSignal<Option<Topic>>,
    news: News,
    inner: StoredValue<Inner, LocalStorage>,
}

/// What nobody looks at.
struct Inner {
    gpu: GpuChoice,
    worker: Option<Worker>,
    /// Networks asked for and neither opened nor refused.
    opening: u32,
    /// A pause was asked for and not yet reported: reports on their way are of before.
    pausing: bool,
    watch: Newest<Vec<f32>>,
    watch_id: u32,
    decode: Newest<Vec<f32>>,
    /// When it was started again, in milliseconds.
    restarts: Vec<f64>,
    /// The worker's last words.
    panic: Option<String>,
    /// Looks at the worker's pulse since its last beat.
    silent: u32,
    /// Who hears the answers to which questions.
    answers: HashMap<Topic, Hears>,
}

/// How often the worker's pulse is looked at; it beats once a second.
const PULSE: Duration = Duration::from_secs(5);
/// So many looks without a beat, and the page says so.
const SILENT: u32 = 4;
/// A worker that keeps failing is started again this often within a minute, and then only on request.
const RESTARTS: usize = 2;

impl std::ops::Deref for Engine {
    type Target = Signals;

    fn deref(&self) -> &Signals {
        self.0
    }
}

impl Engine {
    /// Starts the worker; in the context for everything below.
    pub fn provide(news: News, gpu: GpuChoice) -> Self {
        let inner = Inner {
            gpu,
            worker: None,
            opening: 0,
            pausing: false,
            watch: Newest::default(),
            watch_id: 0,
            decode: Newest::default(),
            restarts: Vec::new(),
            panic: None,
            silent: 0,
            answers: HashMap::new(),
        };
        let engine = Self(Box::leak(Box::new(Signals {
            device: RwSignal::new(None),
            sets: RwSignal::default(),
            opened: RwSignal::new(None),
            openings: RwSignal::new(0),
            kept: RwSignal::default(),
            progress: RwSignal::new(fold::nothing_done()),
            curve: RwSignal::default(),
            test: RwSignal::new(None),
            seen: RwSignal::new(None),
            decoded: RwSignal::new(None),
            sampled: RwSignal::new(None),
            strip: RwSignal::new(None),
            pca: RwSignal::new(None),
            loading: RwSignal::new(None),
            ready: RwSignal::new(0),
            diverged: RwSignal::new(None),
            fell: StoredValue::new(None),
            refused: RwSignal::new(0),
            left: RwSignal::new(None),
            drawing: RwSignal::default(),
            answering: RwSignal::new(None),
            unanswered: RwSignal::new(None),
            news,
            inner: StoredValue::new_local(inner),
        })));
        provide_context(engine);
        engine.start();
        set_interval(move || engine.feel_pulse(), PULSE);
        engine
    }

    /// The data set of this name, if the site has it.
    pub fn set(self, slug: &str) -> Option<SetInfo> {
        self.sets.with(|sets| sets.iter().find(|set| set.slug == slug).cloned())
    }

    /// What the data set of this name is called, whether the site has it or not.
    pub fn title_of(self, slug: &str) -> String {
        let own = || file_of(slug).map_or_else(|| slug.to_owned(), |file| words!("your file “{file}…”"));
        self.set(slug).map_or_else(own, |set| set.title)
    }

    /// Whether a network was asked for that neither stands nor was refused.
    pub fn is_opening(self) -> bool {
        self.inner.with_value(|inner| inner.opening > 0)
    }

    /// Back to step 0 with weights from the seed.
    pub fn reset(self) {
        self.pause();
        self.send(Command::Reset);
        // Whatever shipped is forgotten.
        self.opened.update(|opened| {
            if let Some(opened) = opened {
                (opened.origin, opened.step) = (Origin::Seed, 0);
            }
        });
    }

    /// Sends a command that has no rules of its own.
    pub fn send(self, command: Command) {
        self.inner.with_value(|inner| {
            if let Some(worker) = &inner.worker {
                worker.send(command);
            }
        });
    }

    /// Opens a network; whatever ran stops.
    pub fn open(self, recipe: Recipe, origin: Origin) {
        self.inner.update_value(|inner| {
            inner.opening += 1;
            inner.pausing = false;
            // What is on its way belongs to the old network and may never be answered.
            inner.watch.forget();
            inner.decode.forget();
        });
        self.send(Command::Open { recipe, origin });
    }

    /// Trains. The button says so at once; the engine's next word counts.
    pub fn train(self) {
        self.set_pausing(false);
        self.progress.update(|progress| progress.running = true);
        self.send(Command::Train);
    }

    /// Pauses. What is still on its way from before does not show it as running again.
    pub fn pause(self) {
        self.set_pausing(true);
        self.progress.update(|progress| progress.running = false);
        self.send(Command::Pause);
    }

    fn set_pausing(self, pausing: bool) {
        self.inner.update_value(|inner| inner.pausing = pausing);
    }

    /// Asks a lesson's question; whoever [`Engine::answers`] this topic hears the answer.
    pub fn ask(self, ask: Ask) {
        self.send(Command::Ask(ask.sealed()));
    }

    /// Hears the answers to questions of this topic, from now on and in place of whoever heard them before, until the
    /// lesson that calls this is left.
    pub fn answers(self, topic: Topic, hear: impl Fn(Answer) + 'static) {
        self.inner.update_value(|inner| {
            let open = move |answer: &Sealed<Answer>| answer.open().into_iter().for_each(&hear);
            inner.answers.insert(topic, Rc::new(open));
        });
        on_cleanup(move || {
            self.inner.try_update_value(|inner| inner.answers.remove(&topic));
            self.answering.update(|answering| *answering = answering.filter(|(other, _)| *other != topic));
            self.send(Command::Drop(topic));
        });
    }

    /// Looks at this input from now on. Of inputs that come faster than answers only the newest is sent.
    pub fn watch(self, input: Vec<f32>) {
        if let Some(Some(input)) = self.inner.try_update_value(|inner| inner.watch.offer(input, now())) {
            self.send_watch(input);
        }
    }

    /// Looks at nothing.
    pub fn watch_nothing(self) {
        self.inner.update_value(|inner| {
            inner.watch.forget();
            // What is still on its way was of another drawing.
            inner.watch_id = inner.watch_id.wrapping_add(1);
        });
        self.send(Command::Watch { input: None });
        self.seen.set(None);
    }

    /// Decodes this code, likewise.
    pub fn decode(self, z: Vec<f32>) {
        if let Some(Some(z)) = self.inner.try_update_value(|inner| inner.decode.offer(z, now())) {
            self.send(Command::Decode { z });
        }
    }

    fn send_watch(self, input: Vec<f32>) {
        let id = self.inner.try_update_value(|inner| {
            inner.watch_id = inner.watch_id.wrapping_add(1);
            inner.watch_id
        });
        self.send(Command::Watch { input: id.map(|id| (id, input)) });
    }

    fn start(self) {
        let gpu = self.inner.with_value(|inner| inner.gpu);
        match Worker::start(move |event| self.hear(event), move |sign| self.notice(sign)) {
            Ok(worker) => {
                self.inner.update_value(|inner| inner.worker = Some(worker));
                self.send(Command::Start { version: protocol::VERSION, base: base(), gpu });
            }
            Err(message) => self.news.trouble(message),
        }
    }

    /// A new worker in place of the old one. It opens what was open: see the desk.
    pub fn restart(self) {
        self.inner.update_value(|inner| {
            let now = now();
            inner.restarts.retain(|&at| now - at < 60_000.0);
            inner.restarts.push(now);
            (inner.worker, inner.panic, inner.opening, inner.silent) = (None, None, 0, 0);
            inner.pausing = false;
            inner.watch.forget();
            inner.decode.forget();
        });
        self.device.set(None);
        self.loading.set(None);
        self.kept.set(Vec::new());
        self.progress.update(|progress| progress.running = false);
        self.start();
    }

    fn notice(self, sign: Sign) {
        match sign {
            Sign::Beat => self.inner.update_value(|inner| inner.silent = 0),
            // The first panic is the cause; what follows it are its victims.
            Sign::Panic(words) => self.inner.update_value(|inner| {
                inner.panic.get_or_insert(words);
            }),
            Sign::Fault(words) => self.news.trouble(words!("Something failed in the engine: {words}")),
            Sign::Dead(words) => self.mourn(words),
        }
    }

    fn mourn(self, words: String) {
        let (words, often) = self
            .inner
            .try_update_value(|inner| {
                let recent = inner.restarts.iter().filter(|&&at| now() - at < 60_000.0).count();
                // Ended at once: a dead engine goes on beating, and may die again at each command.
                inner.worker = None;
                (inner.panic.take().unwrap_or(words), recent >= RESTARTS)
            })
            .unwrap_or_default();
        let (ran, step) = self.progress.with_untracked(|progress| (progress.running, progress.step));
        self.fell.set_value((step > 0).then_some(ran));
        self.progress.update(|progress| progress.running = false);
        if often {
            let text = words!("The engine stopped again: {words}");
            self.news.offer(Tone::Trouble, text, "Start it again", move || self.restart());
        } else {
            self.news.trouble(words!("The engine stopped and was started again: {words}"));
            self.restart();
        }
    }

    fn feel_pulse(self) {
        let silent = self.inner.try_update_value(|inner| {
            inner.silent += u32::from(inner.worker.is_some());
            inner.silent
        });
        if silent == Some(SILENT) {
            let text = "The engine has not answered for a while. A large network on a slow device may need that long.";
            self.news.offer(Tone::Trouble, text, "Start it again", move || self.restart());
        }
    }
}

/// The page's address without its file name, query and hash.
fn base() -> String {
    let base = document().base_uri().ok().flatten().unwrap_or_default();
    let path = base.split(['?', '#']).next().unwrap_or_default();
    path.rfind('/').map_or_else(String::new, |end| path[..=end].to_owned())
}

fn now() -> f64 {
    js_sys::Date::now()
}
