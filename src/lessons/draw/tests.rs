use super::*;

fn dot(x: f32, y: f32) -> Dot {
    Dot { x, y, width: 16.0 }
}

/// A seven, as it may be drawn on a pad of 200.
fn seven() -> Vec<Stroke> {
    let across = (0..20).map(|i| dot(60.0 + 4.0 * i as f32, 40.0)).collect();
    let down = (0..30).map(|i| dot(136.0 - 2.0 * i as f32, 40.0 + 4.0 * i as f32)).collect();
    vec![across, down]
}

/// First and last row, first and last column that hold more than half ink.
fn ink_box(picture: &[f32]) -> [usize; 4] {
    let inked: Vec<usize> = (0..picture.len()).filter(|&i| picture[i] > 0.5).collect();
    let rows = || inked.iter().map(|i| i / SIDE);
    let columns = || inked.iter().map(|i| i % SIDE);
    let of = |value: Option<usize>| value.expect("there is ink");
    [of(rows().min()), of(rows().max()), of(columns().min()), of(columns().max())]
}

fn moved(strokes: &[Stroke], change: impl Fn(Dot) -> Dot) -> Vec<Stroke> {
    strokes.iter().map(|stroke| stroke.iter().map(|&dot| change(dot)).collect()).collect()
}

fn close(a: &[f32], b: &[f32]) -> bool {
    a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-2)
}

#[test]
fn no_ink_is_an_empty_picture() {
    for strokes in [vec![], vec![vec![]]] {
        assert_eq!(digit(&strokes), vec![0.0; SIDE * SIDE]);
    }
}

#[test]
fn values_lie_between_paper_and_ink_and_reach_both() {
    let picture = digit(&seven());
    assert!(picture.iter().all(|value| (0.0..=1.0).contains(value)));
    assert!(picture.contains(&0.0) && picture.contains(&1.0));
}

#[test]
fn the_ink_fills_a_box_of_20_and_keeps_its_aspect() {
    let [top, bottom, left, right] = ink_box(&digit(&seven()));
    assert!((19..=21).contains(&(bottom - top + 1)), "{top}..{bottom}");
    // 92 by 132 on the pad.
    assert!((13..=15).contains(&(right - left + 1)), "{left}..{right}");
}

#[test]
fn the_centre_of_mass_comes_to_the_middle() {
    let [x, y] = centre_of_mass(&digit(&seven()));
    assert!((x - CENTRE).abs() < 0.05 && (y - CENTRE).abs() < 0.05, "{x}, {y}");
}

#[test]
fn place_and_size_on_the_pad_do_not_matter() {
    let picture = digit(&seven());
    let elsewhere = moved(&seven(), |d| Dot { x: d.x + 31.0, y: d.y - 17.0, ..d });
    assert!(close(&picture, &digit(&elsewhere)));
    let smaller = moved(&seven(), |d| Dot { x: d.x / 3.0, y: d.y / 3.0, width: d.width / 3.0 });
    assert!(close(&picture, &digit(&smaller)));
}

#[test]
fn a_small_digit_is_not_drawn_bolder_than_mnist() {
    let small = moved(&seven(), |d| Dot { x: d.x / 4.0, y: d.y / 4.0, ..d });
    let ink: f32 = digit(&small).iter().sum();
    let usual: f32 = digit(&seven()).iter().sum();
    assert!(ink < 2.0 * usual, "{ink} against {usual}");
    // Of MNIST's test digits the mean is 104 and 99 of 100 lie between 30 and 220.
    assert!((50.0..180.0).contains(&usual), "{usual}");
}

#[test]
fn a_dot_stays_a_dot_in_the_middle() {
    let picture = digit(&[vec![dot(3.0, 190.0)]]);
    let [top, bottom, left, right] = ink_box(&picture);
    assert!(bottom - top < 6 && right - left < 6, "{top}..{bottom}, {left}..{right}");
    assert!(picture[14 * SIDE + 14] == 1.0);
}

#[test]
fn lopsided_ink_stays_on_the_picture() {
    // A scribble at the top and a long thin tail: the mass lies near the top.
    let mut strokes = vec![(0..200).map(|i| dot(50.0 + (i % 20) as f32 * 4.0, (i / 20) as f32 * 4.0)).collect()];
    strokes.push((0..80).map(|i| Dot { x: 90.0, y: 40.0 + 2.0 * i as f32, width: 2.0 }).collect());
    let [_, bottom, _, _] = ink_box(&digit(&strokes));
    let tail_fits = digit(&strokes)[27 * SIDE..].iter().sum::<f32>() <= 3.0;
    assert!(bottom >= 24 && tail_fits, "{bottom}");
}

#[test]
fn nonsense_is_an_empty_picture() {
    for x in [f32::NAN, f32::INFINITY] {
        assert_eq!(digit(&[vec![dot(x, 1.0)]]), vec![0.0; SIDE * SIDE]);
    }
}

#[test]
fn a_thousand_dots_take_no_time() {
    let spiral: Stroke = (0..1000)
        .map(|i| {
            let angle = i as f32 * 0.05;
            dot(100.0 + angle * angle.cos(), 100.0 + angle * angle.sin())
        })
        .collect();
    let start = std::time::Instant::now();
    let rounds = 20;
    for _ in 0..rounds {
        std::hint::black_box(digit(std::hint::black_box(std::slice::from_ref(&spiral))));
    }
    // 2 ms in the browser is the aim; this machine may be busy, and the build unoptimised.
    assert!(start.elapsed().as_millis() < 40 * rounds, "{:?} for {rounds}", start.elapsed());
}

#[test]
fn the_pen_redraws_a_series_between_its_places() {
    let mut series = vec![0.0; 11];
    redraw(&mut series, (0.2, 1.0), (0.4, 2.0));
    assert_eq!(series, [0.0, 0.0, 1.0, 1.5, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    redraw(&mut series, (1.0, 5.0), (0.9, 4.0));
    assert_eq!(series[9..], [4.0, 5.0]);
    redraw(&mut series, (0.0, 3.0), (0.0, 7.0));
    assert_eq!(series[0], 7.0);
    redraw(&mut series, (f32::NAN, 3.0), (0.5, 7.0));
    assert_eq!(series[5], 0.0);
}

#[test]
fn bending_moves_a_place_and_what_is_near_it() {
    let mut series = vec![1.0; 101];
    bend(&mut series, 0.5, 2.0);
    assert_eq!(series[50], 3.0);
    // One width off it is e^(-1/2) of it, and symmetric.
    assert!((series[53] - 1.0 - 2.0 * (-0.5f32).exp()).abs() < 1e-5 && (series[47] - series[53]).abs() < 1e-5);
    assert!((series[0] - 1.0).abs() < 1e-6 && (series[100] - 1.0).abs() < 1e-6);
    let before = series.clone();
    bend(&mut series, f32::NAN, 1.0);
    bend(&mut series, 0.5, f32::INFINITY);
    assert_eq!(series, before);
    bend(&mut [], 0.5, 1.0);
}

#[test]
fn a_digit_fits_into_pictures_of_other_shapes() {
    let whole = digit(&seven());
    assert_eq!(fitted(whole.clone(), (SIDE, SIDE)), whole);
    let ink = |picture: &[f32]| picture.iter().sum::<f32>();
    for (rows, columns) in [(12, 20), (20, 12), (56, 56), (64, 28), (8, 8), (2, 2)] {
        let picture = fitted(whole.clone(), (rows, columns));
        assert_eq!(picture.len(), rows * columns);
        assert!(picture.iter().all(|value| (0.0..=1.0).contains(value)), "{rows} × {columns}");
        // As much ink as the area says, whatever the size: nothing is cut off, and nothing doubled.
        let scale = rows.min(columns) as f32 / SIDE as f32;
        let expected = ink(&whole) * scale * scale;
        assert!(
            (ink(&picture) - expected).abs() < 0.02 * expected,
            "{rows} × {columns}: {} of {expected}",
            ink(&picture)
        );
    }
    // In the middle: a wide picture is empty left and right of the square in which the digit lies.
    let wide = fitted(whole, (12, 20));
    assert!((0..12).all(|row| wide[row * 20] == 0.0 && wide[row * 20 + 19] == 0.0));
}
