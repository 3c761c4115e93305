//! `hourglass bench`: how fast this machine trains, beside what it could do at most.
use super::arguments::{Arguments, Bench};
use super::input::{Outcome, device};
use super::progress::bar;
use hourglass::engine::bench::report::{CHOSEN, Told, measure, parts};
use std::cell::Cell;

pub async fn bench(options: &Bench, arguments: &Arguments) -> Outcome {
    let device = device(options.device).await?;
    eprintln!("measuring {}; other work on this machine slows it down", device.name());
    let bar = bar(parts(&options.only, &[CHOSEN]), "");
    let begun = Cell::new(0);
    let tell = |told| match told {
        Told::Next(what) => {
            bar.set_message(what);
            bar.set_position(begun.replace(begun.get() + 1));
        }
        Told::Line(line) if !arguments.json => bar.suspend(|| println!("{line}")),
        Told::Line(_) => {}
    };
    let measured = measure(&device, &options.only, &[CHOSEN], &tell).await;
    bar.finish_and_clear();
    let measured = measured.map_err(|e| e.to_string())?;
    if arguments.json {
        println!("{measured}");
    }
    Ok(())
}
