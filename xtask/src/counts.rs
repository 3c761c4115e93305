//! How many tests passed, read from what the test runners print.

use std::fmt;
use std::ops::AddAssign;

/// Tests by how they ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Ran and held.
    pub passed: u32,
    /// Ran and did not hold.
    pub failed: u32,
    /// Did not run.
    pub skipped: u32,
}

impl Counts {
    /// Adds up the closing lines in the output of `cargo test`, of its runner for browsers (`test result: ok. 3 passed;
    /// 0 failed; 1 ignored; …`) and of Node's test runner (`ℹ pass 3`).
    pub fn read(output: &str) -> Counts {
        let mut counts = Counts::default();
        for line in output.lines().map(str::trim) {
            if let Some(result) = line.strip_prefix("test result: ") {
                counts += Counts {
                    passed: before(result, " passed"),
                    failed: before(result, " failed"),
                    skipped: before(result, " ignored"),
                };
            } else if let Some((name, number)) = line.strip_prefix("ℹ ").and_then(|rest| rest.split_once(' ')) {
                let number = number.parse().unwrap_or(0);
                match name {
                    "pass" => counts.passed += number,
                    "fail" | "cancelled" => counts.failed += number,
                    "skipped" | "todo" => counts.skipped += number,
                    _ => {}
                }
            }
        }
        counts
    }
}

/// The number that stands before these words.
fn before(line: &str, words: &str) -> u32 {
    let number = line.split_once(words).and_then(|(before, _)| before.rsplit(' ').next());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

impl AddAssign for Counts {
    fn add_assign(&mut self, more: Counts) {
        self.passed += more.passed;
        self.failed += more.failed;
        self.skipped += more.skipped;
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 {
            write!(f, ", {} skipped", self.skipped)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_three_runners_are_read() {
        let cargo =
            "running 5 tests\n\ntest result: FAILED. 3 passed; 1 failed; 1 ignored; 0 measured; 7 filtered out\n";
        assert_eq!(Counts::read(cargo), Counts { passed: 3, failed: 1, skipped: 1 });
        let browser = "    test result: ok. 12 passed; 0 failed; 0 ignored; 0 filtered out; finished in 0.5s\n";
        assert_eq!(Counts::read(browser), Counts { passed: 12, failed: 0, skipped: 0 });
        let node = "✔ a test (2ms)\nℹ tests 6\nℹ suites 0\nℹ pass 3\nℹ fail 1\nℹ cancelled 1\nℹ skipped 1\nℹ todo 0\n";
        assert_eq!(Counts::read(node), Counts { passed: 3, failed: 2, skipped: 1 });
    }

    #[test]
    fn the_closing_line_names_skipped_tests_only_if_there_are_any() {
        assert_eq!(Counts { passed: 3, failed: 0, skipped: 0 }.to_string(), "3 passed, 0 failed");
        assert_eq!(Counts { passed: 3, failed: 1, skipped: 2 }.to_string(), "3 passed, 1 failed, 2 skipped");
    }
}
