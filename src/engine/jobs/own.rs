//! A visitor's own files, read beside what stands: what was there stays, and so does what is looked at until other files
//! take its place.
use super::{File, Trouble, unreadable};
use crate::data::own::{Named, Own, read};
use crate::data::{Dataset, Split};
use crate::engine::protocol::bytes::byte;
use crate::engine::protocol::{About, Answer, Ask, Event, Preview, SetInfo, Topic};
use crate::engine::world::World;
use std::cell::RefCell;
use std::rc::Rc;

/// A visitor's own data set.
pub struct Brought {
    pub set: SetInfo,
    pub split: Rc<Split>,
    /// A network stood on it: it was not only looked at.
    pub used: bool,
}

/// Where they lie once they are read, those used last first.
#[derive(Clone, Default)]
pub struct Place(Rc<RefCell<Vec<Brought>>>);

/// Bytes of all of them, beyond which those used longest ago are forgotten.
const MOST_BYTES: u64 = 96 << 20;

impl Place {
    /// What can be opened.
    pub fn sets(&self) -> Vec<SetInfo> {
        self.0.borrow().iter().map(|own| own.set.clone()).collect()
    }

    /// Takes the place of what was only looked at.
    fn put(&self, set: SetInfo, split: Rc<Split>) {
        let mut all = self.0.borrow_mut();
        all.retain(|own| own.used);
        if all.iter().all(|own| own.set.slug != set.slug) {
            all.push(Brought { set, split, used: false });
        }
    }

    /// The data of this name, which a network is built on.
    pub fn take(&self, slug: &str) -> Option<Rc<Split>> {
        let mut all = self.0.borrow_mut();
        let at = all.iter().position(|own| own.set.slug == slug)?;
        all[..=at].rotate_right(1);
        let mut bytes = 0;
        all.retain(|own| {
            bytes += own.split.train.bytes() + own.split.test.bytes();
            bytes <= MOST_BYTES || own.set.slug == slug
        });
        let first = all.first_mut()?;
        first.used = true;
        Some(first.split.clone())
    }
}

/// Inputs that a preview shows.
const SHOWN: usize = 24;

pub async fn answer<W: World>(world: Rc<W>, File { ask, place, out, .. }: File) -> Result<(), Trouble> {
    let Some(Ask::Own { files, wishes }) = ask.open() else { return Err(unreadable()) };
    drop(ask);
    let files = files.into_iter().map(|Named { name, content }| Named { name, content: content.into_vec() }).collect();
    let rest = |done: f32| {
        out(Event::Answering { topic: Topic::Own, done });
        world.rest()
    };
    let own = read(files, wishes, rest).await?;
    let classes = own.classes();
    let Own { split, range, facts, taken } = own;
    let shape = split.train.shape();
    let set = SetInfo {
        slug: split.train.slug().into(),
        title: split.train.title().into(),
        train: split.train.len() as u32,
        test: split.test.len() as u32,
        shape: (shape.rows as u32, shape.cols as u32),
        unit: split.unit(),
        built_in: false,
        // Nothing has to be downloaded for it.
        bytes: 0,
    };
    let pictures = pictures(&split.train)?;
    place.put(set.clone(), Rc::new(split));
    out(Event::Answer(Answer::Own(Preview { set, range, facts, taken, classes, pictures }).sealed()));
    Ok(())
}

/// Some inputs, from all over the set: files are often sorted by class.
fn pictures(set: &Dataset) -> Result<Vec<u8>, Trouble> {
    let count = set.len().min(SHOWN);
    let mut values = vec![0.0; count * set.width()];
    set.copy_rows((0..count).map(|i| i * set.len() / count), &mut values)?;
    Ok(values.into_iter().map(|value| byte(value, set.shape().rows == 1)).collect())
}
