//! What lies in the site beside the page: data sets, and the weights that ship with it.
use super::protocol::{Event, SetInfo};
use super::world::World;
use crate::data::catalogue::{Catalogue, check};
use crate::data::gzip;
use crate::data::{Kind, Making, SOURCES, Source, Split, assemble, source};
use crate::lessons::Recipe;
use crate::nn::{NetworkSpec, checkpoint};
use crate::words;
use serde::{Deserialize, Serialize};
use std::rc::Rc;

/// Weights that ship with the page: an entry of `models/models.json`, made by the command line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shipped {
    /// The file, beside the list.
    pub file: String,
    /// What they were trained by.
    pub recipe: Recipe,
    /// Steps they have seen.
    pub step: u32,
}

impl Shipped {
    /// The weights fit a network of this recipe, on data that looks alike.
    pub fn fits(&self, recipe: &Recipe) -> bool {
        let looks = |slug: &str| if slug == "strokes" { "mnist".to_owned() } else { slug.to_owned() };
        looks(&self.recipe.data) == looks(&recipe.data)
            && self.recipe.encoder == recipe.encoder
            && self.recipe.z == recipe.z
            && self.recipe.activation == recipe.activation
            && self.recipe.noise == recipe.noise
            && self.recipe.variational == recipe.variational
            && self.recipe.abnormal == recipe.abnormal
    }
}

/// Rows that are made by formula between two rests.
const ROWS: usize = 50;
/// The built-in data are the same for everybody.
const BUILT_IN_SEED: u64 = 1;

/// The site's catalogue; an empty one if there is none (the built-in data are always there).
pub async fn catalogue<W: World>(world: &W) -> Result<Catalogue, String> {
    match world.fetch("data/catalogue.json", &mut |_| {}).await {
        Ok(json) => W::catalogue(json).await,
        // A site without data is a site that works.
        Err(_) => Ok(Catalogue::empty()),
    }
}

/// The list of shipped weights; empty if the site has none.
pub async fn shipped<W: World>(world: &W) -> Vec<Shipped> {
    match world.fetch("models/models.json", &mut |_| {}).await {
        Ok(json) => W::shipped(json).await,
        Err(_) => Vec::new(),
    }
}

/// A catalogue that was fetched. Called through [`World::catalogue`], as what follows through its like.
pub fn read_catalogue(json: &[u8]) -> Result<Catalogue, String> {
    Catalogue::read(json).map_err(|error| error.to_string())
}

/// A list of shipped weights; one that cannot be read is empty.
pub fn read_shipped(json: &[u8]) -> Vec<Shipped> {
    serde_json::from_slice(json).unwrap_or_default()
}

/// Shipped weights for this network.
pub fn read_weights(bytes: &[u8], spec: &NetworkSpec) -> Result<Vec<f32>, String> {
    checkpoint::read(bytes, spec).map_err(|error| error.to_string())
}

/// Every set that can be trained on here, in the order of the menu.
pub fn sets(catalogue: &Catalogue) -> Vec<SetInfo> {
    let info = |source: &Source, bytes, built_in| SetInfo {
        slug: source.slug.into(),
        title: source.title.into(),
        train: source.train as u32,
        test: source.test as u32,
        shape: (source.shape.rows as u32, source.shape.cols as u32),
        unit: source.unit,
        built_in,
        bytes,
    };
    SOURCES
        .iter()
        .filter_map(|source| match source.kind {
            Kind::BuiltIn => Some(info(source, 0, true)),
            Kind::Files { .. } => catalogue.set(source.slug).map(|set| info(source, set.bytes(), false)),
        })
        .collect()
}

/// Fetches (or makes) a data set, in slices. Called through [`World::load`], which may have to fetch this code first.
///
/// # Errors
/// In words, with the file and the next step.
pub async fn load<W: World>(
    world: Rc<W>,
    catalogue: Rc<Catalogue>,
    slug: String,
    out: Rc<dyn Fn(Event)>,
) -> Result<Split, String> {
    let source = source(&slug).ok_or_else(|| words!("there is no data set called {slug:?}"))?;
    let say = |done: u64, total: u64| out(Event::Loading { what: source.title.into(), done, total });
    let Some(set) = catalogue.set(&slug) else {
        if source.kind == Kind::BuiltIn {
            return made(world, source, out).await;
        }
        return Err(words!("this site does not have {}: choose another data set", source.title));
    };
    let (total, mut before) = (set.bytes(), 0);
    let mut files = Vec::new();
    for file in &set.files {
        let path = format!("data/{}", file.path);
        let mut last = 0;
        let mut progress = |done: u64| {
            // A message for every piece would be a message for every kilobyte.
            if done >= last + total / 50 {
                last = done;
                say((before + done).min(total.saturating_sub(1)), total);
            }
        };
        let bytes = world.fetch(&path, &mut progress).await?;
        check(&bytes, file).map_err(|e| e.in_file(&file.path).to_string())?;
        world.rest().await;
        let bytes = gzip::unpack(bytes, gzip::MOST_UNPACKED).await;
        files.push((file.role, bytes.map_err(|e| e.in_file(&file.path).to_string())?));
        before += file.bytes;
    }
    let split = assemble(source, files).map_err(|e| e.to_string())?;
    say(total, total);
    Ok(split)
}

/// Data that are made and not downloaded.
async fn made<W: World>(world: Rc<W>, source: &Source, out: Rc<dyn Fn(Event)>) -> Result<Split, String> {
    let say = |done: usize, total: usize| {
        out(Event::Loading { what: source.title.into(), done: done as u64, total: total as u64 });
    };
    let mut making = Making::new(source.slug, BUILT_IN_SEED).map_err(|e| e.to_string())?;
    while !making.step(ROWS) {
        let (done, all) = making.progress();
        if done % (10 * ROWS) == 0 {
            say(done, all);
        }
        world.rest().await;
    }
    let all = making.progress().1;
    say(all, all);
    making.finish().map_err(|e| e.to_string())
}
