//! A GPU's memory, given back when nobody holds it any more. In a browser a buffer that is merely forgotten waits for the
//! garbage collector, which sees a few bytes of JavaScript and not the data set behind them.
use std::ops::Deref;
use std::rc::Rc;

/// A buffer that calls, plans and networks hold together.
#[derive(Clone)]
pub struct Memory(Rc<Owned>);

struct Owned(wgpu::Buffer);

impl From<wgpu::Buffer> for Memory {
    fn from(buffer: wgpu::Buffer) -> Self {
        Self(Rc::new(Owned(buffer)))
    }
}

impl Deref for Memory {
    type Target = wgpu::Buffer;

    fn deref(&self) -> &wgpu::Buffer {
        &self.0.0
    }
}

impl Drop for Owned {
    /// What was submitted before still has it.
    fn drop(&mut self) {
        self.0.destroy();
    }
}
