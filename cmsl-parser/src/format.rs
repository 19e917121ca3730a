//! The formatter: one style for every program.
//!
//! Tokens and comments stay as they are and in their order; only blanks between them change, so that the
//! formatted text has the same tree and formatting it again changes nothing. What the text leaves open is
//! kept: a blank line between two lines, a body of one statement on the line of its head, a comment on a
//! line of its own or behind something. The one word that may change is `attribute` or `relation`, where
//! the file, or one that it imports, says which of the two is meant.

mod field;
mod lines;
mod marks;
mod spacing;
mod tokens;
mod walk;

use crate::ast::File;
use crate::{Diagnostic, FileId, Sources};

/// How long a line should be at most.
pub const LINE_COLUMNS: usize = 100;

/// The text of a file in the one style, with the files that it imports, if they are known.
///
/// # Errors
/// The diagnostics of a file that does not have the form of a program.
pub fn format(
    sources: &Sources,
    file: FileId,
    imported: &[File],
) -> Result<String, Vec<Diagnostic>> {
    let (tree, diagnostics) = crate::parse(sources, file);
    if !diagnostics.is_empty() {
        return Err(diagnostics);
    }
    let text = sources.source(file).text();
    let nodes = crate::parse::nodes(sources, file);
    let marks = marks::Marks::new(text, &nodes, &tree, imported);
    let tokens = tokens::tokens(text, &tree.comments);
    Ok(walk::Walk::new(&tokens, &marks).run())
}
