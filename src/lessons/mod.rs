//! What the page teaches, without a page: recipes, links, drawings, and each lesson's bit of mathematics.
//! Knows nothing of devices, workers or Leptos, so that each recipe can be trained in a test.
pub mod anomaly;
pub mod choices;
pub mod compress;
pub mod denoise;
pub mod distortion;
pub mod draw;
pub mod files;
pub mod heartbeats;
pub mod kernels;
pub mod latent;
pub mod link;
pub mod neighbours;
pub mod notebook;
pub mod own;
pub mod path;
pub mod qr;
pub mod recipe;
pub mod siamese;
pub mod studio;
pub mod thing;
pub mod verdict;
pub mod worlds;

pub use recipe::Recipe;

/// A stop of the lecture.
#[derive(Clone, Copy, Debug)]
pub struct Lesson {
    /// Its name in addresses: `#/studio`.
    pub slug: &'static str,
    /// Its name on the page.
    pub title: &'static str,
    /// The recipe that it starts with: links write only what differs from it.
    pub recipe: fn() -> Recipe,
}

/// Every lesson that the page has, in the lecture's order.
pub const LESSONS: &[Lesson] = &[
    studio::LESSON,
    latent::LESSON,
    neighbours::LESSON,
    heartbeats::LESSON,
    denoise::LESSON,
    compress::LESSON,
    worlds::LESSON,
    siamese::LESSON,
    kernels::LESSON,
    files::LESSON,
];
