//! Names and paths.

use std::fmt;
use std::sync::Arc;

use crate::Span;

/// An identifier where it stands in the text. Equal names of one file share their text.
#[derive(Debug, Clone)]
pub struct Name {
    /// The identifier.
    pub text: Arc<str>,
    /// Where it stands.
    pub span: Span,
}

impl Name {
    /// The identifier.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// `airspace::track`: names joined by `::`, never empty.
#[derive(Debug, Clone)]
pub struct Path {
    /// What stands before the last `::`, outermost first.
    pub qualifiers: Vec<Name>,
    /// The last name.
    pub name: Name,
    /// The whole path.
    pub span: Span,
}

impl Path {
    /// The name, if the path is a single one.
    #[must_use]
    pub fn single(&self) -> Option<&Name> {
        self.qualifiers.is_empty().then_some(&self.name)
    }

    /// All names, outermost first.
    pub fn segments(&self) -> impl Iterator<Item = &Name> {
        self.qualifiers.iter().chain(std::iter::once(&self.name))
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for qualifier in &self.qualifiers {
            write!(f, "{qualifier}::")?;
        }
        self.name.fmt(f)
    }
}
