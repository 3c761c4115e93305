//! The answers to lessons' questions, in a part of the wasm of their own: the worker fetches it when the first is asked.
use super::jobs::{self, Outcome, Scene, Trouble};
use super::protocol::Ask;
use super::worker::Site;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use wasm_split_helpers::{SplitLoaderError, wasm_split};

/// The answer, once its code is here.
pub fn answer(scene: Scene<Site>, ask: Ask) -> LocalBoxFuture<'static, Outcome> {
    async move {
        let begun = begun(scene, ask).await.map_err(|_| {
            Trouble::Words("this lesson's engine could not be fetched: check the connection and ask again".into())
        })?;
        begun.await
    }
    .boxed_local()
}

#[wasm_split(answers, fallible)]
fn begun(scene: Scene<Site>, ask: Ask) -> Result<LocalBoxFuture<'static, Outcome>, SplitLoaderError> {
    Ok(jobs::answer(scene, ask))
}
