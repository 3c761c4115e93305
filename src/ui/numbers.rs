//! Numbers as text: plain decimals with a point, so that people and programs read the same.
use crate::words;

/// A loss or an error: four decimals, more where few of them would tell anything.
pub fn loss(value: f32) -> String {
    match value.abs() {
        _ if !value.is_finite() => "not a number".into(),
        v if v >= 100.0 => format!("{value:.1}"),
        v if v >= 0.01 || v == 0.0 => format!("{value:.4}"),
        v if v >= 0.001 => format!("{value:.5}"),
        v if v >= 0.0001 => format!("{value:.6}"),
        _ => format!("{value:.8}"),
    }
}

/// A value of z, with its sign, in the same width throughout.
pub fn code(value: f32) -> String {
    with_minus(&if value.abs() >= 99.95 { format!("{value:+.0}") } else { format!("{value:+.1}") })
}

/// A minus is as wide as a plus, a hyphen is not.
fn with_minus(text: &str) -> String {
    text.replace('-', "−")
}

/// Where something lies on a map.
pub fn place(value: f32) -> String {
    with_minus(&format!("{value:.2}"))
}

/// Milliseconds, two or three digits that matter.
pub fn milliseconds(value: f32) -> String {
    match value {
        v if v >= 100.0 => format!("{v:.0}"),
        v if v >= 10.0 => format!("{v:.1}"),
        v => format!("{v:.2}"),
    }
}

/// A time to wait.
pub fn duration(seconds: f32) -> String {
    let seconds = seconds.max(0.0).round() as u64;
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => words!("{} min {} s", seconds / 60, seconds % 60),
        _ => words!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// How long ago something was.
pub fn ago(seconds: f64) -> String {
    let minutes = (seconds / 60.0).max(0.0) as u64;
    match minutes {
        0 => "just now".into(),
        1 => "1 minute ago".into(),
        2..60 => words!("{minutes} minutes ago"),
        60..120 => "1 hour ago".into(),
        120..1440 => words!("{} hours ago", minutes / 60),
        1440..2880 => "1 day ago".into(),
        _ => words!("{} days ago", minutes / 1440),
    }
}

/// A number of things, in groups of three digits.
pub fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A size of a download.
pub fn megabytes(bytes: u64) -> String {
    words!("{:.1} MB", bytes as f64 / 1e6)
}

/// A learning rate: as few digits as tell it apart.
pub fn rate(value: f32) -> String {
    // Three digits that matter: the slider's own steps are finer than anybody's interest.
    let digits = (2 - value.abs().log10().floor() as i32).clamp(0, 9) as usize;
    let text = format!("{value:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').into() } else { text }
}

/// Any number, four digits that matter: plain where that is short, else by a power of ten.
pub fn scientific(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return if value == 0.0 { "0".into() } else { "not a number".into() };
    }
    // As it is after rounding: 9.9999 · 10⁻⁴ is 0.001.
    let written = format!("{value:.3e}");
    let (digits, exponent) = written.split_once('e').unwrap_or((&written, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let text = match exponent {
        -3..=4 => format!("{value:.*}", (3 - exponent).max(0) as usize),
        _ => {
            let digit = |c: char| match c {
                '-' => '⁻',
                '1' => '¹',
                '2' => '²',
                '3' => '³',
                c => char::from_u32('⁰' as u32 + c.to_digit(10).unwrap_or(0)).unwrap_or(c),
            };
            let power: String = exponent.to_string().chars().map(digit).collect();
            format!("{digits} · 10{power}")
        }
    };
    with_minus(&text)
}

/// A weight: all digits that a float has.
pub fn weight(value: f32) -> String {
    with_minus(&format!("{value:+.8}"))
}
