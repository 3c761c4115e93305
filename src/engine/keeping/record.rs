//! A kept run as bytes: four letters, a checksum, and the run in postcard's bytes.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic))]
use crate::engine::protocol::Card;
use crate::nn::State;
use crate::words;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::rc::Rc;

const LETTERS: &[u8; 4] = b"HGR1";
/// Letters and checksum.
const HEAD: usize = 8;

/// Everything that a run needs to go on another day.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// With all points of its curves.
    pub card: Card,
    /// Weights, moments and clock.
    pub state: Rc<State>,
    /// What lay on the pad, in the page's own bytes.
    pub drawing: Vec<u8>,
}

/// As it is written: numbers as they lie in memory, least byte first, which WebAssembly and all that browsers run on do.
#[derive(Serialize, Deserialize)]
struct Written<'a> {
    card: Cow<'a, Card>,
    #[serde(borrow, with = "serde_bytes")]
    values: Cow<'a, [u8]>,
    #[serde(borrow, with = "serde_bytes")]
    first: Cow<'a, [u8]>,
    #[serde(borrow, with = "serde_bytes")]
    second: Cow<'a, [u8]>,
    #[serde(borrow, with = "serde_bytes")]
    clock: Cow<'a, [u8]>,
    #[serde(borrow, with = "serde_bytes")]
    drawing: Cow<'a, [u8]>,
}

impl Record {
    /// As bytes: each number is copied once, because this is done while it trains.
    pub fn bytes(&self) -> Vec<u8> {
        fn of(values: &[f32]) -> Cow<'_, [u8]> {
            Cow::Borrowed(bytemuck::cast_slice(values))
        }
        let Record { card, state, drawing } = self;
        let written = Written {
            card: Cow::Borrowed(card),
            values: of(&state.values),
            first: of(&state.first),
            second: of(&state.second),
            clock: of(&state.clock),
            drawing: Cow::Borrowed(drawing),
        };
        // Numbers, strings and bytes always encode.
        let mut bytes = postcard::to_extend(&written, vec![0; HEAD]).unwrap_or_default();
        if let Some((head, body)) = bytes.split_first_chunk_mut::<HEAD>() {
            let [a, b, c, d] = *LETTERS;
            let [e, f, g, h] = crc32fast::hash(body).to_le_bytes();
            *head = [a, b, c, d, e, f, g, h];
        }
        bytes
    }

    /// What these bytes hold, if they are whole.
    ///
    /// # Errors
    /// In words: another format, or torn.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        let (head, body) =
            bytes.split_first_chunk::<HEAD>().ok_or_else(|| words!("it has only {} bytes", bytes.len()))?;
        let [a, b, c, d, sum @ ..] = *head;
        if [a, b, c, d] != *LETTERS {
            return Err("it was written by another version of this page".into());
        }
        if crc32fast::hash(body) != u32::from_le_bytes(sum) {
            return Err(words!("its {} bytes do not have the checksum that they were written with", bytes.len()));
        }
        let Written { card, values, first, second, clock, drawing } =
            postcard::from_bytes(body).map_err(|error| words!("it cannot be read ({error})"))?;
        let of = |bytes: Cow<'_, [u8]>| bytes.as_chunks().0.iter().map(|&four| f32::from_le_bytes(four)).collect();
        let state = State { values: of(values), first: of(first), second: of(second), clock: of(clock) };
        Ok(Self { card: card.into_owned(), state: Rc::new(state), drawing: drawing.into_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lessons::Recipe;

    fn record() -> Record {
        let card = Card {
            id: "a".into(),
            name: None,
            recipe: Recipe { z: 3, ..Recipe::default() },
            before: 7,
            step: 9,
            when: 1e12,
            seconds: 2.5,
            curve: Vec::new(),
        };
        let state = State { values: vec![1.0, -0.0, f32::MIN_POSITIVE], ..State::at_first(vec![0.5; 3]) };
        Record { card, state: Rc::new(state), drawing: vec![1, 2, 3] }
    }

    #[test]
    fn what_is_read_is_what_was_written() {
        assert_eq!(Record::read(&record().bytes()), Ok(record()));
    }

    #[test]
    fn one_bit_anywhere_shows() {
        let good = record().bytes();
        for at in 0..good.len() {
            for bit in 0..8 {
                let mut torn = good.clone();
                torn[at] ^= 1 << bit;
                assert!(Record::read(&torn).is_err(), "bit {bit} of byte {at}");
            }
            assert!(Record::read(&good[..at]).is_err(), "the first {at} bytes");
        }
    }
}
