//! A list whose things are each made once, and stay what they are while others come and go: with the focus, and with what is
//! being typed into them.
use crate::ui::tag::{Tag, whenever};
use leptos::prelude::*;
use leptos::tachys::view::{Mountable, Render};
use std::cell::RefCell;
use std::rc::Rc;
use web_sys::Element;

/// What is in it.
struct Things {
    /// Their names, in their order.
    keys: Box<dyn Fn() -> Vec<String>>,
    /// How one is made.
    view: Box<dyn Fn(String) -> AnyView>,
}

/// One of them.
struct Thing {
    key: String,
    view: <AnyView as Render>::State,
    /// What it follows, it follows as long as it is there.
    _owner: Owner,
}

/// This element with a thing in it for each key, each of them its own.
pub fn list(place: Tag, keys: impl Fn() -> Vec<String> + 'static, view: impl Fn(String) -> AnyView + 'static) -> Tag {
    let things = Rc::new(Things { keys: Box::new(keys), view: Box::new(view) });
    place.built(move |place| follow(place, things.clone()))
}

fn follow(place: Element, things: Rc<Things>) {
    // What is followed for the list itself ends with each of its changes. Held only weakly: it owns the effect below.
    let parent = Owner::current().map(|owner| owner.downgrade());
    let there = RefCell::new(Vec::<Thing>::new());
    whenever(move || {
        let keys = (things.keys)();
        let Some(parent) = parent.as_ref().and_then(|parent| parent.upgrade()) else { return };
        let (mut before, gone): (Vec<_>, Vec<_>) =
            there.take().into_iter().partition(|thing| keys.contains(&thing.key));
        gone.into_iter().for_each(|mut thing| thing.view.unmount());
        let mut now = Vec::new();
        for key in keys {
            let at = before.iter().position(|thing| thing.key == key);
            let mut thing = match at {
                Some(at) => before.remove(at),
                None => {
                    let owner = parent.with(Owner::new);
                    let view = untrack(|| owner.with(|| (things.view)(key.clone()).build()));
                    Thing { key, view, _owner: owner }
                }
            };
            // What is first of those that were there is in its place.
            if at != Some(0) {
                match before.first() {
                    Some(next) => {
                        next.view.insert_before_this(&mut thing.view);
                    }
                    None => thing.view.mount(&place, None),
                }
            }
            now.push(thing);
        }
        there.replace(now);
    });
}
