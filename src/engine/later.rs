//! The answers to lessons' questions, in a part of the wasm of their own: the worker fetches it when the first is asked.
use super::advice;
use super::comparison::{self, Fitting};
use super::device::{self, Answered};
use super::jobs::{self, File, Outcome, Scene, Trouble};
use super::keeping::{self, Keeping, database};
use super::protocol::{Ask, Event, Sealed};
use super::site::{self, Shipped};
use super::worker::Site;
use crate::compute::GpuError;
use crate::data::Split;
use crate::data::catalogue::Catalogue;
use crate::nn::{NetworkSpec, Trainer};
use crate::words::{self, Language, Tongue};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use std::rc::Rc;
use wasm_split_helpers::{SplitLoaderError, wasm_split};

/// The answer, once its code is here.
pub fn answer(scene: Scene<Site>, ask: Sealed<Ask>) -> LocalBoxFuture<'static, Outcome> {
    async move { begun(scene, ask).await.map_err(missing)?.await }.boxed_local()
}

/// The file as a data set, once the code for it is here.
pub fn read(world: Rc<Site>, file: File) -> LocalBoxFuture<'static, Outcome> {
    async move { begun_reading(world, file).await.map_err(missing)?.await }.boxed_local()
}

/// PCA, once its code is here.
pub fn fitting(components: usize) -> LocalBoxFuture<'static, Result<Fitting, String>> {
    let missing = |_| "the code for PCA could not be fetched: check the connection".to_owned();
    async move { begun_fitting(components).await.map_err(missing) }.boxed_local()
}

/// This browser's place for runs, once its code is here.
pub fn keeping(what: Keeping) -> keeping::Answer {
    let missing = |_| "the code for it could not be fetched: check the connection".to_owned();
    async move { begun_keeping(what).await.map_err(missing)?.await }.boxed_local()
}

/// A site's catalogue, once the code that reads it is here.
pub fn catalogue(json: Vec<u8>) -> LocalBoxFuture<'static, Result<Catalogue, String>> {
    async move { read_catalogue(json).await.map_err(unread)? }.boxed_local()
}

/// A site's list of weights likewise; nothing ships where the code cannot be fetched.
pub fn shipped(json: Vec<u8>) -> LocalBoxFuture<'static, Vec<Shipped>> {
    async move { read_shipped(json).await.unwrap_or_default() }.boxed_local()
}

/// Shipped weights likewise.
pub fn weights(bytes: Vec<u8>, spec: NetworkSpec) -> LocalBoxFuture<'static, Result<Vec<f32>, String>> {
    async move { read_weights(bytes, spec).await.map_err(unread)? }.boxed_local()
}

fn unread(_: SplitLoaderError) -> String {
    "the reader of this site's files could not be fetched: check the connection and reload the page".into()
}

/// A GPU, once the code that asks for one and tests it is here: drawing does without.
pub fn gpu(world: Rc<Site>, software: bool) -> LocalBoxFuture<'static, Answered> {
    let missing = |_| GpuError::NotFetched;
    async move { begun_gpu(world, software).await.map_err(missing)?.await }.boxed_local()
}

/// A step that shows what calls cost, once the code for it is here; none where it is not.
pub fn weigh(trainer: &mut Trainer) -> LocalBoxFuture<'_, Result<(), GpuError>> {
    async move {
        match begun_weighing(trainer).await {
            Ok(weighing) => weighing.await,
            // The steps that follow are like others, and nobody knows what their calls cost.
            Err(_) => Ok(()),
        }
    }
    .boxed_local()
}

/// The answer of a worker without a session, once its code is here.
pub async fn alone(ask: Sealed<Ask>, out: impl Fn(Event) + 'static) {
    let topic = ask.topic;
    let out: Rc<dyn Fn(Event)> = Rc::new(out);
    if let Err(Trouble::Words(message)) = begun_alone(ask, out.clone()).await.map_err(missing) {
        out(Event::Unanswered { topic, message });
    }
}

/// From now on everything is said in this language, once its catalogue is here.
pub async fn speak(tongue: Tongue) -> Result<(), String> {
    let missing = |_| "the words could not be fetched: check the connection and try again".to_owned();
    words::choose(match tongue {
        Tongue::English => None,
        Tongue::Dutch => Some(dutch().await.map_err(missing)?),
    });
    Ok(())
}

/// A data set, once the code that fetches or makes it is here.
pub fn load(world: Rc<Site>, catalogue: Rc<Catalogue>, slug: String, out: Rc<dyn Fn(Event)>) -> Loaded {
    let missing = |_| "the reader of data could not be fetched: check the connection and try again".to_owned();
    async move { begun_loading(world, catalogue, slug, out).await.map_err(missing)?.await }.boxed_local()
}

fn missing(_: SplitLoaderError) -> Trouble {
    Trouble::Words("this lesson's engine could not be fetched: check the connection and ask again".into())
}

#[wasm_split(answers, fallible)]
fn begun(scene: Scene<Site>, ask: Sealed<Ask>) -> Result<LocalBoxFuture<'static, Outcome>, SplitLoaderError> {
    Ok(jobs::answer(scene, ask))
}

#[wasm_split(answers, fallible)]
fn begun_reading(world: Rc<Site>, file: File) -> Result<LocalBoxFuture<'static, Outcome>, SplitLoaderError> {
    Ok(jobs::read(world, file))
}

#[wasm_split(files, fallible)]
fn read_catalogue(json: Vec<u8>) -> Result<Result<Catalogue, String>, SplitLoaderError> {
    Ok(site::read_catalogue(&json))
}

#[wasm_split(files, fallible)]
fn read_shipped(json: Vec<u8>) -> Result<Vec<Shipped>, SplitLoaderError> {
    Ok(site::read_shipped(&json))
}

#[wasm_split(files, fallible)]
fn read_weights(bytes: Vec<u8>, spec: NetworkSpec) -> Result<Result<Vec<f32>, String>, SplitLoaderError> {
    Ok(site::read_weights(&bytes, &spec))
}

#[wasm_split(device, fallible)]
fn begun_gpu(world: Rc<Site>, software: bool) -> Result<LocalBoxFuture<'static, Answered>, SplitLoaderError> {
    Ok(async move { device::gpu(world, software).await.map_err(advice::advised) }.boxed_local())
}

#[wasm_split(weighing, fallible)]
fn begun_weighing<'a>(trainer: &'a mut Trainer) -> Result<LocalBoxFuture<'a, Result<(), GpuError>>, SplitLoaderError> {
    Ok(trainer.weigh().boxed_local())
}

#[wasm_split(kept, fallible)]
fn begun_keeping(what: Keeping) -> Result<keeping::Answer, SplitLoaderError> {
    Ok(database::answer(what).boxed_local())
}

type Loaded = LocalBoxFuture<'static, Result<Split, String>>;

#[wasm_split(data, fallible)]
fn begun_loading(
    world: Rc<Site>,
    catalogue: Rc<Catalogue>,
    slug: String,
    out: Rc<dyn Fn(Event)>,
) -> Result<Loaded, SplitLoaderError> {
    Ok(site::load(world, catalogue, slug, out).boxed_local())
}

#[wasm_split(embedding, fallible)]
fn begun_alone(ask: Sealed<Ask>, out: Rc<dyn Fn(Event)>) -> Result<(), SplitLoaderError> {
    jobs::alone(ask, &*out);
    Ok(())
}

#[wasm_split(components, fallible)]
fn begun_fitting(components: usize) -> Result<Fitting, SplitLoaderError> {
    Ok(comparison::fitting(components))
}

#[wasm_split(dutch, fallible)]
fn dutch() -> Result<Language, SplitLoaderError> {
    Ok(words::dutch::dutch())
}
