//! Which rows to learn from, where only some of the others may be among the normal ones.
use super::chance::Chance;

/// The rows of class 0, or as many rows of which the share `abnormal` is of other classes: fewer, where the set has
/// fewer. In the order of the file; which rows is decided by `seed`, and a larger share keeps the abnormal rows of a
/// smaller one.
///
/// The number of rows stays the same, so that a share changes what is learned and not for how long.
pub fn rows_with(labels: &[u8], abnormal: f32, seed: u64) -> Vec<usize> {
    let of = |normal: bool| (0..labels.len()).filter(|&row| (labels[row] == 0) == normal).collect::<Vec<_>>();
    let (normals, others) = (shuffled(of(true), seed, 0), shuffled(of(false), seed, 1));
    let wanted = (f64::from(abnormal) * normals.len() as f64).round() as usize;
    let taken = wanted.min(others.len());
    let mut chosen = vec![false; labels.len()];
    for &row in normals.iter().take(normals.len().saturating_sub(taken)).chain(others.iter().take(taken)) {
        chosen[row] = true;
    }
    (0..labels.len()).filter(|&row| chosen[row]).collect()
}

/// Rows 0..`len` in an order that `seed` and the number of the draw decide: its first n are n rows at random.
pub fn drawn(len: usize, seed: u64, draw: u32) -> Vec<usize> {
    // The streams before these are those of `rows_with`.
    shuffled((0..len).collect(), seed, 2 + u64::from(draw))
}

/// R. Fisher and F. Yates, in the form of R. Durstenfeld (1964).
pub(super) fn shuffled(mut rows: Vec<usize>, seed: u64, stream: u64) -> Vec<usize> {
    let mut chance = Chance::at(seed, stream);
    for last in (1..rows.len()).rev() {
        rows.swap(last, chance.below(last + 1));
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(labels: &[u8], rows: &[usize]) -> (usize, usize) {
        let normal = rows.iter().filter(|&&row| labels[row] == 0).count();
        (normal, rows.len() - normal)
    }

    /// ECG5000's training file: 292 normal beats, then 208 others.
    fn labels() -> Vec<u8> {
        (0..500).map(|row| u8::from(row >= 292) * (1 + (row % 4) as u8)).collect()
    }

    #[test]
    fn a_share_takes_the_place_of_normal_rows() {
        let labels = labels();
        assert_eq!(rows_with(&labels, 0.0, 7), (0..292).collect::<Vec<_>>());
        for (share, expected) in [(0.01, (289, 3)), (0.1, (263, 29)), (0.5, (146, 146)), (0.7, (88, 204))] {
            let rows = rows_with(&labels, share, 7);
            assert_eq!(counts(&labels, &rows), expected, "share {share}");
            assert!(rows.is_sorted() && rows.windows(2).all(|pair| pair[0] != pair[1]), "{rows:?}");
        }
    }

    #[test]
    fn a_draw_has_every_row_once_and_the_next_draw_another_order() {
        let [first, second] = [0, 1].map(|draw| drawn(100, 7, draw));
        assert!(first != second && first != drawn(100, 8, 0) && first == drawn(100, 7, 0));
        let mut all = first;
        all.sort_unstable();
        assert_eq!(all, (0..100).collect::<Vec<_>>());
    }

    #[test]
    fn there_can_be_too_few_others() {
        let labels = [0, 0, 0, 0, 3];
        assert_eq!(counts(&labels, &rows_with(&labels, 0.7, 1)), (3, 1));
        assert_eq!(rows_with(&[1, 2], 0.5, 1), Vec::<usize>::new());
        assert_eq!(rows_with(&[], 0.5, 1), Vec::<usize>::new());
    }

    #[test]
    fn the_seed_chooses_and_a_larger_share_keeps_what_a_smaller_one_took() {
        let labels = labels();
        let abnormal = |share, seed| -> Vec<usize> {
            rows_with(&labels, share, seed).into_iter().filter(|&row| labels[row] != 0).collect()
        };
        assert_eq!(abnormal(0.2, 7), abnormal(0.2, 7));
        assert_ne!(abnormal(0.2, 7), abnormal(0.2, 8));
        let more = abnormal(0.4, 7);
        assert!(abnormal(0.2, 7).iter().all(|row| more.contains(row)));
    }
}
