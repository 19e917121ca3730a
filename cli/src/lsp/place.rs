//! Where a request points to, in the present text and in the analysed one, and the way back.

use super::analysis::Root;
use super::documents::{Documents, uri};
use super::protocol::{Position, Range};
use super::text::{Shift, Text};
use cmsl_codegen::index::{Entity, Use, declared};
use cmsl_parser::{FileId, Span};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// The programs that were analysed last, and the documents as they are now.
#[derive(Debug, Clone, Copy)]
pub struct World<'w> {
    /// The programs.
    pub roots: &'w [Arc<Root>],
    /// The documents.
    pub documents: &'w Documents,
}

/// A place in a document.
#[derive(Debug)]
pub struct Place<'w> {
    /// The program that it is in.
    pub root: &'w Root,
    /// The document's file there.
    pub file: FileId,
    /// The document's text.
    pub text: &'w Text,
    /// The offset there.
    pub offset: usize,
    /// How the analysed text became the document's.
    pub shift: Shift,
}

impl<'w> World<'w> {
    /// The place of a position in a document that was analysed.
    pub fn place(self, path: &Path, position: Position) -> Option<Place<'w>> {
        let text = &self.documents.get(path)?.text;
        let (root, file) = self
            .roots
            .iter()
            .find_map(|root| Some((root, root.file(path)?)))?;
        let analysed = &root.files.get(&file)?.text;
        Some(Place {
            root,
            file,
            text,
            offset: text.offset(position),
            shift: Shift::between(source_text(analysed), text.as_str()),
        })
    }

    /// Where a span of a program is now; nothing if its text was changed since.
    pub fn range(self, root: &'w Root, span: Span) -> Option<Range> {
        Moved::new(self, root).range(span)
    }

    /// The same as the protocol has it.
    pub fn location(self, root: &'w Root, span: Span) -> Option<Value> {
        let file = root.file_of(span)?;
        let range = self.range(root, span)?;
        Some(json!({ "uri": uri(&file.path, self.documents), "range": range }))
    }

    /// All names of what stands at a place, in all programs that have it.
    pub fn uses(self, place: &Place<'w>, entity: Entity) -> Vec<(&'w Root, Vec<Span>)> {
        let program = &place.root.analysis.program;
        let declaration = declared(program, entity)
            .and_then(|span| Some((&place.root.file_of(span)?.path, span)));
        let mut found = Vec::new();
        for root in self.roots {
            let root: &'w Root = root;
            let here = if std::ptr::eq(root, place.root) {
                Some(entity)
            } else {
                declaration.and_then(|(path, span)| {
                    let offset = place.root.range(span)?.start;
                    Some(known(root, root.file(path)?, offset)?.entity)
                })
            };
            let Some(here) = here else { continue };
            let analysis = &root.analysis;
            found.push((root, analysis.index.uses_of(&analysis.program, here)));
        }
        found
    }
}

/// The spans of a program as ranges of the present texts; each text is compared once.
pub struct Moved<'w> {
    world: World<'w>,
    root: &'w Root,
    shifts: BTreeMap<FileId, Shift>,
}

impl<'w> Moved<'w> {
    /// Those of a program.
    pub fn new(world: World<'w>, root: &'w Root) -> Self {
        Self {
            world,
            root,
            shifts: BTreeMap::new(),
        }
    }

    /// Where a span is now; nothing if its text was changed since.
    pub fn range(&mut self, span: Span) -> Option<Range> {
        let file = self.root.file_of(span)?;
        let analysed = source_text(&file.text);
        let Some(document) = self.world.documents.get(&file.path) else {
            let lead = file.text.as_str().len() - analysed.len();
            let range = self.root.range(span)?;
            return Some(file.text.range(range.start + lead..range.end + lead));
        };
        let shift = self
            .shifts
            .entry(span.file)
            .or_insert_with(|| Shift::between(analysed, document.text.as_str()));
        Some(document.text.range(shift.to_new(self.root.range(span)?)?))
    }
}

impl Place<'_> {
    /// What the name at the place stands for, and where the name is in the analysed text.
    pub fn name(&self) -> Option<(Entity, Span)> {
        let offset = self.shift.to_old(self.offset)?;
        let known = known(self.root, self.file, offset)?;
        // A name that was changed since is another one.
        let now = self.range(known.span)?;
        (now == word(self.text.as_str(), self.offset)).then_some((known.entity, known.span))
    }

    /// Where a span of the document's file is now; nothing if its text was changed since.
    pub fn range(&self, span: Span) -> Option<std::ops::Range<usize>> {
        self.shift.to_new(self.root.range(span)?)
    }
}

/// The name at an offset of a file, or right before it.
fn known(root: &Root, file: FileId, offset: usize) -> Option<Use> {
    let mut places = root.places(file, offset);
    places.find_map(|place| root.analysis.index.at(file, place))
}

/// The text that spans count in: without a byte order mark.
pub fn source_text(text: &Text) -> &str {
    let text = text.as_str();
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// The letters around an offset that could be a name.
pub fn word(text: &str, offset: usize) -> std::ops::Range<usize> {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let bytes = text.as_bytes();
    let before = bytes.get(..offset).unwrap_or_default();
    let after = bytes.get(offset..).unwrap_or_default();
    let start = offset - before.iter().rev().take_while(|byte| is_part(byte)).count();
    start..offset + after.iter().take_while(|byte| is_part(byte)).count()
}
