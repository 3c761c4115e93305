//! What answers leave for later ones about the same run: encoders on its device, and the encoded training set.
use super::Scene;
use super::classifier::{Known, Learner};
use super::denoise::Rivals;
use super::encode::Encoder;
use super::kernels::Update;
use super::labels::Partial;
use super::library::Library;
use super::pairs::School;
use crate::compute::{Buffer, Device, GpuError};
use crate::lessons::kernels::Limits;
use std::cell::{Cell, RefCell};
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
    /// The classifier beside the network, in training; its weights, to ask of meanwhile; and one of few labels that is
    /// not done.
    pub learner: Slot<Learner>,
    pub known: RefCell<Option<Rc<Known>>>,
    pub partial: Slot<Partial>,
    /// The update in slow motion, and what the device can do at most.
    pub update: RefCell<Option<Rc<Update>>>,
    pub limits: Cell<Option<Limits>>,
}

/// Where something lies that one question at a time takes along.
pub struct Slot<T>(RefCell<Rc<RefCell<Option<T>>>>);

/// What was taken: it goes back when its question is answered, or dropped.
pub struct Lent<T> {
    pub thing: Option<T>,
    place: Rc<RefCell<Option<T>>>,
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self(RefCell::default())
    }
}

impl<T> Slot<T> {
    /// With this in it.
    pub fn of(thing: T) -> Self {
        Self(RefCell::new(Rc::new(RefCell::new(Some(thing)))))
    }

    /// Takes what lies there.
    pub fn take(&self) -> Lent<T> {
        let place = self.0.borrow().clone();
        let thing = place.borrow_mut().take();
        Lent { thing, place }
    }

    /// What lies there is of no use, nor what is lent.
    pub fn forget(&self) {
        *self.0.borrow_mut() = Rc::default();
    }
}

impl<T> Drop for Lent<T> {
    fn drop(&mut self) {
        *self.place.borrow_mut() = self.thing.take();
    }
}

impl Shelf {
    pub fn new(device: &Device) -> Self {
        Self {
            fence: device.zeros(1),
            encoder: RefCell::default(),
            library: RefCell::default(),
            rivals: RefCell::default(),
            school: School::default(),
            learner: Slot::default(),
            known: RefCell::default(),
            partial: Slot::default(),
            update: RefCell::default(),
            limits: Cell::default(),
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
        *self.known.borrow_mut() = None;
        self.learner.forget();
        self.partial.forget();
    }
}
