//! The rules about names.

use cmsl_parser::diagnostic::nearest;
use cmsl_parser::{Diagnostic, Span, rules};

use super::foreign;

rules! {
    /// The rules about names.
    pub static NAMES;

    /// A name is used that nothing declares: no variable, parameter, attribute, constant, function, class,
    /// enumeration or module of that name can be seen from there. The help line names the nearest one that can.
    ///
    /// Items may be used before they are declared, also those of other files, if some file imports them. A name
    /// in a module is written `airspace::track`, or `track` after `using airspace;`.
    UNKNOWN_NAME = "E0201" Error "unknown name";

    /// A name is declared twice in one scope: in a module, among the members of a class, or in a block. Functions and
    /// methods may share a name if their parameters differ in number or type; inner blocks may hide names of
    /// outer ones.
    DUPLICATE_NAME = "E0202" Error "a name is declared twice";

    /// A name can mean several things: two opened modules declare it, or two enumerations have a value of that name.
    /// Write the module or enumeration before it: `phase::climb`.
    AMBIGUOUS_NAME = "E0203" Error "a name can mean several things";

    /// A class or predefined type has no attribute, relation or method of that name, nor do its bases.
    UNKNOWN_MEMBER = "E0204" Error "unknown member";

    /// A member is used outside its class and is not declared behind `public:`. Members are private until `public:`
    /// is written; what is private may be used by the methods of the class that declares it only.
    PRIVATE_MEMBER = "E0205" Error "a private member is used outside its class";

    /// A name is known, but stands for something else than is needed there: a function where a type is expected, say,
    /// or a class where a value is.
    WRONG_KIND = "E0206" Error "a name stands for something else";

    /// Files import each other in a circle. Put what both need into a third file that both import.
    IMPORT_CYCLE = "E0207" Error "files import each other in a circle";

    /// The file that is imported cannot be read. The path is relative to the folder of the file that imports it.
    IMPORT_MISSING = "E0208" Error "an imported file cannot be read";

    /// A function, method or class is declared, but nothing says what it does. A predefined function may be declared as it
    /// is, `host my_host ();`; with another result or other parameters it is a function of the program, and needs a body.
    ///
    /// ```text
    /// class track { public: point last (); }      // and nowhere: point track::last () { … }
    /// ```
    UNDEFINED = "E0209" Error "declared and never defined";

    /// A type name is defined by itself.
    TYPEDEF_CYCLE = "E0210" Error "a type is defined by itself";

    /// `main` takes nothing or one `list<string>`, returns `void` or `int`, and exists once:
    /// `void main ()`, `int main ()`, or `int main (list<string> args)`.
    BAD_MAIN = "E0211" Error "main has a wrong form";

    /// A name is overloaded more than 256 times in one scope, or more than 256 modules are opened for one place. Each use
    /// of a name looks at all that it could mean.
    TOO_MANY = "E0212" Error "too much that a name could mean";
}

/// A name that nothing declares, with the nearest of those that could have been meant.
pub(crate) fn unknown<'n>(
    what: &str,
    name: &str,
    span: Span,
    candidates: impl IntoIterator<Item = &'n str>,
) -> Diagnostic {
    let diagnostic = Diagnostic::new(UNKNOWN_NAME, span, format!("unknown {what} `{name}`"));
    if let Some(help) = foreign::name(name) {
        return diagnostic.help(help);
    }
    match nearest(name, candidates) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic,
    }
}

/// A member that a class or predefined type does not have.
pub(crate) fn unknown_member<'n>(
    owner: &str,
    name: &str,
    span: Span,
    candidates: impl IntoIterator<Item = &'n str>,
) -> Diagnostic {
    let message = format!("`{owner}` has no member `{name}`");
    let diagnostic = Diagnostic::new(UNKNOWN_MEMBER, span, message);
    if let Some(help) = foreign::member(owner, name) {
        return diagnostic.help(help);
    }
    match nearest(name, candidates) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic,
    }
}

/// Two declarations of one name.
pub(crate) fn duplicate(name: &str, span: Span, first: Span) -> Diagnostic {
    let message = format!("`{name}` is declared twice");
    let diagnostic = Diagnostic::new(DUPLICATE_NAME, span, message);
    if first == Span::default() {
        return diagnostic.help("the name is predefined: choose another one");
    }
    diagnostic
        .label(first, "first declared here")
        .help("remove one of them, or give it another name")
}

/// One function more than can share a name.
pub(crate) fn too_many_overloads(name: &str, span: Span) -> Diagnostic {
    let message = format!("more than 256 functions `{name}`");
    Diagnostic::new(TOO_MANY, span, message).help("give this one another name")
}

/// A member that may not be used here.
pub(crate) fn private(owner: &str, name: &str, span: Span, declared: Span) -> Diagnostic {
    Diagnostic::new(
        PRIVATE_MEMBER,
        span,
        format!("`{name}` is private in `{owner}`"),
    )
    .label(declared, "declared here, where no `public:` precedes it")
    .help(format!(
        "declare it behind `public:`, or use a public method of `{owner}`"
    ))
}
