use super::wgsl::{Kind, pieces};
use super::*;

const WIDTHS: [u32; 4] = [5, 3, 2, 5];

#[test]
fn a_weight_and_its_place_among_all_belong_together() {
    let all: u32 = WIDTHS.windows(2).map(|pair| (pair[0] + 1) * pair[1]).sum();
    for index in 0..all as usize {
        let place = Place::at(index, &WIDTHS);
        assert_eq!(place.index(&WIDTHS), index, "{place:?}");
        assert_eq!(place.within(&WIDTHS), place);
    }
    let place = |layer, unit, input| Place { layer, unit, input };
    // W [outputs, inputs] row by row, then b: 15 weights and 3 biases in the first layer.
    assert_eq!(Place::at(7, &WIDTHS), place(0, 1, 2));
    assert_eq!(Place::at(16, &WIDTHS), place(0, 1, 5));
    assert_eq!(Place::at(18, &WIDTHS), place(1, 0, 0));
    assert_eq!(place(9, 9, 9).within(&WIDTHS), place(2, 4, 2));
    assert_eq!(place(1, 0, 2).name(&WIDTHS), "w₂[1, 3]");
    assert_eq!(place(1, 0, 3).name(&WIDTHS), "b₂[1]");
}

#[test]
fn the_largest_terms_come_first_and_nothing_is_lost() {
    let (a, b) = ([1.0, -3.0, 0.5, 2.0], [1.0, 2.0, 0.5, -0.5]);
    let (terms, others) = largest(a.into_iter(), b.into_iter(), 2);
    let indices: Vec<_> = terms.iter().map(|term| term.index).collect();
    // Products 1, −6, 0.25, −1: of equal sizes the earlier one.
    assert_eq!(indices, [1, 0]);
    assert_eq!(others, -0.75);
}

#[test]
fn a_call_is_as_fast_as_what_it_comes_nearest_to() {
    let limits = Limits { gflops: 100.0, gbytes: 10.0, call_us: 1.0 };
    let call = |flops, bytes, ms| Listed { flops, bytes, ms, ..Listed::default() };
    // 50 million operations in a millisecond are 50 GFLOP/s, a million bytes 1 GB/s.
    assert_eq!(call(5e7, 1e6, Some(1.0)).speed(limits), Some(Speed { much: 50.0, unit: "GFLOP/s", share: 0.5 }));
    assert_eq!(call(1e6, 8e6, Some(1.0)).speed(limits), Some(Speed { much: 8.0, unit: "GB/s", share: 0.8 }));
    assert_eq!(call(0.0, 0.0, Some(1.0)).speed(limits), None);
    assert_eq!(call(1.0, 1.0, None).speed(limits), None);
}

#[test]
fn a_gradient_holds_within_what_rounding_allows() {
    let row = |gradient, difference, allowed, scale| Checked {
        place: Place::default(),
        gradient,
        difference,
        allowed,
        scale,
        corner: false,
    };
    assert_eq!(row(0.5, 0.5 + 1e-7, 2e-7, 0.5).verdict(), Verdict::Close);
    assert_eq!(row(0.5, 0.5 + 3e-7, 2e-7, 0.5).verdict(), Verdict::Wrong);
    assert_eq!(row(0.5, 0.501, 0.01, 0.5).verdict(), Verdict::Rounding);
    assert_eq!(row(0.5, 0.501, 0.01, 20.0).verdict(), Verdict::Close);
    assert_eq!(row(f32::NAN, 0.5, 1.0, 1.0).verdict(), Verdict::Wrong);
    assert_eq!(Checked { corner: true, ..row(0.5, 0.7, 0.0, 1.0) }.verdict(), Verdict::Corner);
    assert!((row(0.5, 0.4, 0.0, 1.0).relative() - 0.2).abs() < 1e-12);
    assert_eq!(row(0.0, 0.0, 0.0, 0.0).relative(), 0.0);
}

#[test]
fn the_gap_is_the_largest_difference_and_one_that_rounding_does_not_explain_is_not_forgotten() {
    let mut gap = Gap::default();
    for (at, (difference, allowed)) in [(1e-3, 1e-2), (5e-4, 1e-4), (1e-4, 1.0)].into_iter().enumerate() {
        gap.take(difference, allowed, || Place::at(at, &WIDTHS));
    }
    assert_eq!((gap.largest, gap.place, gap.allowed), (1e-3, Place::at(0, &WIDTHS), 1e-2));
    assert!(!gap.explained());
    let mut gap = Gap::default();
    gap.take(0.0, 0.0, Place::default);
    assert!(gap.explained());
}

#[test]
fn calls_belong_to_the_boxes_of_the_lecture() {
    let boxes: Vec<_> = (0..6).map(|layer| Stage::of_layer(layer, 3)).collect();
    use Stage::{Code, Decoder, Encoder};
    assert_eq!(boxes, [Encoder, Encoder, Code, Decoder, Decoder, Decoder]);
    assert_eq!(Stage::of_call("dense_dw", 0, 3), Stage::Gradient);
    assert_eq!(Stage::of_call("tick", 0, 3), Stage::Loss);
}

#[test]
fn wgsl_is_cut_into_what_it_is_and_stays_what_it_was() {
    let text = "// a note\n@compute @workgroup_size(8, 8)\nfn main() { let x: vec4f = y_1[0x1fu] / 2.5; }\n";
    let all = pieces(text);
    assert_eq!(all.iter().map(|(_, piece)| *piece).collect::<String>(), text);
    let of = |kind: Kind| all.iter().filter(|(k, _)| *k == kind).map(|(_, piece)| *piece).collect::<Vec<_>>();
    assert_eq!(of(Kind::Comment), ["// a note"]);
    assert_eq!(of(Kind::Attribute), ["@compute", "@workgroup_size"]);
    assert_eq!(of(Kind::Keyword), ["fn", "let"]);
    assert_eq!(of(Kind::Type), ["vec4f"]);
    assert_eq!(of(Kind::Number), ["8", "8", "0x1fu", "2.5"]);
}
