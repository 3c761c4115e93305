//! Buffers in this process. The kernels' twins do the rest.
use std::{cell::RefCell, rc::Rc};

/// A buffer that several calls of a plan hold.
pub type Shared<T> = Rc<RefCell<Vec<T>>>;

pub fn shared<T: Clone>(values: &[T]) -> Shared<T> {
    Rc::new(RefCell::new(values.to_vec()))
}

pub fn widen(values: &[f32]) -> Vec<f64> {
    values.iter().map(|&x| f64::from(x)).collect()
}
