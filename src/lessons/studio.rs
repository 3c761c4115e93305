//! The Studio: draw, train, and see what the network makes of it.
use super::Lesson;
use super::heartbeats;
use super::recipe::{Activation, Noise, Recipe};
use super::thing::Thing;
use crate::data::source;

/// The first lesson.
pub const LESSON: Lesson = Lesson { slug: "studio", title: "Studio", recipe: Recipe::default };

/// What pressing an idea's words makes of the recipe; `None` where this site lacks what it takes.
pub type Change = fn(recipe: &Recipe, has: &dyn Fn(&str) -> bool) -> Option<Recipe>;

/// Something to try: a sentence of which some words set the page.
pub struct Try {
    /// The words to press.
    pub words: &'static str,
    /// The rest of the sentence, after them, for what the inputs are.
    pub question: fn(Thing) -> &'static str,
    /// What pressing them does; `has` says which data sets the site has.
    pub change: Change,
    /// No weights ship for it: it is to learn at once, or nothing would be seen.
    pub learns: bool,
}

/// What to try in the Studio, easiest first.
pub const TRIES: &[Try] = &[
    Try {
        words: "squeeze z to 2",
        question: |_| "what gets lost first?",
        change: |recipe, _| Some(Recipe { z: 2, ..recipe.clone() }),
        learns: true,
    },
    Try {
        words: "pour noise on it",
        question: |_| "inputs get it and targets do not: what for?",
        change: |recipe, _| Some(Recipe { noise: Noise::Gaussian { sd: 0.5 }, ..recipe.clone() }),
        learns: true,
    },
    Try {
        words: "take σ away",
        // The output of pictures keeps a sigmoid of its own.
        question: |thing| {
            thing.either("only the sigmoid at the end bends now: does it still beat PCA?", "does it still beat PCA?")
        },
        change: |recipe, _| Some(Recipe { activation: Activation::Identity, ..recipe.clone() }),
        learns: true,
    },
    Try {
        words: "go back",
        question: |_| "to the lecture's own network",
        change: |_, has| has(&Recipe::default().data).then(Recipe::default),
        learns: false,
    },
    Try {
        words: "open one for heartbeats",
        question: |_| "the same idea, other data",
        change: |_, has| {
            // Another network, which is narrower and ships with its weights.
            let own = (heartbeats::LESSON.recipe)();
            if has(&own.data) {
                return Some(own);
            }
            let set = source(heartbeats::STAND_IN).filter(|set| has(set.slug))?;
            Some(heartbeats::recipe_for(set.slug, set.train as u32, set.shape.cols as u32))
        },
        learns: false,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_try_gives_a_recipe_that_can_be_run() {
        for idea in TRIES {
            let changed = (idea.change)(&Recipe::default(), &|_| true).expect("the site has everything");
            assert_eq!(changed.check(), Ok(()), "{}", idea.words);
        }
    }

    #[test]
    fn a_heartbeat_is_not_offered_where_there_is_none() {
        assert!(TRIES.iter().any(|idea| (idea.change)(&Recipe::default(), &|_| false).is_none()));
    }
}
