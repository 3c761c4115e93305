//! What one input of a data set is called.

/// Sorts of inputs, as far as words tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thing {
    /// A handwritten digit.
    Digit,
    /// Any other picture: a shirt, or what a visitor brought.
    Picture,
    /// A heartbeat.
    Beat,
    /// Any other series of values.
    Series,
}

impl Thing {
    /// What the inputs of this data set are, which are series or pictures.
    pub fn of(data: &str, is_series: bool) -> Self {
        match (data, is_series) {
            ("mnist" | "strokes", false) => Self::Digit,
            ("ecg5000" | "beats", true) => Self::Beat,
            (_, false) => Self::Picture,
            (_, true) => Self::Series,
        }
    }

    /// Whether it is a line of values.
    pub fn is_series(self) -> bool {
        matches!(self, Self::Beat | Self::Series)
    }

    /// One of them.
    pub fn one(self) -> &'static str {
        self.among(["digit", "picture", "heartbeat", "series"])
    }

    /// Many of them.
    pub fn many(self) -> &'static str {
        self.among(["digits", "pictures", "heartbeats", "series"])
    }

    /// The visitor's.
    pub fn yours(self) -> &'static str {
        self.among(["Your digit", "Your picture", "Your heartbeat", "Your series"])
    }

    /// What a visitor is asked to do.
    pub fn to_draw(self) -> &'static str {
        self.among(["draw a digit", "draw a picture", "draw a heartbeat", "draw a series"])
    }

    /// The words for it, of those for each sort in the order above.
    pub fn among(self, words: [&'static str; 4]) -> &'static str {
        words[self as usize]
    }

    /// The words for it, where all pictures are alike and all series are.
    pub fn either(self, picture: &'static str, series: &'static str) -> &'static str {
        if self.is_series() { series } else { picture }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sort_has_its_own_words() {
        let all = [("mnist", false), ("fashion", false), ("ecg5000", true), ("own-a", true)];
        let things = all.map(|(data, is_series)| Thing::of(data, is_series));
        assert_eq!(things.map(Thing::one), ["digit", "picture", "heartbeat", "series"]);
        assert_eq!(things.map(|thing| thing.either("p", "s")), ["p", "p", "s", "s"]);
        // A visitor's own pictures are not digits, whatever shape they have.
        assert_eq!(Thing::of("own-mnist", false), Thing::Picture);
    }
}
