//! What takes a session a second and always comes out the same: its data, and PCA of them. More than a hundred sessions run
//! in this process, and with all of them doing it anew most of the time went into that. Here the first one does it for all;
//! a few do it for themselves, to show that it works: see [`crate::session::play_alone`].
use hourglass::data::catalogue::Catalogue;
use hourglass::data::pca::Pca;
use hourglass::data::{DataError, Dataset, Split, Values};
use hourglass::engine::Event;
use hourglass::engine::site;
use hourglass::engine::world::{Folder, World};
use std::collections::HashMap;
use std::path::PathBuf;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{LazyLock, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// Data that are there already still take more than the time between two reports, as all real ones do: a run that is soon
/// over reports once before it is, and scripts wait for that.
const MOMENT: Duration = Duration::from_millis(120);
/// PCA comes after so many turns, so that there is a time when it is under way.
const TURNS: u32 = 50;

/// How worlds answer.
pub type Coming<T> = Pin<Box<dyn Future<Output = Result<T, String>>>>;
/// Some of a fit, as in [`World::fitting`].
pub type Fitting = Box<dyn FnMut(&Dataset, &Dataset) -> Result<Option<Pca>, DataError>>;
/// What a fit is of: name, length and sum of the two sets; the number of components.
type Fitted = ([(String, usize, u32); 2], usize);

static SPLITS: LazyLock<Mutex<HashMap<(PathBuf, String), Split>>> = LazyLock::new(Mutex::default);
static FITS: LazyLock<Mutex<HashMap<Fitted, Pca>>> = LazyLock::new(Mutex::default);

/// A folder as the site.
pub struct Site(pub Folder);

impl World for Site {
    async fn fetch(&self, path: &str, progress: &mut dyn FnMut(u64)) -> Result<Vec<u8>, String> {
        self.0.fetch(path, progress).await
    }

    async fn rest(&self) {
        self.0.rest().await;
    }

    async fn sleep(&self, milliseconds: u32) {
        self.0.sleep(milliseconds).await;
    }

    fn load(world: Rc<Self>, catalogue: Rc<Catalogue>, slug: String, out: Rc<dyn Fn(Event)>) -> Coming<Split> {
        let site = world.0.0.clone();
        load(world, site, catalogue, slug, out)
    }

    fn fitting(components: usize) -> Coming<Fitting> {
        fitting(components)
    }
}

/// The data of a site, for [`World::load`].
pub fn load<W: World>(
    world: Rc<W>,
    site: PathBuf,
    catalogue: Rc<Catalogue>,
    slug: String,
    out: Rc<dyn Fn(Event)>,
) -> Coming<Split> {
    Box::pin(async move {
        let name = (site, slug.clone());
        let begun = Instant::now();
        let there = SPLITS.lock().unwrap().get(&name).cloned();
        let Some(split) = there else {
            let split = site::load(world, catalogue, slug, out).await?;
            SPLITS.lock().unwrap().insert(name, split.clone());
            return Ok(split);
        };
        while begun.elapsed() < MOMENT {
            thread::sleep(Duration::from_millis(1));
            world.rest().await;
        }
        Ok(split)
    })
}

/// PCA of such data, for [`World::fitting`].
pub fn fitting(components: usize) -> Coming<Fitting> {
    Box::pin(async move {
        let mut fit = Folder::fitting(components).await?;
        let mut begun = None;
        let mut turns = 0;
        let fitting: Fitting = Box::new(move |train, test| {
            let (name, there) = begun.get_or_insert_with(|| {
                let name = ([train, test].map(sum), components);
                let there = FITS.lock().unwrap().get(&name).cloned();
                (name, there)
            });
            turns += 1;
            if let Some(pca) = there {
                return Ok((turns == TURNS).then(|| pca.clone()));
            }
            let pca = fit(train, test)?;
            if let Some(pca) = &pca {
                FITS.lock().unwrap().insert(name.clone(), pca.clone());
            }
            Ok(pca)
        });
        Ok(fitting)
    })
}

fn sum(set: &Dataset) -> (String, usize, u32) {
    let sum = match set.values() {
        Values::Bytes(bytes) => crc32fast::hash(bytes),
        Values::Floats(floats) => crc32fast::hash(bytemuck::cast_slice(floats)),
    };
    (set.slug().to_owned(), set.len(), sum)
}
