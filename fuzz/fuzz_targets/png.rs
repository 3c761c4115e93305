#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hourglass_fuzz::run(hourglass_fuzz::Parser::Png, bytes));
