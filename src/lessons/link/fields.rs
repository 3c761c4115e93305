//! Every part of a recipe that a link can set: one list, from which links are written and read.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]
use crate::lessons::choices::{Choice, NoiseKind};
use crate::lessons::recipe::{Noise, Recipe, limits};
use std::ops::RangeInclusive;

/// One part of a recipe.
pub struct Field {
    /// Its key in links.
    pub key: &'static str,
    /// Its name on the page.
    pub name: &'static str,
    /// Its value, as links write it.
    pub write: fn(&Recipe) -> String,
    /// Takes a value. If it is [`Odd::Unreadable`], the recipe stays as it was.
    pub read: fn(&mut Recipe, &str) -> Result<(), Odd>,
}

/// Why a value was not taken as it was written.
pub enum Odd {
    /// It was brought into the page's range.
    Clamped,
    /// It is not this.
    Unreadable(&'static str),
}

/// All of them, in the order in which links are written.
pub const FIELDS: &[Field] = &[
    Field { key: "data", name: "data", write: |r| r.data.clone(), read: |r, text| put(&mut r.data, data(text)) },
    Field {
        key: "abn",
        name: "share of abnormal inputs to train on",
        write: |r| r.abnormal.map_or("all".into(), |share| share.to_string()),
        read: |r, text| put(&mut r.abnormal, abnormal(text)),
    },
    Field {
        key: "enc",
        name: "encoder",
        write: |r| match r.encoder.as_slice() {
            [] => "none".into(),
            widths => widths.iter().map(u32::to_string).collect::<Vec<_>>().join(","),
        },
        read: |r, text| put(&mut r.encoder, encoder(text)),
    },
    Field { key: "z", name: "z", write: |r| r.z.to_string(), read: |r, text| put(&mut r.z, whole(text, limits::Z)) },
    Field {
        key: "act",
        name: "activation",
        write: |r| r.activation.slug().into(),
        read: |r, text| put(&mut r.activation, choice(text, "identity, relu, leaky, tanh or sigmoid")),
    },
    Field {
        key: "loss",
        name: "loss",
        write: |r| r.loss.slug().into(),
        read: |r, text| put(&mut r.loss, choice(text, "mse or bce")),
    },
    Field {
        key: "opt",
        name: "optimiser",
        write: |r| r.optimiser.slug().into(),
        read: |r, text| put(&mut r.optimiser, choice(text, "sgd, momentum or adam")),
    },
    Field {
        key: "lr",
        name: "learning rate",
        write: |r| r.learning_rate.to_string(),
        read: |r, text| put(&mut r.learning_rate, real(text, limits::RATE)),
    },
    Field {
        key: "batch",
        name: "batch",
        write: |r| r.batch.to_string(),
        read: |r, text| put(&mut r.batch, whole(text, limits::BATCH)),
    },
    Field {
        key: "epochs",
        name: "epochs",
        write: |r| r.epochs.to_string(),
        read: |r, text| put(&mut r.epochs, whole(text, limits::EPOCHS)),
    },
    Field {
        key: "noise",
        name: "noise",
        write: |r| match r.noise {
            Noise::None => NoiseKind::None.slug().into(),
            Noise::Gaussian { sd } => format!("{}:{sd}", NoiseKind::Gaussian.slug()),
            Noise::SaltPepper { share } => format!("{}:{share}", NoiseKind::SaltPepper.slug()),
            Noise::Block { size } => format!("{}:{size}", NoiseKind::Block.slug()),
        },
        read: |r, text| put(&mut r.noise, noise(text)),
    },
    Field {
        key: "kl",
        name: "β of a variational bottleneck",
        write: |r| r.variational.map_or("none".into(), |beta| beta.to_string()),
        read: |r, text| put(&mut r.variational, variational(text)),
    },
    Field { key: "seed", name: "seed", write: |r| r.seed.to_string(), read: |r, text| put(&mut r.seed, seed(text)) },
    Field {
        key: "init",
        name: "first weights",
        write: |r| r.init.slug().into(),
        read: |r, text| put(&mut r.init, choice(text, "he, glorot or torch")),
    },
];

/// A value, and whether it had to be brought into range; or what it should have been.
type Read<T> = Result<(T, bool), &'static str>;

fn put<T>(place: &mut T, read: Read<T>) -> Result<(), Odd> {
    let (value, clamped) = read.map_err(Odd::Unreadable)?;
    *place = value;
    if clamped { Err(Odd::Clamped) } else { Ok(()) }
}

fn choice<T: Choice>(text: &str, wanted: &'static str) -> Read<T> {
    T::from_slug(text).map(|value| (value, false)).ok_or(wanted)
}

/// Whether this site has it is for the page to say; here it only has to look like a name.
fn data(text: &str) -> Read<String> {
    let fits = (1..=32).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if fits { Ok((text.into(), false)) } else { Err("the name of a data set") }
}

fn whole(text: &str, range: RangeInclusive<u32>) -> Read<u32> {
    let (least, most) = range.into_inner();
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err("a whole number");
    }
    // More digits than an i64 holds: certainly outside, on the side of the sign.
    let value: i64 = text.parse().unwrap_or(if text.starts_with('-') { i64::MIN } else { i64::MAX });
    let clamped = value.clamp(least.into(), most.into());
    u32::try_from(clamped).map(|inside| (inside, clamped != value)).map_err(|_| "a whole number")
}

fn seed(text: &str) -> Read<u64> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err("a whole number from 0");
    }
    Ok(text.parse().map_or((u64::MAX, true), |seed| (seed, false)))
}

fn real(text: &str, range: RangeInclusive<f32>) -> Read<f32> {
    let value: f32 = text.parse().ok().filter(|value: &f32| !value.is_nan()).ok_or("a number")?;
    let inside = value.clamp(*range.start(), *range.end());
    Ok((inside, inside != value))
}

fn encoder(text: &str) -> Read<Vec<u32>> {
    if text.is_empty() || text == "none" {
        return Ok((Vec::new(), false));
    }
    let most = *limits::LAYERS.end();
    let read: Vec<(u32, bool)> = text
        .split(',')
        .map(|width| whole(width, limits::WIDTH))
        .collect::<Result<_, _>>()
        .map_err(|_| "a list of whole numbers such as 250,100")?;
    let clamped = read.len() > most || read.iter().any(|(_, clamped)| *clamped);
    Ok((read.into_iter().take(most).map(|(width, _)| width).collect(), clamped))
}

fn abnormal(text: &str) -> Read<Option<f32>> {
    if text == "all" {
        return Ok((None, false));
    }
    let (share, odd) = real(text, limits::ABNORMAL).map_err(|_| "all, or a number such as 0.1")?;
    // -0 is in range and would be written as such.
    Ok((Some(share.abs()), odd))
}

fn variational(text: &str) -> Read<Option<f32>> {
    if text == "none" {
        return Ok((None, false));
    }
    let (beta, odd) = real(text, limits::VARIATIONAL).map_err(|_| "none, or a number such as 0.5")?;
    Ok((Some(beta.abs()), odd))
}

fn noise(text: &str) -> Read<Noise> {
    const WANTED: &str = "none, gauss:0.5, salt:0.2 or block:8";
    let (kind, strength) = text.split_once(':').map_or((text, None), |(kind, strength)| (kind, Some(strength)));
    let kind = NoiseKind::from_slug(kind).ok_or(WANTED)?;
    let Some(strength) = strength else { return Ok((kind.usual(), false)) };
    let read = match kind {
        NoiseKind::None => return Err(WANTED),
        NoiseKind::Gaussian => real(strength, limits::NOISE_SD).map(|(sd, odd)| (Noise::Gaussian { sd }, odd)),
        NoiseKind::SaltPepper => {
            real(strength, limits::NOISE_SHARE).map(|(share, odd)| (Noise::SaltPepper { share }, odd))
        }
        NoiseKind::Block => whole(strength, limits::NOISE_BLOCK).map(|(size, odd)| (Noise::Block { size }, odd)),
    };
    read.map_err(|_| WANTED)
}
