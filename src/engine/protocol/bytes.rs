//! Values of inputs as bytes: 0..1 as 0..255; of a series -6..6 likewise.

/// The byte for a value.
pub fn byte(value: f32, series: bool) -> u8 {
    let share = if series { (value + 6.0) / 12.0 } else { value };
    (share * 255.0).round() as u8
}

/// The value of a byte.
pub fn value(byte: u8, series: bool) -> f32 {
    let share = f32::from(byte) / 255.0;
    if series { 12.0 * share - 6.0 } else { share }
}
