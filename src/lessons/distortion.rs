//! How far outputs are from inputs; and PCA as what it is, a network that is compared with others in the same way.
use crate::data::pca::Pca;
use crate::nn::NetworkSpec;
use crate::nn::spec::Activation;

/// A value as a picture can hold it.
pub fn clipped(value: f32) -> f32 {
    value.clamp(0.0, 1.0)
}

/// The peak signal-to-noise ratio 10 log₁₀(peak² / MSE), in dB: infinite without any error.
pub fn psnr(mse: f64, peak: f64) -> f64 {
    10.0 * (peak * peak / mse).log10()
}

/// Σ (y − x)² over the values, in double precision; `clip` brings y into 0..1 first.
pub fn squared_error(x: &[f32], y: &[f32], clip: bool) -> f64 {
    let gap = |(&x, &y): (&f32, &f32)| {
        let gap = f64::from(if clip { clipped(y) } else { y }) - f64::from(x);
        gap * gap
    };
    x.iter().zip(y).map(gap).sum()
}

/// PCA with so many components as an autoencoder without a hidden layer: W = the components and b = −W μ, then W
/// transposed and b = μ. Its weights are laid out as in [`crate::nn::Weights`].
pub fn linear(pca: &Pca, z: u32) -> (NetworkSpec, Vec<f32>) {
    let width = pca.width();
    let z = (z as usize).min(pca.variances.len());
    let spec = NetworkSpec::autoencoder(width as u32, &[], z as u32, Activation::Identity, Activation::Identity);
    let components = &pca.components[..z * width];
    let mut values = components.to_vec();
    for component in components.chunks_exact(width) {
        let along: f64 = component.iter().zip(&pca.mean).map(|(v, mean)| f64::from(*v) * f64::from(*mean)).sum();
        values.push(-along as f32);
    }
    for at in 0..width {
        values.extend(components.iter().skip(at).step_by(width));
    }
    values.extend(&pca.mean);
    (spec, values)
}
