//! What answers leave for later ones about the same run: encoders on its device, and the encoded training set.
use super::Scene;
use super::denoise::Rivals;
use super::encode::Encoder;
use super::library::Library;
use super::pairs::School;
use crate::compute::{Buffer, Device, GpuError};
use std::cell::RefCell;
use std::rc::Rc;

/// Kept as long as a run is on its device.
pub struct Shelf {
    /// A few bytes on the device, to be read back when it has caught up.
    fence: Buffer,
    /// The map's.
    encoder: RefCell<Option<Rc<Encoder>>>,
    library: RefCell<Option<Rc<Library>>>,
    /// With noise and without.
    pub rivals: RefCell<Option<Rc<Rivals>>>,
    /// The encoder that learns by pairs.
    pub school: School,
}

impl Shelf {
    pub fn new(device: &Device) -> Self {
        Self {
            fence: device.zeros(1),
            encoder: RefCell::default(),
            library: RefCell::default(),
            rivals: RefCell::default(),
            school: School::default(),
        }
    }

    /// Waits until a GPU has done what it was given.
    pub async fn caught_up(&self, device: &Device) -> Result<(), GpuError> {
        match device {
            // Commands are done in their order, so that this comes after them.
            Device::Gpu(_) => device.read(&self.fence).await.map(|_| ()),
            _ => Ok(()),
        }
    }

    /// The encoder of the map.
    pub fn encoder<W>(&self, scene: &Scene<W>) -> Rc<Encoder> {
        self.encoder.borrow_mut().get_or_insert_with(|| Rc::new(Encoder::new(scene))).clone()
    }

    /// The encoded training set; perhaps still empty, or old.
    pub fn library<W>(&self, scene: &Scene<W>) -> Rc<Library> {
        self.library.borrow_mut().get_or_insert_with(|| Rc::new(Library::new(scene))).clone()
    }

    /// The run starts over: what was made with its weights is of no use.
    pub fn forget(&self) {
        *self.library.borrow_mut() = None;
    }
}
