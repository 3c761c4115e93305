use super::*;

/// Four codes of three values, looked at along two directions that are turned by 45 degrees.
fn chart() -> Chart {
    let half = 0.5f32.sqrt();
    Chart {
        width: 3,
        codes: vec![1.0, 2.0, 3.0, 3.0, 2.0, 1.0, -1.0, 0.0, 1.0, 1.0, 0.0, -1.0],
        labels: vec![5, 0, 4, 1],
        mean: vec![1.0, 1.0, 1.0],
        axes: vec![half, half, 0.0, half, -half, 0.0],
        shares: vec![0.75, 0.2],
        ..Chart::default()
    }
}

fn close(a: &[f32], b: &[f32]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-5)
}

#[test]
fn what_is_decoded_at_a_place_lies_there() {
    let chart = chart();
    assert_eq!(chart.directions(), 5);
    assert_eq!([chart.name(1), chart.name(4)], ["PC 2", "z3"]);
    // Two components; two values of z; one of each.
    for axes in [[0, 1], [2, 4], [1, 4]] {
        let place = [0.7, -2.5];
        let code = chart.at(axes, place);
        let back = axes.map(|axis| chart.along(axis, &code));
        assert!(close(&back, &place), "{axes:?}: {code:?} lies at {back:?}");
    }
    let places = chart.places([0, 4]);
    assert!(close(&places[1], &[3.0 * 0.5f32.sqrt(), 1.0]), "{places:?}");
    assert_eq!(chart.first_axes(), [0, 1]);
    assert_eq!(Chart { width: 2, codes: vec![0.0; 2], ..chart }.first_axes(), [2, 3]);
}

#[test]
fn points_of_a_map_of_inputs_are_their_components() {
    let chart = Chart { space: Space::Inputs, width: 2, codes: vec![3.0, 4.0, 5.0, 6.0], ..chart() };
    assert_eq!(chart.places([1, 0]), [[4.0, 3.0], [6.0, 5.0]]);
    assert_eq!(chart.directions(), 2);
    let input = chart.at([0, 1], [3.0, 4.0]);
    assert!(close(&[chart.along(0, &input), chart.along(1, &input)], &[3.0, 4.0]));
}

#[test]
fn components_keep_their_side() {
    let before = chart();
    let mut now = chart();
    now.axes[..3].iter_mut().for_each(|x| *x = -*x);
    now.align(&before);
    assert_eq!(now.axes, before.axes);
}

#[test]
fn ranges_and_means_are_those_of_the_points() {
    let chart = chart();
    assert_eq!(chart.ranges(), [[-1.0, 3.0], [0.0, 2.0], [-1.0, 3.0]]);
    assert_eq!(chart.mean_of(&[0, 1]), Some(vec![2.0, 2.0, 2.0]));
    assert_eq!(chart.mean_of(&[]), None);
    assert_eq!(between(&[1.0, 2.0], &[3.0, 2.0], 1.5), [4.0, 2.0]);
}

#[test]
fn the_extent_leaves_out_the_few_that_are_far() {
    let mut places: Vec<[f32; 2]> = (0..1000).map(|i| [(i % 100) as f32, -((i % 50) as f32)]).collect();
    // Less than 2.2 deviations: all of them.
    assert_eq!(extent(&places), [[0.0, 99.0], [-49.0, 0.0]]);
    places[7] = [1000.0, -1000.0];
    assert_eq!(bounds(&places), [[0.0, 1000.0], [-1000.0, 0.0]]);
    assert_eq!(bounds(&[]), [[-1.0, 1.0]; 2]);
    let [x, y] = extent(&places);
    assert!(
        x[0] == 0.0 && (100.0..200.0).contains(&x[1]) && (-150.0..-49.0).contains(&y[0]) && y[1] == 0.0,
        "{x:?} {y:?}"
    );
    assert_eq!(extent(&[]), [[-1.0, 1.0]; 2]);
    assert_eq!(extent(&[[3.0, 4.0]]), [[2.0, 4.0], [3.0, 5.0]]);
}

#[test]
fn the_grid_goes_from_the_top_left_to_the_bottom_right() {
    let places = grid([[0.0, 19.0], [-1.0, 18.0]]);
    assert_eq!(places.len(), 400);
    assert!(close(&places[0], &[0.0, 18.0]) && close(&places[1], &[1.0, 18.0]));
    assert!(close(&places[20], &[0.0, 17.0]) && close(&places[399], &[19.0, -1.0]));
}

#[test]
fn the_place_under_the_pointer_stays_there() {
    let size = [640.0, 480.0];
    let view = View::of([[-3.0, 5.0], [0.0, 2.0]], size);
    assert_eq!(view.middle, [1.0, 1.0]);
    let corner = view.pixel([5.0, 2.0], size);
    assert!(corner[0] < 640.0 && corner[1] > 0.0 && corner[1] < 240.0, "{corner:?}");
    assert!(close(&view.place(corner, size), &[5.0, 2.0]));
    let zoomed = view.zoomed(3.0, corner, size);
    assert!(close(&zoomed.place(corner, size), &[5.0, 2.0]) && zoomed.scale > 2.9 * view.scale);
    let moved = view.moved([10.0, -20.0]);
    let now = moved.pixel([5.0, 2.0], size);
    assert!(close(&now, &[corner[0] + 10.0, corner[1] - 20.0]));
}

#[test]
fn the_csv_has_a_line_for_each_point() {
    let text = chart().csv();
    assert!(text.starts_with("index,label,z0,z1,z2\n0,5,1,2,3\n1,0,3,2,1\n"), "{text}");
    assert_eq!(text.lines().count(), 5);
}

#[test]
fn darts_are_drawn_from_the_normal_distribution() {
    let side = 300;
    let at = |i: usize| i as f64 / side as f64;
    let draws: Vec<f64> = (0..side * side).map(|i| f64::from(normal([at(i / side), at(i % side)]))).collect();
    let mean = |power: i32| draws.iter().map(|z| z.powi(power)).sum::<f64>() / draws.len() as f64;
    assert!(mean(1).abs() < 0.01 && (mean(2) - 1.0).abs() < 0.02 && (mean(4) - 3.0).abs() < 0.2);
    assert!(draws.iter().all(|z| z.is_finite()), "a logarithm of zero");
}

#[test]
fn the_nearest_code_is_found() {
    let chart = Chart { width: 2, codes: vec![0.0, 0.0, 3.0, 4.0, -1.0, 5.0], ..chart() };
    assert_eq!(chart.nearest(&[2.0, 4.5]), Some(1));
    assert_eq!(chart.nearest(&[-2.0, 4.5]), Some(2));
    assert_eq!(chart.nearest(&[1.0]), None, "another width");
}

#[test]
fn the_nearest_places_are_found() {
    let places = [[0.0, 0.0], [3.0, 4.0], [-1.0, 0.0], [0.5, 0.0]];
    let all = nearest_places(&places, [0.0, 0.0], 3, |point| point != 0);
    assert_eq!(all, [(3, 0.5), (2, 1.0), (1, 5.0)]);
    assert_eq!(nearest_places(&places, [3.0, 4.0], 1, |_| true), [(1, 0.0)]);
    assert!(nearest_places(&[], [0.0; 2], 9, |_| true).is_empty());
}

#[test]
fn the_commonest_class_wins_and_of_two_the_nearer() {
    assert_eq!(commonest(&[4, 7, 7, 4, 9]), Some((4, 2)));
    assert_eq!(commonest(&[4, 7, 7]), Some((7, 2)));
    assert_eq!(commonest(&[]), None);
}
