//! IR → Rust: one file a construct, one entry function.
//!
//! Emission decides nothing about meaning; it writes down what the IR says in the Rust that an engineer would
//! have written. Printed code takes the **context last** everywhere (`Track::add_point(&this, point, cx)`), so that
//! arguments may use it before the call does; state is read through `this.read(cx)?.field` and changed through
//! `this.set(Track::CALLSIGN, value, cx)?` and `this.edit(Track::POINTS, ListEdit::Append(point), cx)?`, which log
//! what a command did. It uses the runtime's prelude and nothing else of it.

mod arguments;
mod attempt;
mod body;
mod builtin;
mod call;
mod chain;
mod class;
mod client;
mod code;
mod communication;
mod contract;
mod embed;
mod ending;
mod expr;
mod external;
pub(crate) mod external_names;
mod in_place;
mod item;
mod loops;
mod name;
mod place;
mod reserved;
mod served;
mod stmt;
mod ty;
mod wrong;

use cmsl_parser::Sources;

use crate::format::{Name, Printer, SourceMap, Tokens, commas, rust, string};
use crate::ir::{ClassId, ClassKind, ModuleId, Program, Type};
use code::cx_of;
use item::Contents;
use name::Names;

pub use embed::embed;

/// How many types may stand in one another where Rust is told nothing.
const RUST_TYPES_MAX: usize = 6;
/// How many bases a class may have there, one above another.
const RUST_BASES_MAX: usize = 60;

struct Emitter<'a> {
    program: &'a Program,
    names: Names,
    /// What stands in each module.
    contents: Vec<Contents>,
    /// The module that the program becomes; none if it is a crate.
    module: Option<Name>,
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
#[must_use]
pub fn emit(program: &Program, sources: &Sources, name: &str, fingerprint: &str) -> Emitted {
    let emitter = Emitter {
        program,
        names: Names::of(program),
        contents: Contents::of(program),
        module: None,
    };
    let (main, map) = emitter.file(name, fingerprint);
    Emitted {
        main,
        data: program.has_externals().then(|| emitter.data_file()),
        positions: positions(&map, sources),
        map,
    }
}

/// The source map as a Rust table.
fn positions(map: &SourceMap, sources: &Sources) -> String {
    let mut text = String::from(
        "//! Which line of `main.rs` comes from which position of the program's source.\n\n\
         /// In ascending order of the lines; each holds up to the next.\n\
         pub const POSITIONS: &[(u32, &str)] = &[\n",
    );
    let mut file = None;
    let mut name = String::new();
    for entry in &map.entries {
        let source = sources.source(entry.span.file);
        if file != Some(entry.span.file) {
            file = Some(entry.span.file);
            name = format!("{:?}", source.name());
            name.pop();
        }
        let position = source.position(entry.span.start);
        text.push_str("    (");
        push_number(&mut text, entry.line);
        text.push_str(", ");
        text.push_str(&name);
        text.push(':');
        push_number(&mut text, position.line);
        text.push(':');
        push_number(&mut text, position.column);
        text.push_str("\"),\n");
    }
    text.push_str("];\n");
    text
}

/// Appends a number in decimal: there is one for each line of the program, so this has to be quick.
fn push_number(text: &mut String, number: u32) {
    if number >= 10 {
        push_number(text, number / 10);
    }
    text.push(char::from_digit(number % 10, 10).unwrap_or('0'));
}

impl Emitter<'_> {
    fn file(&self, name: &str, fingerprint: &str) -> (String, SourceMap) {
        let mut printer = Printer::new(&format!("The program `{name}`, as Rust."));
        printer.items(&self.head());
        let root = ModuleId::at(0);
        self.module(root, &mut printer);
        printer.items(&self.globals());
        printer.items(&self.tables(name, fingerprint));
        printer.items(&rust! {
            fn main() {
                cmsl_runtime::program::run(&PROGRAM)
            }
        });
        printer.items(&self.main());
        printer.finish()
    }

    /// What stands before the items of the program.
    fn head(&self) -> Tokens {
        let externals = self.program.has_externals().then(|| {
            rust!(
                mod data;
                #[deny(
                    clippy::disallowed_methods,
                    clippy::disallowed_types,
                    clippy::iter_over_hash_type,
                    reason = "what is outside comes from `Outside`, so that a simulation can give it"
                )]
                mod externs;
            )
        });
        // What Rust has to prove of a type, it proves of each type inside.
        // A class holds its base.
        let mut classes = (0..self.program.classes.len()).map(ClassId::at);
        let deep = self.program.types.depth_max() > RUST_TYPES_MAX
            || classes.any(|id| self.program.ancestry(id).nth(RUST_BASES_MAX).is_some());
        let limit = deep.then(|| rust!(#![recursion_limit = "4096"]));
        rust! {
            #limit
            #![forbid(unsafe_code)]
            #![allow(dead_code, reason = "the program may declare what it does not use")]
            #![allow(
                unreachable_code,
                unused_assignments,
                unused_comparisons,
                unused_mut,
                unused_variables,
                clippy::absurd_extreme_comparisons,
                clippy::almost_swapped,
                clippy::approx_constant,
                clippy::bool_comparison,
                clippy::collapsible_if,
                clippy::eq_op,
                clippy::identity_op,
                clippy::if_same_then_else,
                clippy::ifs_same_cond,
                clippy::manual_range_contains,
                clippy::manual_swap,
                clippy::mut_range_bound,
                clippy::needless_ifs,
                clippy::neg_cmp_op_on_partial_ord,
                clippy::neg_multiply,
                clippy::never_loop,
                clippy::nonminimal_bool,
                clippy::only_used_in_recursion,
                clippy::overly_complex_bool_expr,
                clippy::reversed_empty_ranges,
                clippy::self_assignment,
                clippy::single_match,
                clippy::zero_divided_by_zero,
                reason = "statements and expressions stay as their author wrote them"
            )]
            #![allow(
                clippy::disallowed_names,
                clippy::doc_lazy_continuation,
                clippy::enum_variant_names,
                clippy::module_inception,
                clippy::too_many_arguments,
                clippy::type_complexity,
                reason = "names, parameters and documentation are the author's"
            )]

            #externals
            mod positions;

            use cmsl_runtime::prelude::*;
        }
    }

    /// Which lints a module inside a crate of the user's has nothing to say to.
    fn lints(&self) -> Tokens {
        rust! {
            dead_code,
            non_camel_case_types,
            unreachable_code,
            unreachable_patterns,
            unused_assignments,
            unused_imports,
            unused_mut,
            unused_variables,
            clippy::all,
            reason = "the program may declare more than it uses, and is written in its own style"
        }
    }

    /// What the runtime must know of the program.
    fn tables(&self, name: &str, fingerprint: &str) -> Tokens {
        let root = ModuleId::at(0);
        let all = || (0..self.program.classes.len()).map(ClassId::at);
        let classes = all().filter(|&id| {
            matches!(
                self.program.class(id).kind,
                ClassKind::Ordinary | ClassKind::Server
            )
        });
        let classes = commas(classes.map(|id| {
            let path = self.class_path(id, root);
            rust!(#path::INFO)
        }));
        let servers = all().filter(|&id| self.program.class(id).kind == ClassKind::Server);
        let servers = commas(servers.map(|id| self.registration(id)));
        let (name, fingerprint) = (string(name), string(fingerprint));
        rust! {
            /// What the runtime knows of this code.
            static CODE: Code = Code {
                classes: &[#classes],
                positions: positions::POSITIONS,
            };

            /// What the runtime knows of this program.
            static PROGRAM: Program = Program {
                name: #name,
                fingerprint: #fingerprint,
                classes: &[#servers],
                main: start_main,
            };
        }
    }

    fn main(&self) -> Tokens {
        let initialise = self.has_globals().then(|| rust!(Globals::initialise(cx)?;));
        let Some(id) = self.program.main else {
            let code = rust!(#initialise Ok(0));
            let cx = cx_of(&code);
            return rust! {
                fn start_main(start: Start) -> i32 {
                    run_main(&CODE, start, |#cx| { #code })
                }
            };
        };
        let function = self.program.function(id);
        let prefix = self.prefix(function.module, ModuleId::at(0));
        let name = self.names.function(id);
        let arguments = (function.body.parameters > 0).then(|| rust!(cx.args(),));
        let call = if function.result == Type::Void {
            rust!(#prefix #name(#arguments cx)?; Ok(0))
        } else {
            rust!(#prefix #name(#arguments cx))
        };
        rust! {
            fn start_main(start: Start) -> i32 {
                run_main(&CODE, start, |cx| { #initialise #call })
            }
        }
    }
}
