//! Questions and answers as bytes between those who understand them: the page of a lesson and the code that answers it
//! both come later, so what lies between them need not know what they say.
use super::Topic;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::marker::PhantomData;

/// A question or an answer whose topic can be read, and nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed<T> {
    /// What it is about.
    pub topic: Topic,
    #[serde(with = "serde_bytes")]
    bytes: Vec<u8>,
    #[serde(skip)]
    of: PhantomData<fn() -> T>,
}

/// What has a topic.
pub trait About: Serialize + DeserializeOwned {
    /// It.
    fn topic(&self) -> Topic;

    /// As bytes.
    fn sealed(&self) -> Sealed<Self> {
        // Plain enums of numbers and strings always encode.
        Sealed { topic: self.topic(), bytes: postcard::to_stdvec(self).unwrap_or_default(), of: PhantomData }
    }
}

impl<T: About> Sealed<T> {
    /// One that says nothing.
    pub fn empty(topic: Topic) -> Self {
        Self { topic, bytes: Vec::new(), of: PhantomData }
    }

    /// What it says; `None` only for what another version sealed.
    pub fn open(&self) -> Option<T> {
        postcard::from_bytes(&self.bytes).ok()
    }
}
