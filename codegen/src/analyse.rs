//! What an editor wants to know of a program, right or wrong, and again after each change.
//!
//! [`Incremental`] keeps what is known of a program. After a change the pieces of its files that changed are parsed
//! again; the declarations of all files are resolved again, which is quick; and of the bodies those are checked again
//! that changed, or all of them if a declaration did. What comes out is what [`analyse`] finds.

mod bodies;

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use cmsl_parser::{Diagnostic, Document, FileId, Map, Sources, Span, ast};

pub(crate) use bodies::Bodies;

use crate::check::form::Form;
use crate::check::run;
use crate::index::Index;
use crate::ir::{Program, Types};
use crate::load::load_with;
use crate::resolve::Checker;

/// What is known of a program, be it right or wrong.
#[derive(Debug)]
pub struct Analysis {
    /// The program; where the text is wrong parts are missing or of the type [`Type::Poison`](crate::ir::Type::Poison),
    /// and of bodies that did not change the code is missing, so that nothing can be emitted of it.
    pub program: Program,
    /// Who names what.
    pub index: Index,
    /// What is wrong.
    pub diagnostics: Vec<Diagnostic>,
}

/// Checks a program as [`check`](crate::check()) does, for an editor: with an index, and with what is known in spite of
/// errors.
#[must_use]
pub fn analyse(sources: &Sources, files: &[ast::File], form: &[Diagnostic]) -> Analysis {
    let mut checker = Checker::new(sources);
    checker.form = Form::new(sources, files, form);
    checker.index = Some(Index::default());
    analyse_with(checker, files).0
}

fn analyse_with<'a>(mut checker: Checker<'a>, files: &'a [ast::File]) -> (Analysis, Bodies) {
    let diagnostics = run(&mut checker, files);
    let index = checker.index.take().unwrap_or_default();
    let bodies = checker.bodies.take().unwrap_or_default();
    let analysis = Analysis {
        index: index.gather(&checker, files),
        program: checker.program,
        diagnostics,
    };
    (analysis, bodies)
}

/// A program that is analysed again and again.
#[derive(Debug, Default)]
pub struct Incremental {
    sources: Sources,
    documents: BTreeMap<PathBuf, Document>,
    /// The hash of all declarations, and what was found out about bodies where these hold.
    declarations: u64,
    bodies: Bodies,
    types: Types,
}

/// What was found out about one version of a program.
#[derive(Debug)]
pub struct Version {
    /// What is known. Its spans are places for [`Version::files`] to translate.
    pub analysis: Analysis,
    /// What the parser, and the imports, have against the files.
    pub form: Vec<Diagnostic>,
    /// The files: what is imported stands before what imports it.
    pub files: Vec<VersionFile>,
    /// How much was done anew.
    pub work: Work,
}

/// A file of a version.
#[derive(Debug)]
pub struct VersionFile {
    /// Its path.
    pub path: PathBuf,
    /// How spans name it.
    pub id: FileId,
    /// Where spans are in its text, a byte order mark left out.
    pub map: Map,
}

/// How much of an analysis was done anew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Pieces of files that were parsed.
    pub parsed: usize,
    /// Bodies that were checked.
    pub checked: usize,
}

impl Incremental {
    /// Analyses the program whose root, with these bytes, is the file at a path, and whose other files `read` gives.
    pub fn analyse(
        &mut self,
        root: &Path,
        bytes: Vec<u8>,
        read: &mut dyn FnMut(&Path) -> std::io::Result<Vec<u8>>,
    ) -> Version {
        let mut files = Vec::new();
        let mut work = Work::default();
        let mut declarations = DefaultHasher::new();
        let mut is_anew = false;
        let (sources, documents) = (&mut self.sources, &mut self.documents);
        let mut parse = |path: &Path, bytes: Vec<u8>| {
            let document = documents
                .entry(path.to_path_buf())
                .or_insert_with(|| Document::new(sources, &path.to_string_lossy()));
            let reading = document.read(sources, bytes);
            (document.file(), reading.declarations).hash(&mut declarations);
            is_anew |= reading.is_anew;
            work.parsed += reading.parsed;
            files.push(VersionFile {
                path: path.to_path_buf(),
                id: document.file(),
                map: reading.map,
            });
            (reading.file, reading.diagnostics)
        };
        let (trees, form) = load_with(root, bytes, read, &mut parse);
        for tree in &trees {
            tree.file.hash(&mut declarations);
        }
        let declarations = declarations.finish();
        let known = std::mem::take(&mut self.bodies);
        let mut checker = Checker::new(&self.sources);
        checker.index = Some(Index::default());
        checker.form = Form::new(&self.sources, &trees, &form);
        let maps = files.iter().map(|file| (file.id, &file.map)).collect();
        let lives = Lives { maps };
        checker.bodies = Some(if declarations == self.declarations && !is_anew {
            checker.program.types = std::mem::take(&mut self.types);
            known.kept(|span| lives.has(span))
        } else {
            Bodies::default()
        });
        let (analysis, bodies) = analyse_with(checker, &trees);
        self.declarations = declarations;
        work.checked = bodies.checked();
        self.bodies = bodies;
        self.types = analysis.program.types.clone();
        Version {
            analysis,
            form,
            files,
            work,
        }
    }
}

/// The places of the present versions.
struct Lives<'m> {
    maps: BTreeMap<FileId, &'m Map>,
}

impl Lives<'_> {
    fn has(&self, span: Span) -> bool {
        let map = self.maps.get(&span.file);
        map.is_some_and(|map| map.range(span).is_some())
    }
}
