//! A kernel held to its twin in f64, on every device and in every form.
use hourglass::compute::{Device, Kernel, Params, Tile};

/// What a write may be off by, from its exact value and the same with all inputs made positive.
pub type Tolerance = fn(f64, f64) -> f64;

/// A sum of `k` products: 4 √k u Σ|a||b|, u = 2⁻²⁴, is what rounding can do to data of both signs; a relative bound
/// would fail where the sum is nearly zero. The worst seen is a quarter of this.
pub fn product(k: u32) -> Tolerance {
    match k {
        ..=4 => |expected, size| 16.0 * U * (size + expected.abs()) + 1e-6,
        5..=64 => |expected, size| 32.0 * U * (size + expected.abs()) + 1e-6,
        _ => |expected, size| 112.0 * U * (size + expected.abs()) + 1e-6,
    }
}

/// Half the distance of two numbers at 1 in f32.
pub const U: f64 = 1.0 / (1 << 24) as f64;

/// Integers and single roundings: the same bits everywhere.
pub fn exact() -> Tolerance {
    |_, _| 0.0
}

/// A call of a kernel.
pub struct Case<P: 'static, const R: usize, const W: usize, const I: usize> {
    pub kernel: &'static Kernel<P, R, W, I>,
    pub params: P,
    pub words: [Vec<u32>; I],
    pub reads: [Vec<f32>; R],
    /// As they are before: full, so that an element that the kernel forgets shows.
    pub writes: [Vec<f32>; W],
    pub tolerance: Tolerance,
}

/// Behind each buffer that a kernel writes: it must still be there after.
const GUARD: [f32; 5] = [1234.5, -1.0, 7.25, 0.0, 9e9];

/// Runs a kernel on every device and holds what it writes to f64.
pub async fn check<P: Params, const R: usize, const W: usize, const I: usize>(case: Case<P, R, W, I>) {
    check_forms(case, None, 1).await;
}

/// The same in these forms of the kernel only, cut into so many dispatches where that is possible.
pub async fn check_forms<P: Params, const R: usize, const W: usize, const I: usize>(
    case: Case<P, R, W, I>,
    only: Option<&[usize]>,
    dispatches: u32,
) {
    let name = format!("{} {:?}", case.kernel.name, case.params);
    let expected = run(&Device::Exact, &case, (None, 1), |x| x).await;
    let sizes = run(&Device::Exact, &case, (None, 1), f32::abs).await;
    for device in crate::devices().await {
        for form in forms(&device, case.kernel, (case.kernel.sizes)(&case.params)[2]) {
            if form.zip(only).is_some_and(|(form, only)| !only.contains(&form)) {
                continue;
            }
            let got = run(&device, &case, (form, dispatches), |x| x).await;
            let tile = form.map(|form| case.kernel.forms[form].tile);
            let on = format!("{} {}", device.name(), tile.map_or(String::new(), |tile| format!("{tile:?}")));
            for (w, got) in got.iter().enumerate() {
                let (body, guard) = got.split_at(got.len() - GUARD.len());
                assert_eq!(guard, GUARD, "{name} on {on}: wrote past the end of write {w}");
                for (i, &got) in body.iter().enumerate() {
                    let (expected, got) = (f64::from(expected[w][i]), f64::from(got));
                    let allowed = (case.tolerance)(expected, f64::from(sizes[w][i]).abs());
                    assert!(
                        (got - expected).abs() <= allowed,
                        "{name} on {on}: write {w}[{i}] is {got}, should be {expected} ± {allowed:.1e}"
                    );
                }
            }
        }
    }
}

/// Every form that a kernel has on a GPU for sums of so many terms, but those that its driver takes minutes to compile,
/// which are never chosen there; elsewhere there is but the twin, or its fast version.
fn forms<P, const R: usize, const W: usize, const I: usize>(
    device: &Device,
    kernel: &Kernel<P, R, W, I>,
    terms: u32,
) -> Vec<Option<usize>> {
    let Device::Gpu(gpu) = device else { return vec![None] };
    let runs = |tile: Tile| gpu.compiles(tile) && tile.takes(terms);
    (0..kernel.forms.len()).filter(|&form| runs(kernel.forms[form].tile)).map(Some).collect()
}

async fn run<P: Params, const R: usize, const W: usize, const I: usize>(
    device: &Device,
    case: &Case<P, R, W, I>,
    (form, dispatches): (Option<usize>, u32),
    change: fn(f32) -> f32,
) -> Vec<Vec<f32>> {
    let changed = |values: &[f32]| device.buffer(&values.iter().map(|&x| change(x)).collect::<Vec<_>>());
    let words = case.words.each_ref().map(|w| device.words(w.clone()));
    let reads = case.reads.each_ref().map(|r| changed(r));
    let writes = case.writes.each_ref().map(|w| device.buffer(&[w.as_slice(), &GUARD].concat()));
    let params = device.uniform(case.params);
    let call = case.kernel.call_with(&params, words.each_ref(), reads.each_ref(), writes.each_ref());
    let call = match form {
        Some(form) => call.in_form(form),
        None => call,
    };
    let mut plan = device.plan(vec![call]);
    device.cut(&mut plan, dispatches);
    device.run(&plan, 1);
    device.read_all(&writes.iter().collect::<Vec<_>>()).await.unwrap()
}

/// Checks one form of each family, by `pick`, in one to three dispatches.
pub async fn check_some<P: Params, const R: usize, const W: usize, const I: usize>(case: Case<P, R, W, I>, pick: u32) {
    let family = |tile: Tile| match tile {
        Tile::Plain | Tile::Threads(_) => 0,
        Tile::Registers { .. } => 1,
        Tile::Shared { .. } => 2,
        Tile::Slim => 3,
        Tile::Few { .. } => 4,
    };
    let chosen = (0..5).filter_map(|wanted| {
        let all: Vec<_> =
            (0..case.kernel.forms.len()).filter(|&f| family(case.kernel.forms[f].tile) == wanted).collect();
        all.get(pick as usize % all.len().max(1)).copied()
    });
    let chosen: Vec<_> = chosen.collect();
    check_forms(case, Some(&chosen), 1 + pick % 3).await;
}
