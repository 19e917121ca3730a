//! The Rust code behind `extern "rust"`, compared with its declarations before rustc sees it.
//!
//! Only what is certain is said here: a type that the code has under another name, or an item that a macro or another
//! file may provide, is left to rustc.

mod direct;
mod provided;
mod signature;

use cmsl_parser::{Diagnostic, Span, rules};
use quote::quote;

use crate::emit::external_names::{self, overload};
use crate::ir::{Body, CallTarget, ClassId, ClassKind, FunctionId, Program, Type};
pub use direct::{direct_uses, lint_settings};
use provided::{Function, Provided};
use signature::Signature;

rules! {
    /// The rules about the Rust code behind `extern "rust"`.
    pub static EMBEDDING;

    /// The Rust file behind `extern "rust"` does not provide what a declaration says: a function, class or method is missing or not
    /// `pub`, or it takes or gives something else. The help line shows the signature that fits; `docs/extern.md` has the types and
    /// the names.
    ///
    /// ```text
    /// extern "rust" { double great_circle (double lat1, double lon1, double lat2, double lon2); }
    /// ```
    ///
    /// ```text
    /// pub fn great_circle(lat1: f64, lon1: f64, lat2: f64, lon2: f64) -> f64 { … }
    /// ```
    EMBEDDING_MISMATCH = "E0701" Error "the Rust code does not fit its declaration";

    /// Rust code behind `extern "rust"` asks the operating system for time, randomness, threads, files, connections or processes, where it could
    /// ask what it is handed. It works, but `cmsl sim` gives it none of what it simulates: the same seed does not give the same run any more,
    /// and what it writes is really written. A constructor, method or function gets the way to what is outside if its first parameter (after
    /// `self`) is `outside: &mut Outside`; the declaration does not mention it. `docs/extern.md` shows what it offers.
    ///
    /// ```text
    /// pub fn stamp() -> i64 {
    ///     let now = std::time::SystemTime::now();   // warned of
    /// ```
    ///
    /// ```text
    /// pub fn stamp(outside: &mut Outside) -> i64 {
    ///     outside.now()
    /// ```
    ///
    /// What must be so all the same stands in a function with `#[expect(clippy::disallowed_methods, reason = "…")]`, which also clippy understands.
    DIRECT_USE = "W0701" Warning "Rust code goes past the simulator";
}

/// One file of the Rust code behind `extern`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RustFile {
    /// Where it stands among them: `externs.rs` is the root, `externs/decode.rs` its module `decode`.
    pub inside: String,
    /// What the user calls it.
    pub name: String,
    /// What it holds.
    pub text: String,
}

impl RustFile {
    /// The way to its module from the root.
    fn module(&self) -> Vec<String> {
        let way = self.inside.strip_suffix(".rs").unwrap_or(&self.inside);
        let parts = way.split('/').skip(1).filter(|part| *part != "mod");
        parts.map(str::to_owned).collect()
    }
}

/// Compares the files that provide the program's `extern` declarations, the root first, with these: what is certainly wrong. What wants
/// to be handed the way to what is outside is noted in the program.
#[must_use]
pub fn embedding(program: &mut Program, files: &[RustFile]) -> Vec<Diagnostic> {
    // What does not parse is for rustc to say.
    let (Some(root), Some(provided)) = (files.first(), Provided::of(files)) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for mut declared in declarations(program) {
        let function = declared.provided(&provided);
        declared.signature.names_outside = function.is_some_and(signature::names_outside);
        if let Some(message) = declared.mistake(&provided, &root.name) {
            found.push(declared.diagnostic(message));
        }
        if let Some(target) = declared.target
            && function.is_some_and(signature::takes_outside)
        {
            program.takes_outside.insert(target);
        }
    }
    found
}

/// What rustc has against the code behind a declaration, at the declaration whose Rust name occurs in a printed line.
#[must_use]
pub fn embedding_mismatch(program: &Program, line: &str, message: &str) -> Option<Diagnostic> {
    let words = |text: &str| -> Vec<String> {
        let parts = text.split(|char: char| !(char.is_alphanumeric() || char == '_'));
        parts.map(str::to_owned).collect()
    };
    let said = words(line);
    let occurs = |name: &str| said.iter().any(|word| word == name);
    let named: Vec<Declared> = declarations(program)
        .into_iter()
        .filter(|declared| occurs(&declared.signature.name))
        .collect();
    // `RadarFeed::new` names the class beside its constructor.
    let declared = named
        .iter()
        .find(|declared| match (&declared.class, declared.is_class) {
            (Some(class), false) if declared.signature.name.starts_with("new") => occurs(class),
            (_, is_class) => !is_class,
        })
        .or_else(|| named.first())?;
    Some(declared.diagnostic(format!("rustc: {message}")))
}

/// One thing that is to be provided.
struct Declared {
    span: Span,
    /// What calls it by the declaration; none for a class.
    target: Option<CallTarget>,
    /// The class that it belongs to.
    class: Option<String>,
    /// It is the class itself.
    is_class: bool,
    signature: Signature,
}

fn declarations(program: &Program) -> Vec<Declared> {
    let mut all = Vec::new();
    let functions = program.functions.iter().enumerate();
    for (index, function) in functions.filter(|(_, item)| item.is_external) {
        all.push(Declared {
            span: function.span,
            target: Some(CallTarget::Function(FunctionId::at(index))),
            class: None,
            is_class: false,
            signature: Signature::new(
                program,
                overload(&function.name, function.overload),
                &function.body,
                function.result,
            ),
        });
    }
    for (index, class) in program.classes.iter().enumerate() {
        if class.kind != ClassKind::External {
            continue;
        }
        let name = external_names::class(&class.name);
        let this = Type::Class(ClassId::at(index));
        all.push(Declared {
            span: class.span,
            target: None,
            class: Some(name.clone()),
            is_class: true,
            signature: Signature::new(program, name.clone(), &Body::default(), Type::Void),
        });
        for &id in &class.constructors {
            let constructor = program.constructor(id);
            if !constructor.is_implied {
                let new = overload("new", constructor.overload);
                all.push(Declared {
                    span: constructor.span,
                    target: Some(CallTarget::Constructor(id)),
                    class: Some(name.clone()),
                    is_class: false,
                    signature: Signature::new(program, new, &constructor.body, this),
                });
            }
        }
        for &id in &class.methods {
            let method = program.method(id);
            let own = overload(&method.name, method.overload);
            all.push(Declared {
                span: method.span,
                target: Some(CallTarget::Method(id)),
                class: Some(name.clone()),
                is_class: false,
                signature: Signature::new(program, own, &method.body, method.result).of_object(),
            });
        }
    }
    all
}

impl Declared {
    /// The function that provides it.
    fn provided<'p>(&self, provided: &'p Provided) -> Option<&'p Function> {
        match &self.class {
            Some(class) => provided.method(class, &self.signature.name),
            None => provided.function(&self.signature.name),
        }
    }

    /// What is certainly wrong.
    fn mistake(&self, provided: &Provided, file: &str) -> Option<String> {
        let name = &self.signature.name;
        let Some(class) = &self.class else {
            return match self.provided(provided) {
                None if provided.is_whole => Some(format!("`{file}` has no function `{name}`")),
                None => None,
                Some(function) => self.signature.mistake(function),
            };
        };
        if self.is_class {
            let is_missing = provided.is_whole && !provided.has_class(class);
            return is_missing.then(|| format!("`{file}` has no struct `{class}`"));
        }
        if !provided.has_class(class) {
            // Said of the class.
            return None;
        }
        match self.provided(provided) {
            None if provided.is_whole && !provided.has_other_files => {
                Some(format!("`{class}` in `{file}` has no function `{name}`"))
            }
            None => None,
            Some(function) => self.signature.mistake(function),
        }
    }

    fn diagnostic(&self, message: String) -> Diagnostic {
        let expected = if self.is_class {
            let name = quote::format_ident!("{}", self.signature.name);
            signature::text(&quote!(pub struct #name { }))
        } else {
            self.signature.text()
        };
        let place = match &self.class {
            Some(class) if !self.is_class => format!(" in `impl {class}`"),
            _ => String::new(),
        };
        Diagnostic::new(EMBEDDING_MISMATCH, self.span, message)
            .help(format!("the declaration asks for `{expected}`{place}"))
    }
}
