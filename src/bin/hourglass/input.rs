//! What a command reads: recipes, data sets, weights.
use super::arguments::On;
use hourglass::compute::{Device, Gpu, GpuOptions};
use hourglass::data::own::{Named, Wishes, is_own, named, whole};
use hourglass::data::{self, Dataset, Kind, Shape, Split, Values, gzip, idx, source, ucr};
use hourglass::engine::{Header, site, weights_header, world::Folder};
use hourglass::lessons::{LESSONS, Recipe};
use hourglass::nn::spec::NetworkSpec;
use hourglass::nn::{Rows, checkpoint};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// Why a command stops, in words.
pub type Outcome<T = ()> = Result<T, String>;

pub fn read(path: &Path) -> Outcome<Vec<u8>> {
    std::fs::read(path).map_err(|e| format!("{} can't be read: {e}", path.display()))
}

pub fn write(path: &Path, bytes: impl AsRef<[u8]>) -> Outcome {
    std::fs::write(path, bytes).map_err(|e| format!("{} can't be written: {e}", path.display()))
}

/// A lesson's own, `lab`, or a file.
pub fn recipe(name: &str) -> Outcome<Recipe> {
    if let Some(lesson) = LESSONS.iter().find(|lesson| lesson.slug == name) {
        return Ok((lesson.recipe)());
    }
    match name {
        "lab" => Ok(Recipe { batch: 32, ..Recipe::default() }),
        file => serde_json::from_slice(&read(Path::new(file))?)
            .map_err(|e| format!("{file} is no recipe: {e}; `hourglass train --help` names those built in")),
    }
}

/// A data set by slug (from HOURGLASS_DATA, or built in), or from files, which are then both training and test set unless
/// their names tell them apart.
pub fn split(name: &str) -> Outcome<Split> {
    let Some(source) = source(name) else { return file(name) };
    match source.kind {
        Kind::BuiltIn => {
            let catalogue = Rc::new(data::catalogue::Catalogue::empty());
            let load = site::load(Rc::new(Folder(PathBuf::new())), catalogue, name.into(), Rc::new(|_| {}));
            pollster::block_on(load)
        }
        Kind::Files { folder, files, .. } => {
            let root = std::env::var("HOURGLASS_DATA").map_err(|_| {
                format!("{} is not here: set HOURGLASS_DATA to a folder that has {folder}/", source.title)
            })?;
            let mut parts = Vec::new();
            for file in files {
                let bytes = read(&Path::new(&root).join(folder).join(file.name))?;
                let bytes = gzip::unpacked(bytes, gzip::MOST_UNPACKED);
                parts.push((file.role, bytes.map_err(|e| e.in_file(file.name).to_string())?));
            }
            data::assemble(source, parts).map_err(|e| e.to_string())
        }
    }
}

/// Files with commas between, and how a sheet is cut: `digits.idx`, `images.idx,labels.idx`, `sheet.png:12x20`.
fn file(name: &str) -> Outcome<Split> {
    let (names, tile) = match name.rsplit_once(':').and_then(|(names, tile)| Some((names, tile.split_once('x')?))) {
        Some((names, (rows, columns))) if names.ends_with(".png") => {
            let number =
                |text: &str| text.parse().map_err(|_| format!("{name}: a tile is written as in sheet.png:28x28"));
            (names, Some([number(rows)?, number(columns)?]))
        }
        _ => (name, None),
    };
    let mut files = Vec::new();
    for name in names.split(',') {
        let path = Path::new(name);
        if !path.exists() && is_own(name) {
            return Err(format!("{name} was somebody's own file: say where it is, with --data FILE"));
        }
        if !path.exists() {
            let slugs = data::slugs().join(", ");
            return Err(format!(
                "{name:?} is neither a file nor a data set; data sets are {slugs}, and --data names others"
            ));
        }
        files.push(Named { name: file_name(path), content: read(path)? });
    }
    let only = if files.len() == 1 { files.first().map(|file| file.content.clone()) } else { None };
    let found = pollster::block_on(whole(files, Wishes { tile, ..Wishes::default() }));
    let is_text_of_pictures = |bytes: &[u8]| !bytes.starts_with(&[0, 0]) && found.as_ref().is_ok_and(is_pictures);
    // One file is taken as it always was, if it can be: IDX of any shape, and text as UCR's, whose first column is the class
    // whatever the others are.
    if let Some(bytes) =
        only.and_then(|bytes| gzip::unpacked(bytes, gzip::MOST_UNPACKED).ok()).filter(|b| !is_text_of_pictures(b))
        && let Ok(set) = dataset(name, bytes)
    {
        return Split::new(set.clone(), set).map_err(|e| e.to_string());
    }
    found.map_err(|e| e.to_string())
}

fn is_pictures(split: &Split) -> bool {
    split.train.shape().rows > 1
}

fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

fn dataset(name: &str, bytes: Vec<u8>) -> Result<Dataset, data::DataError> {
    // IDX starts with two zero bytes, which no text does.
    if bytes.starts_with(&[0, 0]) {
        let pictures = idx::parse(bytes)?;
        let shape = pictures.picture()?;
        let set = Dataset::new("", name, shape, Values::Bytes(pictures.values), Vec::new(), Vec::new())?;
        return Ok(named(&file_name(Path::new(name)), set));
    }
    let series = ucr::parse(&bytes)?;
    let (labels, classes) = series.labels_by_order()?;
    let shape = Shape { rows: 1, cols: series.cols };
    let set = Dataset::new("", name, shape, Values::Floats(series.values), labels, classes)?;
    Ok(named(&file_name(Path::new(name)), set))
}

/// A network with its weights, as a file holds them.
pub struct Trained {
    pub recipe: Recipe,
    pub spec: NetworkSpec,
    pub values: Vec<f32>,
    files: Option<String>,
}

impl Trained {
    /// The data that were asked for, or those that it learned from.
    pub fn data<'a>(&'a self, asked: &'a Option<String>) -> &'a str {
        asked.as_ref().or(self.files.as_ref()).unwrap_or(&self.recipe.data)
    }
}

/// Weights with the recipe in their header.
pub fn trained(path: &Path) -> Outcome<Trained> {
    let bytes = read(path)?;
    let file = path.display();
    let lacks = |name| format!("{file}: its header has no {name:?}, which Hourglass writes");
    let Header { recipe, network, files, .. } = weights_header(&bytes).map_err(|e| format!("{file}: {e}"))?;
    let (recipe, spec) = (recipe.ok_or_else(|| lacks("recipe"))?, network.ok_or_else(|| lacks("network"))?);
    let values = checkpoint::read(&bytes, &spec).map_err(|e| format!("{file}: {e}"))?;
    Ok(Trained { recipe, spec, values, files })
}

/// The device that was asked for.
pub async fn device(on: On) -> Outcome<Rc<Device>> {
    let software = on == On::Gpu;
    let gpu = if on == On::Cpu { None } else { Some(Gpu::new(GpuOptions { software, plain: false }).await) };
    match gpu {
        None => Ok(Rc::new(Device::Processor)),
        Some(Ok(gpu)) => Ok(Rc::new(Device::Gpu(gpu))),
        Some(Err(reason)) if on == On::Gpu => Err(reason.to_string()),
        Some(Err(_)) => Ok(Rc::new(Device::Processor)),
    }
}

pub fn rows(set: &Dataset) -> Rows<'_> {
    match set.values() {
        Values::Bytes(bytes) => Rows::Bytes(bytes),
        Values::Floats(floats) => Rows::Floats(floats),
    }
}
