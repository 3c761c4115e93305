//! How recipes come to be opened: when the engine is ready, and when the address changes. A link sets the page; it
//! never starts, downloads or overwrites anything by itself.
use super::Desk;
use crate::engine::protocol::{Origin, SetInfo};
use crate::lessons::Recipe;
use crate::lessons::heartbeats;
use crate::lessons::link::{self, Link};
use crate::lessons::own::{self, Looks};
use crate::ui::engine::{Kept, Opened};
use crate::ui::sheet::{Sheet, Sheets};
use crate::ui::tag::{turn, whenever};
use crate::ui::{address, numbers};
use crate::words;
use leptos::ev;
use leptos::prelude::*;

/// The batch of a phone, where a lesson's own is larger.
const PHONE_BATCH: u32 = 64;

impl Desk {
    /// Opens the first network, and keeps recipe, address and pad in step with what the engine opens.
    pub(super) fn follow_openings(self) {
        let engine = self.engine;
        whenever(move || match engine.ready.get() {
            0 => {}
            1 => untrack(|| self.open_first()),
            // The engine was started again: what was there is there again.
            _ => untrack(|| {
                self.open_as_it_is(self.with_data_of_this_site(self.recipe.get_untracked()), Origin::Shipped);
            }),
        });
        let data = StoredValue::new(None);
        whenever(move || {
            if let Some(opened) = engine.opened.get() {
                let now = Some(opened.recipe.data.clone());
                let before = data.try_update_value(|data| std::mem::replace(data, now.clone())).flatten();
                untrack(|| self.settle(opened, before.is_some() && before != now));
            }
        });
        // Something of a new kind lies on an empty pad as soon as there is one.
        whenever(move || {
            let untouched = self.sheets.with(|sheets| *sheets.now() == Sheet::Blank && !sheets.has_before());
            let first = engine
                .strip
                .with(|strip| strip.as_ref().and_then(|strip| Some((strip.first, strip.inputs.first()?.clone()))));
            let inputs = engine.opened.with(|opened| opened.as_ref().map_or(0, |o| o.shape.0 * o.shape.1) as usize);
            if let Some((index, input)) = first.filter(|(_, input)| untouched && input.len() == inputs) {
                self.sheets.set(Sheets::of(Sheet::Sample { index: Some(index), input, label: None }));
            }
        });
        whenever(move || {
            if engine.refused.get() > 0
                && let Some(opened) = engine.opened.get_untracked()
            {
                self.recipe.set(opened.recipe);
            }
        });
        whenever(move || {
            let link = self.link();
            // Before that the address is still to be read.
            if engine.ready.get() > 0 {
                address::show(link);
            }
        });
        whenever(move || {
            engine.openings.track();
            engine.refused.track();
            if !engine.is_opening()
                && let Some((address, own)) = untrack(|| self.next.try_update(Option::take).flatten())
            {
                untrack(|| self.follow_link(&address, own));
            }
        });
        let listening = window_event_listener(ev::hashchange, move |event| {
            self.follow_link(&event.new_url(), address::is_own());
        });
        on_cleanup(move || listening.remove());
    }

    /// A network stands: the panel shows its recipe, and what lies on the pad fits it.
    fn settle(self, Opened { recipe, shape, step, .. }: Opened, other_data: bool) {
        let learns = self.learns.try_update(|wanted| wanted.take_if(|wanted| *wanted == recipe)).flatten();
        if learns.is_some() && step == 0 {
            self.engine.train();
        }
        if !self.engine.is_opening() {
            self.recipe.set(recipe);
        }
        let mut sheets = self.sheets.get_untracked();
        sheets.settle(shape, other_data);
        turn(self.sheets, sheets);
    }

    fn open_first(self) {
        let link = address::read();
        self.lesson.set(link.lesson);
        self.lay_out(&link);
        let recipe = self.with_data_of_this_site(link.recipe.clone());
        match self.to_download(&recipe) {
            Some(set) => {
                let own = self.with_data_of_this_site((link.lesson.recipe)());
                self.open_as_it_is(own, Origin::Shipped);
                self.offer(&link, recipe, &words!("to download {} first", numbers::megabytes(set.bytes)));
            }
            // Who names no recipe gets what is lighter on a battery. A link that is copied there says so.
            None if !address::names_recipe() && address::is_phone() => {
                self.say(&link, "");
                self.open_as_it_is(Recipe { batch: recipe.batch.min(PHONE_BATCH), ..recipe }, Origin::Shipped);
            }
            None => self.open_linked(&link, recipe),
        }
    }

    /// The address was changed by hand or by a link on the page; or, `own`, back to what the page itself wrote there.
    fn follow_link(self, address: &str, own: bool) {
        // Who has gone on elsewhere is not taken back to what waited, nor told any more what the link before did.
        self.next.set(None);
        self.news.forget_link();
        let (link, has_recipe) = address::gone_to(address);
        self.lesson.set(link.lesson);
        if self.engine.ready.get_untracked() == 0 {
            // What this site has is not known yet; the address is read again when it is.
            return;
        }
        let hearts = link.lesson.slug == heartbeats::LESSON.slug;
        if (has_recipe || hearts) && self.engine.is_opening() {
            // What stands, and what is left for it, is known when it stands: until then nobody could say what is lost.
            return self.next.set(Some((address.to_owned(), own)));
        }
        if !has_recipe && hearts && !untrack(|| self.is_series()) {
            // The lesson has data of its own, and what was learned on others is kept. A locked recipe is one for other data.
            if !untrack(|| self.is_locked("data")) {
                self.open_as_it_is(self.heartbeats(), Origin::Kept);
            }
            return self.say(&link, "");
        }
        if !has_recipe {
            // Only a lesson was chosen: what is loaded stays loaded.
            address::show(untrack(|| self.link()));
            self.say(&link, "");
            return;
        }
        self.lay_out(&link);
        let recipe = self.with_data_of_this_site(link.recipe.clone());
        if recipe == self.recipe.get_untracked() {
            self.say(&link, "");
            return;
        }
        let trained = self.engine.curve.with_untracked(|curve| !curve.is_empty());
        let stays = recipe.data != self.recipe.with_untracked(|now| now.data.clone());
        // Of what was learned on each data, one network is kept: another one on them takes its place.
        let kept = self.engine.kept.with_untracked(|all| {
            let learned = |kept: &&Kept| kept.recipe.data == recipe.data && !kept.curve.is_empty();
            all.iter().find(|kept| stays && learned(kept)).map(|kept| kept.recipe == recipe)
        });
        match self.to_download(&recipe) {
            Some(set) => self.offer(&link, recipe, &words!("to download {} first", numbers::megabytes(set.bytes))),
            None if trained && !stays => {
                self.offer(&link, recipe, "a new network, and what was learned here would be gone")
            }
            None if kept == Some(false) => {
                let data = self.engine.title_of(&recipe.data);
                self.offer(
                    &link,
                    recipe,
                    &words!("the place of the network that was left on {data}, with all it has learned"),
                );
            }
            None if kept == Some(true) => {
                self.say(&link, "");
                self.open_as_it_is(recipe, Origin::Kept);
            }
            // Who goes back knows what was there.
            None if own => {
                self.say(&link, "");
                self.open_as_it_is(recipe, Origin::Shipped);
            }
            None => self.open_linked(&link, recipe),
        }
    }

    /// From series back to the pictures that were left for them, with all that was learned there.
    pub fn back_to_pictures(self) {
        let engine = self.engine;
        let is_picture = |kept: &&Kept| untrack(|| engine.set(&kept.recipe.data)).is_some_and(|set| set.shape.0 > 1);
        let left = engine.kept.with_untracked(|kept| kept.iter().rfind(is_picture).map(|kept| kept.recipe.clone()));
        if let Some(recipe) = left.filter(|_| untrack(|| self.is_series())) {
            self.open(recipe, Origin::Kept);
        }
    }

    /// The network for heartbeats: as it was left, or the lesson's own.
    fn heartbeats(self) -> Recipe {
        let is_series =
            |kept: &&Kept| untrack(|| self.engine.set(&kept.recipe.data)).is_some_and(|set| set.shape.0 == 1);
        let left = self.engine.kept.with_untracked(|kept| kept.iter().find(is_series).map(|kept| kept.recipe.clone()));
        left.unwrap_or_else(|| self.with_data_of_this_site((heartbeats::LESSON.recipe)()))
    }

    /// What a link says beside the recipe is so at once; a drawing can be undone.
    fn lay_out(self, link: &Link) {
        self.set_view(link.view.clone());
        if let Some(drawing) = &link.drawing {
            self.draw(|sheets| sheets.lay(Sheet::Linked(drawing.values())));
        }
    }

    fn open_linked(self, link: &Link, recipe: Recipe) {
        let sets = what_it_sets(link, &recipe)
            .map(|sets| words!("This link sets {sets}. Nothing runs until you press Train."));
        self.say(link, &sets.unwrap_or_default());
        self.open_as_it_is(recipe, Origin::Shipped);
    }

    fn offer(self, link: &Link, recipe: Recipe, price: &str) {
        let sets = what_it_sets(link, &recipe).unwrap_or_else(|| "everything back to the lesson's own recipe".into());
        let text = lines(link, &words!("This link sets {sets}. That takes {price}."));
        let open = Callback::new(move |()| self.open_as_it_is(recipe.clone(), Origin::Shipped));
        self.news.of_link(text, Some(("Open it".into(), open)));
        address::show(untrack(|| self.link()));
    }

    /// Says a sentence, if there is one, and what in the link could not be taken as it was written.
    fn say(self, link: &Link, sentence: &str) {
        let text = lines(link, sentence);
        if !text.is_empty() {
            self.news.of_link(text, None);
        }
    }

    /// The recipe at hand for another of the site's data sets.
    pub fn recipe_on(self, slug: &str) -> Recipe {
        let now = self.recipe.get_untracked();
        let [from, to] = [now.data.as_str(), slug].map(|slug| untrack(|| self.engine.set(slug)));
        let Some((from, to)) = from.zip(to) else { return Recipe { data: slug.into(), ..now } };
        own::moved(&now, looks(&from), looks(&to))
    }

    /// The data set that has to be downloaded for this recipe, and not for the lesson as it is.
    fn to_download(self, recipe: &Recipe) -> Option<SetInfo> {
        let own = (self.lesson.get_untracked().recipe)().data;
        let there = [own, self.recipe.get_untracked().data].contains(&recipe.data);
        untrack(|| self.engine.set(&recipe.data)).filter(|set| set.bytes > 0 && !there)
    }

    /// Where this site lacks the recipe's data, digits that it has take their place, or heartbeats.
    fn with_data_of_this_site(self, recipe: Recipe) -> Recipe {
        if untrack(|| self.engine.set(&recipe.data)).is_some() {
            return recipe;
        }
        let heartbeats = (heartbeats::LESSON.recipe)().data;
        // What a visitor's own file was is known only where it is.
        let own = own::file_of(&recipe.data);
        let on_heartbeats = self.lesson.get_untracked().slug == heartbeats::LESSON.slug;
        if recipe.data == heartbeats || own.is_some() && on_heartbeats {
            let there = [heartbeats.as_str(), heartbeats::STAND_IN]
                .into_iter()
                .find_map(|slug| untrack(|| self.engine.set(slug)));
            if let Some(set) = there {
                self.news.note(words!("“{}” is not here: these are {} in its place.", recipe.data, set.title));
                return match set.slug == heartbeats {
                    true => (heartbeats::LESSON.recipe)(),
                    false => heartbeats::recipe_for(&set.slug, set.train, set.shape.1),
                };
            }
        }
        let other = self.engine.sets.with_untracked(|sets| {
            let digits = sets.iter().find(|set| set.shape == (28, 28));
            digits.or(sets.first()).cloned()
        });
        let Some(other) = other else { return recipe };
        self.news.note(match own {
            Some(file) => words!(
                "This is about a visitor’s own file “{file}…”, which never left their device: bring it under Your files. \
                 Here is {} in its place.",
                other.title
            ),
            None => words!("This site has no data set “{}”: here is {} in its place.", recipe.data, other.title),
        });
        Recipe { data: other.slug, ..recipe }
    }
}

fn looks(set: &SetInfo) -> Looks<'_> {
    Looks { data: &set.slug, train: set.train, shape: set.shape, unit: set.unit }
}

/// `z = 2, batch = 32`; `None` for the lesson's own recipe.
fn what_it_sets(link: &Link, recipe: &Recipe) -> Option<String> {
    let settings = link::settings(link.lesson, recipe);
    let words: Vec<_> =
        settings.iter().map(|setting| format!("{} = {}", words::said(setting.name), setting.shown())).collect();
    (!words.is_empty()).then(|| words.join(", "))
}

/// A sentence, and below it a line for each of the link's notices.
fn lines(link: &Link, sentence: &str) -> String {
    let notices = link.notices.iter().map(ToString::to_string);
    let lines = std::iter::once(sentence.to_owned()).filter(|line| !line.is_empty()).chain(notices);
    lines.collect::<Vec<_>>().join("\n")
}
