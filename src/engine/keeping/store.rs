//! What is done with a place that keeps runs: a browser's database, or a test's memory.
use super::{Found, Keeping, Record};
use crate::engine::protocol::{Card, Point, Runs};
use crate::words;
use futures_util::future::LocalBoxFuture;

/// Runs without a name that are kept: the last few.
const LAST: usize = 8;
/// Points of a card's curve at most.
const POINTS: usize = 300;

/// A place that keeps runs.
pub type Stored<T> = LocalBoxFuture<'static, Result<T, String>>;

/// Bytes by the run's id. Each call is done whole or not at all.
pub trait Store {
    /// A card, and a state in one of the run's two places, so that the other one is there while this is written.
    fn put(&self, id: &str, card: Vec<u8>, place: u8, state: Vec<u8>) -> Stored<()>;
    /// A name; `None` takes it away.
    fn name(&self, id: &str, name: Option<&str>) -> Stored<()>;
    /// Card and name of every run.
    fn cards(&self) -> Stored<Vec<(Vec<u8>, Option<String>)>>;
    /// The states of a run, in no order.
    fn states(&self, id: &str) -> Stored<Vec<Vec<u8>>>;
    /// Everything of these runs is gone.
    fn delete(&self, ids: Vec<String>) -> Stored<()>;
}

/// Does what is wanted.
///
/// # Errors
/// In words, with the next step.
pub async fn keep(store: &dyn Store, what: Keeping) -> Result<Found, String> {
    match what {
        Keeping::Save { record, place, new } => {
            let thin = Card { curve: thinned(&record.card), ..record.card.clone() };
            let saved = store.put(&thin.id, written(&thin), place, record.bytes()).await;
            saved.map_err(|why| no_room(&why))?;
            if new {
                // Only once this one is there.
                store.delete(surplus(&cards(store).await?)).await?;
            }
            Ok(Found::Nothing)
        }
        Keeping::Runs(runs) => {
            match runs {
                Runs::List => {}
                Runs::Name { id, name } => store.name(&id, name.as_deref()).await?,
                Runs::Delete { id } => store.delete(vec![id]).await?,
            }
            Ok(Found::Cards(cards(store).await?))
        }
        Keeping::Recall(id) => {
            let states = store.states(&id).await?;
            newest(&states).map(|record| Found::Record(Box::new(record)))
        }
    }
}

/// Newest first. What another version wrote is left alone.
async fn cards(store: &dyn Store) -> Result<Vec<Card>, String> {
    let read = |(card, name): (Vec<u8>, Option<String>)| Some(Card { name, ..postcard::from_bytes(&card).ok()? });
    let mut cards: Vec<Card> = store.cards().await?.into_iter().filter_map(read).collect();
    cards.sort_by(|a, b| b.when.total_cmp(&a.when));
    Ok(cards)
}

fn written(card: &Card) -> Vec<u8> {
    // Numbers and strings always encode.
    postcard::to_stdvec(card).unwrap_or_default()
}

/// The newest state that is whole.
fn newest(states: &[Vec<u8>]) -> Result<Record, String> {
    let read: Vec<_> = states.iter().map(|state| Record::read(state)).collect();
    let damage = read.iter().find_map(|record| record.as_ref().err().cloned());
    let whole = read.into_iter().flatten().max_by(|a, b| a.card.when.total_cmp(&b.card.when));
    whole.ok_or_else(|| match damage {
        Some(damage) => words!("what was kept of this run is damaged: {damage}"),
        None => "this run is no longer kept: it was deleted, or this browser cleared its data".into(),
    })
}

/// Of the runs without a name those that are more than the last few.
fn surplus(newest_first: &[Card]) -> Vec<String> {
    newest_first.iter().filter(|card| card.name.is_none()).skip(LAST).map(|card| card.id.clone()).collect()
}

/// Every so many points of its curve, and the last.
fn thinned(card: &Card) -> Vec<Point> {
    let every = card.curve.len().div_ceil(POINTS).max(1);
    let last = card.curve.len().saturating_sub(1);
    let stays = |i: usize| i.is_multiple_of(every) || i == last;
    card.curve.iter().enumerate().filter(|(i, _)| stays(*i)).map(|(_, point)| *point).collect()
}

fn no_room(why: &str) -> String {
    words!(
        "This browser does not keep your run ({why}). Training goes on, and nothing on this page is lost; before you \
         leave, save the weights under “Your files”, or delete runs there to make room."
    )
}
