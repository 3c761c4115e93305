//! When a device is replaced, waited for, or given up: by what was seen of devices so far, and nothing else.
use crate::compute::GpuError;

/// Looks at a device that owes an answer: so many of them it may be silent before it counts as busy, and before it is
/// given up.
const BUSY: u32 = 10;
pub(super) const MOST: u32 = 40;
/// A device that fails before the run got on, so often in a row, is not replaced at once, and then not any more.
const FRUITLESS: [u32; 2] = [3, 6];

/// When a GPU is asked for again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// At once.
    Now,
    /// After some seconds, while the processor works.
    Later,
    /// Not any more.
    Never,
}

/// What a look at a device tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// As before.
    Same,
    /// It has been silent for long.
    Busy,
    /// It speaks again.
    Awake,
    /// It has been silent for too long.
    Over,
}

/// What is remembered of the devices so far. It knows neither devices nor time.
#[derive(Debug, Default)]
pub struct Rules {
    /// GPUs that have worked here.
    pub gpus: u32,
    fruitless: u32,
    refusals: u32,
    answers: Option<u32>,
    silent: u32,
}

impl Rules {
    /// A GPU is there.
    pub fn came(&mut self) {
        self.gpus += 1;
        self.refusals = 0;
        (self.silent, self.answers) = (0, None);
    }

    /// The device failed; `served`: not before the run got on.
    pub fn failed(&mut self, served: bool) -> Next {
        self.fruitless = if served { 0 } else { self.fruitless + 1 };
        match self.fruitless {
            often if often >= FRUITLESS[1] => Next::Never,
            often if often >= FRUITLESS[0] => Next::Later,
            _ => Next::Now,
        }
    }

    /// There is no GPU now. What has worked may come back; where nothing ever did, only what takes its time may.
    pub fn refused(&mut self, error: &GpuError) -> Next {
        self.refusals += 1;
        let passes =
            matches!(error, GpuError::TimedOut(_) | GpuError::Lost(_) | GpuError::NotRead(_) | GpuError::NotFetched);
        let again = self.gpus > 0 || passes && self.refusals <= FRUITLESS[0];
        if again { Next::Later } else { Next::Never }
    }

    /// A look at the number of answers that the device gave; `None`: it owes none. Looks are counted and not seconds, so
    /// that a laptop that slept finds its GPU as it left it.
    pub fn look(&mut self, answers: Option<u32>) -> Look {
        let was = self.silent;
        self.silent = if answers.is_some() && answers == self.answers { was + 1 } else { 0 };
        self.answers = answers;
        match self.silent {
            0 if was >= BUSY => Look::Awake,
            BUSY => Look::Busy,
            silent if silent >= MOST => Look::Over,
            _ => Look::Same,
        }
    }
}
