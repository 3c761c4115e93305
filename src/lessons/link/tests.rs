use super::*;
use crate::lessons::recipe::{Activation, Init, Loss, Noise, Optimiser, limits};
use crate::words::Tongue;
use proptest::prelude::*;

fn studio() -> &'static Lesson {
    &LESSONS[0]
}

#[test]
fn the_lessons_own_recipe_needs_no_settings() {
    assert_eq!(write(studio(), &Recipe::default()), "#/studio?v=1");
}

#[test]
fn a_link_names_what_differs_and_nothing_else() {
    let recipe = Recipe { z: 2, noise: Noise::Gaussian { sd: 0.5 }, encoder: vec![], ..Recipe::default() };
    assert_eq!(write(studio(), &recipe), "#/studio?v=1&enc=none&z=2&noise=gauss:0.5");
}

#[test]
fn the_documented_link_is_the_default_recipe() {
    let link = read(
        "#/studio?v=1&data=mnist&abn=all&enc=250,100&z=10&act=relu&loss=mse&opt=adam&lr=0.001&batch=128&epochs=10&noise=none\
         &kl=none&seed=42&init=he",
    );
    assert_eq!((link.recipe, link.notices), (Recipe::default(), vec![]));
}

#[test]
fn no_link_is_the_first_lesson() {
    for hash in ["", "#", "#/", "#/studio", "#/studio?", "#/studio?v=1", "#studio"] {
        let link = read(hash);
        assert_eq!((link.lesson.slug, link.recipe, link.notices), ("studio", Recipe::default(), vec![]), "{hash}");
    }
}

#[test]
fn a_mail_programs_percent_signs_are_read() {
    let link = read("#/studio?v=1&enc=64%2C32&noise=gauss%3A1");
    assert_eq!((link.recipe.encoder, link.recipe.noise), (vec![64, 32], Noise::Gaussian { sd: 1.0 }));
}

#[test]
fn the_device_is_for_the_page() {
    assert_eq!(read("#/studio?gpu=off").notices, vec![]);
}

/// A hash, the recipe's field after it, and the sentence that names what was done.
#[test]
fn whatever_is_not_taken_as_written_is_said() {
    let cases = [
        ("z=0", "z = 1", "The link's z is 0, outside of this page's range: it became 1."),
        ("z=-3", "z = 1", "The link's z is -3, outside of this page's range: it became 1."),
        ("z=99999999999999999999", "z = 256", "The link's z is 99999999999999999999, outside of this page's range"),
        ("z=two", "z = 10", "The link's z is “two”, which is not a whole number: it stayed as it was."),
        ("z=2.5", "z = 10", "The link's z is “2.5”, which is not a whole number"),
        ("lr=100", "lr = 10", "The link's learning rate is 100, outside"),
        ("lr=nan", "lr = 0.001", "The link's learning rate is “nan”, which is not a number"),
        ("lr=1e999", "lr = 10", "The link's learning rate is 1e999, outside"),
        ("enc=1,2,3,4,5,6,7", "enc = 1,2,3,4,5,6", "The link's encoder is 1,2,3,4,5,6,7, outside"),
        ("enc=5,,5", "enc = 250,100", "The link's encoder is “5,,5”, which is not a list of whole numbers"),
        ("enc=0,9999", "enc = 1,4096", "The link's encoder is 0,9999, outside"),
        ("abn=0.9", "abn = 0.7", "The link's share of abnormal inputs to train on is 0.9, outside"),
        ("abn=-1", "abn = 0", "The link's share of abnormal inputs to train on is -1, outside"),
        ("abn=some", "abn = all", "The link's share of abnormal inputs to train on is “some”, which is not all, or a"),
        ("kl=200", "kl = 100", "The link's β of a variational bottleneck is 200, outside"),
        (
            "kl=much",
            "kl = none",
            "The link's β of a variational bottleneck is “much”, which is not none, or a number such as 0.5",
        ),
        ("noise=gauss:9", "noise = gauss:2", "The link's noise is gauss:9, outside"),
        ("noise=none:1", "noise = none", "The link's noise is “none:1”, which is not none, gauss:0.5"),
        ("seed=99999999999999999999", "seed = 18446744073709551615", "The link's seed is 99999999999999999999, outs"),
        ("act=elu", "act = relu", "The link's activation is “elu”, which is not identity, relu"),
        ("data=../etc", "data = mnist", "The link's data is “../etc”, which is not the name of a data set"),
        ("z=2&z=3", "z = 3", "The link sets z more than once: the last one counts."),
        ("colour=red", "z = 10", "The link sets “colour”, which this page does not know."),
        ("lock=z,colour", "z = 10", "The link locks “colour”, which is not on this page."),
        ("hide=recipe,walls", "z = 10", "The link hides “walls”, which is not on this page."),
        ("present=yes", "z = 10", "The link's presenter mode is “yes”, which is not 0 or 1"),
        ("embed=2", "z = 10", "The link's mode for frames is “2”, which is not 0 or 1"),
        ("draw=AAAA", "z = 10", "The link's drawing is “AAAA”, which is not a picture of 28 × 28 pixels"),
        ("draw=!", "z = 10", "The link's drawing is “!”, which is not a picture"),
        ("lock=z&lock=lr", "z = 10", "The link sets list of what is locked more than once"),
        ("v=2&z=3", "z = 10", "This link is of version “2” and this page reads version 1"),
    ];
    for (query, field, sentence) in cases {
        let link = read(&format!("#/studio?{query}"));
        let said: Vec<String> = link.notices.iter().map(Notice::to_string).collect();
        assert_eq!(said.len(), 1, "{query}: {said:?}");
        assert!(said[0].starts_with(sentence), "{query}: {}", said[0]);
        let (key, value) = field.split_once(" = ").expect("a case");
        let found = FIELDS.iter().find(|f| f.key == key).map(|f| (f.write)(&link.recipe));
        assert_eq!(found.as_deref(), Some(value), "{query}");
    }
}

#[test]
fn an_unknown_lesson_is_named() {
    let link = read("#/nowhere?z=2");
    assert_eq!(link.notices, vec![Notice::UnknownLesson { slug: "nowhere".into() }]);
    assert_eq!((link.lesson.slug, link.recipe.z), ("studio", 2));
}

#[test]
fn a_long_link_is_left_alone() {
    let hash = format!("#/studio?z=2&data={}", "a".repeat(MOST_BYTES));
    let link = read(&hash);
    assert_eq!((link.recipe.z, &link.notices[..]), (10, &[Notice::TooLong { bytes: hash.len() }][..]));
}

#[test]
fn a_strangers_words_are_cut_short() {
    let link = read(&format!("#/studio?{}=1", "é".repeat(500)));
    assert_eq!(link.notices, vec![Notice::UnknownKey { key: format!("{}…", "é".repeat(40)) }]);
}

fn any_recipe() -> impl Strategy<Value = Recipe> {
    let noise = prop_oneof![
        Just(Noise::None),
        limits::NOISE_SD.prop_map(|sd| Noise::Gaussian { sd }),
        limits::NOISE_SHARE.prop_map(|share| Noise::SaltPepper { share }),
        limits::NOISE_BLOCK.prop_map(|size| Noise::Block { size }),
    ];
    (
        (
            "[a-z0-9-]{1,32}",
            prop::option::of(limits::ABNORMAL),
            prop::collection::vec(limits::WIDTH, limits::LAYERS),
            limits::Z,
        ),
        (prop::sample::select(&Activation::ALL[..]), prop::sample::select(&Loss::ALL[..])),
        (prop::sample::select(&Optimiser::ALL[..]), prop::sample::select(&Init::ALL[..])),
        (limits::RATE, limits::BATCH, limits::EPOCHS, noise, prop::option::of(limits::VARIATIONAL), any::<u64>()),
    )
        .prop_map(|((data, abnormal, encoder, z), (activation, loss), (optimiser, init), rest)| {
            let (learning_rate, batch, epochs, noise, variational, seed) = rest;
            Recipe {
                data,
                abnormal,
                encoder,
                z,
                activation,
                loss,
                optimiser,
                learning_rate,
                batch,
                epochs,
                noise,
                variational,
                seed,
                init,
            }
        })
}

fn any_view() -> impl Strategy<Value = (View, Option<Drawing>)> {
    let keys: Vec<&'static str> = lockable().map(|(key, _)| key).collect();
    let parts: Vec<&'static str> = PARTS.iter().map(|(slug, _)| *slug).collect();
    let (most, all) = (keys.len(), parts.len());
    let pixels = prop::collection::vec(prop::sample::select(vec![0.0f32, 1.0]), 784);
    (
        prop::sample::subsequence(keys, 0..=most),
        prop::sample::subsequence(parts, 0..=all),
        any::<[bool; 2]>(),
        prop::option::of(prop::sample::select(Tongue::ALL.map(|(tongue, ..)| tongue).to_vec())),
        prop::option::of(pixels),
    )
        .prop_map(|(lock, hide, [present, embed], lang, pixels)| {
            (View { lock, hide, present, embed, lang }, pixels.and_then(|pixels| Drawing::of(&pixels)))
        })
}

#[test]
fn a_drawing_is_a_bit_for_each_pixel() {
    let mut values = vec![0.0; 784];
    (values[0], values[7], values[8], values[783], values[100]) = (1.0, 0.5, 1.0, 0.9, 0.49);
    let drawing = Drawing::of(&values).expect("a digit");
    let text = View::default().write(Some(&drawing));
    // base64.urlsafe_b64encode(bytes([0x81, 0x80] + 95 * [0] + [1])) → gYAA…AE
    assert_eq!(text, format!("&draw=gYA{}E", "A".repeat(127)));
    values = values.iter().map(|&value| if value >= 0.5 { 1.0 } else { 0.0 }).collect();
    assert_eq!(read(&format!("#/studio?v=1{text}")).drawing.map(|drawing| drawing.values()), Some(values));
    assert_eq!((Drawing::of(&[1.0; 783]), Drawing::of(&[1.0; 785])), (None, None));
}

#[test]
fn what_is_locked_stays_and_the_rest_changes() {
    let view = View { lock: vec!["enc", "z", "noise"], ..View::default() };
    let noise = Noise::Gaussian { sd: 0.3 };
    let before = Recipe { encoder: vec![64, 32], z: 2, noise, seed: 1, ..Recipe::default() };
    let held = view.held(&before, Recipe { z: 7, seed: 9, ..Recipe::default() });
    assert_eq!(held, Recipe { seed: 9, ..before });
}

proptest! {
    #[test]
    fn what_is_shown_is_written_and_read(recipe in any_recipe(), (view, drawing) in any_view()) {
        let hash = write_shown(studio(), &recipe, &view, drawing.as_ref());
        prop_assert!(hash.len() <= MOST_BYTES, "{} bytes", hash.len());
        let link = read(&hash);
        prop_assert_eq!((link.recipe, link.view, link.drawing, link.notices), (recipe, view, drawing, vec![]));
    }

    #[test]
    fn what_is_written_is_read(recipe in any_recipe()) {
        let hash = write(studio(), &recipe);
        prop_assert!(hash.len() <= MOST_BYTES);
        let link = read(&hash);
        prop_assert_eq!(link.notices, vec![]);
        prop_assert_eq!(link.recipe, recipe);
    }

    #[test]
    fn any_string_gives_a_recipe_within_the_limits(hash in "\\PC*") {
        prop_assert_eq!(read(&hash).recipe.check(), Ok(()));
    }

    #[test]
    fn anything_that_looks_like_a_link_does_too(
        pairs in prop::collection::vec(("(v|data|abn|enc|z|lr|batch|noise|kl|seed|epochs|act|%7A|lock|hide|embed|lang|draw)", "[0-9a-z:,.+%-]{0,12}"), 0..8)
    ) {
        let query: Vec<String> = pairs.iter().map(|(key, value)| format!("{key}={value}")).collect();
        prop_assert_eq!(read(&format!("#/studio?{}", query.join("&"))).recipe.check(), Ok(()));
    }
}
