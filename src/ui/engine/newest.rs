//! One question on its way at a time, and of those that wait only the newest.

/// Questions of one kind.
pub struct Newest<T> {
    /// When the one on its way was sent, in milliseconds.
    sent: Option<f64>,
    waiting: Option<T>,
}

/// After so many milliseconds an answer is no longer expected.
const PATIENCE: f64 = 2000.0;

impl<T> Default for Newest<T> {
    fn default() -> Self {
        Self { sent: None, waiting: None }
    }
}

impl<T> Newest<T> {
    /// Returns the question if it may be sent now; else it waits, and replaces the one that waited.
    pub fn offer(&mut self, question: T, now: f64) -> Option<T> {
        if self.sent.is_some_and(|sent| now - sent < PATIENCE) {
            self.waiting = Some(question);
            return None;
        }
        self.waiting = None;
        self.sent = Some(now);
        Some(question)
    }

    /// An answer came: returns the question to send next.
    pub fn answered(&mut self, now: f64) -> Option<T> {
        self.sent = None;
        let next = self.waiting.take();
        if next.is_some() {
            self.sent = Some(now);
        }
        next
    }

    /// What waits is no longer asked.
    pub fn withdraw(&mut self) {
        self.waiting = None;
    }

    /// Whatever was asked no longer matters.
    pub fn forget(&mut self) {
        *self = Self::default();
    }
}
