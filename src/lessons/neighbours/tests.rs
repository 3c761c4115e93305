use super::*;

const BYTES: [u8; 12] = [0, 0, 3, 4, 255, 255, 3, 4, 6, 8, 4, 3];

fn bytes() -> Rows<'static> {
    Rows { values: Stored::Bytes(&BYTES), width: 2 }
}

fn places(near: &[Near]) -> Vec<u32> {
    near.iter().map(|near| near.place).collect()
}

#[test]
fn distances_are_exact_and_equal_ones_go_by_place() {
    let rows = bytes();
    let mut best = Vec::new();
    let query = rows.query(&[0.0, 0.0]);
    // In two parts, as a long scan goes.
    rows.scan(Metric::Euclidean, &query, 0..3, 5, &mut best);
    rows.scan(Metric::Euclidean, &query, 3..6, 5, &mut best);
    // 3-4, 3-4 and 4-3 are equally far.
    assert_eq!(places(&rows.read(Metric::Euclidean, &best)), [0, 1, 3, 5, 4]);
    assert_eq!(best[1].0, 25.0);
    assert_eq!(rows.read(Metric::Euclidean, &best)[1].distance, (5.0f64 / 255.0) as f32);
    let mut best = Vec::new();
    rows.scan(Metric::Cosine, &rows.row(1), 0..6, 6, &mut best);
    // 3-4 and 6-8 have one direction; 0-0 has none and is at a right angle.
    assert_eq!(places(&rows.read(Metric::Cosine, &best)), [1, 3, 4, 2, 5, 0]);
    assert_eq!(best[5].0, 1.0);
}

#[test]
fn candidates_are_sorted_again_and_doubts_are_told() {
    let rows = bytes();
    let query = rows.row(0);
    // Rounded distances in the wrong order.
    let found = [(1e-9, 5), (2e-9, 0), (3e-9, 3), (4e-9, 1), (1.4e-3, 4)];
    let near = rows.exactly(Metric::Euclidean, &query, &found, 3).expect("no other can be nearer");
    assert_eq!(places(&near), [0, 1, 3]);
    // The fourth is at 25 / 255² = 3.8e-4, well below the last candidate; the fifth is that candidate.
    assert!(rows.exactly(Metric::Euclidean, &query, &found, 4).is_some());
    assert_eq!(rows.exactly(Metric::Euclidean, &query, &found, 5), None, "a row that was not found may be as near");
    assert_eq!(rows.exactly(Metric::Euclidean, &query, &found[..2], 3), None, "fewer than asked for");
    let all = [(0.0, 5), (0.0, 0), (0.0, 3), (0.0, 1), (0.0, 4), (0.0, 2)];
    let near = rows.exactly(Metric::Euclidean, &query, &all, 6).expect("these are all that there are");
    assert_eq!(places(&near), [0, 1, 3, 5, 4, 2]);
}

#[test]
fn votes_are_counted_and_ties_go_to_the_lower_class() {
    assert_eq!(vote([]), None);
    assert_eq!(vote([7]), Some(Vote { label: 7, votes: 1, margin: 1 }));
    assert_eq!(vote([7, 3, 3, 7, 1]), Some(Vote { label: 3, votes: 2, margin: 0 }));
    assert_eq!(vote([7, 3, 7, 7, 1]), Some(Vote { label: 7, votes: 3, margin: 2 }));
}

#[test]
fn the_tally_asks_more_and_more_neighbours() {
    let mut tally = Tally::default();
    tally.add(4, [9, 4, 4]);
    tally.add(9, [9, 4, 4]);
    assert_eq!((tally.asked, tally.right.len()), (2, MOST));
    // One neighbour says 9; of two, one each, the lower class wins; from three on it is 4.
    assert_eq!(tally.right[..4], [1, 1, 1, 1]);
    assert_eq!(tally.accuracy(1), 0.5);
    tally.add(4, [4; 25]);
    assert_eq!((tally.right[0], tally.right[24]), (2, 2));
}

#[test]
fn the_csv_has_a_line_for_each_input() {
    let near = |place, distance| Near { place, distance };
    let mut lists = Nearest::default();
    lists.push(&[near(2, 0.5), near(0, 1.0), near(1, 3.0)]);
    lists.push(&[near(1, 0.25), near(2, 0.75), near(0, 4.0)]);
    let text = csv(&[4, 9], &lists, &[4, 9, 4], 2);
    let expected = "index,label,predicted,votes,neighbour1,label1,distance1,neighbour2,label2,distance2\n\
                    0,4,4,2,2,4,0.5,0,4,1\n1,9,4,1,1,9,0.25,2,4,0.75\n";
    assert_eq!(text, expected);
}
