//! A GPU's memory, given back when nobody holds it any more. In a browser a buffer that is merely forgotten waits for the
//! garbage collector, which sees a few bytes of JavaScript and not the data set behind them.
use std::ops::Deref;
use std::rc::Rc;

/// Bytes that are on their way to a GPU at a time: a copy of them waits for its process.
const PIECE: usize = 4 << 20;

/// Overwrites the start of a buffer, up to the end of a word: only whole ones can go.
pub fn fill(queue: &wgpu::Queue, buffer: &wgpu::Buffer, bytes: &[u8]) {
    for (at, piece) in (0..).step_by(PIECE).zip(bytes.chunks(PIECE)) {
        let (whole, rest) = piece.split_at(piece.len() & !3);
        queue.write_buffer(buffer, at, whole);
        if !rest.is_empty() {
            let mut last = [0; 4];
            last[..rest.len()].copy_from_slice(rest);
            queue.write_buffer(buffer, at + whole.len() as u64, &last);
        }
    }
}

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
