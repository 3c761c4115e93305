//! What the session needs of its surroundings: a site to fetch from, and a chance for others to speak.
use super::comparison::{self, Fitting};
use super::device;
use super::jobs::{self, File, Outcome, Scene};
use super::keeping::{self, Keeping};
use super::protocol::{Ask, Event, Sealed};
use super::site::{self, Shipped};
use crate::compute::GpuError;
use crate::data::Split;
use crate::data::catalogue::Catalogue;
use crate::nn::{NetworkSpec, Trainer};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use std::future::ready;
use std::rc::Rc;

/// The surroundings: a worker in a browser, or a process.
#[allow(async_fn_in_trait, reason = "a session runs on one thread, so no future has to be Send")]
pub trait World: 'static {
    /// A file of the site, by its path relative to the site's root; `progress` hears the bytes so far.
    ///
    /// # Errors
    /// In words: not found, no connection.
    async fn fetch(&self, path: &str, progress: &mut dyn FnMut(u64)) -> Result<Vec<u8>, String>;

    /// Lets messages in that have arrived meanwhile. Everything that takes long calls this every few milliseconds.
    async fn rest(&self);

    /// The same, and leaves the processor to others for a moment: a screen is drawn by other threads.
    async fn give_way(&self) {
        self.rest().await;
    }

    /// Comes back after so many milliseconds; never, where nothing can hang.
    async fn sleep(&self, milliseconds: u32);

    /// A GPU that computes rightly, or one in software where that is wished: another one each time.
    fn gpu(world: Rc<Self>, software: bool) -> LocalBoxFuture<'static, device::Answered>
    where
        Self: Sized,
    {
        device::gpu(world, software).boxed_local()
    }

    /// The answer to a lesson's question, which a browser fetches the code for when the first is asked.
    fn answer(scene: Scene<Self>, ask: Sealed<Ask>) -> LocalBoxFuture<'static, Outcome>
    where
        Self: Sized,
    {
        jobs::answer(scene, ask)
    }

    /// The catalogue in this file. The readers of a site's files are fetched, too, in a browser, beside the files.
    fn catalogue(json: Vec<u8>) -> LocalBoxFuture<'static, Result<Catalogue, String>> {
        ready(site::read_catalogue(&json)).boxed_local()
    }

    /// The list of shipped weights in this file.
    fn shipped(json: Vec<u8>) -> LocalBoxFuture<'static, Vec<Shipped>> {
        ready(site::read_shipped(&json)).boxed_local()
    }

    /// The weights in this file, for this network.
    fn weights(bytes: Vec<u8>, spec: NetworkSpec) -> LocalBoxFuture<'static, Result<Vec<f32>, String>> {
        ready(site::read_weights(&bytes, &spec)).boxed_local()
    }

    /// A data set, fetched or made; a browser fetches the code for it first: the first picture needs none.
    fn load(
        world: Rc<Self>,
        catalogue: Rc<Catalogue>,
        slug: String,
        out: Rc<dyn Fn(Event)>,
    ) -> LocalBoxFuture<'static, Result<Split, String>>
    where
        Self: Sized,
    {
        site::load(world, catalogue, slug, out).boxed_local()
    }

    /// PCA, a few milliseconds at a time; a browser fetches the code for it when there are data to fit it to.
    fn fitting(components: usize) -> LocalBoxFuture<'static, Result<Fitting, String>> {
        ready(Ok(comparison::fitting(components))).boxed_local()
    }

    /// What keeps runs from one visit to the next; a browser fetches the code for it likewise.
    fn keeping(_: Rc<Self>, _: Keeping) -> keeping::Answer
    where
        Self: Sized,
    {
        ready(Err("there is no place for them here".into())).boxed_local()
    }

    /// A step that shows what calls cost, see [`Trainer::weigh`]; the code for it is fetched likewise, when training has
    /// begun.
    fn weigh(trainer: &mut Trainer) -> LocalBoxFuture<'_, Result<(), GpuError>> {
        trainer.weigh().boxed_local()
    }

    /// A visitor's own file as a data set; the code for it is fetched likewise.
    fn read(world: Rc<Self>, file: File) -> LocalBoxFuture<'static, Outcome>
    where
        Self: Sized,
    {
        jobs::read(world, file)
    }
}

/// A folder as the site, for tests and the command line.
#[cfg(not(target_arch = "wasm32"))]
pub struct Folder(pub std::path::PathBuf);

#[cfg(not(target_arch = "wasm32"))]
impl World for Folder {
    async fn fetch(&self, path: &str, progress: &mut dyn FnMut(u64)) -> Result<Vec<u8>, String> {
        let bytes = std::fs::read(self.0.join(path)).map_err(|e| format!("{path}: {e}"))?;
        progress(bytes.len() as u64);
        Ok(bytes)
    }

    async fn rest(&self) {
        // Other futures on this thread, such as a test that sends commands.
        let mut first = true;
        std::future::poll_fn(|cx| {
            if std::mem::take(&mut first) {
                cx.waker().wake_by_ref();
                return std::task::Poll::Pending;
            }
            std::task::Poll::Ready(())
        })
        .await;
    }

    async fn sleep(&self, _: u32) {
        std::future::pending().await
    }
}
