//! What the session needs of its surroundings: a site to fetch from, and a chance for others to speak.
use super::jobs::{self, Outcome, Scene};
use super::protocol::Ask;
use futures_util::future::LocalBoxFuture;

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

    /// Comes back after so many milliseconds; never, where nothing can hang.
    async fn sleep(&self, milliseconds: u32);

    /// The answer to a lesson's question, which a browser fetches the code for when the first is asked.
    fn answer(scene: Scene<Self>, ask: Ask) -> LocalBoxFuture<'static, Outcome>
    where
        Self: Sized,
    {
        jobs::answer(scene, ask)
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
