//! The target that has the name of the executable.

#![no_main]

use cmsl_tests::fuzz::Target;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    (Target::named(env!("CARGO_BIN_NAME")).unwrap().run)(bytes);
});
