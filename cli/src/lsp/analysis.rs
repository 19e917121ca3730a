//! What the compiler knows of the open documents, found out on a thread of its own.
//!
//! Each change gives a snapshot of the documents; the worker takes the newest one and analyses what it touches:
//! the programs whose files changed, and of these what the change touches. The root of a document is its project's
//! main source if that imports it, else the document itself. Texts are shared, never copied.

use super::documents::Documents;
use super::place::source_text;
use super::text::Text;
use crate::project::{MANIFEST, Project};
use cmsl_codegen::{Analysis, Incremental};
use cmsl_parser::{Diagnostic, FileId, Map, Span};
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender};

/// Deeply nested sources are walked by recursion.
const STACK_BYTES: usize = 256 << 20;

/// The documents at a time.
#[derive(Debug)]
pub struct Snapshot {
    /// The count of changes so far.
    pub generation: u64,
    /// What is open.
    pub documents: Documents,
    /// How often files that are not open have changed.
    pub disk: u64,
}

/// What the worker found out.
#[derive(Debug)]
pub struct Outcome {
    /// The snapshot's.
    pub generation: u64,
    /// The programs.
    pub roots: Vec<Arc<Root>>,
}

/// A file of a program, as it was analysed.
#[derive(Debug)]
pub struct File {
    /// Its path.
    pub path: PathBuf,
    /// Its text.
    pub text: Arc<Text>,
    /// The editor's version of it, if it was open.
    pub version: Option<i64>,
    /// Where spans are in its text, a byte order mark left out.
    map: Map,
}

/// A program that was analysed.
#[derive(Debug)]
pub struct Root {
    /// Where it begins.
    pub path: PathBuf,
    /// Its files, by their ids.
    pub files: BTreeMap<FileId, File>,
    /// What is known.
    pub analysis: Analysis,
    /// What is wrong.
    pub diagnostics: Vec<Diagnostic>,
    disk: u64,
}

impl Root {
    /// The file of a path.
    pub fn file(&self, path: &Path) -> Option<FileId> {
        let mut files = self.files.iter();
        files.find(|(_, file)| file.path == path).map(|(id, _)| *id)
    }

    /// The file that a span lies in.
    pub fn file_of(&self, span: Span) -> Option<&File> {
        self.files.get(&span.file)
    }

    /// The range of a span in the text of its file, a byte order mark left out.
    pub fn range(&self, span: Span) -> Option<Range<usize>> {
        self.file_of(span)?.map.range(span)
    }

    /// The text of a span.
    pub fn text(&self, span: Span) -> Option<&str> {
        source_text(&self.file_of(span)?.text).get(self.range(span)?)
    }

    /// Where spans may name an offset in the text of a file.
    pub fn places(&self, file: FileId, offset: usize) -> impl Iterator<Item = u32> + '_ {
        let file = self.files.get(&file).into_iter();
        file.flat_map(move |file| file.map.to_source(offset))
    }

    /// Whether it would be the same again.
    fn is_current(&self, snapshot: &Snapshot) -> bool {
        self.disk == snapshot.disk
            && self.files.values().all(|file| {
                match (file.version, snapshot.documents.get(&file.path)) {
                    (_, Some(document)) => Arc::ptr_eq(&document.text, &file.text),
                    (open, None) => open.is_none(),
                }
            })
            && !self.files.is_empty()
    }
}

/// Analyses one snapshot after the other until nobody sends any.
pub fn work(snapshots: &Receiver<Snapshot>, send: &dyn Fn(Outcome) -> bool) {
    let mut roots: Vec<Arc<Root>> = Vec::new();
    let mut programs = Programs::new();
    while let Ok(mut snapshot) = snapshots.recv() {
        while let Ok(newer) = snapshots.try_recv() {
            snapshot = newer;
        }
        roots = all(&snapshot, &roots, &mut programs);
        let outcome = Outcome {
            generation: snapshot.generation,
            roots: roots.clone(),
        };
        if !send(outcome) {
            return;
        }
    }
}

/// Starts the worker; what it finds goes to `events`.
pub fn start<E: Send + 'static>(
    events: Sender<E>,
    event: fn(Outcome) -> E,
) -> std::io::Result<Sender<Snapshot>> {
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::Builder::new()
        .name("analysis".to_owned())
        .stack_size(STACK_BYTES)
        .spawn(move || {
            work(&receiver, &|outcome| events.send(event(outcome)).is_ok());
        })?;
    Ok(sender)
}

/// What is kept of the programs from one analysis to the next, by their roots.
type Programs = BTreeMap<PathBuf, Incremental>;

fn all(snapshot: &Snapshot, known: &[Arc<Root>], programs: &mut Programs) -> Vec<Arc<Root>> {
    let mut mains: Vec<PathBuf> = snapshot
        .documents
        .keys()
        .filter_map(|path| main_of(path))
        .collect();
    mains.sort();
    mains.dedup();
    let mut roots: Vec<Arc<Root>> = Vec::new();
    for path in mains.iter().chain(snapshot.documents.keys()) {
        if roots.iter().any(|root| root.file(path).is_some()) {
            continue;
        }
        let reused = known
            .iter()
            .find(|root| root.path == *path && root.is_current(snapshot));
        let root = match reused {
            Some(root) => Arc::clone(root),
            None => Arc::new(analyse(path, snapshot, programs)),
        };
        // What began at a file that this one imports is a part of this one.
        roots.retain(|other| root.file(&other.path).is_none());
        roots.push(root);
    }
    programs.retain(|path, _| roots.iter().any(|root| root.path == *path));
    roots
}

/// The main source of the project that a file lies in.
fn main_of(path: &Path) -> Option<PathBuf> {
    let folder = path
        .ancestors()
        .skip(1)
        .find(|folder| folder.join(MANIFEST).is_file())?;
    Some(Project::open(folder).ok()?.source)
}

fn analyse(path: &Path, snapshot: &Snapshot, programs: &mut Programs) -> Root {
    let read = |path: &Path| match snapshot.documents.get(path) {
        Some(document) => Ok(document.text.as_str().as_bytes().to_vec()),
        None => std::fs::read(path),
    };
    let bytes = read(path).unwrap_or_default();
    let program = programs.entry(path.to_owned()).or_default();
    let mut texts: BTreeMap<PathBuf, Arc<Text>> = BTreeMap::new();
    let mut keep = |path: &Path| {
        let bytes = read(path)?;
        if !snapshot.documents.contains_key(path) {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            texts.insert(path.to_owned(), Arc::new(Text::new(text)));
        }
        Ok(bytes)
    };
    let version = program.analyse(path, bytes, &mut keep);
    let (mut analysis, mut diagnostics) = (version.analysis, version.form);
    diagnostics.append(&mut analysis.diagnostics);
    let files = version.files.into_iter().map(|file| {
        let document = snapshot.documents.get(&file.path);
        let text = match document {
            Some(document) => Arc::clone(&document.text),
            None => texts.remove(&file.path).unwrap_or_default(),
        };
        let open = File {
            text,
            version: document.map(|document| document.version.unwrap_or_default()),
            path: file.path,
            map: file.map,
        };
        (file.id, open)
    });
    let mut root = Root {
        path: path.to_owned(),
        files: files.collect(),
        analysis,
        diagnostics: Vec::new(),
        disk: snapshot.disk,
    };
    diagnostics.sort_by_key(|wrong| (wrong.span.file, root.range(wrong.span).map(|at| at.start)));
    root.diagnostics = diagnostics;
    root
}
