//! Codes and the rules behind them.
//!
//! A family of rules is declared with [`rules!`](crate::rules): one constant a code, and a table of the family.
//! The numbers: E01 syntax, E02 names, E03 types, E04 classes, E05 servers and communication, E06 what is
//! not supported yet, E07 the Rust code behind `extern`; W for warnings.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

/// Whether a message stops the compilation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The program is wrong.
    Error,
    /// The program is suspect.
    Warning,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
        })
    }
}

/// A rule of the language that the compiler enforces.
#[derive(Debug)]
pub struct Rule {
    /// The code: a letter and four digits.
    pub code: &'static str,
    /// Error or warning.
    pub severity: Severity,
    /// The rule in a few words.
    pub title: &'static str,
    /// The page: Markdown, one leading space a line as doc comments have it.
    pub page: &'static str,
}

/// A rule by reference: what a diagnostic carries.
#[derive(Clone, Copy)]
pub struct Code(pub &'static Rule);

impl Code {
    /// The code: a letter and four digits.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.0.code
    }

    /// Error or warning.
    #[must_use]
    pub fn severity(self) -> Severity {
        self.0.severity
    }

    /// The rule in a few words.
    #[must_use]
    pub fn title(self) -> &'static str {
        self.0.title
    }

    /// The page that explains the rule, in Markdown, without a heading.
    #[must_use]
    pub fn explanation(self) -> String {
        let mut page = String::with_capacity(self.0.page.len());
        for line in self.0.page.lines() {
            page.push_str(line.strip_prefix(' ').unwrap_or(line).trim_end());
            page.push('\n');
        }
        page
    }
}

impl PartialEq for Code {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Code {}

impl PartialOrd for Code {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Code {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl Hash for Code {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Declares a family of rules: a constant a rule, whose doc comment is the page that explains it, and a
/// table of all.
///
/// ```
/// cmsl_parser::rules! {
///     /// The rules about names.
///     pub static NAMES;
///
///     /// A name is used that nothing declares.
///     UNKNOWN_NAME = "E0201" Error "unknown name";
/// }
/// assert_eq!(UNKNOWN_NAME.as_str(), "E0201");
/// assert_eq!(NAMES.len(), 1);
/// ```
#[macro_export]
macro_rules! rules {
    (
        $(#[$table_doc:meta])*
        pub static $table:ident;
        $($(#[doc = $line:literal])+ $name:ident = $code:literal $severity:ident $title:literal;)+
    ) => {
        $(
            $(#[doc = $line])+
            pub const $name: $crate::diagnostic::Code = $crate::diagnostic::Code(&$crate::diagnostic::Rule {
                code: $code,
                severity: $crate::diagnostic::Severity::$severity,
                title: $title,
                page: concat!($($line, "\n"),+),
            });
        )+
        $(#[$table_doc])*
        pub static $table: &[$crate::diagnostic::Code] = &[$($name),+];
    };
}
