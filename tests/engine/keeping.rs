//! A run that was kept goes on in another session as if nothing had happened.
use crate::once;
use crate::session::{finished, opened, play_in, points, small};
use futures_util::future::{LocalBoxFuture, ready};
use hourglass::data::Split;
use hourglass::data::catalogue::Catalogue;
use hourglass::engine::keeping::store::{Stored, keep};
use hourglass::engine::keeping::{Answer, Found, Keeping, Record, Store};
use hourglass::engine::protocol::{self, Ask, Card, Command, Event, GpuChoice, Origin, Runs, Topic};
use hourglass::engine::world::{Folder, World};
use hourglass::lessons::Recipe;
use hourglass::nn::State;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// A place that keeps runs for as long as a test lasts.
#[derive(Clone, Default)]
struct Memory {
    runs: Rc<RefCell<BTreeMap<String, Place>>>,
    /// Everything is refused.
    full: bool,
    /// Nothing happens at once.
    slow: bool,
}

#[derive(Default)]
struct Place {
    card: Vec<u8>,
    name: Option<String>,
    states: [Option<Vec<u8>>; 2],
}

fn done<T: 'static>(value: T) -> Stored<T> {
    Box::pin(ready(Ok(value)))
}

impl Store for Memory {
    fn put(&self, id: &str, card: Vec<u8>, place: u8, state: Vec<u8>) -> Stored<()> {
        if self.full {
            return Box::pin(ready(Err("QuotaExceededError".into())));
        }
        let mut runs = self.runs.borrow_mut();
        let run = runs.entry(id.into()).or_default();
        run.card = card;
        run.states[usize::from(place)] = Some(state);
        done(())
    }

    fn name(&self, id: &str, name: Option<&str>) -> Stored<()> {
        self.runs.borrow_mut().get_mut(id).unwrap().name = name.map(Into::into);
        done(())
    }

    fn cards(&self) -> Stored<Vec<(Vec<u8>, Option<String>)>> {
        done(self.runs.borrow().values().map(|run| (run.card.clone(), run.name.clone())).collect())
    }

    fn states(&self, id: &str) -> Stored<Vec<Vec<u8>>> {
        let runs = self.runs.borrow();
        done(runs.get(id).map(|run| run.states.iter().flatten().cloned().collect()).unwrap_or_default())
    }

    fn delete(&self, ids: Vec<String>) -> Stored<()> {
        self.runs.borrow_mut().retain(|id, _| !ids.contains(id));
        done(())
    }
}

/// A process that has such a place.
struct Home(Folder, Rc<Memory>);

impl Home {
    fn new(memory: &Memory) -> Self {
        Self(Folder("no-such-site".into()), Rc::new(memory.clone()))
    }
}

impl World for Home {
    async fn fetch(&self, path: &str, progress: &mut dyn FnMut(u64)) -> Result<Vec<u8>, String> {
        self.0.fetch(path, progress).await
    }

    async fn rest(&self) {
        self.0.rest().await;
    }

    async fn sleep(&self, milliseconds: u32) {
        self.0.sleep(milliseconds).await;
    }

    fn load(world: Rc<Self>, catalogue: Rc<Catalogue>, slug: String, out: Rc<dyn Fn(Event)>) -> once::Coming<Split> {
        let site = world.0.0.clone();
        once::load(world, site, catalogue, slug, out)
    }

    fn fitting(components: usize) -> once::Coming<once::Fitting> {
        once::fitting(components)
    }

    fn keeping(world: Rc<Self>, what: Keeping) -> Answer {
        let store = world.1.clone();
        let kept: LocalBoxFuture<'static, _> = Box::pin(async move {
            for _ in 0..if store.slow { 50 } else { 0 } {
                world.rest().await;
            }
            keep(&*store, what).await
        });
        kept
    }
}

#[test]
fn what_changes_a_kept_run_is_done_whatever_comes_next() {
    let memory = Memory::default();
    play_in(
        Home::new(&memory),
        GpuChoice::Off,
        vec![fresh(small()), (opened, Command::Train), (finished, Command::Pause)],
    );
    let id = only(&memory);
    let any: fn(&Event) -> bool = |_| true;
    let slow = Memory { slow: true, ..memory.clone() };
    // The visitor leaves the lesson at once; or something else asks which runs there are.
    let named = Runs::Name { id: id.clone(), name: Some("mine".into()) };
    let script = vec![fresh(small()), (opened, crate::ask(Ask::Runs(named))), (any, Command::Drop(Topic::Runs))];
    play_in(Home::new(&slow), GpuChoice::Off, script);
    assert_eq!(cards(&memory)[0].name.as_deref(), Some("mine"));
    let [deleted, list] = [Runs::Delete { id }, Runs::List].map(|runs| crate::ask(Ask::Runs(runs)));
    let script = vec![fresh(small()), (opened, deleted), (any, list)];
    let events = play_in(Home::new(&slow), GpuChoice::Off, script);
    assert!(cards(&memory).is_empty(), "a run that was deleted is kept");
    let said = events.iter().rev().find_map(|e| match crate::answer(e) {
        Some(protocol::Answer::Runs(cards)) => Some(cards),
        _ => None,
    });
    assert_eq!(said.map(|cards| cards.len()), Some(0), "what was said last");
}

fn ready_(e: &Event) -> bool {
    matches!(e, Event::Ready { .. })
}

fn fresh(recipe: Recipe) -> (fn(&Event) -> bool, Command) {
    (ready_, Command::Open { recipe, origin: Origin::Seed })
}

fn begun(e: &Event) -> bool {
    matches!(e, Event::Progress(p) if p.step >= 1)
}

fn saved(id: &str) -> Command {
    // Another recipe than the run's: its own counts.
    Command::Open { recipe: Recipe { z: 2, ..small() }, origin: Origin::Saved(id.into()) }
}

fn only(memory: &Memory) -> String {
    let ids: Vec<_> = memory.runs.borrow().keys().cloned().collect();
    let [id] = &ids[..] else { panic!("kept: {ids:?}") };
    id.clone()
}

fn cards(memory: &Memory) -> Vec<Card> {
    match pollster::block_on(keep(memory, Keeping::Runs(Runs::List))) {
        Ok(Found::Cards(cards)) => cards,
        _ => panic!("no cards"),
    }
}

/// Train losses by step: seconds differ, nothing else may.
fn losses(events: &[Event]) -> BTreeMap<u32, u32> {
    points(events).iter().map(|point| (point.step, point.train.to_bits())).collect()
}

#[test]
fn a_run_goes_on_in_another_session_as_if_nothing_had_happened() {
    for gpu in [GpuChoice::Off, GpuChoice::Software] {
        // Longer than any machine takes to say that it trains, and to stop.
        let recipe = Recipe { variational: Some(0.01), epochs: 4, ..small() };
        let undisturbed =
            play_in(Home::new(&Memory::default()), gpu, vec![fresh(recipe.clone()), (opened, Command::Train)]);
        let memory = Memory::default();
        let drawing = Command::Drawing(vec![7, 8, 9]);
        let script =
            vec![fresh(recipe.clone()), (opened, drawing), (opened_or_any, Command::Train), (begun, Command::Pause)];
        play_in(Home::new(&memory), gpu, script);
        let id = only(&memory);
        let left = cards(&memory).remove(0);
        assert!((1..200).contains(&left.step), "kept at step {}", left.step);
        assert_eq!((&left.recipe, left.before), (&recipe, 0));

        let script = vec![fresh(small()), (opened, saved(&id)), (is_saved, Command::Train)];
        let events = play_in(Home::new(&memory), gpu, script);
        let offered = events
            .iter()
            .find_map(|e| if let Event::Left { id, step, .. } = e { Some((id.clone(), *step)) } else { None });
        assert_eq!(offered, Some((id.clone(), left.step)));
        let back = events.iter().position(is_saved).expect("it was opened");
        let Event::Opened { recipe: opened, .. } = &events[back] else { unreachable!() };
        assert_eq!(*opened, recipe);
        assert!(events[back..].contains(&Event::Drawing(vec![7, 8, 9])), "what lay on the pad");
        // Points are means over the steps since the one before: the pause makes one more of them, and those that both have
        // are equal to the bit but for the one after it.
        let (all, whole) = (losses(&events[back..]), losses(&undisturbed));
        let equal = whole.iter().filter(|(step, loss)| all.get(step) == Some(loss)).count();
        assert!(equal + 2 >= whole.len(), "{gpu:?}: {equal} of {} points are equal: {all:?}, {whole:?}", whole.len());
        assert_eq!(all.last_key_value(), whole.last_key_value());
        assert_eq!(only(&memory), id, "it goes on under its own name");
        assert_eq!(cards(&memory)[0].step, 200, "and was kept at its end, too");
    }
}

fn opened_or_any(_: &Event) -> bool {
    true
}

fn is_saved(e: &Event) -> bool {
    matches!(e, Event::Opened { origin: Origin::Saved(_), .. })
}

#[test]
fn of_two_places_the_one_that_is_whole_counts() {
    let memory = Memory::default();
    let script = vec![fresh(small()), (opened, Command::Step), (twenty_or_one, Command::Step), (two, Command::Pause)];
    play_in(Home::new(&memory), GpuChoice::Off, script);
    let id = only(&memory);
    let steps = |memory: &Memory| -> Vec<u32> {
        let runs = memory.runs.borrow();
        runs[&id].states.iter().flatten().map(|state| Record::read(state).unwrap().card.step).collect()
    };
    let mut both = steps(&memory);
    both.sort_unstable();
    assert_eq!(both, [1, 2], "both places are used in turn");

    let tear = |step: u32| {
        let mut runs = memory.runs.borrow_mut();
        for state in runs.get_mut(&id).unwrap().states.iter_mut().flatten() {
            if Record::read(state).is_ok_and(|record| record.card.step == step) {
                let middle = state.len() / 2;
                state.truncate(middle);
            }
        }
    };
    tear(2);
    let events = play_in(Home::new(&memory), GpuChoice::Off, vec![fresh(small()), (opened, saved(&id))]);
    let progress = events.iter().rev().find_map(|e| if let Event::Progress(p) = e { Some(p.step) } else { None });
    assert_eq!(progress, Some(1), "the record before the torn one");

    tear(1);
    let events = play_in(Home::new(&memory), GpuChoice::Off, vec![fresh(small()), (opened, saved(&id))]);
    let said = events.iter().find_map(|e| if let Event::Failed { message, .. } = e { Some(message) } else { None });
    assert!(said.is_some_and(|said| said.contains("damaged") && said.contains("checksum")), "{said:?}");
    assert!(!events.iter().any(is_saved), "the network that stands stays");
    let events = play_in(Home::new(&memory), GpuChoice::Off, vec![fresh(small()), (opened, saved("other"))]);
    let said = events.iter().find_map(|e| if let Event::Failed { message, .. } = e { Some(message) } else { None });
    assert!(said.is_some_and(|said| said.contains("no longer kept")), "{said:?}");
}

fn twenty_or_one(e: &Event) -> bool {
    matches!(e, Event::Progress(p) if p.step == 1)
}

fn two(e: &Event) -> bool {
    matches!(e, Event::Progress(p) if p.step == 2)
}

#[test]
fn where_there_is_no_room_training_goes_on_and_it_is_said_once() {
    let memory = Memory { full: true, ..Memory::default() };
    let script = vec![fresh(Recipe { epochs: 3, ..small() }), (opened, Command::Train), (finished, Command::Pause)];
    let events = play_in(Home::new(&memory), GpuChoice::Off, script);
    let said: Vec<_> =
        events.iter().filter_map(|e| if let Event::NotKept { message } = e { Some(message) } else { None }).collect();
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].contains("QuotaExceededError") && said[0].contains("Your files"), "{said:?}");
    assert!(events.iter().any(finished));
    assert!(!events.iter().any(|e| matches!(e, Event::Failed { .. } | Event::Unanswered { .. })), "{events:?}");
}

#[test]
fn a_reset_begins_another_run() {
    let memory = Memory::default();
    let script = vec![fresh(small()), (opened, Command::Train), (finished, Command::Reset), (opened, Command::Train)];
    play_in(Home::new(&memory), GpuChoice::Off, script);
    assert_eq!(cards(&memory).len(), 2);
}

#[test]
fn the_last_few_stay_and_those_with_a_name() {
    let memory = Memory::default();
    let save = |i: u32| {
        let card = Card {
            id: format!("run-{i:02}"),
            name: None,
            recipe: small(),
            before: 0,
            step: i,
            when: f64::from(i),
            seconds: 0.0,
            curve: Vec::new(),
        };
        let record = Record { card, state: Rc::new(State::at_first(vec![0.0; 4])), drawing: Vec::new() };
        let save = Keeping::Save { record: Box::new(record), place: 0, new: true };
        assert!(pollster::block_on(keep(&memory, save)).is_ok());
    };
    save(1);
    let name = Runs::Name { id: "run-01".into(), name: Some("mine".into()) };
    assert!(pollster::block_on(keep(&memory, Keeping::Runs(name))).is_ok());
    (2..=12).for_each(save);
    let steps = |memory: &Memory| cards(memory).iter().map(|card| card.step).collect::<Vec<_>>();
    assert_eq!(steps(&memory), [12, 11, 10, 9, 8, 7, 6, 5, 1], "newest first");
    assert_eq!(cards(&memory)[8].name.as_deref(), Some("mine"));
    let delete = Runs::Delete { id: "run-01".into() };
    assert!(pollster::block_on(keep(&memory, Keeping::Runs(delete))).is_ok());
    assert_eq!(steps(&memory).last(), Some(&5));
}
