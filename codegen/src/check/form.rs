//! What can be said of the meaning of a program whose form is wrong in places.
//!
//! A mistake inside of a body leaves all declarations what they are: that body is not spoken of, and everything else
//! is. A mistake anywhere else spoils a declaration. What would be said in its text, or about a name that it may have
//! declared, is taken for a consequence of it and kept back. Where an `import` or `using` is spoiled, or a declaration
//! that has no name any more, any name may be missing, and nothing is said of names that are not found.

mod lost;

use std::collections::BTreeSet;
use std::sync::Arc;

use cmsl_parser::diagnostic::{FIELD_KEYWORD, RESULT_MISSING, UNBALANCED};
use cmsl_parser::{Code, Diagnostic, Sources, Span, ast};

use crate::check::{classes, names, types};
use crate::resolve::PREDEFINED_TYPES;
use lost::{Declares, Names, quoted, words};

/// The most mistakes in the form of a file of which all are sure to be known.
const MISTAKES_MAX: usize = 100;

/// How much of the text of a diagnostic is searched for names.
const SEARCHED_BYTES_MAX: usize = 4 << 10;

/// What is said where nothing, or nothing of use, has a name; the name is what is underlined.
const NOT_FOUND: [Code; 5] = [
    names::UNKNOWN_NAME,
    names::WRONG_KIND,
    names::UNKNOWN_MEMBER,
    names::UNDEFINED,
    classes::NOT_DECLARED,
];

/// What is said where none of those that have a name will do.
const NONE_FITS: [Code; 3] = [
    types::NO_OVERLOAD,
    types::ARGUMENT_COUNT,
    classes::MISSING_BASE_CALL,
];

/// What is said where the one function that is left is taken for the one that is called.
const ANOTHER_IS_CALLED: [Code; 2] = [types::MISMATCH, types::NARROWING];

/// What is said where what is invoked, or which classes derive from which, may just not be known.
const UNSURE: [Code; 2] = [types::UNKNOWN_FUTURE, types::OVERLOAD_TIE];

/// Where the form of a program is wrong.
#[derive(Debug, Default)]
pub(crate) struct Form {
    /// The mistakes, in order.
    mistakes: Vec<Span>,
    /// The text that they spoil outside of bodies.
    spoiled: Vec<Span>,
    /// The names in it.
    names: Names,
    /// Classes of which the bases are not known, by name.
    baseless: BTreeSet<String>,
    /// What stands in them.
    baseless_text: Vec<Span>,
    /// The heads of classes whose base cannot be read.
    heads: Vec<Span>,
    /// What is not found may stand in a file or module that is not known, or have lost its name.
    is_blind: bool,
    /// A declaration has lost its name.
    is_nameless: bool,
    /// A function without a result type stands somewhere: it may be the body of any that has none.
    defines_any: bool,
    /// There are more mistakes than are known.
    is_open: bool,
}

impl Form {
    /// What the diagnostics of the parser and of the imports say about the files of a program.
    pub fn new(sources: &Sources, files: &[ast::File], diagnostics: &[Diagnostic]) -> Self {
        let errors: Vec<&Diagnostic> = diagnostics.iter().filter(|d| d.is_error()).collect();
        if errors.is_empty() {
            return Self::default();
        }
        let mut form = Self {
            mistakes: errors.iter().map(|error| error.span).collect(),
            is_open: errors.len() > MISTAKES_MAX,
            ..Self::default()
        };
        form.mistakes.sort_unstable();
        if form.is_open {
            return form;
        }
        let mut bodies = Vec::new();
        for file in files {
            form.collect(&file.items, &mut bodies);
        }
        bodies.sort_unstable();
        let is_spoiled =
            |error: &&&Diagnostic| error.code != FIELD_KEYWORD && !contains(&bodies, error.span);
        for error in errors.iter().filter(is_spoiled) {
            form.spoil(sources, files, error.span);
        }
        let is_of_no_module =
            |error: &&Diagnostic| error.code == UNBALANCED && leaves_modules(sources, files, error);
        form.is_blind |= errors.iter().any(is_of_no_module);
        form.defines_any = errors.iter().any(|error| error.code == RESULT_MISSING);
        form.read_names(sources, files);
        form
    }

    /// Notes what a mistake outside of bodies spoils.
    fn spoil(&mut self, sources: &Sources, files: &[ast::File], mistake: Span) {
        if self.spoiled.iter().any(|&span| holds(span, mistake)) {
            return;
        }
        let mut files = files.iter();
        match files.find_map(|file| spoiled(&file.items, mistake)) {
            Some(Spoiled::Text(span)) => self.spoiled.push(span),
            Some(Spoiled::Class(span)) => {
                self.spoiled.push(span);
                if !sources.slice(span).contains('{') {
                    self.heads.push(span);
                }
            }
            Some(Spoiled::Names) | None => self.is_blind = true,
        }
    }

    /// Reads the names in what is spoiled.
    fn read_names(&mut self, sources: &Sources, files: &[ast::File]) {
        let mut types = Vec::new();
        for file in files {
            type_names(&file.items, &mut types);
        }
        let predefined = PREDEFINED_TYPES.iter().map(|(name, _)| *name);
        let of_types: BTreeSet<&str> = types
            .iter()
            .map(|(name, _)| *name)
            .chain(predefined)
            .collect();
        for &span in &self.spoiled {
            let around = types
                .iter()
                .filter(|(_, whole)| *whole != span && holds(*whole, span));
            // Within its class the name of it begins a constructor.
            let owner = around.map(|(name, _)| *name).next_back();
            let is_type = |word: &str| of_types.contains(word) && owner != Some(word);
            match self.names.read(sources.slice(span), is_type) {
                Declares::These => {}
                Declares::Another => self.is_nameless = true,
                Declares::Imports => self.is_blind = true,
            }
        }
        self.is_blind |= self.is_nameless;
    }

    /// Whether nothing can be said of the meaning.
    pub fn is_open(&self) -> bool {
        self.is_open
    }

    /// Whether nothing is wrong.
    pub fn is_right(&self) -> bool {
        self.mistakes.is_empty()
    }

    /// Whether the form of a body is wrong.
    pub fn is_broken(&self, body: Span) -> bool {
        let first = self.mistakes.partition_point(|mistake| mistake < &body);
        let mistake = self.mistakes.get(first);
        mistake.is_some_and(|mistake| mistake.file == body.file && mistake.start < body.end)
    }

    /// Whether the base of a class cannot be read; the span is that of its name.
    pub fn hides_base(&self, class: Span) -> bool {
        self.heads.iter().any(|&head| holds(head, class))
    }

    /// Notes a class that has a base which is not known, and where its members stand.
    pub fn lacks_base(&mut self, class: &str, members: impl Iterator<Item = Span>) {
        self.baseless.insert(class.to_owned());
        self.baseless_text.extend(members);
    }

    /// Whether what is said of the meaning may follow from what is said otherwise. Warnings can wait.
    pub fn is_consequence(&self, sources: &Sources, wrong: &Diagnostic) -> bool {
        if self.is_right() && self.baseless.is_empty() {
            return false;
        }
        let is_inside = |&span: &Span| holds(span, wrong.span);
        if self.spoiled.iter().any(is_inside) || (!self.spoiled.is_empty() && !wrong.is_error()) {
            return true;
        }
        let text = |span: Span| {
            let text = sources.slice(span).as_bytes();
            text.get(..SEARCHED_BYTES_MAX).unwrap_or(text)
        };
        let is_of_base = [classes::BAD_BASE, classes::INHERITANCE_CYCLE].contains(&wrong.code);
        if !is_of_base && quoted(&wrong.message).any(|word| self.baseless.contains(word)) {
            return true;
        }
        let mut is_said = quoted(&wrong.message).chain(quoted(&wrong.note));
        if is_said.any(|word| self.names.declares(word)) {
            return true;
        }
        if self.defines_any && wrong.code == names::UNDEFINED {
            return true;
        }
        if UNSURE.contains(&wrong.code) && !self.spoiled.is_empty() {
            return true;
        }
        if NOT_FOUND.contains(&wrong.code) {
            let may_inherit = self.baseless_text.iter().any(is_inside);
            return self.is_blind
                || may_inherit
                || words(text(wrong.span)).any(|word| self.names.mentions(word));
        }
        let labels = wrong.labels.iter().map(|label| label.span);
        let is_of_several = NONE_FITS.contains(&wrong.code);
        let mut underlined = labels
            .chain([wrong.span])
            .flat_map(|span| words(text(span)));
        (self.is_blind && is_of_several)
            || (self.is_nameless && ANOTHER_IS_CALLED.contains(&wrong.code))
            || underlined.any(|word| {
                self.names.declares(word) || (is_of_several && self.names.mentions(word))
            })
    }

    /// The bodies, and the text that was taken for no declaration.
    fn collect(&mut self, items: &[Arc<ast::Item>], bodies: &mut Vec<Span>) {
        let body = |function: &ast::Function| function.body.as_ref().map(|body| body.span);
        for item in items {
            match &item.kind {
                ast::ItemKind::Error => self.spoiled.push(item.span),
                ast::ItemKind::Function(function) => bodies.extend(body(function)),
                ast::ItemKind::Class(class) => {
                    for member in class.members.iter().flatten() {
                        bodies.extend(member.kind.function().and_then(body));
                        if matches!(member.kind, ast::MemberKind::Error) {
                            self.spoiled.push(member.span);
                        }
                    }
                }
                ast::ItemKind::Module(module) => self.collect(&module.items, bodies),
                ast::ItemKind::Extern(item) => self.collect(&item.items, bodies),
                _ => {}
            }
        }
    }
}

/// The names of the classes, enumerations and other types among some items, and in modules among them, with where they stand.
fn type_names<'a>(items: &'a [Arc<ast::Item>], found: &mut Vec<(&'a str, Span)>) {
    for item in items {
        let name = match &item.kind {
            ast::ItemKind::Class(class) => &class.name,
            ast::ItemKind::Enum(item) => &item.name,
            ast::ItemKind::Typedef(item) => &item.name,
            ast::ItemKind::Module(module) => {
                type_names(&module.items, found);
                continue;
            }
            ast::ItemKind::Extern(item) => {
                type_names(&item.items, found);
                continue;
            }
            _ => continue,
        };
        found.push((name.as_str(), item.span));
    }
}

/// Whether an unbalanced brace stands in a file with modules: what belongs to which of them is not sure then.
fn leaves_modules(sources: &Sources, files: &[ast::File], brace: &Diagnostic) -> bool {
    let has_modules = |file: &ast::File| {
        let mut items = file.items.iter();
        file.file == brace.span.file
            && items.any(|item| matches!(item.kind, ast::ItemKind::Module(_)))
    };
    matches!(sources.slice(brace.span), "{" | "}") && files.iter().any(has_modules)
}

/// What a mistake outside of bodies spoils.
enum Spoiled {
    /// A declaration.
    Text(Span),
    /// A class, from its beginning to the mistake.
    Class(Span),
    /// The names of a file or module.
    Names,
}

/// What a mistake spoils that stands in one of some items, or in one of a module among them.
fn spoiled(items: &[Arc<ast::Item>], mistake: Span) -> Option<Spoiled> {
    items.iter().find_map(|item| match &item.kind {
        ast::ItemKind::Module(module) => spoiled(&module.items, mistake),
        _ => holds(item.span, mistake).then(|| spoiled_in(item, mistake)),
    })
}

fn spoiled_in(item: &ast::Item, mistake: Span) -> Spoiled {
    let whole = |function: &ast::Function| {
        let end = function.body.as_ref().map_or(mistake, |body| body.span);
        Spoiled::Text(function.head.to(end))
    };
    match &item.kind {
        ast::ItemKind::Import(_) | ast::ItemKind::Using(_) => Spoiled::Names,
        ast::ItemKind::Extern(inner) => {
            spoiled(&inner.items, mistake).unwrap_or(Spoiled::Text(item.span))
        }
        ast::ItemKind::Class(class) => {
            let mut members = class.members.iter().flatten();
            match members.find(|member| holds(member.span, mistake)) {
                Some(member) => member
                    .kind
                    .function()
                    .map_or(Spoiled::Text(member.span), whole),
                None => Spoiled::Class(Span {
                    end: mistake.end,
                    ..item.span
                }),
            }
        }
        ast::ItemKind::Function(function) => whole(function),
        _ => Spoiled::Text(item.span),
    }
}

/// Whether one of the spans, which are in order and apart, has another one in it.
fn contains(spans: &[Span], inner: Span) -> bool {
    let after = spans.partition_point(|span| (span.file, span.start) <= (inner.file, inner.start));
    let last = after.checked_sub(1).and_then(|last| spans.get(last));
    last.is_some_and(|&span| holds(span, inner))
}

fn holds(outer: Span, inner: Span) -> bool {
    outer.file == inner.file && outer.start <= inner.start && inner.end <= outer.end
}
