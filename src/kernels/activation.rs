//! The non-linearities σ, by the code that stands in the kernels' parameters (`Activation::code`).
//!
//! 0 identity · 1 ReLU · 2 leaky ReLU (slope 0.01) · 3 tanh · 4 sigmoid
use crate::compute::Real;

/// σ(x). What is not finite stays so, that a diverged network shows in its loss and is not clamped away.
pub fn activate<T: Real>(code: u32, x: T) -> T {
    if !x.is_finite() {
        return x;
    }
    match code {
        1 => x.max(T::zero()),
        2 => x.max(T::of(0.01) * x),
        // Beyond ±15 tanh is ±1 in f32, and some drivers give NaN from ±44.
        3 => x.max(T::of(-15.0)).min(T::of(15.0)).tanh(),
        4 => T::one() / (T::one() + (-x).max(T::of(-80.0)).min(T::of(80.0)).exp()),
        _ => x,
    }
}

/// σ'(x), from y = σ(x): all five can be had from the output alone, so that no input need be kept.
pub fn slope<T: Real>(code: u32, y: T) -> T {
    match code {
        1 if y <= T::zero() => T::zero(),
        2 if y <= T::zero() => T::of(0.01),
        3 => T::one() - y * y,
        4 => y * (T::one() - y),
        _ => T::one(),
    }
}
