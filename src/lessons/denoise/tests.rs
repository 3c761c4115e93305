use super::*;

fn wave(len: usize) -> Vec<f32> {
    (0..len).map(|i| (i as f32 * 0.7 + 0.1).sin() + (i as f32 * 2.3).cos() * 0.5).collect()
}

#[test]
fn the_median_is_that_of_the_nine_neighbours_with_the_edge_going_on() {
    for (width, height) in [(1, 1), (1, 4), (5, 1), (2, 2), (7, 5), (28, 28)] {
        let x = wave(width * height);
        let by_sorting = |row: usize, col: usize| {
            let mut near: Vec<f32> = (0..9usize)
                .map(|i| {
                    let row = (row + i / 3).saturating_sub(1).min(height - 1);
                    let col = (col + i % 3).saturating_sub(1).min(width - 1);
                    x[row * width + col]
                })
                .collect();
            near.sort_by(f32::total_cmp);
            near[4]
        };
        let expected: Vec<f32> = (0..x.len()).map(|i| by_sorting(i / width, i % width)).collect();
        assert_eq!(median(&x, width, false), expected, "{width} x {height}");
    }
}

#[test]
fn a_picture_is_clipped_before_its_median_and_a_series_is_not() {
    assert_eq!(median(&[-3.0, -2.0, 7.0, 9.0], 4, false), [-3.0, -2.0, 7.0, 9.0]);
    assert_eq!(median(&[-3.0, -2.0, 7.0, 9.0], 4, true), [0.0, 0.0, 1.0, 1.0]);
    // A lone spike goes, on a line as in a picture.
    assert_eq!(median(&[0.0, 0.0, 5.0, 0.0, 0.0], 5, false), [0.0; 5]);
    assert!(median(&[], 3, false).is_empty());
}

#[test]
fn nine_values_in_any_order_have_the_same_middle() {
    for seed in 0..500u32 {
        let v: [f32; 9] = std::array::from_fn(|i| (seed.wrapping_mul(2_654_435_761) >> (3 * i) & 7) as f32);
        let mut sorted = v;
        sorted.sort_by(f32::total_cmp);
        assert_eq!(middle(v), sorted[4], "{v:?}");
    }
}

#[test]
fn decibels() {
    // numpy: 10 * log10(1 / 0.25) = 6.020599913279624
    assert!((psnr(0.25) - 6.020_599_913_279_624).abs() < 1e-12);
    assert_eq!(psnr(1.0), 0.0);
    assert_eq!(psnr(0.0), f64::INFINITY);
    assert!((mse(&[0.0, 1.0, 0.5], &[-1.0, 2.0, 1.0], false) - 0.75).abs() < 1e-12);
    assert!((mse(&[0.0, 1.0, 0.5], &[-1.0, 2.0, 1.0], true) - 0.25 / 3.0).abs() < 1e-12);
}

#[test]
fn noise_is_of_its_kind_and_strength_and_another_at_each_draw() {
    let x = vec![0.25; 784 * 20];
    let drawn = |noise, draw| corrupted(noise, 42, draw, &x, 784, 28);
    let gauss = drawn(Noise::Gaussian { sd: 0.5 }, 0);
    let mean = gauss.iter().map(|&v| f64::from(v)).sum::<f64>() / gauss.len() as f64;
    let sd = (mse(&x, &gauss, false)).sqrt();
    assert!((mean - 0.25).abs() < 0.02 && (sd - 0.5).abs() < 0.02, "mean {mean}, sd {sd}");
    assert!(gauss.iter().any(|&v| v < -0.5), "it is not clipped");
    assert_ne!(gauss, drawn(Noise::Gaussian { sd: 0.5 }, 1));
    assert_eq!(gauss, drawn(Noise::Gaussian { sd: 0.5 }, 0));
    let salt = drawn(Noise::SaltPepper { share: 0.2 }, 0);
    let share = salt.iter().filter(|&&v| v != 0.25).count() as f64 / salt.len() as f64;
    assert!((share - 0.2).abs() < 0.02 && salt.iter().all(|v| [0.0, 0.25, 1.0].contains(v)), "{share}");
    let block = drawn(Noise::Block { size: 8 }, 0);
    assert!(block.chunks(784).all(|picture| picture.iter().filter(|&&v| v == 0.0).count() == 64));
    // An interval of a series.
    let series = corrupted(Noise::Block { size: 9 }, 42, 0, &x[..140], 140, 140);
    assert_eq!(series.iter().filter(|&&v| v == 0.0).count(), 9);
    // No strength, no noise; nor of no kind.
    for none in [Noise::None, Noise::Gaussian { sd: 0.0 }, Noise::SaltPepper { share: 0.0 }, Noise::Block { size: 0 }] {
        assert_eq!(drawn(none, 0), x, "{none:?}");
    }
}

#[test]
fn a_curve_starts_where_the_visitor_is_and_goes_over_all_strengths() {
    for kind in [NoiseKind::Gaussian, NoiseKind::SaltPepper, NoiseKind::Block] {
        let first = noise(kind, 0.5 * range(kind).0);
        let all = levels(first);
        assert_eq!(all[0], first);
        let mut strengths: Vec<f32> = all.iter().map(|&noise| strength(noise)).collect();
        strengths.sort_by(f32::total_cmp);
        strengths.dedup();
        assert_eq!(strengths.len(), all.len(), "one is there twice: {strengths:?}");
        assert_eq!((strengths[0], strengths.last()), (0.0, Some(&range(kind).0)));
        assert!(all.iter().all(|&noise| NoiseKind::of(noise) == kind));
    }
    assert!(levels(Noise::None).is_empty());
}

#[test]
fn a_table_has_a_line_for_each_strength_weakest_first() {
    let level = |sd, mse| Level { noise: Noise::Gaussian { sd }, raw: [mse; METHODS], clipped: [mse / 10.0; METHODS] };
    let text = csv(&[level(0.5, 0.1), level(0.0, 0.0)]);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 3);
    assert!(lines[0].starts_with("noise,strength,noisy,plain,denoising,pca,median,noisy_clipped,"), "{}", lines[0]);
    assert!(lines[1].starts_with("gauss,0,inf,"), "{}", lines[1]);
    assert!(lines[2].starts_with("gauss,0.5,10.0000,") && lines[2].ends_with(",20.0000"), "{}", lines[2]);
}

#[test]
fn the_brush_paints_where_it_goes_and_nowhere_else() {
    let mut mask = Mask::new(784, 28);
    assert_eq!(mask.share(), 0.0);
    // Across the middle, from the left edge to the right one.
    mask.paint((0.0, 0.5), (1.0, 0.5));
    let clean = vec![0.0; 784];
    let mut noisy = vec![1.0; 784];
    mask.apply(&clean, &mut noisy);
    for (row, line) in noisy.chunks(28).enumerate() {
        let expected = if (12..16).contains(&row) { 1.0 } else { 0.0 };
        assert!(line.iter().all(|&value| value == expected), "row {row}: {line:?}");
    }
    // On a series only the way across counts.
    let mut mask = Mask::new(140, 140);
    mask.paint((0.5, 0.0), (0.5, 1.0));
    assert!((0.1..0.3).contains(&mask.share()), "{}", mask.share());
}

#[test]
fn the_lessons_recipe_can_be_run() {
    assert_eq!((LESSON.recipe)().check(), Ok(()));
    for (train, columns) in [(500, 140), (1, 2), (140_000, 4096), (0, 0)] {
        let recipe = recipe_for_series("own", train, columns);
        assert!(recipe.network(columns.max(1), false).is_ok(), "{recipe:?}");
        let steps = (train / recipe.batch).max(1) * recipe.epochs;
        assert!(steps >= 1000 || recipe.epochs == 1000, "{steps} steps of {train} series");
    }
}

#[test]
fn an_archive_is_as_the_formats_say() {
    // zlib.crc32(b"123456789")
    assert_eq!(npz::crc(b"123456789"), 0xcbf4_3926);
    let values = [1.0f32, -2.5, 3.25, 0.0, 5.0, 6.0];
    let file = npz(&[("a", &values)], 3, &[("b.csv", "x\n")]);
    assert!(file.starts_with(b"PK\x03\x04"));
    let name = 30..30 + 5;
    assert_eq!(&file[name.clone()], b"a.npy");
    let array = &file[name.end..];
    assert_eq!(&array[..8], b"\x93NUMPY\x01\x00");
    let header = std::str::from_utf8(&array[10..128]).expect("ASCII");
    assert!(header.contains("'<f4'") && header.contains("(2, 3)") && header.ends_with('\n'), "{header}");
    let read: Vec<f32> = array[128..128 + 24].chunks(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
    assert_eq!(read, values);
    // The list at the end says where it starts, and there the first file's entry is.
    let end = file.len() - 22;
    assert_eq!(&file[end..end + 4], b"PK\x05\x06");
    let word = |at: usize| u32::from_le_bytes([file[at], file[at + 1], file[at + 2], file[at + 3]]) as usize;
    assert_eq!(&file[word(end + 16)..word(end + 16) + 4], b"PK\x01\x02");
    assert_eq!(word(end + 12) + word(end + 16), end);
}
