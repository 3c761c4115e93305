//! The check of a GPU before it is used: what it finds, and what it says.
use hourglass::compute::Device;
use hourglass::engine::check::{compared, kernels, report, tested};
use hourglass::engine::protocol::{Answer, Ask, Command, GpuChoice};
use hourglass::nn::spec::{Activation, Loss, NetworkSpec};
use hourglass::nn::{Resident, Rows, Trainer, Training, Whole};
use serde_json::Value;
use std::rc::Rc;

#[pollster::test]
async fn whoever_computes_rightly_passes() {
    for device in crate::devices().await {
        assert!(tested(device.clone()).await.is_ok(), "{}", device.name());
        let all = kernels(&device).await.unwrap();
        let wrong: Vec<_> = all.iter().filter(|checked| !checked.is_right()).collect();
        assert!(wrong.is_empty(), "{}: {wrong:?}", device.name());
        for kernel in ["init", "gather", "dense", "loss", "tick", "dense_dx", "dense_dw"] {
            let times = all.iter().filter(|checked| checked.kernel == kernel).count();
            assert!(times >= if kernel == "init" { 1 } else { 2 }, "{kernel} was looked at {times} times");
        }
    }
}

/// A step that is made otherwise, from some kernel on.
fn step(device: &Rc<Device>, change: impl Fn(&mut Training)) -> Trainer {
    let bytes: Vec<u8> = (0..60u32).map(|i| (i * 37 % 256) as u8).collect();
    let data = Resident::new(device, Rows::Bytes(&bytes), 6).unwrap();
    let spec = NetworkSpec::autoencoder(6, &[5], 2, Activation::Relu, Activation::Sigmoid);
    let mut training = Training { rate: 0.1, batch: 4, whole: Whole::Never, ..Training::default() };
    change(&mut training);
    Trainer::new(device.clone(), &spec, training, &data)
}

#[pollster::test]
async fn the_first_kernel_that_is_wrong_is_named() {
    let here = Rc::new(Device::Processor);
    type Change = fn(&mut Training);
    let cases: [(&str, Change); 4] = [
        ("init", |training| training.seed = 9),
        ("loss", |training| training.loss = Loss::Bce),
        ("tick", |training| training.rate = 0.5),
        ("dense_dw", |training| training.epsilon = 0.1),
    ];
    for device in crate::devices().await {
        for (kernel, change) in cases {
            let all = compared(&step(&here, |_| {}), &step(&device, change)).await.unwrap();
            let wrong = all.iter().find(|checked| !checked.is_right());
            assert_eq!(wrong.map(|checked| checked.kernel), Some(kernel), "on {}", device.name());
            let words: Value = serde_json::from_str(&report(&device, &all)).unwrap();
            assert_eq!((&words["check"], &words["failing kernel"]), (&"failed".into(), &kernel.into()));
            let found = words["kernels"].as_array().unwrap().iter().find(|checked| checked["right"] == false).unwrap();
            assert_ne!(found["got"], found["expected"], "{found}");
        }
    }
}

#[test]
fn whoever_asks_for_a_report_gets_it() {
    use crate::session::{open, opened, play, small};
    for gpu in [GpuChoice::Off, GpuChoice::Software] {
        let script =
            vec![open(small()), (opened, crate::ask(Ask::Report)), (|e| crate::answer(e).is_some(), Command::Pause)];
        let events = play(gpu, script);
        let answer = events.iter().find_map(crate::answer);
        let Some(Answer::Report(text)) = answer else { panic!("{answer:?}") };
        let words: Value = serde_json::from_str(&text).unwrap();
        let there = events.iter().any(|event| {
            use hourglass::engine::protocol::{DeviceKind, Event};
            matches!(event, Event::Ready { device, .. } if device.kind != DeviceKind::Processor)
        });
        let all = words["kernels"].as_array().unwrap();
        assert_eq!(words["check"], if there { "passed" } else { "none" }, "{text}");
        assert_eq!(there, all.len() > 14, "{text}");
        assert_eq!(there, words["gpu"]["limits"]["bytes per binding"].as_u64().is_some_and(|bytes| bytes >= 1 << 27));
    }
}
