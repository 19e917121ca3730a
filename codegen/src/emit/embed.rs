//! A program as one file that a Rust project includes: a module with the program, plain structs, and clients.

use cmsl_parser::Sources;

use super::Emitter;
use super::item::Contents;
use super::name::{Names, ident};
use crate::format::{Printer, SourceMap, Tokens, documentation, rust, string};
use crate::ir::{ModuleId, Program};

/// Prints a program that becomes the module `name` at the root of a crate.
#[must_use]
pub fn embed(program: &Program, sources: &Sources, name: &str, fingerprint: &str) -> String {
    let module = ident(name);
    let emitter = Emitter {
        program,
        names: Names::of(program),
        contents: Contents::of(program),
        module: Some(module.clone()),
    };
    let lints = emitter.lints();
    let about = format!("The program `{name}`; its asynchronous clients are in `{name}::client`.");
    let about = documentation([about.as_str()]);
    let mut printer = Printer::included(&format!("The program `{name}`, as Rust."));
    printer.begin_module(&rust! {
        #about
        #[allow(
            missing_debug_implementations,
            missing_docs,
            clippy::pedantic,
            #lints
        )]
        pub mod #module
    });
    printer.items(&rust!(
        use cmsl_runtime::prelude::*;
    ));
    emitter.module(ModuleId::at(0), &mut printer);
    printer.items(&emitter.globals());
    printer.items(&emitter.tables(name, fingerprint));
    printer.items(&emitter.main());
    let positions = positions(printer.map(), printer.line(), sources);
    emitter.data_module(&mut printer);
    emitter.client_module(&mut printer);
    printer.items(&positions);
    printer.end_module();
    printer.finish().0
}

/// The source map up to a line; what stands behind comes from nowhere.
fn positions(map: &SourceMap, end: u32, sources: &Sources) -> Tokens {
    let entries = map.entries.iter().map(|entry| {
        let source = sources.source(entry.span.file);
        let position = source.position(entry.span.start);
        let text = format!("{}:{}:{}", source.name(), position.line, position.column);
        (entry.line, text)
    });
    let end = (end + 1, String::new());
    let entries: Vec<Tokens> = entries
        .chain([end])
        .map(|(line, text)| {
            let text = string(&text);
            rust!((#line, #text))
        })
        .collect();
    rust! {
        mod positions {
            /// Which line of this file comes from which position of the source, in ascending order of the lines.
            pub const POSITIONS: &[(u32, &str)] = &[#(#entries,)*];
        }
    }
}

impl Emitter<'_> {
    /// The plain structs of what clients and embedding code pass.
    fn data_module(&self, printer: &mut Printer) {
        printer.begin_module(&rust! {
            /// Plain copies of objects: what clients take and give.
            pub mod data
        });
        printer.items(&rust!(
            use cmsl_runtime::prelude::*;
        ));
        let mut wanted = self.external_data();
        self.want_of_clients(&mut wanted);
        for id in wanted {
            printer.items(&self.plain_struct(id));
        }
        printer.end_module();
    }
}
