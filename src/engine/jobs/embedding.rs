//! Codes on a plane by t-SNE: van der Maaten and Hinton, 2008, with the Barnes-Hut approximation of van der Maaten, 2014.
use crate::engine::protocol::{About, Answer, Event};
use bhtsne::tSNE;

/// Epochs in all, and between two looks.
const EPOCHS: usize = 500;
const LOOK: usize = 10;
/// How many neighbours count, in a manner of speaking.
const PERPLEXITY: f32 = 30.0;
/// How coarsely far points are taken together: van der Maaten's choice.
const THETA: f32 = 0.5;
/// The scale on which a start says what is near and not yet how far: scikit-learn's choice for a start from PCA.
const SCALE: f32 = 1e-4;

/// Says again and again where the codes lie. Blocks until it is done.
pub fn answer(codes: &[f32], width: usize, start: Vec<f32>, out: &dyn Fn(Event)) {
    let rows: Vec<&[f32]> = codes.chunks_exact(width.max(1)).collect();
    let say = |epoch: usize, places: &[f32]| {
        let (epoch, of) = (epoch as u32, EPOCHS as u32);
        out(Event::Answer(Answer::Embedding { places: places.to_vec(), epoch, of }.sealed()));
    };
    // Each needs three times as many neighbours as the perplexity says.
    let perplexity = PERPLEXITY.min((rows.len() as f32 - 2.0) / 3.0);
    if perplexity < 1.0 || start.len() != 2 * rows.len() || !codes.iter().all(|x| x.is_finite()) {
        // Too few to have neighbours: they stay where they are.
        return say(EPOCHS, &start);
    }
    let mut fit: tSNE<f32, &[f32]> = tSNE::new(&rows);
    fit.epochs(EPOCHS).perplexity(perplexity).initial_embedding(scaled(start)).epoch_callback(|epoch, places| {
        if epoch % LOOK == 0 {
            say(epoch, places);
        }
    });
    let distance = |a: &&[f32], b: &&[f32]| a.iter().zip(*b).map(|(a, b)| (a - b) * (a - b)).sum::<f32>().sqrt();
    fit.barnes_hut(THETA, distance);
    say(EPOCHS, &fit.embedding());
}

/// The start with the same shape, its first direction with a standard deviation of [`SCALE`].
fn scaled(mut start: Vec<f32>) -> Vec<f32> {
    let count = start.len() as f32 / 2.0;
    let mean = [0, 1].map(|axis| start.iter().skip(axis).step_by(2).sum::<f32>() / count);
    let spread = (start.iter().step_by(2).map(|x| (x - mean[0]).powi(2)).sum::<f32>() / count).sqrt();
    let factor = if spread > 0.0 { SCALE / spread } else { 0.0 };
    for (i, x) in start.iter_mut().enumerate() {
        *x = (*x - mean[i % 2]) * factor;
    }
    start
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    /// Three clusters of 40 codes of five values; and a start that says nothing of them.
    fn clusters() -> (Vec<f32>, Vec<f32>) {
        let value = |i: usize, j: usize| ((i * 7 + j * 13) as f32 * 0.7).sin() + if i % 3 == j % 3 { 9.0 } else { 0.0 };
        let codes = (0..120).flat_map(|i| (0..5).map(move |j| value(i, j))).collect();
        let start = (0..240).map(|i| (i as f32 * 1.7).sin()).collect();
        (codes, start)
    }

    fn answered(codes: &[f32], start: Vec<f32>) -> Vec<(Vec<f32>, u32)> {
        let heard = RefCell::new(Vec::new());
        answer(codes, 5, start, &|event| {
            let Event::Answer(sealed) = event else { return };
            if let Some(Answer::Embedding { places, epoch, .. }) = sealed.open() {
                heard.borrow_mut().push((places, epoch));
            }
        });
        heard.into_inner()
    }

    #[test]
    fn near_codes_come_together() {
        let (codes, start) = clusters();
        let heard = answered(&codes, start);
        assert!(heard.len() > 40, "it is told again and again: {}", heard.len());
        let (places, epoch) = heard.last().expect("it was told");
        assert_eq!((places.len(), *epoch), (240, EPOCHS as u32));
        for i in 0..120 {
            let far = |j: &usize| (places[2 * i] - places[2 * j]).hypot(places[2 * i + 1] - places[2 * j + 1]);
            let nearest = (0..120).filter(|j| *j != i).min_by(|a, b| far(a).total_cmp(&far(b))).expect("others");
            assert_eq!(nearest % 3, i % 3, "the nearest of {i} is {nearest}");
        }
    }

    #[test]
    fn what_cannot_be_laid_out_stays_where_it_is() {
        assert_eq!(answered(&[1.0; 10], vec![1.0, 2.0, 3.0, 4.0]), [(vec![1.0, 2.0, 3.0, 4.0], 500)]);
        let (mut codes, start) = clusters();
        codes[7] = f32::NAN;
        assert_eq!(answered(&codes, start.clone()), [(start, 500)]);
    }
}
