//! What every target calls: the checks that the tests have.
#[path = "../../tests/engine/fuzzed/parsers.rs"]
mod parsers;

pub use parsers::Parser;

/// Hands an input to a parser's check.
pub fn run(parser: Parser, bytes: &[u8]) {
    pollster::block_on(parser.check(bytes));
}
