use super::*;

/// The rows of `made` in `tests/sklearn/verdict.py`, which printed the expected numbers below.
fn made(rows: usize, ties: f64) -> (Vec<f32>, TestLabels) {
    let labels: Vec<u8> = (0..rows).map(|i| (i % 7 % 3) as u8).collect();
    let error = |(i, &label): (usize, &u8)| {
        let raw = (i as f64 * 0.7).sin() + if label == 0 { 0.0 } else { 0.8 };
        ((raw * ties).round() / ties) as f32
    };
    (labels.iter().enumerate().map(error).collect(), TestLabels::new(labels))
}

fn six() -> (Vec<f32>, TestLabels) {
    (vec![0.1, 0.4, 0.35, 0.4, 0.8, 0.05], TestLabels::new(vec![0, 0, 0, 1, 2, 1]))
}

fn close(what: &str, got: f64, expected: f64) {
    assert!((got - expected).abs() < 1e-8, "{what}: {got}, not {expected}");
}

#[test]
fn areas_and_intervals_are_those_of_scikit_learn_and_delong() {
    for (name, (errors, labels), auc, interval, precision) in [
        ("few ties", made(500, 1e6), 0.771338475, [0.731025473, 0.811651476], 0.839089041),
        ("many ties", made(500, 5.0), 0.769100059, [0.728830799, 0.809369319], 0.826585718),
        // Beyond 0 and 1, where it is cut.
        ("six", six(), 0.611111111, [0.0, 1.0], 0.722222222),
    ] {
        let ranking = Ranking::new(&errors, &labels).expect("both kinds");
        close(name, ranking.auc(), auc);
        close(name, ranking.interval()[0], interval[0]);
        close(name, ranking.interval()[1], interval[1]);
        close(name, ranking.average_precision(), precision);
    }
}

#[test]
fn the_area_is_that_under_the_drawn_curve() {
    for ties in [1e6, 5.0] {
        let (errors, labels) = made(500, ties);
        let ranking = Ranking::new(&errors, &labels).expect("both kinds");
        let roc = ranking.roc();
        assert_eq!((roc[0], roc[roc.len() - 1]), ([0.0, 0.0], [1.0, 1.0]));
        let area: f64 = roc.windows(2).map(|pair| (pair[1][0] - pair[0][0]) * (pair[0][1] + pair[1][1]) / 2.0).sum();
        close("trapezoids", area, ranking.auc());
    }
}

#[test]
fn a_threshold_flags_what_is_at_it_or_above() {
    let (errors, labels) = six();
    let ranking = Ranking::new(&errors, &labels).expect("both kinds");
    let at = ranking.at(0.4);
    assert_eq!(at, Confusion { hits: 2, misses: 1, false_alarms: 1, passed: 2 });
    assert_eq!(
        (at.precision(), at.recall(), at.false_alarm_rate()),
        (Some(2.0 / 3.0), Some(2.0 / 3.0), Some(1.0 / 3.0))
    );
    assert_eq!(ranking.at(1.0), Confusion { hits: 0, misses: 3, false_alarms: 0, passed: 3 });
    assert_eq!(ranking.at(1.0).precision(), None);
    assert_eq!(ranking.at(0.0), Confusion { hits: 3, misses: 0, false_alarms: 3, passed: 0 });
    assert_eq!(labels.by_class(&errors, 0.4), [[3, 1], [2, 1], [1, 1]]);
}

#[test]
fn the_cheapest_threshold_follows_what_a_miss_costs() {
    let (errors, labels) = six();
    let ranking = Ranking::new(&errors, &labels).expect("both kinds");
    // Where a miss costs nothing, so does flagging nothing.
    let (threshold, cost) = ranking.cheapest(0.0);
    assert!(threshold > 0.8 && cost == 0.0, "{threshold}, {cost}");
    // At 0.4: one false alarm and one miss of six. At 0.8: two misses, which is as dear, and the higher of both.
    assert_eq!(ranking.cheapest(1.0), (0.8, 2.0 / 6.0));
    // Three false alarms are cheaper than one miss.
    assert_eq!(ranking.cheapest(100.0), (0.05, 0.5));
    // By trying all of a larger set.
    let (errors, labels) = made(500, 5.0);
    let ranking = Ranking::new(&errors, &labels).expect("both kinds");
    for miss in [0.3, 1.0, 4.0, 20.0] {
        let tried = errors.iter().map(|&error| ranking.at(error).cost(miss)).fold(f64::INFINITY, f64::min);
        close("cost", ranking.cheapest(miss).1, tried.min(ranking.at(f32::MAX).cost(miss)));
    }
}

#[test]
fn one_kind_alone_cannot_be_ranked() {
    assert_eq!(Ranking::new(&[0.1, 0.2], &TestLabels::new(vec![0, 0])), None);
    assert_eq!(Ranking::new(&[0.1, 0.2], &TestLabels::new(vec![3, 1])), None);
    assert_eq!(Ranking::new(&[0.1, 0.2], &TestLabels::default()), None);
    assert_eq!(Ranking::new(&[0.1], &TestLabels::new(vec![0, 1])), None);
    // Errors that are no numbers rank above all others and bring nothing down.
    let ranking = Ranking::new(&[0.1, f32::NAN], &TestLabels::new(vec![0, 1])).expect("both kinds");
    close("NaN", ranking.auc(), 1.0);
}
