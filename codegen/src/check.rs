//! Syntax trees to a checked program: the phase between parsing and emission.
//!
//! The work is done in passes over the whole program: declare all names, resolve the types of all
//! declarations, derive the class hierarchy, lower the bodies, follow effects through calls. What is wrong
//! becomes a [`Diagnostic`] and a poisoned type, which silences what follows from it, so that one mistake
//! gives one message and several mistakes are reported in one run. The families of rules live in the
//! modules below, each with its codes and their explanations.

pub mod classes;
pub mod embedding;
pub mod names;
pub mod servers;
pub mod types;
pub mod unsupported;

mod consts;
mod deadlock;
mod effects;
mod foreign;
pub(crate) mod form;
mod recursion;
mod sharing;

use cmsl_parser::diagnostic::Code;
use cmsl_parser::{Diagnostic, Sources, ast};

use crate::ir::{ClassId, Program};
use crate::resolve::Checker;
use form::Form;

/// All rules of this crate, by family.
pub static RULES: &[&[Code]] = &[
    names::NAMES,
    types::TYPES,
    classes::CLASSES,
    servers::SERVERS,
    unsupported::UNSUPPORTED,
    embedding::EMBEDDING,
];

/// Checks a program that is made of these files, of whose form the parser says `form`. There is a program only if no
/// diagnostic is an error.
#[must_use]
pub fn check(
    sources: &Sources,
    files: &[ast::File],
    form: &[Diagnostic],
) -> (Option<Program>, Vec<Diagnostic>) {
    let mut checker = Checker::new(sources);
    checker.form = Form::new(sources, files, form);
    if checker.form.is_open() {
        return (None, Vec::new());
    }
    let diagnostics = run(&mut checker, files);
    if !checker.form.is_right() || diagnostics.iter().any(Diagnostic::is_error) {
        return (None, diagnostics);
    }
    let mut program = checker.program;
    crate::optimise::optimise(&mut program);
    (Some(program), diagnostics)
}

/// The passes of the check.
pub(crate) fn run<'a>(checker: &mut Checker<'a>, files: &'a [ast::File]) -> Vec<Diagnostic> {
    checker.declare(files);
    checker.resolve();
    note_baseless(checker);
    if checker.program.types.has_unknown()
        && let Some(bodies) = &mut checker.bodies
    {
        // What one body assigns to such a future decides about another.
        bodies.forget();
    }
    // What a broken body assigns to such a future is not known.
    let is_unknown = checker.program.types.has_unknown() && !checker.form.is_right();
    checker.lower();
    effects::follow(checker);
    consts::check(checker);
    sharing::check(checker);
    deadlock::check(checker);
    recursion::mark(checker);
    checker.program.types.settle();
    let mut diagnostics = std::mem::take(&mut checker.diagnostics);
    if checker.form.is_open() || is_unknown {
        diagnostics.clear();
    }
    let is_reason = |wrong: &Diagnostic| !checker.form.is_consequence(checker.sources, wrong);
    if !checker.form.is_right() || diagnostics.iter().any(|d| d.is_error() && is_reason(d)) {
        diagnostics.retain(is_reason);
    }
    for diagnostic in &mut diagnostics {
        let help = &mut diagnostic.help;
        help.get_or_insert_with(|| general_help(diagnostic.code).to_owned());
    }
    cmsl_parser::diagnostic::sort(&mut diagnostics);
    diagnostics
}

/// Classes below a base that is not known may have members, and convert to classes, that are not known either.
fn note_baseless(checker: &mut Checker<'_>) {
    let mut baseless = Vec::new();
    for (source, id) in checker.class_sources.iter().zip((0..).map(ClassId::at)) {
        let base = source.class.and_then(|class| class.base.as_ref());
        let class = checker.program.class(id);
        if class.base.is_none() && (base.is_some() || checker.form.hides_base(class.span)) {
            baseless.extend(checker.program.family(id));
        }
    }
    for id in baseless {
        let class = checker.program.class(id);
        let source = checker.class_sources.get(id.index());
        let members = source.and_then(|source| source.class?.members.as_ref());
        let methods = class.methods.iter();
        let methods = methods.filter_map(|method| checker.method_sources.get(method.index()));
        let constructors = class.constructors.iter();
        let constructors =
            constructors.filter_map(|id| checker.constructor_sources.get(id.index()));
        let outside = methods
            .chain(constructors)
            .filter_map(|source| source.definition);
        let outside =
            outside.filter_map(|function| Some(function.head.to(function.body.as_ref()?.span)));
        let members = members.into_iter().flatten().map(|member| member.span);
        checker.form.lacks_base(&class.name, members.chain(outside));
    }
}

/// What to do about a rule where nothing better is known about the case.
const GENERAL_HELP: [(Code, &str); 25] = [
    (
        names::UNKNOWN_NAME,
        "declare it, or import the file that does",
    ),
    (
        names::UNKNOWN_MEMBER,
        "declare it in the class, or use what is there",
    ),
    (names::DUPLICATE_NAME, "give one of them another name"),
    (
        names::WRONG_KIND,
        "use a name that stands for what is needed here",
    ),
    (types::MISMATCH, "write a value of that type"),
    (
        types::ARGUMENT_COUNT,
        "write as many arguments as there are parameters",
    ),
    (types::NO_OVERLOAD, "write arguments that one of them takes"),
    (
        types::BAD_OPERANDS,
        "use operands that the operator works on",
    ),
    (
        types::CHAR_ARITHMETIC,
        "a char needs a cast for arithmetic: `(int) …`",
    ),
    (types::BAD_TEMPLATE, "write one `{}` for each argument"),
    (
        types::BAD_CAST,
        "write a function that makes the one of the other",
    ),
    (types::OUT_OF_RANGE, "use a type that holds the value"),
    (
        types::NOT_CONSTANT,
        "write a value of literals, constants and operators",
    ),
    (
        types::CONSTANT_FAULT,
        "write an expression that has a value",
    ),
    (
        types::BAD_LENGTH,
        "write a number of elements that is not negative, or use a `list`",
    ),
    (
        types::NOT_ITERABLE,
        "go through a list, set, bag, map, array, string or group of objects",
    ),
    (types::STRAY_JUMP, "remove it, or put it into a loop"),
    (types::WRONG_RETURN, "remove it"),
    (
        types::UNREACHABLE,
        "remove it, or what keeps it from being reached",
    ),
    (types::NO_EFFECT, "use its value, or remove it"),
    (
        classes::BAD_INVERSE,
        "two relations are inverses if each leads to the class of the other",
    ),
    (classes::BAD_MEMBER, "remove it"),
    (
        classes::NOT_DECLARED,
        "make declaration and definition agree",
    ),
    (servers::PROPERTY_TYPE, "write a value of that type"),
    (servers::PROPERTY_RANGE, "write a possible value"),
];

fn general_help(code: Code) -> &'static str {
    GENERAL_HELP
        .iter()
        .find(|(known, _)| *known == code)
        .map_or("`cmsl explain` says more about this code", |(_, help)| help)
}
