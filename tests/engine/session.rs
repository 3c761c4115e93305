//! Commands in, events out: the program behind the page, without a page.
use crate::once::Site;
use futures_channel::mpsc::{UnboundedSender, unbounded};
use futures_channel::oneshot;
use futures_util::future::{Either, LocalBoxFuture, ready, select};
use hourglass::data::catalogue::Catalogue;
use hourglass::data::{Making, Split};
use hourglass::engine::Session;
use hourglass::engine::protocol::{Answer, Ask, Command, DeviceKind, Event, GpuChoice, Origin, Point, Topic, VERSION};
use hourglass::engine::world::{Folder, World};
use hourglass::lessons::Recipe;
use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::rc::Rc;
use std::sync::{LazyLock, mpsc};
use std::thread;
use std::time::Duration;

/// No script takes so long, unless it waits for a cue that never comes.
const PATIENCE: Duration = Duration::from_secs(600);

/// The data that the session makes for itself.
pub fn strokes() -> Split {
    static STROKES: LazyLock<Split> = LazyLock::new(|| {
        let mut making = Making::new("strokes", 1).unwrap();
        while !making.step(1000) {}
        making.finish().unwrap()
    });
    STROKES.clone()
}

/// The page of a test: it hears every event, and says the next line of its script when that event comes.
pub type Script = Vec<(fn(&Event) -> bool, Command)>;

/// Runs a session to its end on the built-in data: all events.
pub fn play(gpu: GpuChoice, script: Script) -> Vec<Event> {
    play_at("no-such-site", gpu, script)
}

/// The same with a folder as the site.
pub fn play_at(site: &str, gpu: GpuChoice, script: Script) -> Vec<Event> {
    play_in(Site(Folder(site.into())), gpu, script)
}

/// The same on the built-in data, which this session makes for itself, and PCA of them, too.
pub fn play_alone(gpu: GpuChoice, script: Script) -> Vec<Event> {
    play_in(Folder("no-such-site".into()), gpu, script)
}

/// The same in any surroundings.
pub fn play_in<W: World>(world: W, gpu: GpuChoice, script: Script) -> Vec<Event> {
    play_before(world, gpu, script, |_| {})
}

/// The same before somebody who hears everything.
pub fn play_before<W: World>(world: W, gpu: GpuChoice, script: Script, hear: impl Fn(&Event) + 'static) -> Vec<Event> {
    let (sender, inbox) = unbounded();
    sender.unbounded_send(Command::Start { version: VERSION, base: String::new(), gpu }).unwrap();
    let heard = Rc::new(RefCell::new(Vec::new()));
    let events = heard.clone();
    let mut script = script.into_iter().peekable();
    // Dropped after the last line: the session ends when all is done.
    let page: RefCell<Option<UnboundedSender<Command>>> = RefCell::new(Some(sender));
    let script = RefCell::new(move |event: &Event, page: &mut Option<UnboundedSender<Command>>| {
        // One line per event: the next one waits for its own cue.
        if let Some((_, command)) = script.next_if(|(is_cue, _)| is_cue(event)) {
            page.as_ref().unwrap().unbounded_send(command).unwrap();
        }
        if script.peek().is_none() {
            *page = None;
        }
    });
    let session = Session::new(world, inbox, move |event| {
        hear(&event);
        (script.borrow_mut())(&event, &mut page.borrow_mut());
        events.borrow_mut().push(event);
    });
    let in_time = pollster::block_on(within(PATIENCE, session.run()));
    let heard = heard.take();
    let last: String = format!("{:?}", heard.last()).chars().take(200).collect();
    assert!(in_time, "a cue of the script never came; {} events did, the last is {last}", heard.len());
    heard
}

/// Whether something ends in time.
async fn within(most: Duration, run: impl Future<Output = ()>) -> bool {
    let (in_time, ended) = mpsc::channel::<()>();
    let (late, is_late) = oneshot::channel();
    thread::spawn(move || {
        if ended.recv_timeout(most) == Err(mpsc::RecvTimeoutError::Timeout) {
            // It ended at the same moment if nobody listens.
            let _ = late.send(());
        }
    });
    let ends = matches!(select(pin!(run), is_late).await, Either::Left(_));
    drop(in_time);
    ends
}

/// A small network on the built-in digits, one short epoch.
pub fn small() -> Recipe {
    Recipe { data: "strokes".into(), encoder: vec![16], z: 4, epochs: 1, batch: 400, ..Recipe::default() }
}

pub fn open(recipe: Recipe) -> (fn(&Event) -> bool, Command) {
    (|e| matches!(e, Event::Ready { .. }), Command::Open { recipe, origin: Origin::Seed })
}

pub fn opened(e: &Event) -> bool {
    matches!(e, Event::Opened { .. })
}

pub fn finished(e: &Event) -> bool {
    matches!(e, Event::Progress(p) if p.finished)
}

pub fn points(events: &[Event]) -> Vec<Point> {
    let of = |e: &Event| if let Event::Progress(p) = e { p.points.clone() } else { Vec::new() };
    events.iter().flat_map(of).collect()
}

#[test]
fn a_recipe_is_opened_trained_and_reset_to_the_identical_run() {
    let events = play_alone(
        GpuChoice::Off,
        vec![open(small()), (opened, Command::Train), (finished, Command::Reset), (opened, Command::Train)],
    );
    let Some(Event::Ready { device, sets, .. }) = events.first() else { panic!("the first event is {:?}", events[0]) };
    assert_eq!(device.kind, DeviceKind::Processor);
    assert!(device.reason.as_ref().is_some_and(|reason| reason.contains("gpu=off")), "{device:?}");
    assert!(sets.iter().any(|set| set.slug == "strokes" && set.built_in));
    let resets: Vec<_> = events.iter().enumerate().filter(|(_, e)| opened(e)).map(|(i, _)| i).collect();
    assert_eq!(resets.len(), 2, "one for the recipe, one for the reset");
    // Seconds differ between two runs, nothing else may.
    let curve = |events| points(events).iter().map(|p| (p.step, p.train, p.test)).collect::<Vec<_>>();
    let (first, second) = (curve(&events[..resets[1]]), curve(&events[resets[1]..]));
    assert_eq!(first, second, "a replay is another run");
    let steps = 20_000 / 400;
    assert_eq!(first.last().unwrap().0, steps);
    let tests: Vec<_> = first.iter().filter_map(|p| p.2).collect();
    assert!(tests.len() >= 3 && *tests.last().unwrap() < 0.8 * tests[0], "the test loss did not fall: {tests:?}");
    assert!(events.iter().any(|e| matches!(e, Event::Pca { mse, .. } if mse.len() == 65 && mse[10] < mse[0])));
    assert!(!events.iter().any(|e| matches!(e, Event::Failed { .. })), "{events:?}");
}

#[test]
fn drawings_are_seen_by_the_newest_weights_while_it_trains() {
    let watch = Command::Watch { input: Some((7, vec![0.5; 784])) };
    let events =
        play(GpuChoice::Off, vec![open(small()), (opened, watch), (|e| matches!(e, Event::Seen(_)), Command::Train)]);
    let seen: Vec<_> = events.iter().filter_map(|e| if let Event::Seen(s) = e { Some(s) } else { None }).collect();
    assert!(seen.len() >= 2, "seen {} times", seen.len());
    assert_eq!((seen[0].id, seen[0].step), (7, 0));
    let widths: Vec<_> = seen[0].signals.iter().map(Vec::len).collect();
    assert_eq!(widths, [784, 16, 4, 16, 784]);
    assert_eq!(seen[0].signals[0], vec![0.5; 784]);
    let output = seen[0].signals.last().unwrap();
    let mse = output.iter().map(|y| (y - 0.5) * (y - 0.5)).sum::<f32>() / 784.0;
    assert!((seen[0].mse - mse).abs() < 1e-6);
    let last = seen.last().unwrap();
    assert_eq!(last.step, 50, "the last look is at the finished network");
    assert_ne!(last.signals, seen[0].signals);
}

#[test]
fn what_can_not_be_done_is_said_and_the_old_network_stays() {
    let is_failure: fn(&Event) -> bool = |e| matches!(e, Event::Failed { .. });
    let wrong = |change: fn(&mut Recipe)| {
        let mut recipe = small();
        change(&mut recipe);
        Command::Open { recipe, origin: Origin::Seed }
    };
    let seen: fn(&Event) -> bool = |e| matches!(e, Event::Seen(_));
    let events = play(
        GpuChoice::Off,
        vec![
            open(small()),
            (opened, wrong(|r| r.encoder = vec![0])),
            (is_failure, wrong(|r| r.encoder = vec![1_000_000])),
            (is_failure, wrong(|r| r.data = "fish".into())),
            (is_failure, wrong(|r| r.learning_rate = f32::NAN)),
            (is_failure, Command::Decode { z: vec![0.0; 3] }),
            (is_failure, Command::Watch { input: Some((1, vec![0.0; 3])) }),
            (is_failure, Command::SetEpochs(0)),
            (is_failure, Command::Watch { input: Some((2, vec![0.0; 784])) }),
            (seen, Command::Pause),
        ],
    );
    let said: Vec<_> = events
        .iter()
        .filter_map(|e| if let Event::Failed { message, .. } = e { Some(message.as_str()) } else { None })
        .collect();
    let expected = [
        "is 0: it must be from 1",
        "is 1000000",
        "fish",
        "NaN",
        "has 3 values, the network's has 4",
        "3 values",
        "is 0: it must be from 1",
    ];
    assert_eq!(said.len(), expected.len(), "{said:#?}");
    for (said, expected) in said.iter().zip(expected) {
        assert!(said.contains(expected), "{said:?} does not say {expected:?}");
    }
    assert_eq!(events.iter().filter(|e| opened(e)).count(), 1, "a wrong recipe was opened");
}

#[test]
fn pause_stops_and_step_makes_one_step() {
    let running: fn(&Event) -> bool = |e| matches!(e, Event::Progress(p) if p.running && p.step > 3);
    let paused: fn(&Event) -> bool = |e| matches!(e, Event::Progress(p) if !p.running && p.step > 3);
    let events = play(
        GpuChoice::Off,
        vec![
            open(Recipe { epochs: 50, ..small() }),
            (opened, Command::Train),
            (running, Command::Pause),
            (paused, Command::Step),
        ],
    );
    let steps: Vec<_> =
        events.iter().filter_map(|e| if let Event::Progress(p) = e { Some(p.step) } else { None }).collect();
    let [.., before, after] = steps.as_slice() else { panic!("{steps:?}") };
    assert_eq!(after - before, 1, "one step, no more: {steps:?}");
    assert!(*after < 50 * 50, "the pause came too late");
}

#[test]
fn where_training_rests_everything_is_shown_by_the_weights_there() {
    let seen: fn(&Event) -> bool = |e| matches!(e, Event::Seen(_));
    let running: fn(&Event) -> bool = |e| matches!(e, Event::Progress(p) if p.running);
    let rests: fn(&Event) -> bool = |e| matches!(e, Event::Progress(p) if !p.running && p.step > 0);
    for gpu in [GpuChoice::Off, GpuChoice::Software] {
        let watch = Command::Watch { input: Some((1, vec![0.5; 784])) };
        // Sooner one after another than pictures follow each other.
        let mut script = vec![open(Recipe { epochs: 500, ..small() }), (opened, watch), (seen, Command::Step)];
        for _ in 0..3 {
            script.extend([(rests, Command::Step), (rests, Command::Train), (running, Command::Pause)]);
        }
        // It ends when it has had more epochs than are wished for then.
        let second: fn(&Event) -> bool = |e| matches!(e, Event::Progress(p) if p.running && p.step > 50);
        let ended: fn(&Event) -> bool = |e| matches!(e, Event::Progress(p) if !p.running && p.finished);
        script.extend([(rests, Command::Train), (second, Command::SetEpochs(1)), (ended, Command::Pause)]);
        let (mut seen, mut strip, mut rested) = (0, 0, 0);
        for event in play(gpu, script) {
            match event {
                Event::Seen(last) => seen = last.step,
                Event::Strip { step, .. } => strip = step,
                Event::Progress(p) if !p.running && p.step > 0 => {
                    rested += 1;
                    assert_eq!((seen, strip), (p.step, p.step), "{gpu:?}: shown are steps that were before");
                }
                _ => {}
            }
        }
        assert!(rested >= 9, "{gpu:?} rested {rested} times");
    }
}

#[test]
fn questions_are_answered_while_it_trains() {
    let moving = |e: &Event| matches!(e, Event::Progress(p) if p.running && p.step > 0);
    for gpu in [GpuChoice::Off, GpuChoice::Software] {
        // The second question takes the first one's place; the third, after training, is about the weights as they are.
        let recipe = Recipe { epochs: 3, batch: 100, ..small() };
        let script: Script = vec![
            open(recipe),
            (opened, Command::Train),
            (moving, crate::ask(Ask::Scores)),
            (|e| !finished(e), crate::ask(Ask::Scores)),
            (finished, crate::ask(Ask::Scores)),
        ];
        let events = play(gpu, script);
        let scores: Vec<_> = events
            .iter()
            .filter_map(|e| match crate::answer(e) {
                Some(Answer::Scores { step, train, test }) => Some((step, train, test)),
                _ => None,
            })
            .collect();
        assert!((1..=2).contains(&scores.len()), "{} answers", scores.len());
        let (step, train, test) = scores.last().unwrap();
        assert_eq!((train.all().len(), test.len()), (20_000, 4_000));
        assert_eq!(*step, 600, "asked after the last step");
        // The curve's last point is over 1,000 of the same test set, from all over it, by the same weights.
        let curve = points(&events).iter().rev().find_map(|p| p.test).unwrap();
        let mean = test.iter().step_by(4).sum::<f32>() / 1000.0;
        assert!((mean - curve).abs() < 1e-5, "{gpu:?}: {mean}, the curve says {curve}");
    }
}

/// A folder whose data do not come at the first try.
struct Offline {
    folder: Rc<Folder>,
    tried: Cell<bool>,
}

impl World for Offline {
    async fn fetch(&self, path: &str, progress: &mut dyn FnMut(u64)) -> Result<Vec<u8>, String> {
        self.folder.fetch(path, progress).await
    }

    async fn rest(&self) {
        self.folder.rest().await;
    }

    async fn sleep(&self, milliseconds: u32) {
        self.folder.sleep(milliseconds).await;
    }

    fn load(
        world: Rc<Self>,
        catalogue: Rc<Catalogue>,
        slug: String,
        out: Rc<dyn Fn(Event)>,
    ) -> LocalBoxFuture<'static, Result<Split, String>> {
        match world.tried.replace(true) {
            true => Folder::load(world.folder.clone(), catalogue, slug, out),
            false => Box::pin(ready(Err("no connection".into()))),
        }
    }
}

#[test]
fn data_that_did_not_come_are_fetched_again_when_something_needs_them() {
    let failed: fn(&Event) -> bool = |e| matches!(e, Event::Failed { doing, .. } if doing == "load the data");
    let steps = |events: &[Event]| {
        let of = |e: &Event| if let Event::Progress(p) = e { Some(p.step) } else { None };
        events.iter().filter_map(of).max()
    };
    let after = |command: Command| {
        let world = Offline { folder: Rc::new(Folder("no-such-site".into())), tried: Cell::new(false) };
        let events = play_in(world, GpuChoice::Off, vec![open(small()), (failed, command)]);
        assert_eq!(events.iter().filter(|e| failed(e)).count(), 1, "{events:?}");
        events
    };
    assert_eq!(steps(&after(Command::Train)), Some(50), "it does not train");
    assert_eq!(steps(&after(Command::Step)), Some(1), "it makes no step, or more than one");
    let asked = after(crate::ask(Ask::Scores));
    assert!(asked.iter().any(|e| matches!(crate::answer(e), Some(Answer::Scores { .. }))), "nothing is answered");
    assert_eq!(steps(&asked), Some(0), "a question made it train");
}

#[test]
fn what_was_asked_of_the_old_weights_is_not_answered_after_a_reset() {
    let sweep = crate::ask(Ask::Sweep { zs: vec![1, 2] });
    let begun: fn(&Event) -> bool = |e| matches!(e, Event::Answering { topic: Topic::Sweep, .. });
    for gpu in [GpuChoice::Off, GpuChoice::Software] {
        let script: Script = vec![
            open(small()),
            (opened, Command::Train),
            (finished, sweep.clone()),
            (begun, Command::Reset),
            (opened, crate::ask(Ask::Scores)),
        ];
        let events = play(gpu, script);
        let answers: Vec<_> = events.iter().filter_map(crate::answer).collect();
        assert!(matches!(answers[..], [Answer::Scores { step: 0, .. }]), "{gpu:?}: {answers:?}");
    }
}
