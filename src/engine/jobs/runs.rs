//! The runs that this browser keeps, and what the visitor wants of them.
use super::{File, Trouble, unreadable};
use crate::engine::keeping::{Found, Keeping};
use crate::engine::protocol::{About, Answer, Ask, Event};
use crate::engine::world::World;
use crate::words;
use std::rc::Rc;

pub async fn answer<W: World>(world: Rc<W>, File { ask, out, .. }: File) -> Result<(), Trouble> {
    let Some(Ask::Runs(runs)) = ask.open() else { return Err(unreadable()) };
    let said = |why: String| Trouble::Words(words!("This browser's kept runs cannot be reached: {why}."));
    if let Found::Cards(cards) = W::keeping(world, Keeping::Runs(runs)).await.map_err(said)? {
        out(Event::Answer(Answer::Runs(cards).sealed()));
    }
    Ok(())
}
