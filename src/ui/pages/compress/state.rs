//! What the lesson knows: rated networks, what is chosen, pictures. Plain data; the page shows it.
use crate::engine::protocol::{Compressed, Look, Sizes, Which};
use crate::lessons::compress::{BITS, Original, Rated, SWEEP};
use crate::words;

/// Inputs of the test set that are shown at every z.
pub const SHOWN: u32 = 3;

/// What is in a file that was decoded.
#[derive(Default)]
pub struct Unpacked {
    /// What there is to say of it.
    pub words: String,
    /// Rows and columns of an input.
    pub shape: (u32, u32),
    /// A byte for each value.
    pub pictures: Vec<u8>,
}

/// All of it.
pub struct State {
    /// The data set that it is about.
    pub data: String,
    /// Epochs of each network of the sweep.
    pub epochs: u32,
    /// Widths to train.
    pub widths: Vec<u32>,
    /// The sweep so far, by z.
    pub sweep: Vec<Rated>,
    /// The network at hand, when it was last rated.
    pub hand: Option<Rated>,
    /// What they are compared with.
    pub original: Original,
    /// A sweep goes on.
    pub sweeping: bool,
    /// How far it is, where it was when it began, and when that was, in milliseconds.
    pub done: [f64; 2],
    pub since: f64,
    /// Which network is looked at: the width of its z, and whether it is the one at hand. `None`: nobody chose.
    pub chosen: Option<(u32, bool)>,
    /// Which of [`BITS`].
    pub bits: usize,
    /// Which of the methods makes the file.
    pub method: usize,
    /// The first of the inputs that are shown.
    pub first: u32,
    /// Those inputs, a byte for each value.
    pub inputs: Vec<u8>,
    /// What becomes of them and of the drawing.
    pub looks: Vec<Look>,
    /// The file that was made last: its name and its parts.
    pub packed: Option<(String, Sizes)>,
    /// The file that was decoded last.
    pub unpacked: Option<Unpacked>,
}

impl State {
    /// Nothing yet.
    pub fn new() -> Self {
        Self {
            data: String::new(),
            epochs: 0,
            widths: SWEEP.into(),
            sweep: Vec::new(),
            hand: None,
            original: Original::default(),
            sweeping: false,
            done: [0.0; 2],
            since: 0.0,
            chosen: None,
            bits: 1,
            method: 0,
            first: 0,
            inputs: Vec::new(),
            looks: Vec::new(),
            packed: None,
            unpacked: None,
        }
    }

    /// Another network stands: what was learned from its data for this long still counts, if they are the same.
    pub fn open(&mut self, data: &str, epochs: u32) {
        (self.hand, self.sweeping) = (None, false);
        self.sweep.clear();
        self.looks.clear();
        if self.data != data {
            let Self { widths, bits, method, .. } = std::mem::replace(self, Self::new());
            *self = Self { data: data.into(), epochs, widths, bits, method, ..Self::new() };
        }
    }

    /// Takes an answer in.
    pub fn hear(&mut self, answer: &Compressed) {
        match answer {
            Compressed::Rated { rated, original, epochs: 0, .. } => {
                self.hand = rated.first().cloned();
                self.original = *original;
            }
            Compressed::Rated { rated, original, epochs, over, .. } if *epochs == self.epochs => {
                self.original = *original;
                for new in rated {
                    self.sweep.retain(|old| old.z != new.z);
                    self.sweep.push(new.clone());
                }
                self.sweep.sort_by_key(|rated| rated.z);
                if *over {
                    self.sweeping = false;
                }
            }
            Compressed::Rated { .. } => {}
            Compressed::Looks { looks, .. } => self.looks.clone_from(looks),
            Compressed::Packed { name, sizes, .. } => self.packed = Some((name.clone(), *sizes)),
            Compressed::Unpacked { shape, pictures, .. } => {
                self.unpacked = Some(Unpacked { words: told(answer), shape: *shape, pictures: pictures.clone() });
            }
        }
    }

    /// All that were rated, by z.
    pub fn all(&self) -> Vec<&Rated> {
        let mut all: Vec<&Rated> = self.sweep.iter().chain(&self.hand).collect();
        all.sort_by_key(|rated| (rated.z, rated.at_hand));
        all
    }

    /// The one that is looked at: the chosen one; else z = 16 of the sweep, if it is there; else the one at hand.
    pub fn chosen(&self) -> Option<&Rated> {
        let all = self.all();
        let is = |wanted: (u32, bool)| all.iter().copied().find(|rated| (rated.z, rated.at_hand) == wanted);
        self.chosen.and_then(is).or_else(|| is((16, false))).or(self.hand.as_ref()).or(all.first().copied())
    }

    /// The same for the engine.
    pub fn which(&self) -> Option<Which> {
        self.chosen().map(|rated| Which { at_hand: rated.at_hand, z: rated.z, epochs: self.epochs })
    }

    /// Widths that are still to be trained.
    pub fn missing(&self) -> usize {
        self.widths.iter().filter(|z| !self.sweep.iter().any(|rated| rated.z == **z)).count()
    }

    /// Bits per value.
    pub fn bits(&self) -> u32 {
        BITS[self.bits]
    }

    /// What a value takes, in words.
    pub fn bits_in_words(&self) -> &'static str {
        words_for(self.bits())
    }
}

/// A number of bits, as a button says it.
pub fn words_for(bits: u32) -> &'static str {
    match bits {
        8 => "8 bits",
        4 => "4 bits",
        2 => "2 bits",
        _ => "float",
    }
}

/// What is in a file, as a sentence or two.
fn told(answer: &Compressed) -> String {
    let Compressed::Unpacked { name, data, z, bits, sizes, error, .. } = answer else { return String::new() };
    let of = if data.is_empty() { String::new() } else { words!(" of {data}") };
    let error = match error {
        Some([mse, noise]) => words!(" Against the originals, which are here: error {mse:.5}, PSNR {noise:.2} dB."),
        None => " The originals are not at hand here, so their error is not known.".into(),
    };
    words!("{name}: {} inputs{of}, z = {z}, {bits} bits a value, decoded on this device.{error}", sizes.inputs)
}
