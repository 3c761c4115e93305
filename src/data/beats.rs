//! "Heartbeats": an electrocardiogram by formula, cut into beats as ECG5000 is. No patient, no medical claim.
//!
//! The dynamical model of P. McSharry, G. Clifford, L. Tarassenko, L. Smith, "A dynamical model for generating
//! synthetic electrocardiogram signals", IEEE Transactions on Biomedical Engineering 50(3), 2003: a point runs round the unit
//! circle once per beat, at θ' = ω = 2π / RR, and pulls the voltage z up or down as it passes five angles:
//!
//! z' = -Σ aᵢ Δθᵢ exp(-Δθᵢ² / 2bᵢ²) - (z - z₀(t)), Δθᵢ = θ - θᵢ in -π..π, z₀(t) = A sin(2π f t)
//!
//! with its Table I:
//!
//! | | P | Q | R | S | T |
//! |---|---|---|---|---|---|
//! | θᵢ | -π/3 | -π/12 | 0 | π/12 | π/2 |
//! | aᵢ | 1.2 | -5.0 | 30.0 | -7.5 | 0.75 |
//! | bᵢ | 0.25 | 0.1 | 0.1 | 0.1 | 0.4 |
//!
//! The point starts on the circle, where the paper's equations for x and y keep it, so θ is known at any time and only
//! z is integrated, by the Runge-Kutta method of fourth order as in the paper. With a faster heart the waves take up
//! more of the circle: θᵢ and bᵢ grow with the square root of the rate, those of P and T with its fourth root, after
//! the authors' program ECGSYN. What makes a beat abnormal here (see [`Kind`]) is our own choice after textbook descriptions, and so is how
//! much beats of one kind differ.
//!
//! A beat reaches from 0.4 of a period before its R to 0.6 after it, whatever the period, has 140 samples and is
//! z-normalised on its own (mean 0, standard deviation 1 with n - 1), as those of ECG5000 are. Kinds come as often as there.
use super::chance::Chance;
use std::f64::consts::{PI, TAU};
use std::ops::Range;

/// Samples of a beat.
pub const SAMPLES: usize = 140;

/// How often each kind occurs among ECG5000's 5,000 beats.
const OCCURRENCES: [(Kind, usize); 5] = [
    (Kind::Normal, 2919),
    (Kind::ROnT, 1767),
    (Kind::Ventricular, 96),
    (Kind::Supraventricular, 194),
    (Kind::Unclassified, 24),
];

/// Where in its cycle a beat begins: 0.4 of a period before R, which is at angle 0.
const BEGIN: f64 = -0.8 * PI;
/// Steps of integration per sample: 3 ms or so, a fifth of the narrowest wave.
const STEPS: usize = 2;
/// z₀'s frequency in Hz: breathing.
const BREATHING: f64 = 0.25;

/// What is the matter with a beat; its number is the label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// All five waves, in time.
    Normal,
    /// An early ventricular beat falls on the T wave: a second, wide complex without a P.
    ROnT,
    /// A ventricular beat: no P, a wide and high complex, T the other way, then a pause.
    Ventricular,
    /// An early beat from the atria: P early, upside down or missing, a short cycle.
    Supraventricular,
    /// Waves at odd places under much noise.
    Unclassified,
}

/// One pull on z: at this angle, of this strength, this wide.
#[derive(Clone, Copy, Debug)]
struct Wave {
    theta: f64,
    a: f64,
    b: f64,
}

/// Table I.
const P: Wave = Wave { theta: -PI / 3.0, a: 1.2, b: 0.25 };
const Q: Wave = Wave { theta: -PI / 12.0, a: -5.0, b: 0.1 };
const R: Wave = Wave { theta: 0.0, a: 30.0, b: 0.1 };
const S: Wave = Wave { theta: PI / 12.0, a: -7.5, b: 0.1 };
const T: Wave = Wave { theta: PI / 2.0, a: 0.75, b: 0.4 };

/// Once round the circle, from -π to π.
struct Cycle {
    seconds: f64,
    waves: Vec<Wave>,
}

/// The beat before, the beat itself and the beat after, with what disturbs them.
struct Strip {
    cycles: [Cycle; 3],
    /// A and the phase of z₀.
    breath: (f64, f64),
    /// How many seconds off the cut is.
    late: f64,
    /// Standard deviation of the noise, as a share of R's height.
    noise: f64,
}

/// An endless supply of heartbeats: the one at an index depends on seed and index alone.
#[derive(Clone, Copy, Debug)]
pub struct Beats {
    seed: u64,
}

impl Beats {
    /// Beats by this seed.
    pub fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// Beat number `index`: its samples, and its kind as a label.
    pub fn beat(&self, index: u64) -> ([f32; SAMPLES], u8) {
        let mut chance = Chance::at(self.seed, index);
        let mut drawn = chance.below(OCCURRENCES.iter().map(|(_, count)| count).sum());
        let mut kind = Kind::Normal;
        for (each, count) in OCCURRENCES {
            if drawn < count {
                kind = each;
                break;
            }
            drawn -= count;
        }
        let strip = Strip::new(kind, &mut chance);
        (normalised(strip.record(&mut chance)), kind as u8)
    }

    /// Appends the beats `range` to `samples`, \[range, 140\], and `labels`, \[range\].
    pub fn fill(&self, range: Range<u64>, samples: &mut Vec<f32>, labels: &mut Vec<u8>) {
        for index in range {
            let (beat, label) = self.beat(index);
            samples.extend_from_slice(&beat);
            labels.push(label);
        }
    }
}

impl Wave {
    /// Higher or lower and wider or narrower, moved. (The height of what it adds to z goes with a · b².)
    fn varied(self, height: f64, width: f64, by: f64) -> Self {
        Self { theta: self.theta + by, a: self.a * height / (width * width), b: self.b * width }
    }
}

impl Cycle {
    /// The waves of a heart at 60 beats a minute, at the rate of this cycle; their heights stay.
    fn new(seconds: f64, waves: &[Wave]) -> Self {
        let fast = (1.0 / seconds).sqrt();
        let adapted = |wave: &Wave| {
            let fast = if wave.b > 0.2 { fast.sqrt() } else { fast };
            Wave { theta: wave.theta * fast, a: wave.a / (fast * fast), b: wave.b * fast }
        };
        Self { seconds, waves: waves.iter().map(adapted).collect() }
    }
}

impl Strip {
    fn new(kind: Kind, chance: &mut Chance) -> Self {
        let seconds = 60.0 / (72.0 + chance.mild(9.0));
        // Breathing and blood pressure make one cycle longer and the next shorter.
        let mut period = |factor: f64| seconds * factor * (1.0 + chance.mild(0.03));
        let (mut before, mut own, mut after) = (period(1.0), period(1.0), period(1.0));
        // One heart: what varies from beat to beat is small, but for T and P, which vary more.
        let mut vary = |wave: Wave, height: f64, width: f64, by: f64| {
            wave.varied(1.0 + chance.mild(height), 1.0 + chance.mild(width), chance.mild(by))
        };
        let healthy = [
            vary(P, 0.3, 0.15, 0.07),
            vary(Q, 0.25, 0.08, 0.01),
            vary(R, 0.1, 0.1, 0.0),
            vary(S, 0.4, 0.12, 0.02),
            vary(T, 0.35, 0.15, 0.12),
        ];
        let mut waves = healthy.to_vec();
        // The mildest are hard to tell from normal beats, as in life: a wide complex can be the fusion of both.
        let severity = chance.between(0.35, 1.0);
        let (mut drift, mut noise) = (0.006, 0.007);
        match kind {
            Kind::Normal => {}
            Kind::ROnT => {
                // The wide complex at the top of T, and its own T the other way.
                let at = PI * (0.52 + chance.mild(0.05));
                waves.push(R.varied(severity * (0.9 + chance.mild(0.15)), 2.4 + chance.mild(0.25), at));
                waves.push(S.varied(severity * (1.6 + chance.mild(0.4)), 2.2 + chance.mild(0.2), at + 0.3));
                waves.push(T.varied(severity * (-1.6 + chance.mild(0.3)), 0.85, 0.43 * PI + chance.mild(0.06)));
                after *= 1.0 + 0.35 * severity;
            }
            Kind::Ventricular => {
                for wave in &mut waves {
                    *wave = wave.varied(1.0 - severity, 1.0, 0.0);
                }
                waves.push(Q.varied(severity * (1.2 + chance.mild(0.4)), 2.0, -0.25));
                waves.push(R.varied(severity * (1.25 + chance.mild(0.2)), 2.6 + chance.mild(0.3), chance.mild(0.05)));
                waves.push(S.varied(severity * (1.5 + chance.mild(0.5)), 2.4, 0.35 + chance.mild(0.05)));
                waves.push(T.varied(severity * (-2.2 + chance.mild(0.4)), 1.0 + chance.mild(0.1), chance.mild(0.1)));
                before *= 1.0 - 0.32 * severity;
                after *= 1.0 + 0.3 * severity;
            }
            Kind::Supraventricular => {
                let upright = if chance.unit() < 0.4 { 0.0 } else { -0.7 + chance.mild(0.3) };
                if let Some(p) = waves.first_mut() {
                    let height = 1.0 + severity * (upright - 1.0);
                    *p = P.varied(height, 1.0 - 0.2 * severity, severity * (-0.45 + chance.mild(0.15)));
                }
                if let Some(t) = waves.last_mut() {
                    *t = t.varied(1.0 - severity * (0.45 + chance.mild(0.12)), 0.95, 0.12 * severity);
                }
                before *= 1.0 - 0.3 * severity;
                own *= 1.0 - severity * (0.28 + chance.mild(0.04));
            }
            Kind::Unclassified => {
                for wave in &mut waves {
                    *wave = wave.varied(chance.between(-0.4, 1.5), chance.between(0.8, 2.2), chance.mild(0.25));
                }
                drift = 0.03;
                noise = 0.12;
            }
        }
        // Whoever marks R's is off by a sample or two.
        let late = chance.mild(0.004);
        let cycles = [Cycle::new(before, &healthy), Cycle::new(own, &waves), Cycle::new(after, &healthy)];
        Self { cycles, breath: (drift * (1.0 + chance.mild(0.4)), chance.between(0.0, TAU)), late, noise }
    }

    /// z' at a time, in seconds from the start of the cycle before.
    fn slope(&self, time: f64, z: f64) -> f64 {
        let mut into = time;
        let mut pull = 0.0;
        for cycle in &self.cycles {
            if into < cycle.seconds {
                let theta = TAU * into / cycle.seconds - PI;
                for wave in &cycle.waves {
                    let off = theta - wave.theta;
                    // The shorter way round.
                    let off = off - TAU * (off / TAU).round();
                    let share = off / wave.b;
                    // Six widths off nothing is left.
                    if share.abs() < 6.0 {
                        pull += wave.a * off * (-0.5 * share * share).exp();
                    }
                }
                break;
            }
            into -= cycle.seconds;
        }
        let rest = self.breath.0 * (TAU * BREATHING * time + self.breath.1).sin();
        -pull - (z - rest)
    }

    /// z, sampled over one beat, with noise.
    fn record(&self, chance: &mut Chance) -> [f64; SAMPLES] {
        let [before, own, after] = [0, 1, 2].map(|i| self.cycles.get(i).map_or(1.0, |cycle| cycle.seconds));
        let lead = (BEGIN + PI) / TAU;
        let begin = before + lead * own + self.late;
        let end = before + own + lead * after + self.late;
        let step = (end - begin) / ((SAMPLES - 1) * STEPS) as f64;
        // z forgets its start within a second or so: the cycle before is there for that.
        let mut z = 0.0;
        let mut time = begin - (begin / step).floor() * step;
        let advance = |time: &mut f64, z: &mut f64| {
            let k1 = self.slope(*time, *z);
            let k2 = self.slope(*time + 0.5 * step, *z + 0.5 * step * k1);
            let k3 = self.slope(*time + 0.5 * step, *z + 0.5 * step * k2);
            let k4 = self.slope(*time + step, *z + step * k3);
            *z += step / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4);
            *time += step;
        };
        while time < begin - 0.5 * step {
            advance(&mut time, &mut z);
        }
        // R's height, if its wave stood alone: ∫ a Δθ exp(...) dt over one side is a b² / ω.
        let noise = self.noise * R.a * R.b * R.b * own / TAU;
        let mut samples = [0.0; SAMPLES];
        for sample in &mut samples {
            *sample = z + chance.normal(noise);
            for _ in 0..STEPS {
                advance(&mut time, &mut z);
            }
        }
        samples
    }
}

/// Mean 0, standard deviation 1 (with n - 1).
fn normalised(samples: [f64; SAMPLES]) -> [f32; SAMPLES] {
    let mean = samples.iter().sum::<f64>() / SAMPLES as f64;
    let square = samples.iter().map(|z| (z - mean) * (z - mean)).sum::<f64>();
    let sd = (square / (SAMPLES - 1) as f64).sqrt().max(1e-12);
    // To multiples of 2^-16, so that the last bit of a sine, which differs between systems, does not show.
    samples.map(|z| (((z - mean) / sd * 65_536.0).round() / 65_536.0) as f32)
}
