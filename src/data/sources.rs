//! The one list of data sets. Menus, the catalogue, downloads and tests all follow from it.
use super::Shape;
use serde::{Deserialize, Serialize};

/// What a file of a data set holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Pictures to learn from, IDX of rank 3.
    TrainImages,
    /// Their classes, IDX of rank 1.
    TrainLabels,
    /// Pictures to test with, IDX of rank 3.
    TestImages,
    /// Their classes, IDX of rank 1.
    TestLabels,
    /// Series to learn from with their classes, UCR text.
    TrainSeries,
    /// Series to test with and their classes, UCR text.
    TestSeries,
}

impl std::fmt::Display for Role {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::TrainImages => "training images",
            Self::TrainLabels => "training labels",
            Self::TestImages => "test images",
            Self::TestLabels => "test labels",
            Self::TrainSeries => "training series",
            Self::TestSeries => "test series",
        })
    }
}

/// Where the public can download a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Address {
    /// The file itself lies at this address followed by the file's name.
    Folder(&'static str),
    /// A zip archive lies here and has a member of the file's name.
    Zip(&'static str),
}

/// One file of a data set, as the public knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// Its published name.
    pub name: &'static str,
    /// What it holds.
    pub role: Role,
    /// SHA-256 of the published file, in lower-case hexadecimal.
    pub sha256: &'static str,
    /// Bytes of the published file.
    pub bytes: u64,
}

/// Where a data set's values come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// From files that the site has to be given.
    Files {
        /// The folder's name, in a folder of data sets and on the site.
        folder: &'static str,
        /// Its files.
        files: &'static [SourceFile],
        /// Where each of them may be downloaded, best first. The sums decide, so an address is only a hint.
        addresses: &'static [Address],
    },
    /// Made by formula in the page.
    BuiltIn,
}

/// One data set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its name in recipes, links and the catalogue.
    pub slug: &'static str,
    /// Its name on the page.
    pub title: &'static str,
    /// Where its values come from.
    pub kind: Kind,
    /// Inputs to learn from.
    pub train: usize,
    /// Inputs to test with.
    pub test: usize,
    /// How one input is laid out.
    pub shape: Shape,
    /// All its values lie in 0..1.
    pub unit: bool,
    /// The names of label 0, 1, ...
    pub classes: &'static [&'static str],
}

const DIGITS: &[&str] = &["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];

const FASHION: &[&str] =
    &["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"];

/// The five classes of ECG5000. Its files count them from 1; our label 0 is its class 1.
const HEARTBEATS: &[&str] = &[
    "Normal",
    "R-on-T premature ventricular contraction",
    "Premature ventricular contraction",
    "Supraventricular premature or ectopic beat",
    "Unclassified beat",
];

const PICTURE: Shape = Shape { rows: 28, cols: 28 };
const BEAT: Shape = Shape { rows: 1, cols: 140 };

/// All data sets, in the order of the menu.
pub const SOURCES: &[Source] = &[
    Source {
        slug: "mnist",
        title: "MNIST",
        kind: Kind::Files {
            folder: "mnist",
            files: &[
                SourceFile {
                    name: "train-images-idx3-ubyte.gz",
                    role: Role::TrainImages,
                    sha256: "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
                    bytes: 9_912_422,
                },
                SourceFile {
                    name: "train-labels-idx1-ubyte.gz",
                    role: Role::TrainLabels,
                    sha256: "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
                    bytes: 28_881,
                },
                SourceFile {
                    name: "t10k-images-idx3-ubyte.gz",
                    role: Role::TestImages,
                    sha256: "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
                    bytes: 1_648_877,
                },
                SourceFile {
                    name: "t10k-labels-idx1-ubyte.gz",
                    role: Role::TestLabels,
                    sha256: "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
                    bytes: 4_542,
                },
            ],
            addresses: &[
                Address::Folder("https://cdn.jsdelivr.net/gh/fgnt/mnist@ae608a02b796c9ee908c082585a5f006fe05258e/"),
                Address::Folder("https://storage.googleapis.com/cvdf-datasets/mnist/"),
                Address::Folder("https://ossci-datasets.s3.amazonaws.com/mnist/"),
                Address::Folder("https://raw.githubusercontent.com/fgnt/mnist/master/"),
            ],
        },
        train: 60_000,
        test: 10_000,
        shape: PICTURE,
        unit: true,
        classes: DIGITS,
    },
    Source {
        slug: "fashion-mnist",
        title: "Fashion-MNIST",
        kind: Kind::Files {
            folder: "fashion-mnist",
            files: &[
                SourceFile {
                    name: "train-images-idx3-ubyte.gz",
                    role: Role::TrainImages,
                    sha256: "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
                    bytes: 26_421_880,
                },
                SourceFile {
                    name: "train-labels-idx1-ubyte.gz",
                    role: Role::TrainLabels,
                    sha256: "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
                    bytes: 29_515,
                },
                SourceFile {
                    name: "t10k-images-idx3-ubyte.gz",
                    role: Role::TestImages,
                    sha256: "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
                    bytes: 4_422_102,
                },
                SourceFile {
                    name: "t10k-labels-idx1-ubyte.gz",
                    role: Role::TestLabels,
                    sha256: "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
                    bytes: 5_148,
                },
            ],
            addresses: &[
                Address::Folder("https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/"),
                Address::Folder("https://cdn.jsdelivr.net/gh/zalandoresearch/fashion-mnist/data/fashion/"),
                Address::Folder("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"),
            ],
        },
        train: 60_000,
        test: 10_000,
        shape: PICTURE,
        unit: true,
        classes: FASHION,
    },
    Source {
        slug: "ecg5000",
        title: "ECG5000",
        kind: Kind::Files {
            folder: "ecg5000",
            files: &[
                SourceFile {
                    name: "ECG5000_TRAIN.txt",
                    role: Role::TrainSeries,
                    sha256: "0d96aff193311a6dc6111bf0dbd2f7d2313987fbf7a1da4a383d92563876057b",
                    bytes: 1_128_500,
                },
                SourceFile {
                    name: "ECG5000_TEST.txt",
                    role: Role::TestSeries,
                    sha256: "baf4ad57d28daa5e79050edd4185968181762bc83d45a757753015b4ba8ab295",
                    bytes: 10_156_500,
                },
            ],
            addresses: &[
                Address::Zip("https://www.timeseriesclassification.com/aeon-toolkit/ECG5000.zip"),
                Address::Zip("https://www.timeseriesclassification.com/Downloads/ECG5000.zip"),
                Address::Folder("https://cdn.jsdelivr.net/gh/HFuoc/ECG5000-Anomaly/data/raw/"),
            ],
        },
        train: 500,
        test: 4_500,
        shape: BEAT,
        unit: false,
        classes: HEARTBEATS,
    },
    Source {
        slug: "strokes",
        title: "Strokes",
        kind: Kind::BuiltIn,
        train: 20_000,
        test: 4_000,
        shape: PICTURE,
        unit: true,
        classes: DIGITS,
    },
    Source {
        slug: "beats",
        title: "Heartbeats",
        kind: Kind::BuiltIn,
        train: 4_000,
        test: 1_000,
        shape: BEAT,
        unit: false,
        classes: HEARTBEATS,
    },
];

/// The data set of this slug.
pub fn source(slug: &str) -> Option<&'static Source> {
    SOURCES.iter().find(|source| source.slug == slug)
}

/// All slugs, in the order of the menu.
pub fn slugs() -> Vec<&'static str> {
    SOURCES.iter().map(|source| source.slug).collect()
}
