//! A text that is parsed again after each change: of its pieces, those that are new.
//!
//! The pieces of all its versions stand in the source one behind the other, each at a place of its own for as long
//! as its text stays the same, wherever the text moves it: so the spans of a tree stay, too, and what was found out
//! about an item holds until somebody changes the item. A [`Map`] leads from these places to those in the present
//! text and back.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use super::build::Names;
use super::damaged;
use super::explain::{skip_blank, token};
use super::piece::{Assembly, Parsed, parse_all};
use super::split::{Kind, Piece, split};
use crate::ast::{File, Function, Item, ItemKind};
use crate::source::decode;
use crate::{Diagnostic, FileId, Sources, Span};

/// How much text is kept before all is forgotten and parsed anew.
const KEPT_BYTES_MAX: usize = 64 << 20;

/// A text that changes.
#[derive(Debug)]
pub struct Document {
    file: FileId,
    names: Names,
    /// The pieces that were ever parsed, by what their trees depend on; several where a text has the same piece twice.
    known: BTreeMap<Key, Vec<Arc<Known>>>,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    text: Arc<str>,
    kind: Kind,
    modules: usize,
}

#[derive(Debug)]
struct Known {
    /// Where it stands in the source.
    start: usize,
    parsed: Parsed,
    /// The hash of all that is no body.
    declarations: u64,
}

/// What a version of a text was read to.
#[derive(Debug)]
pub struct Reading {
    /// The tree.
    pub file: File,
    /// What is wrong with its form.
    pub diagnostics: Vec<Diagnostic>,
    /// Where the spans of both are in this version.
    pub map: Map,
    /// A number that is another one when something but the inside of a body has changed.
    pub declarations: u64,
    /// What was known before is known no longer: spans of older versions mean something else.
    pub is_anew: bool,
    /// How many pieces were parsed.
    pub parsed: usize,
}

impl Document {
    /// No version yet of a file that is to be shown by a name.
    pub fn new(sources: &mut Sources, name: &str) -> Self {
        Self {
            file: sources.add(name, ""),
            names: Names::default(),
            known: BTreeMap::new(),
        }
    }

    /// Its file.
    #[must_use]
    pub fn file(&self) -> FileId {
        self.file
    }

    /// Reads a version.
    pub fn read(&mut self, sources: &mut Sources, bytes: Vec<u8>) -> Reading {
        let is_anew = sources.source(self.file).text().len() > KEPT_BYTES_MAX;
        if is_anew {
            sources.clear(self.file);
            self.known.clear();
        }
        let (text, damage) = decode(bytes);
        let mut tree = Assembly::new(self.file);
        if let Some(damage) = damage {
            let start = sources.append(self.file, &text);
            tree.report(damaged(self.file, damage, start));
            let map = Map::new(vec![(0, start, text.len())]);
            return Self::reading(tree, map, 0, is_anew, 0);
        }
        let (found, parsed) = self.find(sources, &text);
        let mut hasher = DefaultHasher::new();
        let mut places = Vec::with_capacity(found.len());
        for (piece, known) in found {
            let range = known.start..known.start + piece.range.len();
            places.push((piece.range.start, known.start, piece.range.len()));
            (piece.kind, known.declarations).hash(&mut hasher);
            tree.add(piece.kind, range, known.parsed.clone());
        }
        Self::reading(tree, Map::new(places), hasher.finish(), is_anew, parsed)
    }

    fn reading(
        tree: Assembly,
        map: Map,
        declarations: u64,
        is_anew: bool,
        parsed: usize,
    ) -> Reading {
        let (file, diagnostics) = tree.finish();
        Reading {
            file,
            diagnostics,
            map,
            declarations,
            is_anew,
            parsed,
        }
    }

    /// The pieces of a text, and how many of them were parsed now.
    fn find(&mut self, sources: &mut Sources, text: &str) -> (Vec<(Piece, Arc<Known>)>, usize) {
        let mut taken: BTreeMap<usize, usize> = BTreeMap::new();
        let mut found: Vec<(Piece, Option<Arc<Known>>)> = Vec::new();
        let mut new: Vec<Piece> = Vec::new();
        let mut keys: Vec<Key> = Vec::new();
        for piece in split(text) {
            let key = Key {
                text: Arc::from(text.get(piece.range.clone()).unwrap_or_default()),
                kind: piece.kind,
                modules: piece.modules,
            };
            // The first piece of a text is the first of those that are known, and so on.
            let twins = self.known.get(&key).map_or(&[][..], Vec::as_slice);
            let known = twins.first().and_then(|first| {
                let count = taken.entry(first.start).or_default();
                *count += 1;
                twins.get(*count - 1)
            });
            if known.is_none() {
                let start = sources.append(self.file, &key.text);
                new.push(Piece {
                    range: start..start + key.text.len(),
                    ..piece
                });
                keys.push(key);
            }
            found.push((piece, known.cloned()));
        }
        let count = new.len();
        let source = sources.source(self.file).text();
        let parsed = parse_all(self.file, source, &new, &mut self.names);
        let mut fresh = Vec::with_capacity(count);
        for ((piece, key), parsed) in new.iter().zip(keys).zip(parsed) {
            let known = Arc::new(Known {
                start: piece.range.start,
                declarations: declarations(source, piece, &parsed.items),
                parsed,
            });
            fresh.push(Arc::clone(&known));
            self.known.entry(key).or_default().push(known);
        }
        let mut fresh = fresh.into_iter();
        let found = found
            .into_iter()
            .filter_map(|(piece, known)| Some((piece, known.or_else(|| fresh.next())?)))
            .collect();
        (found, count)
    }
}

/// The hash of the words of a piece that stand in no body.
fn declarations(source: &str, piece: &Piece, items: &[Arc<Item>]) -> u64 {
    let mut hasher = DefaultHasher::new();
    let mut bodies: Vec<Span> = Vec::new();
    for item in items {
        collect(&item.kind, &mut bodies);
    }
    let mut bodies = bodies.into_iter().peekable();
    let text = source.get(..piece.range.end).unwrap_or_default();
    let mut at = skip_blank(text, piece.range.start);
    while at < text.len() {
        if let Some(body) = bodies.next_if(|body| body.start as usize <= at) {
            "{}".hash(&mut hasher);
            at = skip_blank(text, (body.end as usize).max(at));
            continue;
        }
        let token = token(text, at);
        token.hash(&mut hasher);
        at = skip_blank(text, at + token.len().max(1));
    }
    hasher.finish()
}

fn collect(kind: &ItemKind, bodies: &mut Vec<Span>) {
    let mut add = |function: &Function| bodies.extend(function.body.as_ref().map(|body| body.span));
    match kind {
        ItemKind::Function(function) => add(function),
        ItemKind::Class(class) => {
            let members = class.members.iter().flatten();
            members
                .filter_map(|member| member.kind.function())
                .for_each(add);
        }
        _ => {}
    }
}

/// Where the spans of a [`Reading`] are in the text that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Map {
    /// Where each piece stands in the text, where in the source, and how long it is; in the order of the text.
    places: Vec<(usize, usize, usize)>,
    /// The same by the places in the source.
    by_source: Vec<(usize, usize, usize)>,
}

impl Map {
    fn new(places: Vec<(usize, usize, usize)>) -> Self {
        let mut by_source = places.clone();
        by_source.retain(|place| place.2 > 0);
        by_source.sort_unstable_by_key(|place| place.1);
        Self { places, by_source }
    }

    /// Where an offset of the source is in the text; nothing if that piece is no part of it any longer.
    #[must_use]
    pub fn to_text(&self, offset: u32) -> Option<usize> {
        let offset = offset as usize;
        let after = self.by_source.partition_point(|place| place.1 <= offset);
        let &(text, source, length) = self.by_source.get(after.checked_sub(1)?)?;
        let inside = offset - source;
        (inside <= length).then_some(text + inside)
    }

    /// The range of a span in the text.
    #[must_use]
    pub fn range(&self, span: Span) -> Option<std::ops::Range<usize>> {
        Some(self.to_text(span.start)?..self.to_text(span.end)?)
    }

    /// The places in the source of an offset in the text: two where one piece ends and another begins.
    pub fn to_source(&self, offset: usize) -> impl Iterator<Item = u32> + '_ {
        let after = self.places.partition_point(|place| place.0 <= offset);
        let before = self.places.get(..after).unwrap_or_default();
        let touching = before
            .iter()
            .rev()
            .filter(|place| place.2 > 0)
            .take(2)
            .filter(move |place| offset - place.0 <= place.2);
        touching.filter_map(move |place| u32::try_from(place.1 + (offset - place.0)).ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_moves_keeps_its_place_and_is_not_parsed_again() {
        let mut sources = Sources::new();
        let mut document = Document::new(&mut sources, "test.cmsl");
        let read = |document: &mut Document, sources: &mut Sources, text: &str| {
            document.read(sources, text.as_bytes().to_vec())
        };
        let one = read(&mut document, &mut sources, "int a;\nvoid f () { }\n");
        assert_eq!(one.parsed, 3);
        let two = read(&mut document, &mut sources, "\nvoid f () { }\nint a;\n");
        let moved = two.file.items.first().map(|item| item.span);
        assert_eq!(moved, one.file.items.get(1).map(|item| item.span));
        assert_eq!(moved.and_then(|span| two.map.range(span)), Some(1..14));
        assert_eq!(two.parsed, 1, "only `int a;` stands behind a newline now");
    }

    #[test]
    fn only_what_is_inside_bodies_leaves_the_declarations_the_same() {
        let mut sources = Sources::new();
        let mut document = Document::new(&mut sources, "test.cmsl");
        let mut declarations = |text: &str| {
            let bytes = text.as_bytes().to_vec();
            document.read(&mut sources, bytes).declarations
        };
        let first = declarations("int f (int a) { return a; }");
        assert_eq!(first, declarations("int  f (int a) /* x */ { return 2; }"));
        assert_ne!(first, declarations("int f (int b) { return a; }"));
        assert_ne!(first, declarations("int f (int a);"));
        let class = declarations("class c { public: int f () { return 1; } int g; }");
        let other = declarations("class c { public: int f () { return 2; } int g; }");
        assert_eq!(class, other);
        assert_ne!(
            class,
            declarations("class c { public: int f () { return 1; } }")
        );
    }
}
