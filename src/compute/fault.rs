//! What can go wrong with a GPU, and the first thing that did.
use crate::words;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// Why there is no GPU, or none any more. Each says what to do next.
#[derive(Clone, Debug, thiserror::Error)]
pub enum GpuError {
    /// The browser or system offers none.
    #[error("{}", words!("this browser offers no GPU to web pages; the newest Chrome, Edge, Safari or Firefox may"))]
    NoAdapter,
    /// Likewise, and what to do about it in this very browser, in whole sentences.
    #[error("{0}")]
    NotOffered(String),
    /// There is one, but it runs on the processor.
    #[error("{}", words!("the only GPU here is {_0}, which is software: the processor itself is faster (add ?gpu=software to try it all the same)"))]
    Software(String),
    /// An adapter that hands out no device.
    #[error("{}", words!("the GPU {adapter} gave no device: {reason}"))]
    NoDevice {
        /// Its name.
        adapter: String,
        /// In the driver's words.
        reason: String,
    },
    /// The device went away: a driver restart, a suspended laptop, a crash.
    #[error("{}", words!("the GPU was lost, as when its driver starts anew or a laptop wakes up (“{_0}”)"))]
    Lost(String),
    /// The device refused a command: a bug of ours or of the driver; results can't be trusted any more.
    #[error("{}", words!("the GPU refused a command: {_0}"))]
    Refused(String),
    /// A buffer found no place.
    #[error("{}", words!("the GPU has no memory left"))]
    OutOfMemory,
    /// A buffer did not come back.
    #[error("{}", words!("the GPU did not give back what it had computed (“{_0}”)"))]
    NotRead(String),
    /// A calculation with a known answer gave another.
    #[error("{}", words!("the GPU computes wrongly: {words}"))]
    Wrong {
        /// What came out, and what should have.
        words: String,
        /// All about it, for whoever looks into it.
        report: String,
    },
    /// What asks for one is a part of the page of its own, which did not come.
    #[error("{}", words!("the page's code for it could not be fetched: check the connection"))]
    NotFetched,
    /// No answer in time.
    #[error("{}", words!("the GPU did not answer within {_0} seconds"))]
    TimedOut(u32),
}

/// What a browser or a driver says, without its wrapping: `JsValue(OperationError: it failed.\n    at …)` is "it failed".
pub fn plain(raw: &str) -> String {
    let inside = raw.trim().strip_prefix("JsValue(").map_or(raw, |rest| rest.strip_suffix(')').unwrap_or(rest));
    let first = inside.trim().lines().next().unwrap_or_default();
    // A name of an error is one word: what is before the first colon, if it says so.
    let words = first.split_once(": ").filter(|(name, _)| name.ends_with("Error")).map_or(first, |(_, words)| words);
    words.trim().trim_end_matches('.').into()
}

/// The first fault of one device. Each device has its own, so that nobody hears of a device that is given up.
#[derive(Default)]
pub struct Fault(Mutex<(Option<GpuError>, Option<Waker>)>);

impl Fault {
    /// Only the first fault is the cause; those after it follow from it.
    pub fn set(&self, error: GpuError) {
        let mut inner = self.lock();
        inner.0.get_or_insert(error);
        if let Some(waker) = inner.1.take() {
            waker.wake();
        }
    }

    /// What broke the device, if something did.
    pub fn get(&self) -> Option<GpuError> {
        self.lock().0.clone()
    }

    /// For whoever waits for it: one at a time.
    pub fn poll(&self, context: &Context<'_>) -> Poll<GpuError> {
        let mut inner = self.lock();
        match inner.0.clone() {
            Some(error) => Poll::Ready(error),
            None => {
                inner.1 = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, (Option<GpuError>, Option<Waker>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a device was asked for and what it answered: whether it is silent.
#[derive(Default)]
pub struct Talk {
    waiting: std::cell::Cell<u32>,
    answers: std::cell::Cell<u32>,
}

/// A question to a device, until it is answered or given up.
pub struct Question<'a>(&'a Talk);

impl Talk {
    /// Another question.
    pub fn ask(&self) -> Question<'_> {
        self.waiting.set(self.waiting.get() + 1);
        Question(self)
    }

    /// How many answers there were; `None` where nobody waits for one.
    pub fn awaited(&self) -> Option<u32> {
        (self.waiting.get() > 0).then(|| self.answers.get())
    }
}

impl Question<'_> {
    /// The device said something.
    pub fn answered(&self) {
        self.0.answers.set(self.0.answers.get().wrapping_add(1));
    }
}

impl Drop for Question<'_> {
    fn drop(&mut self) {
        self.0.waiting.set(self.0.waiting.get() - 1);
    }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn what_browsers_say_is_said_without_its_wrapping() {
        for (raw, words) in [
            ("JsValue(OperationError: a test\nOperationError: a test\n    at f (x.js:1:2))", "a test"),
            ("JsValue(TypeError: network error)", "network error"),
            ("JsValue(\"no\")", "\"no\""),
            (
                "A valid external Instance reference no longer exists.",
                "A valid external Instance reference no longer exists",
            ),
            ("limit: 4 is more than 2", "limit: 4 is more than 2"),
            ("", ""),
        ] {
            assert_eq!(plain(raw), words, "{raw}");
        }
    }
}
