//! How small inputs become by their codes, and what that costs: networks with several widths of z, each beside PCA.
use super::networks::{Key, MOST_WEIGHTS, Method, Network, trained};
use super::{Scene, Trouble, encode};
use crate::data::own::shown;
use crate::data::png;
use crate::engine::nearest::Pace;
use crate::engine::protocol::bytes::byte;
use crate::engine::protocol::{Answer, Compress, Compressed, Look, Sizes, Topic, Which};
use crate::engine::world::World;
use crate::lessons::compress::file::{self, EXTENSION};
use crate::lessons::compress::{AS_PNG, BITS, IN_FILE, Original, Quantiser, RANGED, Rated, psnr, range};
use crate::lessons::distortion::{linear, squared_error};
use crate::nn::spec::NetworkSpec;
use crate::nn::{Pass, Resident, Rows, Weights, part};
use crate::words;
use std::rc::Rc;

/// Values that are decoded before they are read back, at most: 16 MiB.
const BLOCK: usize = 4 << 20;
/// Inputs that are compared between two rests.
const ROWS: usize = 200;

pub async fn answer<W: World>(scene: Scene<W>, ask: Compress) -> Result<(), Trouble> {
    match ask {
        Compress::Rate => rate(&scene).await,
        Compress::Rates { zs, epochs } => rates(&scene, &zs, epochs).await,
        Compress::Look { inputs, bits, epochs } => look(&scene, &inputs, bits, epochs).await,
        Compress::Pack { which, method, bits } => pack(&scene, which, method, bits).await,
        Compress::Unpack { name, bytes } => unpack(&scene, name, &bytes).await,
    }
}

fn say<W: World>(scene: &Scene<W>, answer: Compressed) {
    scene.answer(Answer::Compress(answer));
}

fn words(error: impl ToString) -> Trouble {
    Trouble::Words(error.to_string())
}

/// The network at hand.
async fn rate<W: World>(scene: &Scene<W>) -> Result<(), Trouble> {
    let network = match scene.networks.hand(scene) {
        Some(network) => network,
        None => {
            let rated = Rated { z: scene.design.spec.z(), step: scene.step, at_hand: true, ..Rated::default() };
            let network = measured(scene, &scene.design.spec, scene.values.clone(), rated, &|_| {}).await?;
            scene.networks.keep_hand(network.clone());
            network
        }
    };
    let original = original(scene).await?;
    say(
        scene,
        Compressed::Rated { rated: vec![network.rated.clone()], original, epochs: 0, over: true, trouble: None },
    );
    Ok(())
}

/// A sweep, of which some may be there already.
async fn rates<W: World>(scene: &Scene<W>, zs: &[u32], epochs: u32) -> Result<(), Trouble> {
    let original = original(scene).await?;
    let key = Key::new(scene, epochs);
    let there = scene.networks.all(&key).iter().map(|network| network.rated.clone()).collect();
    let said = |rated: Vec<Rated>, over: bool, trouble: Option<String>| {
        say(scene, Compressed::Rated { rated, original, epochs, over, trouble });
    };
    said(there, false, None);
    // Who only wanted to hear these has heard them; a sweep that is asked for meanwhile is not over by that.
    if zs.is_empty() {
        return Ok(());
    }
    let missing: Vec<u32> = zs.iter().copied().filter(|z| scene.networks.get(&key, *z).is_none()).collect();
    let over = match sweep(scene, &key, &missing, &said).await {
        Err(Trouble::Words(words)) => Some(words),
        Err(device) => return Err(device),
        Ok(()) => None,
    };
    said(Vec::new(), true, over);
    Ok(())
}

async fn sweep<W: World>(
    scene: &Scene<W>,
    key: &Key,
    zs: &[u32],
    said: &dyn Fn(Vec<Rated>, bool, Option<String>),
) -> Result<(), Trouble> {
    let mut all = 0;
    for &z in zs {
        let spec = key.recipe(z).network(scene.design.spec.inputs(), false).map_err(words)?;
        all += spec.parameters() * 4;
    }
    if all > MOST_WEIGHTS {
        let (got, most) = (all >> 20, MOST_WEIGHTS >> 20);
        return Err(words(words!(
            "these {} networks have {got} MiB of weights together, and at most {most} are kept: narrower layers, or fewer \
             widths",
            zs.len()
        )));
    }
    for (i, &z) in zs.iter().enumerate() {
        let part = |done: f32| scene.progress(Topic::Rates, (i as f32 + done) / zs.len() as f32);
        // The rating takes about as long as an epoch.
        let learned = |done: f32| part(0.9 * done);
        let (spec, values, step) = trained(scene, key, z, &learned).await?;
        let rated = Rated { z, step, at_hand: false, ..Rated::default() };
        let network = measured(scene, &spec, Rc::new(values), rated, &|done| part(0.9 + 0.1 * done)).await?;
        scene.networks.keep(key, network.clone());
        said(vec![network.rated.clone()], false, None);
    }
    Ok(())
}

/// A network beside PCA with as many components, at every number of bits.
async fn measured<W: World>(
    scene: &Scene<W>,
    spec: &NetworkSpec,
    values: Rc<Vec<f32>>,
    mut rated: Rated,
    done: &dyn Fn(f32),
) -> Result<Rc<Network>, Trouble> {
    let pca = scene.pca(", which compression is compared with").await?;
    let (linear, its) = linear(&pca, rated.z);
    let (first, mse) = method(scene, spec.clone(), values, &|share| done(0.5 * share)).await?;
    let (second, by_pca) = method(scene, linear, Rc::new(its), &|share| done(0.5 + 0.5 * share)).await?;
    rated.mse = [mse, by_pca];
    Ok(Rc::new(Network { rated, methods: [first, second] }))
}

async fn method<W: World>(
    scene: &Scene<W>,
    spec: NetworkSpec,
    values: Rc<Vec<f32>>,
    done: &dyn Fn(f32),
) -> Result<(Method, [f32; 4]), Trouble> {
    let weights = part::still(&scene.device, &spec, &values);
    let known = outputs(scene, &weights, &scene.train, spec.encoder, RANGED).await?;
    let codes = outputs(scene, &weights, &scene.test, spec.encoder, scene.test.len).await?;
    if known.iter().chain(&codes).any(|code| !code.is_finite()) {
        return Err(words("the network's codes are no longer numbers: reset it first"));
    }
    done(0.2);
    let z = spec.z() as usize;
    let mut quantisers = Vec::new();
    for bits in BITS.into_iter().filter(|bits| *bits <= 8) {
        let mut ranges = Vec::new();
        for value in 0..z {
            ranges.push(range(known.iter().skip(value).step_by(z).copied().collect(), bits));
            scene.rest().await;
        }
        quantisers.push(Quantiser { bits, ranges });
    }
    let method = Method { spec, values, quantisers };
    let (spec, values) = part::decoder(&method.spec, &method.values);
    let decoder = part::still(&scene.device, &spec, values);
    let mut mse = [0.0; 4];
    for (i, bits) in BITS.into_iter().enumerate() {
        let codes = method.quantiser(bits).map_or_else(|| codes.clone(), |quantiser| quantiser.rounded(&codes));
        mse[i] = error(scene, &decoder, &codes, 0).await?;
        done(0.2 + 0.2 * (i + 1) as f32);
    }
    Ok((method, mse))
}

/// The mean squared error per value of what these codes decode to, of the inputs of the test set from `first` on.
async fn error<W: World>(scene: &Scene<W>, decoder: &Weights, codes: &[f32], first: usize) -> Result<f32, Trouble> {
    let test = &scene.split.test;
    let (z, width) = (decoder.spec.inputs() as usize, test.width());
    let block = (BLOCK / width).max(1);
    let mut inputs = vec![0.0; ROWS * width];
    let (mut sum, mut row) = (0.0, first);
    for codes in codes.chunks(block * z) {
        for outputs in decoded(scene, decoder, codes).await?.chunks(ROWS * width) {
            let rows = outputs.len() / width;
            let inputs = &mut inputs[..outputs.len()];
            test.copy_rows(row..row + rows, inputs)?;
            sum += squared_error(inputs, outputs, scene.split.unit());
            row += rows;
            scene.rest().await;
        }
    }
    Ok((sum / ((row - first) * width).max(1) as f64) as f32)
}

/// What some codes decode to, on the device.
async fn decoded<W: World>(scene: &Scene<W>, decoder: &Weights, codes: &[f32]) -> Result<Vec<f32>, Trouble> {
    let codes = Resident::new(&scene.device, Rows::Floats(codes), decoder.spec.inputs()).map_err(words)?;
    outputs(scene, decoder, &codes, decoder.spec.layers.len(), codes.len).await
}

/// The first `len` rows of a set after so many layers.
async fn outputs<W: World>(
    scene: &Scene<W>,
    weights: &Weights,
    set: &Resident,
    layers: usize,
    len: u32,
) -> Result<Vec<f32>, Trouble> {
    let pass = Pass::new(&scene.device, weights, set, layers, len, encode::rows(&weights.spec, layers));
    Ok(encode::outputs(scene, &pass, &Pace::default(), &|_| {}).await?)
}

/// What all is compared with; measured once for each data set.
async fn original<W: World>(scene: &Scene<W>) -> Result<Original, Trouble> {
    if let Some(original) = scene.networks.original(&scene.split) {
        return Ok(original);
    }
    let (test, (rows, columns)) = (&scene.split.test, scene.design.shape);
    let unit = scene.split.unit();
    let mut input = vec![0.0; test.width()];
    let mut ends = [f32::INFINITY, f32::NEG_INFINITY];
    let (mut sum, mut count) = (0, 0);
    for row in 0..test.len() {
        let picture = unit && rows > 1 && row < AS_PNG;
        if unit && !picture {
            break;
        }
        test.copy_rows([row], &mut input)?;
        ends = input.iter().fold(ends, |[least, most], &x| [least.min(x), most.max(x)]);
        if picture {
            let pixels: Vec<u8> = input.iter().map(|&x| byte(x, false)).collect();
            sum += png::grey(rows, columns, &pixels)?.len();
            count += 1;
        }
        scene.rest().await;
    }
    let original = Original {
        bytes: test.width() as u32 * if unit { 1 } else { 4 },
        png: (count > 0).then(|| sum as f32 / count as f32),
        peak: if unit { 1.0 } else { ends[1] - ends[0] },
    };
    scene.networks.keep_original(&scene.split, original);
    Ok(original)
}

/// Inputs after every network that was rated.
async fn look<W: World>(scene: &Scene<W>, inputs: &[f32], bits: u32, epochs: u32) -> Result<(), Trouble> {
    let width = scene.design.spec.inputs() as usize;
    if !inputs.len().is_multiple_of(width) {
        return Err(words(words!("{} values are not whole inputs of {width}: ask again", inputs.len())));
    }
    let series = scene.design.shape.0 == 1;
    let mut networks = scene.networks.all(&Key::new(scene, epochs));
    networks.extend(scene.networks.hand(scene));
    let mut looks = Vec::new();
    for network in networks {
        let mut outputs = [Vec::new(), Vec::new()];
        for (method, outputs) in network.methods.iter().zip(&mut outputs) {
            *outputs = method.through(inputs, bits).into_iter().map(|value| byte(value, series)).collect();
            scene.rest().await;
        }
        let Rated { z, at_hand, .. } = network.rated;
        looks.push(Look { z, at_hand, outputs: outputs.map(Into::into) });
    }
    say(scene, Compressed::Looks { bits, looks });
    Ok(())
}

/// A file of the first inputs of the test set.
async fn pack<W: World>(scene: &Scene<W>, which: Which, method: usize, bits: u32) -> Result<(), Trouble> {
    let network = match which.at_hand {
        true => scene.networks.hand(scene),
        false => scene.networks.get(&Key::new(scene, which.epochs), which.z),
    };
    let Some(network) = network else {
        return Err(words(words!("there is no rated network of z = {} any more: rate or train it again", which.z)));
    };
    let Some((method, quantiser)) =
        network.methods.get(method).and_then(|method| Some((method, method.quantiser(bits)?)))
    else {
        return Err(words(words!("a file takes 8, 4 or 2 bits per value of a code, not {bits}: choose one of these")));
    };
    let weights = part::still(&scene.device, &method.spec, &method.values);
    let codes = outputs(scene, &weights, &scene.test, method.spec.encoder, IN_FILE).await?;
    let (decoder, weights) = part::decoder(&method.spec, &method.values);
    let file = file::Compressed {
        data: scene.design.recipe.data.clone(),
        first: 0,
        count: (codes.len() / decoder.inputs() as usize) as u32,
        shape: scene.design.shape,
        unit: scene.split.unit(),
        quantiser: quantiser.clone(),
        weights: weights.to_vec(),
        decoder,
        half: file::fit_half(weights),
        packed: quantiser.pack(&codes),
    };
    let written = file.write().map_err(words)?;
    let sizes = sizes(&file, written.len());
    let name = format!("{}-z{}-{bits}bit.{EXTENSION}", file.data, file.decoder.inputs());
    say(scene, Compressed::Packed { name, bytes: written, sizes });
    Ok(())
}

fn sizes(file: &file::Compressed, all: usize) -> Sizes {
    let weight = if file.half { 2 } else { 4 };
    Sizes {
        inputs: file.count,
        file: all as u32,
        codes: file.packed.len() as u32,
        decoder: (file.weights.len() * weight) as u32,
    }
}

/// What is in a file, decoded on this device.
async fn unpack<W: World>(scene: &Scene<W>, name: String, bytes: &[u8]) -> Result<(), Trouble> {
    let name = shown(&name);
    let file = file::Compressed::read(bytes).map_err(|error| words(format!("{name}: {error}")))?;
    scene.rest().await;
    let z = file.decoder.inputs();
    let mut codes = file.codes();
    codes.truncate((IN_FILE * z) as usize);
    let decoder = part::still(&scene.device, &file.decoder, &file.weights);
    let series = file.shape.0 == 1;
    let mut pictures = Vec::new();
    let width = (file.shape.0 * file.shape.1) as usize;
    for codes in codes.chunks((BLOCK / width).max(1) * z as usize) {
        pictures.extend(decoded(scene, &decoder, codes).await?.into_iter().map(|value| byte(value, series)));
    }
    let (test, first) = (&scene.split.test, file.first as usize);
    let shown = codes.len() / z as usize;
    let same = file.data == scene.design.recipe.data
        && file.shape == scene.design.shape
        && first.checked_add(shown).is_some_and(|last| last <= test.len());
    let error = match same {
        true => {
            let mse = error(scene, &decoder, &codes, first).await?;
            Some([mse, psnr(mse, original(scene).await?.peak)])
        }
        false => None,
    };
    let sizes = sizes(&file, bytes.len());
    let (bits, shape, data) = (file.quantiser.bits, file.shape, file.data);
    say(scene, Compressed::Unpacked { name, data, z, bits, shape, sizes, pictures, error });
    Ok(())
}
