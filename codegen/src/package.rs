//! A checked program → the files of a crate, without its manifest: the command knows where the runtime is.

use std::collections::BTreeMap;

use cmsl_parser::Sources;

use crate::emit::{self, Emitted};
use crate::format::SourceMap;
use crate::ir::Program;

/// The Rust files of a program: path relative to the crate, and text; and where the lines of its main file come from.
#[must_use]
pub fn package(
    program: &Program,
    sources: &Sources,
    name: &str,
) -> (BTreeMap<String, String>, SourceMap) {
    let Emitted {
        main,
        data,
        positions,
        map,
    } = emit::emit(program, sources, name, &fingerprint(sources));
    let mut files = BTreeMap::from([
        ("src/main.rs".to_owned(), main),
        ("src/positions.rs".to_owned(), positions),
    ]);
    if let Some(data) = data {
        files.insert("src/data.rs".to_owned(), data);
    }
    (files, map)
}

/// Tells program texts apart, so that processes of different ones do not work together by mistake (FNV-1a, 64 bits).
pub(crate) fn fingerprint(sources: &Sources) -> String {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for (_, source) in sources.iter() {
        for byte in source.text().bytes().chain([0]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    format!("{hash:016x}")
}
