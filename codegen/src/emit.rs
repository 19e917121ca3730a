//! IR → Rust: one file a construct, one entry function.
//!
//! Emission decides nothing about meaning; it writes down what the IR says in the Rust that an engineer would
//! have written. Printed code takes the **context last** everywhere (`Track::add_point(&this, point, cx)`), so that
//! arguments may use it before the call does; state is read through `this.read(cx)?.field` and changed through
//! `this.set(Track::CALLSIGN, value, cx)?` and `this.edit(Track::POINTS, ListEdit::Append(point), cx)?`, which log
//! what a command did. It uses the runtime's prelude and nothing else of it.

mod attempt;
mod body;
mod builtin;
mod call;
mod class;
mod code;
mod communication;
mod expr;
mod external;
mod item;
mod loops;
mod name;
mod place;
mod served;
mod stmt;
mod ty;

use std::fmt::Write as _;

use cmsl_parser::Sources;
use proc_macro2::TokenStream;
use quote::quote;

use crate::format::{self, SourceMap};
use crate::ir::{ClassId, ClassKind, ModuleId, Program, Type};
use name::Names;

struct Emitter<'a> {
    program: &'a Program,
    names: Names,
}

/// The Rust files of a program, by their names in `src/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Emitted {
    /// The program itself.
    pub main: String,
    /// The plain structs for embedding Rust code, if there is such code; `externs.rs` must stand beside it.
    pub data: Option<String>,
    /// Where the lines of the program come from, as Rust.
    pub positions: String,
    /// The same, for tools.
    pub map: SourceMap,
}

/// Prints a program. `name` is for logs; `fingerprint` identifies its text.
///
/// # Errors
/// What was printed is not Rust: an internal error.
pub fn emit(
    program: &Program,
    sources: &Sources,
    name: &str,
    fingerprint: &str,
) -> Result<Emitted, syn::Error> {
    let emitter = Emitter {
        program,
        names: Names::of(program),
    };
    let formatted = format::format(emitter.file(name, fingerprint))?;
    let data = if emitter.has_externals() {
        Some(format::format(emitter.data())?.text)
    } else {
        None
    };
    Ok(Emitted {
        positions: positions(&formatted.map, sources),
        main: formatted.text,
        data,
        map: formatted.map,
    })
}

/// The source map as a Rust table.
fn positions(map: &SourceMap, sources: &Sources) -> String {
    let mut text = String::from(
        "//! Which line of `main.rs` comes from which position of the program's source.\n\n\
         /// In ascending order of the lines; each holds up to the next.\n\
         pub const POSITIONS: &[(u32, &str)] = &[\n",
    );
    for entry in &map.entries {
        let source = sources.source(entry.span.file);
        let position = source.position(entry.span.start);
        let _ = writeln!(
            text,
            "    ({}, {:?}),",
            entry.line,
            format!("{}:{position}", source.name())
        );
    }
    text.push_str("];\n");
    text
}

impl Emitter<'_> {
    fn file(&self, name: &str, fingerprint: &str) -> TokenStream {
        let items = self.module(ModuleId::at(0));
        let globals = self.globals();
        let root = ModuleId::at(0);
        let all: Vec<ClassId> = (0..self.program.classes.len()).map(ClassId::at).collect();
        let classes = all
            .iter()
            .filter(|&&id| {
                matches!(
                    self.program.class(id).kind,
                    ClassKind::Ordinary | ClassKind::Server
                )
            })
            .map(|&id| self.class_path(id, root));
        let servers = all
            .iter()
            .filter(|&&id| self.program.class(id).kind == ClassKind::Server)
            .map(|&id| self.registration(id));
        let externals = self.has_externals().then(|| {
            quote!(
                mod data;
                mod externs;
            )
        });
        let main = self.main();
        quote! {
            #![forbid(unsafe_code)]
            #![allow(
                dead_code,
                unreachable_code,
                unreachable_patterns,
                unused_assignments,
                unused_imports,
                unused_mut,
                unused_variables,
                clippy::all,
                reason = "the program may declare more than it uses, and is written in its own style"
            )]

            #externals
            mod positions;

            use cmsl_runtime::prelude::*;

            #items
            #globals

            /// What the runtime knows of this code.
            static CODE: Code = Code {
                classes: &[#(#classes::INFO),*],
                positions: positions::POSITIONS,
            };

            /// What the runtime knows of this program.
            static PROGRAM: Program = Program {
                name: #name,
                fingerprint: #fingerprint,
                classes: &[#(#servers),*],
                main: start_main,
            };

            fn main() {
                cmsl_runtime::program::run(&PROGRAM)
            }

            #main
        }
    }

    fn main(&self) -> TokenStream {
        let initialise = self
            .has_globals()
            .then(|| quote!(Globals::initialise(cx)?;));
        let Some(id) = self.program.main else {
            return quote! {
                fn start_main(start: Start) -> i32 {
                    run_main(&CODE, start, |cx| { #initialise Ok(0) })
                }
            };
        };
        let function = self.program.function(id);
        let prefix = self.prefix(function.module, ModuleId::at(0));
        let name = self.names.function(id);
        let arguments = (function.body.parameters > 0).then(|| quote!(cx.args(),));
        let call = if function.result == Type::Void {
            quote!(#prefix #name(#arguments cx)?; Ok(0))
        } else {
            quote!(#prefix #name(#arguments cx))
        };
        quote! {
            fn start_main(start: Start) -> i32 {
                run_main(&CODE, start, |cx| { #initialise #call })
            }
        }
    }
}
