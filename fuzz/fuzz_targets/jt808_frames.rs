//! See `fuzz::targets`.
#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::targets::run("jt808_frames", bytes));
