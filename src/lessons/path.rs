//! The lecture as a path through the lessons, in the order of its slides: at each stop a sentence, something to do, and a
//! question whose answer is hidden until somebody asks for it.

/// A stop.
#[derive(Clone, Copy, Debug)]
pub struct Stop {
    /// Its lesson, by the name in addresses.
    pub slug: &'static str,
    /// What it is about, in a sentence.
    pub idea: &'static str,
    /// Something to do there.
    pub task: &'static str,
    /// Something to think about.
    pub question: &'static str,
    /// What one may answer.
    pub answer: &'static str,
    /// For who teaches it: how long, what to ask, what goes wrong.
    pub notes: &'static str,
}

/// All stops, the first first.
pub const STOPS: [Stop; 9] = [
    Stop {
        slug: "studio",
        idea: "An autoencoder maps every digit back to itself, through a few numbers in the middle: the encoder e makes z \
               of x, and the decoder d makes x̂ of z.",
        task: "Draw a digit. Then press “Forget everything and learn again”, and watch the picture come back.",
        question: "Nobody tells the network which digit is which. What does its loss compare?",
        answer: "The picture that comes out with the picture that went in, pixel by pixel. The input is its own target, so \
                 no labels are needed.",
        notes: "Five minutes. Let everybody draw the same digit: handwritings differ, the reconstructions much less. Ask what \
                the network left out, and why it had to.",
    },
    Stop {
        slug: "kernels",
        idea: "Training is one small update, many times: w ← w − η ∂Loss/∂w, for every weight there is.",
        task: "Go through one update with your own digit, and follow a weight of your choice to its new value.",
        question: "What becomes of the weights where the loss can't get any smaller, and what if η is ten times as large?",
        answer: "Where the loss is smallest its slope over all inputs is 0, so on average nothing moves, whatever η is; \
                 single batches still push a little. With a large η a step may jump over the valley, and the loss grows \
                 instead.",
        notes: "Ten minutes, for those who know derivatives. Run the gradient check in front of the class: it shows that the \
                formula on the slide and the code agree.",
    },
    Stop {
        slug: "latent",
        idea: "The numbers in the middle are coordinates: each digit is a point in the latent space, and points near each \
               other are digits that look alike.",
        task: "Find your digit on the map. Then move the cursor from one cloud to another, and see what is decoded on the way.",
        question: "The network saw no labels. Why do the colours form clouds all the same?",
        answer: "With only a few numbers the encoder must say what pictures differ in most, and that is mostly which digit it \
                 is. Pictures that look alike get numbers that are alike.",
        notes: "Ten minutes. Look for holes, places between clouds where no digit comes out: a plain latent space was never \
                asked to make sense everywhere. That is the way to generation, and to the variational bottleneck.",
    },
    Stop {
        slug: "compress",
        idea: "z is a summary. Kept in place of the picture, it is a compressed digit: 16 bytes in place of 784.",
        task: "Press “Train one for each z”; then turn the dial from 1 number to 64: from which z on can you read all three \
               digits?",
        question: "PCA makes 16 numbers of a digit as well. Why is its error larger?",
        answer: "PCA can only add up fixed pictures, which is a flat plane through the data. Layers with σ between them bend \
                 with the data.",
        notes: "Five minutes; the sweep trains several networks, so start it before you begin to talk. Ask what a photograph's \
                JPEG does better (any picture) and worse (these pictures).",
    },
    Stop {
        slug: "heartbeats",
        idea: "A network that has seen only normal heartbeats is bad at all others: its reconstruction error is an alarm \
               for which nobody had to label a sick beat.",
        task: "Draw a heartbeat of your own, or look up the one with the largest error. Then move the threshold.",
        question: "To miss a sick heart is worse than a false alarm. Where does the threshold belong?",
        answer: "Lower: more of the sick beats are flagged, and more of the healthy ones with them. The curve has the price of \
                 each choice, and which one is right depends on what mistakes cost, which no network knows.",
        notes: "Ten minutes. The beats are of one patient, for teaching and for nothing else. Ask how the threshold could be \
                chosen without any labels; the page shows what it does.",
    },
    Stop {
        slug: "denoise",
        idea: "A narrow bottleneck keeps some noise out. Shown noisy digits and compared with clean ones, the network learns \
               to take off the rest.",
        task: "Press “go back” for the lesson’s own network, then “Train both”. Put noise on your digit and compare the \
               methods. Then put on more than the network was trained with.",
        question: "Why does the denoising network beat the plain one, which has the same layers?",
        answer: "Its loss compares with the clean picture, so that is what it has learned to make. The plain one learned to \
                 give back what it is shown, with the noise as far as that fits.",
        notes: "Five minutes. PCA beats the plain autoencoder here, and the page says so: a good moment to ask what each was \
                made to do well.",
    },
    Stop {
        slug: "worlds",
        idea: "Supervised, the label is the target. In an autoencoder the input is. The encoder may be the same: what differs \
               is the loss.",
        task: "Turn the switch and compare the two maps. Then see what each world makes of a hundred labels.",
        question: "There are 60,000 pictures, and money to label a hundred of them. What would you do?",
        answer: "Learn Z from all 60,000, which takes no labels, and let the hundred labelled ones vote as neighbours there. \
                 With many labels the classifier is better.",
        notes: "Ten minutes. Let the class bet before the curve is drawn. Draws differ: the page averages over several.",
    },
    Stop {
        slug: "neighbours",
        idea: "A new digit can be named without a classifier: the nine nearest digits in the latent space vote.",
        task: "Draw a digit, guess how the nine vote, and then reveal their labels.",
        question: "Why look for neighbours in Z, and not among the pixels?",
        answer: "Ten numbers in place of 784 are quicker to compare, and say what the digit looks like rather than which \
                 pixels overlap. More accurate it need not be: on MNIST the pixels are a little better, as the page shows.",
        notes: "Five minutes. Draw something between 4 and 9 and look at the margin of the vote. The nine are the figure of \
                the slide.",
    },
    Stop {
        slug: "siamese",
        idea: "Two pictures, one encoder: told only “same” or “different”, it moves those that are the same together and the \
               others apart.",
        task: "Play the pair game for a while and watch the map.",
        question: "What is the margin m for, in y s² + (1 − y) max(0, m − s)²?",
        answer: "Different pairs are pushed apart until they are m away from each other, and no further. Without it the loss \
                 could fall forever, by blowing up the whole space.",
        notes: "Ten minutes, as a contest: who gets the higher accuracy with 50 pairs? Start one half of the class from the \
                autoencoder's encoder and the other from scratch.",
    },
];

/// Which stops somebody has been to, as a browser keeps it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress(u16);

impl Progress {
    /// What [`Progress::words`] wrote; names that are no stops count for nothing.
    pub fn read(words: &str) -> Self {
        let been = |stop: &Stop| words.split(' ').any(|word| word == stop.slug);
        let bit = |(at, stop)| u16::from(been(stop)) << at;
        Self(STOPS.iter().enumerate().map(bit).sum())
    }

    /// The names of its stops.
    pub fn words(self) -> String {
        let been = STOPS.iter().enumerate().filter(|(at, _)| self.has(*at));
        been.map(|(_, stop)| stop.slug).collect::<Vec<_>>().join(" ")
    }

    /// Whether this stop was done.
    pub fn has(self, stop: usize) -> bool {
        stop < STOPS.len() && self.0 >> stop & 1 == 1
    }

    /// With this stop done.
    #[must_use]
    pub fn with(self, stop: usize) -> Self {
        if stop < STOPS.len() { Self(self.0 | 1 << stop) } else { self }
    }

    /// How many are done.
    pub fn count(self) -> u32 {
        self.0.count_ones()
    }
}

/// The stop of this lesson.
pub fn stop(slug: &str) -> Option<usize> {
    STOPS.iter().position(|stop| stop.slug == slug)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lessons::LESSONS;

    #[test]
    fn every_stop_is_a_lesson_once_from_the_first_screen_to_the_siamese_networks() {
        for (at, of) in STOPS.iter().enumerate() {
            assert!(LESSONS.iter().any(|lesson| lesson.slug == of.slug), "{} is no lesson", of.slug);
            assert_eq!(stop(of.slug), Some(at), "{} comes twice", of.slug);
            let all = [of.idea, of.task, of.question, of.answer, of.notes];
            assert!(all.iter().all(|words| words.len() > 40), "{} has little to say", of.slug);
        }
        assert_eq!((STOPS[0].slug, STOPS[8].slug), ("studio", "siamese"));
        assert_eq!(stop("files"), None);
    }

    #[test]
    fn progress_is_kept_as_names() {
        let some = Progress::default().with(0).with(7).with(7).with(99);
        assert_eq!((some.words().as_str(), some.count()), ("studio neighbours", 2));
        assert_eq!(Progress::read("neighbours nonsense studio"), some);
        assert!(some.has(7) && !some.has(1) && !some.has(99));
        assert_eq!(Progress::read(""), Progress::default());
    }
}
