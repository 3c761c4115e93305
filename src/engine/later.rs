//! The answers to lessons' questions, in a part of the wasm of their own: the worker fetches it when the first is asked.
use super::jobs::{self, File, Outcome, Scene, Trouble};
use super::protocol::Ask;
use super::worker::Site;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use std::rc::Rc;
use wasm_split_helpers::{SplitLoaderError, wasm_split};

/// The answer, once its code is here.
pub fn answer(scene: Scene<Site>, ask: Ask) -> LocalBoxFuture<'static, Outcome> {
    async move { begun(scene, ask).await.map_err(missing)?.await }.boxed_local()
}

/// The file as a data set, once the code for it is here.
pub fn read(world: Rc<Site>, file: File) -> LocalBoxFuture<'static, Outcome> {
    async move { begun_reading(world, file).await.map_err(missing)?.await }.boxed_local()
}

fn missing(_: SplitLoaderError) -> Trouble {
    Trouble::Words("this lesson's engine could not be fetched: check the connection and ask again".into())
}

#[wasm_split(answers, fallible)]
fn begun(scene: Scene<Site>, ask: Ask) -> Result<LocalBoxFuture<'static, Outcome>, SplitLoaderError> {
    Ok(jobs::answer(scene, ask))
}

#[wasm_split(answers, fallible)]
fn begun_reading(world: Rc<Site>, file: File) -> Result<LocalBoxFuture<'static, Outcome>, SplitLoaderError> {
    Ok(jobs::read(world, file))
}
