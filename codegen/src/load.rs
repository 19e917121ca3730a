//! The files of a program: the root source and what it imports, each parsed once.
//!
//! Files come through a function, so that this is as pure as the rest of the compiler. An import is
//! relative to the file that it stands in; a circle of imports is an error, and so is a file that
//! cannot be read.

use cmsl_parser::ast::{self, ItemKind};
use cmsl_parser::{Diagnostic, Sources};
use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use crate::check::names::{IMPORT_CYCLE, IMPORT_MISSING};

/// How deep imports may lie in each other.
const DEPTH_MAX: usize = 256;

/// The files of a program.
#[derive(Debug, Default)]
pub struct Loaded {
    /// Their texts.
    pub sources: Sources,
    /// Their trees: what is imported stands before what imports it.
    pub files: Vec<ast::File>,
    /// What the parser, and the imports, have against them.
    pub diagnostics: Vec<Diagnostic>,
}

/// Loads the file at `root`, whose bytes are known, and with `read` what it imports.
pub fn load(
    root: &Path,
    bytes: Vec<u8>,
    read: &mut dyn FnMut(&Path) -> std::io::Result<Vec<u8>>,
) -> Loaded {
    let mut sources = Sources::new();
    let mut parse = |path: &Path, bytes| {
        let id = sources.add(path.to_string_lossy(), bytes);
        cmsl_parser::parse(&sources, id)
    };
    let (files, diagnostics) = load_with(root, bytes, read, &mut parse);
    Loaded {
        sources,
        files,
        diagnostics,
    }
}

/// What becomes of the bytes of a file.
pub(crate) type Parse<'p> = dyn FnMut(&Path, Vec<u8>) -> (ast::File, Vec<Diagnostic>) + 'p;

/// The same where somebody else parses.
pub(crate) fn load_with(
    root: &Path,
    bytes: Vec<u8>,
    read: &mut dyn FnMut(&Path) -> std::io::Result<Vec<u8>>,
    parse: &mut Parse<'_>,
) -> (Vec<ast::File>, Vec<Diagnostic>) {
    let mut loader = Loader {
        files: Vec::new(),
        diagnostics: Vec::new(),
        known: BTreeSet::new(),
        open: Vec::new(),
        read,
        parse,
    };
    loader.file(normal(root), bytes);
    (loader.files, loader.diagnostics)
}

struct Loader<'r, 'p> {
    files: Vec<ast::File>,
    diagnostics: Vec<Diagnostic>,
    /// The files that are loaded or being loaded.
    known: BTreeSet<PathBuf>,
    /// The files on the way from the root to the present one.
    open: Vec<PathBuf>,
    read: &'r mut dyn FnMut(&Path) -> std::io::Result<Vec<u8>>,
    parse: &'r mut Parse<'p>,
}

impl Loader<'_, '_> {
    fn file(&mut self, path: PathBuf, bytes: Vec<u8>) {
        self.known.insert(path.clone());
        let (file, diagnostics) = (self.parse)(&path, bytes);
        self.diagnostics.extend(diagnostics);
        let folder = path.parent().unwrap_or(Path::new("")).to_path_buf();
        self.open.push(path);
        for item in &file.items {
            if let ItemKind::Import(import) = &item.kind {
                self.import(import, &folder);
            }
        }
        self.open.pop();
        self.files.push(file);
    }

    fn import(&mut self, import: &ast::Import, folder: &Path) {
        let path = normal(&folder.join(&*import.path));
        if let Some(first) = self.open.iter().position(|open| *open == path) {
            let circle: Vec<String> = self
                .open
                .iter()
                .skip(first)
                .chain([&path])
                .map(|path| path.display().to_string())
                .collect();
            let message = format!("imports run in a circle: {}", circle.join(" → "));
            let diagnostic = Diagnostic::new(IMPORT_CYCLE, import.path_span, message)
                .help("move what both files need into a third one");
            self.diagnostics.push(diagnostic);
            return;
        }
        if self.known.contains(&path) {
            return;
        }
        let outcome = if self.open.len() < DEPTH_MAX {
            (self.read)(&path).map_err(|why| why.to_string())
        } else {
            Err(format!(
                "imports lie more than {DEPTH_MAX} deep in each other"
            ))
        };
        match outcome {
            Ok(bytes) => self.file(path, bytes),
            Err(why) => {
                let message = format!("cannot read `{}`: {why}", path.display());
                let diagnostic = Diagnostic::new(IMPORT_MISSING, import.path_span, message)
                    .help("the path is relative to the file that the import stands in");
                self.diagnostics.push(diagnostic);
            }
        }
    }
}

/// The path without `.` and, where a name stands before it, `..`: two ways to one file are one.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir
                if matches!(normal.components().next_back(), Some(Component::Normal(_))) =>
            {
                normal.pop();
            }
            other => normal.push(other),
        }
    }
    normal
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names of the loaded files, and the messages.
    fn names(files: &[(&str, &str)]) -> (Vec<String>, Vec<String>) {
        let (root, text) = files[0];
        let mut read = |path: &Path| {
            let found = files.iter().find(|(name, _)| Path::new(name) == path);
            found
                .map(|(_, text)| text.as_bytes().to_vec())
                .ok_or_else(|| std::io::Error::from(std::io::ErrorKind::NotFound))
        };
        let loaded = load(Path::new(root), text.as_bytes().to_vec(), &mut read);
        let name = |file: &ast::File| loaded.sources.source(file.file).name().to_owned();
        let messages = loaded.diagnostics.iter().map(ToString::to_string).collect();
        (loaded.files.iter().map(name).collect(), messages)
    }

    #[test]
    fn imports_are_relative_to_their_file_and_come_before_it() {
        let (files, messages) = names(&[
            (
                "src/main.cmsl",
                "import \"radar/track.cmsl\"; import \"./point.cmsl\";",
            ),
            ("src/radar/track.cmsl", "import \"../point.cmsl\";"),
            ("src/point.cmsl", ""),
        ]);
        assert_eq!(messages, [""; 0]);
        assert_eq!(
            files,
            ["src/point.cmsl", "src/radar/track.cmsl", "src/main.cmsl"]
        );
    }

    #[test]
    fn a_circle_of_imports_is_named() {
        let (_, messages) = names(&[
            ("a.cmsl", "import \"b.cmsl\";"),
            ("b.cmsl", "import \"c.cmsl\";"),
            ("c.cmsl", "import \"b.cmsl\";"),
        ]);
        let expected = "error[E0207]: imports run in a circle: b.cmsl → c.cmsl → b.cmsl";
        assert_eq!(messages, [expected]);
    }

    #[test]
    fn a_missing_import_is_an_error_where_it_stands() {
        let (files, messages) = names(&[("a.cmsl", "import \"gone.cmsl\";")]);
        assert_eq!(files, ["a.cmsl"]);
        assert!(
            messages[0].starts_with("error[E0208]: cannot read `gone.cmsl`"),
            "{messages:?}"
        );
    }
}
