//! A visitor's own series, from the text of a file to a data set.
use super::{File, Trouble, short, unreadable};
use crate::data::csv::Reading;
use crate::data::own::{OWN, own};
use crate::data::{DataError, Split};
use crate::engine::protocol::{About, Answer, Ask, Event, SetInfo, Topic};
use crate::engine::world::World;
use std::cell::RefCell;
use std::rc::Rc;

/// Where the series lie once they are read; what was there before stays until then.
pub type Place = Rc<RefCell<Option<(SetInfo, Rc<Split>)>>>;

/// Bytes that are read between two rests: a few milliseconds.
const PIECE: usize = 64 << 10;

pub async fn answer<W: World>(world: Rc<W>, File { ask, place, out, .. }: File) -> Result<(), Trouble> {
    let Some(Ask::Own { name, text }) = ask.open() else { return Err(unreadable()) };
    let short = short(&name);
    let in_file = |error: DataError| Trouble::from(error.in_file(short.clone()));
    let bytes = text.len() as u64;
    let mut reading = Reading::new(text);
    while !reading.step(PIECE).map_err(in_file)? {
        let (done, all) = reading.progress();
        out(Event::Answering { topic: Topic::Own, done: done as f32 / all as f32 });
        world.rest().await;
    }
    let table = reading.finish().map_err(in_file)?;
    world.rest().await;
    let (split, facts) = own(&short, table).map_err(in_file)?;
    let shape = split.train.shape();
    let set = SetInfo {
        slug: OWN.into(),
        title: split.train.title().into(),
        train: split.train.len() as u32,
        test: split.test.len() as u32,
        shape: (shape.rows as u32, shape.cols as u32),
        unit: split.unit(),
        built_in: false,
        // Nothing has to be downloaded for it.
        bytes: 0,
    };
    // What is told of the file's size is for the visitor; the data set itself is larger or smaller.
    let facts = format!("{facts} {} KB, read in this browser and sent nowhere.", bytes.div_ceil(1000));
    *place.borrow_mut() = Some((set.clone(), Rc::new(split)));
    out(Event::Answer(Answer::Own { set, facts }.sealed()));
    Ok(())
}
