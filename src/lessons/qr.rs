//! A link as a QR code, for a class that points its phones at the wall.
use qrcodegen::{QrCode, QrCodeEcc};
use std::fmt::Write;

/// Light modules around a code, without which readers do not find it.
const MARGIN: i32 = 4;

/// A code: dark and light modules, with the margin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// Modules in a row, and rows.
    pub side: usize,
    /// Row by row.
    pub dark: Vec<bool>,
}

impl Code {
    /// Of a text; `None` if it is too long for any code (2,953 bytes).
    pub fn of(text: &str) -> Option<Self> {
        let code = QrCode::encode_text(text, QrCodeEcc::Low).ok()?;
        let places = || -MARGIN..code.size() + MARGIN;
        // Outside of the code all modules are light.
        let dark = places().flat_map(|y| places().map(move |x| (x, y))).map(|(x, y)| code.get_module(x, y)).collect();
        Some(Self { side: places().len(), dark })
    }

    /// As a picture of any size.
    pub fn svg(&self) -> String {
        let side = self.side;
        let mut path = String::new();
        for (i, _) in self.dark.iter().enumerate().filter(|(_, dark)| **dark) {
            // Writing to a string cannot fail.
            let _ = write!(path, "M{} {}h1v1h-1z", i % side, i / side);
        }
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\">\
             <path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/><path d=\"{path}\"/></svg>\n"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_three_eyes_and_a_margin() {
        let code = Code::of("https://example.org/#/studio?v=1&z=2").expect("a short text");
        let at = |x: usize, y: usize| code.dark[y * code.side + x];
        // Version 3: 29 modules, and 4 on each side.
        assert_eq!((code.side, code.dark.len()), (37, 37 * 37));
        assert!((0..37).all(|i| !at(i, 3) && !at(3, i) && !at(i, 33) && !at(33, i)), "no margin");
        let eye = ["1111111", "1000001", "1011101", "1011101", "1011101", "1000001", "1111111"];
        for (left, top) in [(4, 4), (26, 4), (4, 26)] {
            for (y, row) in eye.iter().enumerate() {
                let seen: String = (0..7).map(|x| if at(left + x, top + y) { '1' } else { '0' }).collect();
                assert_eq!(&seen, row, "row {y} of the eye at {left}, {top}");
            }
        }
    }

    #[test]
    fn the_picture_has_a_square_for_each_dark_module() {
        let code = Code { side: 2, dark: vec![false, true, true, false] };
        assert!(code.svg().contains("viewBox=\"0 0 2 2\"") && code.svg().contains("d=\"M1 0h1v1h-1zM0 1h1v1h-1z\""));
    }

    #[test]
    fn the_longest_link_fits_and_a_longer_text_does_not() {
        assert!(Code::of(&"a".repeat(2953)).is_some());
        assert_eq!(Code::of(&"a".repeat(2954)), None);
    }
}
