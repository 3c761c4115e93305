//! Series and pictures as text: every way of writing them that can be read without guessing, and the place of the first
//! thing that can't.
use hourglass::data::csv::{Reading, Table};

use hourglass::data::{DataError, ucr};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

pub fn read(text: &[u8]) -> Result<Table, DataError> {
    Reading::new(text.to_vec()).finish()
}

fn refused(text: &[u8]) -> String {
    read(text).expect_err("should be refused").to_string()
}

/// Two series of three values; of classes 1 and 2, or of none.
fn table(classes: &[&str]) -> Table {
    Table {
        cols: 3,
        values: vec![0.5, -1.25, 3.0, 4e-3, 5.5, 6.0],
        labels: if classes.is_empty() { vec![] } else { vec![0, 1] },
        classes: classes.iter().map(|&class| class.into()).collect(),
    }
}

#[test]
fn whatever_needs_no_guess_is_read() {
    for (text, classes) in [
        ("0.5,-1.25,3\n0.004,5.5,6\n", &[][..]),
        // No end of the last line; empty lines at the end and between.
        ("0.5,-1.25,3\n0.004,5.5,6", &[]),
        ("\n0.5,-1.25,3\n\n0.004,5.5,6\n\n  \n", &[]),
        // A byte order mark, Windows' line ends, blanks around fields, quotes.
        ("\u{feff}0.5,-1.25,3\r\n0.004,5.5,6\r\n", &[]),
        (" 0.5 ,\"-1.25\", +3 \n4e-3,5.5,6E0\n", &[]),
        // Other separators; a decimal comma where it separates nothing.
        ("0.5;-1.25;3\n.004;5.5;6\n", &[]),
        ("0,5;-1,25;3\n0,004;5,5;6,0\n", &[]),
        ("0,5\t-1,25\t3\n0,004\t5,5\t6\n", &[]),
        ("0.5\t-1.25\t3\n0.004\t5.5\t6\n", &[]),
        ("  0.5   -1.25 3\n 4e-3 5.5  6\n", &[]),
        // Names above.
        ("a,b,c\n0.5,-1.25,3\n0.004,5.5,6\n", &[]),
        ("\u{feff}\"first\";\"second\";\"\u{fc}ber\"\r\n0,5;-1,25;3\r\n0,004;5,5;6\r\n\r\n", &[]),
        ("t,0,1\n0.5,-1.25,3\n0.004,5.5,6\n", &[]),
        // Row numbers with a name, or with an empty one.
        ("index,a,b,c\n0,0.5,-1.25,3\n1,0.004,5.5,6\n", &[]),
        (",0,1,2\n0,0.5,-1.25,3\n1,0.004,5.5,6\n", &[]),
        // Classes: the first column, or the one of this name wherever it is; also words.
        ("1,0.5,-1.25,3\n2,0.004,5.5,6\n", &["1", "2"]),
        ("  1.0e+00 0.5 -1.25 3\n 2.0e+00 0.004 5.5 6\n", &["1", "2"]),
        ("index,label,x0,x1,x2\n7,1,0.5,-1.25,3\n8,2,0.004,5.5,6\n", &["1", "2"]),
        ("a;b;c;Class\n0,5;-1,25;3;good\n0,004;5,5;6;not so good\n", &["good", "not so good"]),
    ] {
        assert_eq!(read(text.as_bytes()), Ok(table(classes)), "{text:?}");
    }
    // Whole numbers throughout are read where names say what they are.
    let counts = read(b"label,a,b\n1,2,3\n1,4,5\n").expect("good");
    assert_eq!((counts.values, counts.labels), (vec![2.0, 3.0, 4.0, 5.0], vec![0, 0]));
    assert!(read(b"a,b\n2,3\n4,5\n").expect("good").labels.is_empty());
}

#[test]
fn the_first_thing_wrong_is_named_by_row_and_column() {
    for (text, says) in [
        // Ragged.
        ("0.5,1,2\n0.5,1\n", "row 2, column 3: this row has 2 columns, and the first one has 3"),
        ("0.5,1,2\n\n0.5,1,2,3\n", "row 3, column 4: this row has 4 columns"),
        ("a,b,c\n0.5,1\n", "row 2, column 3: this row has 2 columns"),
        ("0.5;1;2;\n0.5;1;2\n", "row 1, column 4: there is no value"),
        // No numbers.
        ("0.5,1,2\n0.5,nan,2\n", "row 2, column 2: NaN is not a finite number"),
        ("nan,1,2\n", "row 1, column 1: NaN is not a finite number"),
        ("0.5,1,2\n0.5,1,-inf\n", "row 2, column 3: -inf is not a finite number"),
        ("0.5,1,2\n0.5,1,1e39\n", "row 2, column 3: inf is not a finite number"),
        ("0.5,1,2\n0.5,,2\n", "row 2, column 2: there is no value"),
        ("0.5,1,2\n0.5,1,NA\n", "row 2, column 3: \"NA\" is not a number"),
        ("1,x,2\n3,4,5\n", "row 1, column 2: \"x\" is not a number"),
        ("0.5,1,2\n0.5,1,0x1f\n", "row 2, column 3: \"0x1f\" is not a number"),
        ("a,b\n\"0.5\",\"2\n", "row 2, column 2: a quote is not closed"),
        ("a,b\n0.5,\"2,3\"\n", "row 2, column 2: a quote is not closed"),
        // A comma that would have to be guessed.
        ("0.5 1 2\n0,5 1 2\n", "row 2, column 1: \"0,5\" has a comma in it: write a decimal point"),
        ("0,5;1,5\n0.5;1\n", "row 2, column 1: \"0.5\" mixes decimal commas and points"),
        ("0.5;1\n1;1,5\n", "row 2, column 2: \"1,5\" mixes"),
        ("a;b\n1.234,5;2\n", "row 2, column 1: \"1.234,5\" is not a number"),
        ("a;b\n1,234,5;2\n", "row 2, column 1: \"1,234,5\" is not a number"),
        // Classes.
        ("label,a,b\n1.5,1,2\n", "row 2, column 1: the class is 1.5, and should be a whole number or a word"),
        ("a,b,label\n1,2,\n", "row 2, column 3: there is no class"),
        ("label,a,class,b\n1,2,3,4\n", "row 1, column 1: more than one column is called label or class"),
        ("1,2,3\n1,4,5\n", "row 1, column 1: all values are whole numbers, so the first column may be a class"),
        ("1,0.5,2\n2,0.5,2\n3,0.5,2\n", "row 1, column 1: the first column counts the rows"),
        // Nothing to learn from.
        ("", "there is no row of numbers in it"),
        ("\n \r\n", "there is no row of numbers"),
        ("a,b,c\n", "there is no row of numbers"),
        ("0.5\n1.5\n", "row 1, column 1: a series needs at least two values, all on one line"),
        ("label,a\n1,2\n", "row 1, column 1: a series needs at least two values"),
        ("1,0.5\n2,1.5\n", "row 1, column 2: a series needs at least two values, and here is a class and one"),
        ("<!doctype html>\n<p>404</p>\n", "row 1, column 1: \"<!doctype\" is not a number"),
    ] {
        let said = refused(text.as_bytes());
        assert!(said.contains(says), "{text:?}: {said:?} should say {says:?}");
    }
    assert!(refused(b"\xff\xfe1\0,\x002\0\n\0").contains("row 1, column 1: this is not text in UTF-8"));
    assert!(refused(b"0.5,1\n0.5,\xe9\n").contains("row 2, column 2: "));
    assert!(refused(b"label,a,b\n\xe9,1,2\n").contains("row 2, column 1: this class is not text in UTF-8"));
}

#[test]
fn limits_hold() {
    let columns = |count: usize| [vec!["0.5"; count].join(","), "\n".into()].concat();
    assert_eq!(read(columns(ucr::MOST_COLUMNS).as_bytes()).map(|t| t.cols), Ok(ucr::MOST_COLUMNS));
    assert!(refused(columns(ucr::MOST_COLUMNS + 1).as_bytes()).contains("row 1, column 4097"));
    assert!(refused(columns(ucr::MOST_COLUMNS + 2).as_bytes()).contains("row 1, column 4097"));
    // A class beside them is no value: pictures of 64 by 64 have one, with a name over it or without.
    let classed = ["3,", &columns(ucr::MOST_COLUMNS)].concat();
    assert_eq!(read(classed.as_bytes()).map(|t| (t.cols, t.labels)), Ok((ucr::MOST_COLUMNS, vec![0])));
    let named = ["label", &",p".repeat(ucr::MOST_COLUMNS), "\n", &classed].concat();
    assert_eq!(read(named.as_bytes()).map(|t| (t.cols, t.labels)), Ok((ucr::MOST_COLUMNS, vec![0])));
    let wide = ["label", &",p".repeat(ucr::MOST_COLUMNS + 1), "\n"].concat();
    assert!(refused(wide.as_bytes()).contains("at most"));
    let unnamed = ["p", &",p".repeat(ucr::MOST_COLUMNS), "\n"].concat();
    assert!(refused(unnamed.as_bytes()).contains("row 1, column 4097"));
    let line = |bytes: usize| format!("0.5,2{}\n", " ".repeat(bytes - 5));
    assert!(read(line(ucr::MOST_LINE).as_bytes()).is_ok());
    assert!(refused(line(ucr::MOST_LINE + 1).as_bytes()).contains("row 1, column 1: the line has 65537 bytes"));
    let rows = |count: usize| "0.5,2\n".repeat(count);
    assert_eq!(read(rows(ucr::MOST_ROWS).as_bytes()).map(|t| t.values.len()), Ok(2 * ucr::MOST_ROWS));
    let said = refused(rows(ucr::MOST_ROWS + 1).as_bytes());
    assert!(said.contains("row 200001, column 1: at most 200000 rows"), "{said}");
    let classes = |count: usize| {
        let row = |i: usize| format!("c{i},0.5,1\n");
        format!("label,a,b\n{}", (0..count).map(row).collect::<String>())
    };
    assert_eq!(read(classes(256).as_bytes()).map(|t| t.classes.len()), Ok(256));
    assert!(refused(classes(257).as_bytes()).contains("row 258, column 1: this is one class more than the 256"));
}

#[test]
fn whole_numbers_that_make_a_square_need_no_names() {
    let row = |first: &str, columns: usize| format!("{first}{}\n", vec!["7"; columns].join(","));
    // Sixteen pixels, or a class and sixteen pixels.
    let pixels = read(row("", 16).repeat(3).as_bytes()).expect("pixels");
    assert_eq!((pixels.cols, pixels.labels.len()), (16, 0));
    let classes = read([row("3,", 16), row("9,", 16)].concat().as_bytes()).expect("a class and pixels");
    assert_eq!((classes.cols, classes.labels, classes.classes), (16, vec![0, 1], vec!["3".to_owned(), "9".to_owned()]));
    // One that is no pixel, and fewer columns than anything is drawn with.
    for text in [row("", 17).replacen('7', "256", 2), row("", 9), row("", 18)] {
        assert!(refused(text.as_bytes()).contains("the first column may be a class or not"), "{text}");
    }
    let named = read(format!("label,1x1,1x2,2x1\n{}", row("4,", 3)).as_bytes()).expect("names of pixels");
    assert_eq!((named.cols, named.classes), (3, vec!["4".to_owned()]));
}

#[test]
fn slices_read_the_same() {
    let text = "label;a;b\n1;0,5;2\n\n2;3;4\n1;5;6,25".as_bytes();
    let whole = read(text).expect("good");
    for bytes in [1, 7, 1000] {
        let mut reading = Reading::new(text.to_vec());
        while !reading.step(bytes).expect("good") {
            let (done, all) = reading.progress();
            assert!(done <= all && all == text.len());
        }
        assert_eq!(reading.finish(), Ok(whole.clone()), "{bytes} bytes at a time");
    }
}
