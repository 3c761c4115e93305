//! A visitor's own data in a session: looked at beside what stands, opened, left and come back to.
use crate::data::files::idx_file;
use crate::data::own::own;
use crate::session::{finished, opened, play};
use hourglass::engine::protocol::{Answer, Ask, Command, Event, GpuChoice, Origin};
use hourglass::lessons::own::{Named, Wishes, recipe_for};
use hourglass::lessons::{Recipe, own::file_of};

/// Pictures of 12 × 20 pixels with a bar, each file's elsewhere.
fn pictures(shift: usize) -> Vec<u8> {
    let pixel = move |i: usize| move |at: usize| if (at + 7 * i + shift) % 40 < 9 { 255 - i as u8 } else { 0 };
    idx_file(&[40, 12, 20], &(0..40).flat_map(|i| (0..240).map(pixel(i))).collect::<Vec<u8>>())
}

fn bring(name: &str, bytes: &[u8]) -> Command {
    let files = vec![Named { name: name.into(), content: bytes.to_vec().into() }];
    crate::ask(Ask::Own { files, wishes: Wishes::default() })
}

/// The recipe of a network on a file.
fn recipe(name: &str, bytes: &[u8]) -> Recipe {
    let set = own(&[(name, bytes)]).split.train;
    Recipe { epochs: 3, ..recipe_for(set.slug(), set.len() as u32, 240, true, &Recipe::default()) }
}

#[test]
fn sets_that_were_used_stay_and_those_only_looked_at_make_way() {
    let [first, second, third] = [0, 13, 26].map(pictures);
    let [on_first, on_second, on_third] =
        [("first.idx", &first), ("second.idx", &second), ("third.idx", &third)].map(|(name, file)| recipe(name, file));
    let open = |recipe: &Recipe, origin| Command::Open { recipe: recipe.clone(), origin };
    let read: fn(&Event) -> bool = |e| matches!(crate::answer(e), Some(Answer::Own(_)));
    let failed: fn(&Event) -> bool = |e| matches!(e, Event::Failed { .. });
    let ready: fn(&Event) -> bool = |e| matches!(e, Event::Ready { .. });
    let events = play(
        GpuChoice::Off,
        vec![
            (ready, bring("first.idx", &first)),
            // More inputs in a batch than there are; and it trains.
            (read, open(&Recipe { batch: 4096, ..on_first.clone() }, Origin::Seed)),
            (opened, Command::Train),
            // Two are looked at, of which the first one makes way.
            (finished, bring("second.idx", &second)),
            (read, bring("third.idx", &third)),
            (read, open(&on_second, Origin::Seed)),
            (failed, open(&on_third, Origin::Seed)),
            (opened, Command::Train),
            // What was learned on the first set is still there, and so is the set.
            (finished, open(&Recipe { batch: 4096, ..on_first.clone() }, Origin::Kept)),
            (opened, Command::Step),
        ],
    );
    let said: Vec<_> = events
        .iter()
        .filter_map(|e| if let Event::Failed { message, .. } = e { Some(message) } else { None })
        .collect();
    assert_eq!(
        said,
        ["it learned from your own file “second…”, which is not kept: bring that file again under Your files"]
    );
    let stood: Vec<_> = events
        .iter()
        .filter_map(|e| match e {
            Event::Opened { recipe, origin, widths, shape, .. } => {
                Some((file_of(&recipe.data).unwrap(), origin.clone(), widths[0], *shape))
            }
            _ => None,
        })
        .collect();
    let stands = |file, origin| (file, origin, 240, (12, 20));
    assert_eq!(stood, [stands("first", Origin::Seed), stands("third", Origin::Seed), stands("first", Origin::Kept)]);
    let last = events.iter().rev().find_map(|e| if let Event::Progress(p) = e { Some(p) } else { None }).unwrap();
    assert!(last.step >= 1, "{last:?}");
}
