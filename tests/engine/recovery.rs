//! Devices that fail, and what becomes of the run.
use crate::once;
use crate::session::{Script, finished, open, opened, play_before, points, small};
use crate::siamese::lesson::{done, taught, teach};
use futures_util::future::{LocalBoxFuture, pending, ready};
use hourglass::compute::{Device, Gpu, GpuError, GpuOptions};
use hourglass::data::Split;
use hourglass::data::catalogue::Catalogue;
use hourglass::engine::protocol::{
    Answer, Ask, Command, DeviceKind, Event, GpuChoice, Kernels, Origin, Point, Topic, Unfolded, go_on,
};
use hourglass::engine::recovery::{Look, Next, Rules};
use hourglass::engine::world::{Folder, World};
use hourglass::lessons::Recipe;
use hourglass::lessons::kernels::Place;
use hourglass::lessons::latent::Space;
use hourglass::lessons::recipe::Init;
use hourglass::lessons::siamese::{By, Measure, Pair, Start};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

/// What becomes of a request for a GPU.
#[derive(Clone)]
enum Fate {
    /// It works.
    Works,
    /// It works, and breaks with this when the run has come to this step.
    Breaks(u32, GpuError),
    Refused,
    /// It computes wrongly.
    Wrong,
    Hangs,
    /// It comes when the session has rested so often.
    Late(u32),
}

/// The GPU that breaks next: at which step, and by what.
type Breaking = Rc<RefCell<Option<(u32, GpuError, Rc<Device>)>>>;

/// Surroundings with GPUs of these fates, one after the other; a second is over when everybody else waits.
struct Lab {
    folder: Folder,
    fates: RefCell<VecDeque<Fate>>,
    rests: Cell<u32>,
    breaking: Breaking,
    slept: Rc<Cell<u64>>,
}

fn lab(fates: &[Fate]) -> Lab {
    Lab {
        folder: Folder("no-such-site".into()),
        fates: RefCell::new(fates.iter().cloned().collect()),
        rests: Cell::new(0),
        breaking: Rc::default(),
        slept: Rc::default(),
    }
}

impl World for Lab {
    async fn fetch(&self, path: &str, progress: &mut dyn FnMut(u64)) -> Result<Vec<u8>, String> {
        self.folder.fetch(path, progress).await
    }

    async fn rest(&self) {
        self.rests.set(self.rests.get() + 1);
        self.folder.rest().await;
    }

    async fn sleep(&self, milliseconds: u32) {
        // Everything that is not a timer has its turn first, often.
        for _ in 0..milliseconds.div_ceil(500) {
            self.folder.rest().await;
        }
        self.slept.set(self.slept.get() + u64::from(milliseconds));
    }

    fn load(world: Rc<Self>, catalogue: Rc<Catalogue>, slug: String, out: Rc<dyn Fn(Event)>) -> once::Coming<Split> {
        let site = world.folder.0.clone();
        once::load(world, site, catalogue, slug, out)
    }

    fn fitting(components: usize) -> once::Coming<once::Fitting> {
        once::fitting(components)
    }

    fn gpu(world: Rc<Self>, _: bool) -> LocalBoxFuture<'static, Result<Rc<Device>, GpuError>> {
        let fate = world.fates.borrow_mut().pop_front().unwrap_or(Fate::Refused);
        Box::pin(async move {
            match fate {
                Fate::Refused => return Err(GpuError::NoAdapter),
                Fate::Wrong => return Err(wrong()),
                Fate::Hangs => pending::<()>().await,
                Fate::Late(rests) => {
                    let until = world.rests.get() + rests;
                    while world.rests.get() < until {
                        world.folder.rest().await;
                    }
                }
                Fate::Works | Fate::Breaks(..) => ready(()).await,
            }
            let gpu = Gpu::new(GpuOptions { software: true, plain: false }).await?;
            let gpu = Rc::new(Device::Gpu(gpu));
            // Never dropped: at the end of a thread wgpu's own thread-locals are already gone.
            std::mem::forget(gpu.clone());
            if let Fate::Breaks(step, error) = fate {
                *world.breaking.borrow_mut() = Some((step, error, gpu.clone()));
            }
            Ok(gpu)
        })
    }
}

fn wrong() -> GpuError {
    GpuError::Wrong { words: "its kernel “loss” gives 1 where 2 is right".into(), report: "what was found".into() }
}

fn lost() -> GpuError {
    GpuError::Lost("a test".into())
}

/// A run long enough for a fault in the middle of it, and short enough that its curve has a point for each step.
fn long() -> Recipe {
    Recipe { batch: 50, ..small() }
}

fn trained(fates: &[Fate]) -> Vec<Event> {
    play(lab(fates), vec![open(long()), (opened, Command::Train)])
}

fn play(lab: Lab, script: Script) -> Vec<Event> {
    play_until(lab, script, |_| false)
}

/// A device that was to break later breaks with this event.
fn play_until(lab: Lab, script: Script, over: fn(&Event) -> bool) -> Vec<Event> {
    let breaking = lab.breaking.clone();
    play_before(lab, GpuChoice::Software, script, move |event| {
        let now = match event {
            event if over(event) => u32::MAX,
            Event::Progress(progress) => progress.step,
            Event::Strip { step, .. } => *step,
            _ => return,
        };
        let due = breaking.borrow_mut().take_if(|(at, ..)| *at <= now);
        if let Some((_, error, gpu)) = due
            && let Device::Gpu(gpu) = &*gpu
        {
            match error {
                GpuError::Lost(_) => gpu.destroy(),
                other => gpu.fail(other),
            }
        }
    })
}

/// The page's curve at the end: it falls back with the run.
fn curve(events: &[Event]) -> Vec<Point> {
    let mut curve = Vec::new();
    for event in events {
        if let Event::Progress(progress) = event {
            go_on(&mut curve, &progress.points);
        }
    }
    curve
}

/// The losses of all steps in it.
fn losses(events: &[Event]) -> Vec<(u32, f32)> {
    curve(events).iter().map(|point| (point.step, point.train)).collect()
}

fn devices(events: &[Event]) -> Vec<(DeviceKind, Option<String>, Option<String>)> {
    let of = |event: &Event| match event {
        Event::Ready { device, .. } => Some((device.kind, device.reason.clone(), None)),
        Event::DeviceChanged { device, note } => Some((device.kind, device.reason.clone(), note.clone())),
        _ => None,
    };
    events.iter().filter_map(of).collect()
}

fn has_gpu(test: &str) -> bool {
    let there = pollster::block_on(crate::devices()).len() > 1;
    if !there {
        println!("NOT RUN: {test} needs a GPU, if only in software");
    }
    there
}

#[test]
fn a_lost_gpu_is_replaced_and_the_curve_is_the_undisturbed_one() {
    if !has_gpu("a lost GPU") {
        return;
    }
    let [works, breaks] = [vec![Fate::Works], vec![Fate::Breaks(100, lost()), Fate::Breaks(250, lost()), Fate::Works]];
    let undisturbed = trained(&works);
    let disturbed = trained(&breaks);
    let said = devices(&disturbed);
    assert_eq!(said.len(), 3, "{said:?}");
    assert!(said.iter().all(|(kind, ..)| *kind == DeviceKind::SoftwareWebGpu), "{said:?}");
    for (.., note) in &said[1..] {
        let note = note.as_ref().unwrap();
        assert!(note.contains("A new one took over") && note.contains("all else is kept"), "{note}");
    }
    assert!(disturbed.iter().any(finished));
    let tested = |events: &[Event]| points(events).last().and_then(|point| point.test);
    assert_eq!(losses(&undisturbed), losses(&disturbed), "after a loss another run goes on");
    assert_eq!(tested(&undisturbed), tested(&disturbed));
    // And where a point of the curve is the mean of several steps: all of them, whichever device made them.
    let many = Recipe { batch: 25, ..small() };
    let played = |fates: &[Fate]| {
        let events = play(lab(fates), vec![open(many.clone()), (opened, Command::Train)]);
        curve(&events).iter().map(|point| (point.step, point.train, point.test)).collect::<Vec<_>>()
    };
    let (undisturbed, disturbed) = (played(&works), played(&breaks));
    assert!(undisturbed.len() < 600, "{} points of 800 steps", undisturbed.len());
    assert_eq!(undisturbed, disturbed);
}

#[test]
fn without_a_gpu_the_processor_goes_on_and_hands_over_when_it_comes_back() {
    if !has_gpu("a GPU that comes back") {
        return;
    }
    let mut fates = vec![Fate::Breaks(100, lost())];
    fates.extend(vec![Fate::Refused; 5]);
    fates.push(Fate::Works);
    let lab = lab(&fates);
    let slept = lab.slept.clone();
    let back: fn(&Event) -> bool =
        |e| matches!(e, Event::DeviceChanged { note: Some(note), .. } if note.contains("The GPU is back"));
    let script = vec![open(Recipe { epochs: 500, ..long() }), (opened, Command::Train), (back, Command::Pause)];
    let events = play(lab, script);
    let said = devices(&events);
    let kinds: Vec<_> = said.iter().map(|(kind, ..)| *kind).collect();
    assert_eq!(kinds[0], DeviceKind::SoftwareWebGpu, "{said:?}");
    assert_eq!(kinds[1], DeviceKind::Processor, "{said:?}");
    assert!(said[1].1.as_ref().is_some_and(|reason| reason.contains("two minutes")), "{said:?}");
    assert!(said[1].2.as_ref().is_some_and(|note| note.contains("The processor took over")), "{said:?}");
    let last = said.last().unwrap();
    assert_eq!(last.0, DeviceKind::SoftwareWebGpu, "{said:?}");
    assert!(slept.get() < 150_000, "{} s", slept.get() / 1000);
    // The processor hands over its last step, and none before that.
    let at = events.iter().rposition(|e| matches!(e, Event::DeviceChanged { .. })).unwrap();
    let step = |e: &Event| if let Event::Progress(p) = e { Some(p.step) } else { None };
    let before = events[..at].iter().rev().find_map(step).unwrap();
    let after = events[at..].iter().find_map(step).unwrap();
    assert!(after >= before, "from step {before} to {after}");
    let curve = losses(&events);
    assert!(curve.windows(2).all(|pair| pair[0].0 < pair[1].0));
}

#[test]
fn a_gpu_that_is_late_is_not_waited_for() {
    if !has_gpu("a GPU that is late") {
        return;
    }
    let said = devices(&trained(&[Fate::Late(50)]));
    assert_eq!(said[0].0, DeviceKind::Processor);
    assert!(said[0].1.as_ref().is_some_and(|reason| reason.contains("not answered yet")), "{said:?}");
    assert_eq!((said[1].0, &said[1].2), (DeviceKind::SoftwareWebGpu, &None), "nobody needs to know");
    let events = trained(&[Fate::Hangs]);
    assert_eq!(devices(&events).len(), 1);
    assert!(events.iter().any(finished));
}

#[test]
fn a_gpu_that_only_fails_is_left_for_the_processor() {
    if !has_gpu("a GPU that only fails") {
        return;
    }
    let said = devices(&trained(&vec![Fate::Breaks(1, GpuError::Refused("a test".into())); 9]));
    let last = said.last().unwrap();
    assert_eq!(last.0, DeviceKind::Processor, "{said:?}");
    assert!(last.1.as_ref().is_some_and(|reason| reason.contains("refused a command")), "{said:?}");
}

#[test]
fn a_gpu_that_computes_wrongly_is_left_and_what_was_found_is_kept() {
    let asked = crate::ask(Ask::Report);
    let script = vec![open(long()), (opened, asked), (|e| crate::answer(e).is_some(), Command::Train)];
    let events = play(lab(&[Fate::Wrong]), script);
    let said = devices(&events);
    assert_eq!((said.len(), said[0].0), (1, DeviceKind::Processor), "{said:?}");
    let reason = said[0].1.clone().unwrap();
    assert_eq!(reason, "the GPU computes wrongly: its kernel “loss” gives 1 where 2 is right");
    let answer = events.iter().find_map(crate::answer);
    assert!(matches!(&answer, Some(Answer::Report(report)) if report == "what was found"), "{answer:?}");
    assert!(events.iter().any(finished), "the processor trains");
}

#[test]
fn without_memory_the_batch_is_halved() {
    if !has_gpu("a GPU without memory") {
        return;
    }
    let script = vec![open(Recipe { batch: 200, ..small() }), (opened, Command::Train)];
    let events = play(lab(&[Fate::Breaks(20, GpuError::OutOfMemory), Fate::Works]), script);
    assert_eq!(events.iter().filter(|e| matches!(e, Event::Batch(100))).count(), 1);
    let said = devices(&events);
    let note = said[1].2.clone().unwrap();
    assert!(note.contains("no memory") && note.contains("The batch is 100 from now on"), "{note}");
    let last =
        events.iter().rev().find_map(|e| if let Event::Progress(p) = e { Some(p.clone()) } else { None }).unwrap();
    assert!(last.finished);
    assert_eq!(last.step, 20_000 / 100);
}

#[test]
fn a_gpu_that_is_lost_while_nothing_runs_is_replaced_all_the_same() {
    if !has_gpu("an idle GPU") {
        return;
    }
    let scores: fn(&Event) -> bool = |e| matches!(e, Event::Strip { .. });
    let paused: fn(&Event) -> bool = |e| matches!(e, Event::DeviceChanged { .. });
    let recipe = long();
    let events = play(
        lab(&[Fate::Breaks(0, lost()), Fate::Works]),
        vec![
            (|e| matches!(e, Event::Ready { .. }), Command::Open { recipe, origin: Origin::Seed }),
            (scores, crate::ask(hourglass::engine::protocol::Ask::Scores)),
            (paused, Command::Train),
        ],
    );
    assert!(events.iter().any(finished), "{:?}", devices(&events));
    assert!(events.iter().any(|e| crate::answer(e).is_some()), "the question is asked again");
}

#[test]
fn what_was_learned_by_pairs_goes_to_the_next_device() {
    if !has_gpu("an encoder that moves") {
        return;
    }
    let by_answers = |start, steps| {
        let pairs = (0..9).map(|a| Pair { a, b: a + 7, same: a % 2 == 0 }).collect();
        teach(start, By::Answers { pairs, steps }, Measure::No)
    };
    let courses = [vec![Fate::Works], vec![Fate::Breaks(u32::MAX, lost()), Fate::Works]];
    let ends = courses.map(|fates| {
        let devices = fates.len() as u32;
        let script = vec![
            open(Recipe { init: Init::Torch, ..small() }),
            (opened, by_answers(Some(Start::Scratch), 12)),
            (done, by_answers(None, 8)),
            (done, Command::Pause),
        ];
        let events = play_until(lab(&fates), script, done);
        let number = |e: &Event| if let Event::DeviceChanged { device, .. } = e { Some(device.number) } else { None };
        assert_eq!(events.iter().rev().find_map(number).unwrap_or(0), devices - 1);
        let mut all = taught(&events);
        assert_eq!(all.iter().filter(|taught| taught.begun).count(), 1, "it began anew");
        assert!(all[0].begun && all[0].measured.is_some(), "how it stood is not known");
        all.pop().unwrap()
    });
    assert!(ends[0].steps == 20 && ends[0].moved > 0.0, "{} steps, moved by {}", ends[0].steps, ends[0].moved);
    assert_eq!((ends[0].steps, ends[0].loss), (ends[1].steps, ends[1].loss));
    assert_eq!(ends[0].moved, ends[1].moved);
    assert!(ends[0].chart.codes == ends[1].chart.codes, "on the way something changed");
}

#[test]
fn an_update_in_slow_motion_is_made_again_on_the_next_device() {
    if !has_gpu("an update that is lost") {
        return;
    }
    let ask = |kernels| crate::ask(Ask::Kernels(kernels));
    let made: fn(&Event) -> bool =
        |e| matches!(crate::answer(e), Some(Answer::Kernels(Unfolded::Updated(updated))) if updated.loss > 0.0);
    let measuring: fn(&Event) -> bool = |e| matches!(e, Event::Answering { topic: Topic::Times, .. });
    let moved: fn(&Event) -> bool = |e| matches!(e, Event::DeviceChanged { .. });
    let script = vec![
        open(small()),
        (opened, ask(Kernels::Update { input: None })),
        (made, ask(Kernels::Times)),
        (moved, ask(Kernels::Update { input: None })),
        (made, ask(Kernels::Follow(Place::default()))),
        (|e| matches!(crate::answer(e), Some(Answer::Kernels(Unfolded::Followed(_)))), Command::Pause),
    ];
    let events = play_until(lab(&[Fate::Breaks(u32::MAX, lost()), Fate::Works]), script, measuring);
    assert!(events.iter().any(moved), "the device did not break");
    let refused = |e: &&Event| matches!(e, Event::Unanswered { .. });
    assert_eq!(events.iter().find(refused), None, "what was asked of an update that is gone is no trouble");
}

#[test]
fn rules_say_when_a_gpu_is_asked_for_again() {
    let mut rules = Rules::default();
    let none = GpuError::NoAdapter;
    assert_eq!(rules.refused(&none), Next::Never, "what a browser never had");
    let slow = GpuError::TimedOut(10);
    let all: Vec<_> = (0..4).map(|_| rules.refused(&slow)).collect();
    assert_eq!(all, [Next::Later, Next::Later, Next::Never, Next::Never], "with the one before");
    rules.came();
    assert!((0..1000).all(|_| rules.refused(&none) == Next::Later), "what has worked may come back");
    let all: Vec<_> = (0..7).map(|_| rules.failed(false)).collect();
    assert_eq!(all, [Next::Now, Next::Now, Next::Later, Next::Later, Next::Later, Next::Never, Next::Never]);
    assert!((0..1000).all(|_| rules.failed(true) == Next::Now), "a run that gets on goes on");
}

#[test]
fn rules_say_when_a_gpu_is_busy() {
    let mut rules = Rules::default();
    let mut at = |answers| (0..60).map(|_| rules.look(answers)).collect::<Vec<_>>();
    let all = at(Some(7));
    // The first look is the measure for those that follow, each half a second after the other.
    assert_eq!(all.iter().position(|&look| look == Look::Busy), Some(10));
    assert_eq!(all.iter().position(|&look| look == Look::Over), Some(40));
    assert_eq!(all.iter().filter(|&&look| look == Look::Busy).count(), 1, "said once");
    assert_eq!(at(Some(8))[0], Look::Awake);
    assert!(at(None).iter().all(|&look| look != Look::Busy), "it owes nothing");
    let mut answers = 0..;
    assert!((0..100).all(|_| rules.look(answers.next()) == Look::Same), "it answers");
}

#[test]
fn a_variational_network_that_was_reset_goes_on_on_the_next_device() {
    if !has_gpu("a reset variational network") {
        return;
    }
    let answered: fn(&Event) -> bool = |e| crate::answer(e).is_some();
    let pictures = crate::ask(Ask::Pictures { indices: vec![0] });
    let changed: fn(&Event) -> bool = |e| matches!(e, Event::DeviceChanged { .. });
    let events = play_until(
        lab(&[Fate::Breaks(u32::MAX, lost()), Fate::Works]),
        vec![
            open(Recipe { variational: Some(1.0), ..small() }),
            (opened, Command::Train),
            (finished, Command::Reset),
            (opened, pictures),
            // Natively a loss is only noticed where something is asked of the device.
            (answered, crate::ask(Ask::Map { space: Space::Codes, all: false })),
            (changed, Command::Train),
        ],
        answered,
    );
    let failed = events.iter().find(|e| matches!(e, Event::Failed { .. }));
    assert!(failed.is_none(), "{failed:?}");
    assert!(events.iter().any(finished));
}
