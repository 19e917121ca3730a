//! What the compiler knows of the open documents, found out on a thread of its own.
//!
//! Each change gives a snapshot of the documents; the worker takes the newest one and analyses what it touches:
//! the programs whose files changed, each from its root on. The root of a document is its project's main source if
//! that imports it, else the document itself. Texts are shared, never copied.

use super::documents::Documents;
use super::text::Text;
use crate::project::{MANIFEST, Project};
use cmsl_codegen::Analysis;
use cmsl_parser::{Diagnostic, FileId, Span};
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
}

/// A program that was analysed.
#[derive(Debug)]
pub struct Root {
    /// Where it begins.
    pub path: PathBuf,
    /// Its files, by their ids.
    pub files: Vec<File>,
    /// What is known.
    pub analysis: Analysis,
    /// What is wrong.
    pub diagnostics: Vec<Diagnostic>,
    disk: u64,
}

impl Root {
    /// The file of a path.
    pub fn file(&self, path: &Path) -> Option<FileId> {
        let at = self.files.iter().position(|file| file.path == path)?;
        u32::try_from(at).ok().map(FileId::at)
    }

    /// The file that a span lies in.
    pub fn file_of(&self, span: Span) -> Option<&File> {
        self.files.get(span.file.index())
    }

    /// Whether it would be the same again.
    fn is_current(&self, snapshot: &Snapshot) -> bool {
        self.disk == snapshot.disk
            && self.files.iter().all(|file| {
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
    while let Ok(mut snapshot) = snapshots.recv() {
        while let Ok(newer) = snapshots.try_recv() {
            snapshot = newer;
        }
        roots = all(&snapshot, &roots);
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

fn all(snapshot: &Snapshot, known: &[Arc<Root>]) -> Vec<Arc<Root>> {
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
            None => Arc::new(analyse(path, snapshot)),
        };
        // What began at a file that this one imports is a part of this one.
        roots.retain(|other| root.file(&other.path).is_none());
        roots.push(root);
    }
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

fn analyse(path: &Path, snapshot: &Snapshot) -> Root {
    let mut read = |path: &Path| match snapshot.documents.get(path) {
        Some(document) => Ok(document.text.as_str().as_bytes().to_vec()),
        None => std::fs::read(path),
    };
    let bytes = read(path).unwrap_or_default();
    let mut loaded = cmsl_codegen::load(path, bytes, &mut read);
    let mut diagnostics = std::mem::take(&mut loaded.diagnostics);
    let mut analysis = cmsl_codegen::analyse(&loaded.sources, &loaded.files);
    // Where the form is wrong, what seems wrong with names and types may be a consequence.
    if !diagnostics.iter().any(Diagnostic::is_error) {
        diagnostics.append(&mut analysis.diagnostics);
    }
    cmsl_parser::diagnostic::sort(&mut diagnostics);
    let files = loaded.sources.iter().map(|(_, source)| {
        let path = PathBuf::from(source.name());
        match snapshot.documents.get(&path) {
            Some(document) => File {
                text: Arc::clone(&document.text),
                version: Some(document.version.unwrap_or_default()),
                path,
            },
            None => File {
                text: Arc::new(Text::new(source.text().to_owned())),
                version: None,
                path,
            },
        }
    });
    Root {
        path: path.to_owned(),
        files: files.collect(),
        analysis,
        diagnostics,
        disk: snapshot.disk,
    }
}
