//! Rust code that goes to the operating system itself, past the way that it is handed: found by the paths in its text.
//!
//! The same table becomes the `clippy.toml` of the generated crate, whose judgement is exact where clippy is run.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use cmsl_parser::{Diagnostic, FileId, Sources, Span};
use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::{Attribute, ImplItem, Item, UseTree};

use super::{DIRECT_USE, RustFile};

/// What a path names.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A function.
    Function,
    /// A type, each function of which goes there.
    Type,
    /// A crate or module that is not in every program: clippy would not know it.
    Foreign,
}

use Kind::{Foreign, Function, Type};

const FILES: &str = "`outside.open`, `create`, `append`, `read`, `write`, `rename` and the like";
const CONNECT: &str = "`outside.connect`";
const THREAD: &str = "`outside.spawn`";
const CHANNEL: &str = "`outside.channel`: who waits for another one stops a simulation";
const TIME: &str = "`outside.now`, or `outside.monotonic` for measuring";
const RANDOM: &str = "`outside.random`";
const VARIABLE: &str = "`outside.variable`";
const ARGUMENTS: &str = "what main is given, as an argument";
const NOTHING: &str = "nothing: a simulation has no processes beside its own";
const INPUT: &str = "nothing: a simulation has no input; read a file";
const TOKIO: &str = "`outside` and its threads: another runtime knows only real time";

/// What there is of the operating system, and what to use instead.
const WALL: [(&str, Kind, &str); 59] = [
    ("std::time::Instant::now", Function, "`outside.monotonic`"),
    ("std::time::SystemTime::now", Function, TIME),
    ("std::thread::sleep", Function, "`outside.sleep`"),
    ("std::thread::spawn", Function, THREAD),
    ("std::thread::scope", Function, THREAD),
    ("std::thread::Builder", Type, THREAD),
    ("std::sync::mpsc::channel", Function, CHANNEL),
    ("std::sync::mpsc::sync_channel", Function, CHANNEL),
    ("std::sync::Condvar", Type, CHANNEL),
    ("std::sync::Barrier", Type, CHANNEL),
    ("std::fs::File", Type, FILES),
    ("std::fs::OpenOptions", Type, FILES),
    ("std::fs::DirBuilder", Type, FILES),
    ("std::fs::canonicalize", Function, FILES),
    ("std::fs::copy", Function, FILES),
    ("std::fs::create_dir", Function, FILES),
    ("std::fs::create_dir_all", Function, FILES),
    ("std::fs::exists", Function, FILES),
    ("std::fs::hard_link", Function, FILES),
    ("std::fs::metadata", Function, FILES),
    ("std::fs::read", Function, FILES),
    ("std::fs::read_dir", Function, FILES),
    ("std::fs::read_link", Function, FILES),
    ("std::fs::read_to_string", Function, FILES),
    ("std::fs::remove_dir", Function, FILES),
    ("std::fs::remove_dir_all", Function, FILES),
    ("std::fs::remove_file", Function, FILES),
    ("std::fs::rename", Function, FILES),
    ("std::fs::set_permissions", Function, FILES),
    ("std::fs::symlink_metadata", Function, FILES),
    ("std::fs::write", Function, FILES),
    ("std::net::TcpStream", Type, CONNECT),
    ("std::net::TcpListener", Type, "`outside.listen`"),
    ("std::net::UdpSocket", Type, CONNECT),
    ("std::os::unix::net::UnixStream", Type, CONNECT),
    ("std::os::unix::net::UnixListener", Type, "`outside.listen`"),
    ("std::os::unix::net::UnixDatagram", Type, CONNECT),
    ("std::env::var", Function, VARIABLE),
    ("std::env::var_os", Function, VARIABLE),
    ("std::env::vars", Function, VARIABLE),
    ("std::env::vars_os", Function, VARIABLE),
    ("std::env::args", Function, ARGUMENTS),
    ("std::env::args_os", Function, ARGUMENTS),
    ("std::process::Command", Type, NOTHING),
    ("std::process::id", Function, RANDOM),
    (
        "std::process::exit",
        Function,
        "an exception: return an `Err`",
    ),
    (
        "std::process::abort",
        Function,
        "an exception: return an `Err`",
    ),
    ("std::io::stdin", Function, INPUT),
    ("std::hash::RandomState", Type, RANDOM),
    ("std::collections::hash_map::RandomState", Foreign, RANDOM),
    ("rand::rng", Foreign, RANDOM),
    ("rand::random", Foreign, RANDOM),
    ("rand::thread_rng", Foreign, RANDOM),
    ("rand::rngs::OsRng", Foreign, RANDOM),
    ("getrandom", Foreign, RANDOM),
    ("fastrand", Foreign, RANDOM),
    ("chrono::Utc::now", Foreign, TIME),
    ("chrono::Local::now", Foreign, TIME),
    ("tokio", Foreign, TOKIO),
];

/// The `clippy.toml` of a crate with Rust code behind `extern`.
#[must_use]
pub fn lint_settings() -> String {
    let mut text = String::from(
        "# Rust code behind `extern` takes what is outside from `cmsl_runtime::Outside`, so that a simulation can give it.\n",
    );
    for (key, kind) in [("disallowed-methods", Function), ("disallowed-types", Type)] {
        let _ = writeln!(text, "{key} = [");
        for (path, _, instead) in WALL.iter().filter(|(_, of, _)| *of == kind) {
            let reason = format!("use {instead}").replace('`', "'");
            let _ = writeln!(text, "    {{ path = {path:?}, reason = {reason:?} }},");
        }
        text.push_str("]\n");
    }
    text
}

/// Where Rust code goes past the way that it is handed, with the files that the places are in.
#[must_use]
pub fn direct_uses(files: &[RustFile]) -> (Sources, Vec<Diagnostic>) {
    let mut sources = Sources::new();
    let mut diagnostics = Vec::new();
    for file in files {
        // What the parser leaves out would move all places.
        let text = file.text.strip_prefix('\u{feff}').unwrap_or(&file.text);
        let id = sources.add(file.name.clone(), text);
        if let Ok(parsed) = syn::parse_file(text)
            && !is_excused(&parsed.attrs)
        {
            let mut search = Search {
                file: id,
                found: &mut diagnostics,
                names: BTreeMap::new(),
            };
            search.items(&parsed.items);
        }
    }
    (sources, diagnostics)
}

/// Whether the author knows it, or it is a test.
fn is_excused(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let text = attribute.to_token_stream().to_string();
        text.contains("disallowed_methods")
            || text.contains("disallowed_types")
            || text.contains("cfg (test)")
    })
}

/// The look through one module.
struct Search<'f> {
    file: FileId,
    found: &'f mut Vec<Diagnostic>,
    /// What stands for which path.
    names: BTreeMap<String, String>,
}

impl Search<'_> {
    fn items(&mut self, items: &[Item]) {
        for item in items {
            if let Item::Use(item) = item {
                self.take_use(&item.tree, "");
            }
        }
        for item in items {
            match item {
                Item::Use(_) => {}
                Item::Fn(item) if is_excused(&item.attrs) => {}
                Item::Mod(item) => {
                    if let Some((_, items)) =
                        item.content.as_ref().filter(|_| !is_excused(&item.attrs))
                    {
                        let outer = std::mem::take(&mut self.names);
                        self.items(items);
                        self.names = outer;
                    }
                }
                Item::Impl(item) if is_excused(&item.attrs) => {}
                Item::Impl(item) => {
                    for inner in &item.items {
                        match inner {
                            ImplItem::Fn(inner) if is_excused(&inner.attrs) => {}
                            inner => self.tokens(inner.to_token_stream()),
                        }
                    }
                }
                item => self.tokens(item.to_token_stream()),
            }
        }
    }

    fn take_use(&mut self, tree: &UseTree, way: &str) {
        let path = |name: &syn::Ident| match way {
            "" => name.to_string(),
            way => format!("{way}::{name}"),
        };
        match tree {
            UseTree::Path(tree) => self.take_use(&tree.tree, &path(&tree.ident)),
            UseTree::Name(name) if name.ident == "self" => {
                let last = way.rsplit("::").next().unwrap_or(way);
                self.names.insert(last.to_owned(), way.to_owned());
            }
            UseTree::Name(name) => {
                self.names.insert(name.ident.to_string(), path(&name.ident));
            }
            UseTree::Rename(tree) => {
                self.names
                    .insert(tree.rename.to_string(), path(&tree.ident));
            }
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.take_use(tree, way);
                }
            }
            // What a glob brings is for clippy.
            UseTree::Glob(_) => {}
        }
    }

    /// Looks at each path in what is written, macros included.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut tokens = tokens.into_iter().peekable();
        let mut follows_dot = false;
        while let Some(token) = tokens.next() {
            let first = match token {
                TokenTree::Group(group) => {
                    self.tokens(group.stream());
                    follows_dot = false;
                    continue;
                }
                TokenTree::Ident(first) if !follows_dot => first,
                TokenTree::Punct(point) => {
                    follows_dot = point.as_char() == '.';
                    continue;
                }
                TokenTree::Ident(_) | TokenTree::Literal(_) => {
                    follows_dot = false;
                    continue;
                }
            };
            let mut parts = vec![first.to_string()];
            let mut range = first.span().byte_range();
            while is_colons(&mut tokens) {
                let Some(TokenTree::Ident(part)) = tokens.peek() else {
                    break;
                };
                parts.push(part.to_string());
                range.end = part.span().byte_range().end;
                tokens.next();
            }
            self.path(&parts, range);
        }
    }

    fn path(&mut self, parts: &[String], range: std::ops::Range<usize>) {
        let shown = parts.join("::");
        let Some((first, rest)) = parts.split_first() else {
            return;
        };
        let mut whole = self.names.get(first).unwrap_or(first).clone();
        for part in rest {
            let _ = write!(whole, "::{part}");
        }
        // A type alone goes nowhere.
        let is_function = parts
            .last()
            .is_some_and(|last| last.starts_with(char::is_lowercase));
        let whole = whole.replacen("core::", "std::", 1);
        let wall = WALL.iter().find(|(path, kind, _)| match kind {
            Function => whole == *path,
            Type | Foreign => {
                let inside = whole.strip_prefix(path);
                inside.is_some_and(|inside| inside.is_empty() || inside.starts_with("::"))
            }
        });
        let Some((_, _, instead)) = wall.filter(|_| is_function && whole.contains("::")) else {
            return;
        };
        let place = |place: usize| u32::try_from(place).unwrap_or(u32::MAX);
        let span = Span::new(self.file, place(range.start), place(range.end));
        self.found.push(
            Diagnostic::new(
                DIRECT_USE,
                span,
                format!("`{shown}` goes past the simulator"),
            )
            .help(format!(
                "use {instead}; a declared function gets it as its first parameter (after `self`), `outside: &mut Outside`"
            )),
        );
    }
}

/// Whether `::` follows; then it is taken.
fn is_colons(tokens: &mut std::iter::Peekable<proc_macro2::token_stream::IntoIter>) -> bool {
    let is_colon =
        |token: &TokenTree| matches!(token, TokenTree::Punct(point) if point.as_char() == ':');
    if !tokens.peek().is_some_and(is_colon) {
        return false;
    }
    let mut ahead = tokens.clone();
    ahead.next();
    let joined = ahead.next().is_some_and(|token| is_colon(&token));
    if joined {
        tokens.next();
        tokens.next();
    }
    joined
}
