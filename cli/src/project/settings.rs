//! `cmsl.toml`: its keys, and errors that name the line and the nearest key.

use crate::failure::Failure;
use cmsl_parser::diagnostic::nearest;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use toml::de::{DeTable, DeValue};
use toml::{Spanned, Table, Value};

/// The name of the settings file.
pub const MANIFEST: &str = "cmsl.toml";

/// The most hosts that `cmsl run` starts on one machine.
pub const HOSTS_MAX: u16 = 64;

const KEYS: [&str; 5] = ["name", "main", "hosts", "extern", "dependencies"];

/// A Rust dependency as cargo has it: a version or a table.
pub type Dependency = Value;

/// What a `cmsl.toml` says.
#[derive(Debug, Default, PartialEq)]
pub struct Settings {
    /// The program's name.
    pub name: Option<String>,
    /// The root source, relative to the folder.
    pub main: String,
    /// How many hosts a run has.
    pub hosts: Option<u16>,
    /// The Rust file that provides what `extern "rust"` declares, relative to the folder.
    pub extern_file: Option<String>,
    /// The crates that it uses.
    pub dependencies: BTreeMap<String, Dependency>,
}

/// Whether a program can have this name: a letter, then letters, digits, `-` and `_`.
pub fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

type Item<'i> = Spanned<DeValue<'i>>;

/// A text with its path, to say where an error is.
struct Place<'a> {
    text: &'a str,
    path: &'a Path,
}

impl Place<'_> {
    fn error(&self, span: &Range<usize>, what: impl std::fmt::Display) -> Failure {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        Failure::TextMessage(format!("{}:{line}: {what}", self.path.display()))
    }

    fn string(&self, key: &str, item: &Item<'_>) -> Result<String, Failure> {
        item.get_ref()
            .as_str()
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
            .ok_or_else(|| {
                self.error(
                    &item.span(),
                    format_args!("`{key}` must be a text, such as \"{key}\""),
                )
            })
    }

    fn name(&self, item: &Item<'_>) -> Result<String, Failure> {
        let name = self.string("name", item)?;
        if is_name(&name) {
            return Ok(name);
        }
        let what =
            "`name` must be a letter, then letters, digits, `-` and `_`, such as \"air-traffic\"";
        Err(self.error(&item.span(), what))
    }

    fn hosts(&self, item: &Item<'_>) -> Result<u16, Failure> {
        let number = item
            .get_ref()
            .as_integer()
            .and_then(|integer| u16::from_str_radix(integer.as_str(), integer.radix()).ok());
        number
            .filter(|number| (1..=HOSTS_MAX).contains(number))
            .ok_or_else(|| {
                let what = format_args!("`hosts` must be a number from 1 to {HOSTS_MAX}");
                self.error(&item.span(), what)
            })
    }

    fn dependencies(&self, item: &Item<'_>) -> Result<BTreeMap<String, Dependency>, Failure> {
        let Some(table) = item.get_ref().as_table() else {
            let what = "`dependencies` must be a table, as in a Cargo.toml";
            return Err(self.error(&item.span(), what));
        };
        // The plain form of the values goes to cargo as it is.
        let plain: Table = self.text.parse().map_err(|error| self.syntax(&error))?;
        let plain = plain.get("dependencies").and_then(Value::as_table);
        let mut dependencies = BTreeMap::new();
        for (name, item) in table {
            let value = plain.and_then(|table| table.get(name.get_ref().as_ref()));
            match value {
                Some(value @ (Value::String(_) | Value::Table(_))) => {
                    dependencies.insert(name.get_ref().to_string(), self.rooted(value.clone()));
                }
                _ => {
                    let what = format_args!(
                        "dependency `{}` must be a version or a table, as in a Cargo.toml",
                        name.get_ref()
                    );
                    return Err(self.error(&item.span(), what));
                }
            }
        }
        Ok(dependencies)
    }

    /// A path is meant relative to the settings, and the generated crate stands elsewhere.
    fn rooted(&self, mut dependency: Value) -> Value {
        if let Some(path) = dependency.get_mut("path")
            && let (Some(relative), Some(folder)) = (path.as_str(), self.path.parent())
        {
            *path = Value::String(folder.join(relative).to_string_lossy().into_owned());
        }
        dependency
    }

    fn syntax(&self, error: &toml::de::Error) -> Failure {
        let start = error.span().map_or(0, |span| span.start);
        let before = self.text.get(..start).unwrap_or_default();
        let line = self.text.lines().nth(before.matches('\n').count());
        if let Some((key, value)) = line.and_then(|line| line.split_once('='))
            && ["name", "main", "extern"].contains(&key.trim())
            && value
                .trim()
                .starts_with(|c: char| c.is_alphabetic() || c == '.')
        {
            let (key, value) = (key.trim(), value.trim());
            let what = format_args!("a text stands in quotes: `{key} = \"{value}\"`");
            return self.error(&(start..start), what);
        }
        self.error(&error.span().unwrap_or(0..0), error.message())
    }
}

impl Settings {
    /// Reads the text of a `cmsl.toml`; `path` is for messages and for relative paths.
    pub fn read(text: &str, path: &Path) -> Result<Self, Failure> {
        let place = Place { text, path };
        let table = DeTable::parse(text).map_err(|error| place.syntax(&error))?;
        let mut settings = Self::default();
        for (key, item) in table.get_ref() {
            match key.get_ref().as_ref() {
                "name" => settings.name = Some(place.name(item)?),
                "main" => settings.main = place.string("main", item)?,
                "hosts" => settings.hosts = Some(place.hosts(item)?),
                "extern" => settings.extern_file = Some(place.string("extern", item)?),
                "dependencies" => settings.dependencies = place.dependencies(item)?,
                unknown => {
                    let advice = match nearest(unknown, KEYS) {
                        Some(key) => format!("did you mean `{key}`?"),
                        None => format!("the keys are {}", KEYS.join(", ")),
                    };
                    let what = format_args!("unknown key `{unknown}`; {advice}");
                    return Err(place.error(&key.span(), what));
                }
            }
        }
        if settings.main.is_empty() {
            let what = "`main` is missing: it names the root source, such as \"src/main.cmsl\"";
            return Err(place.error(&(0..0), what));
        }
        Ok(settings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Settings, String> {
        Settings::read(text, Path::new("/p/cmsl.toml")).map_err(|failure| failure.to_string())
    }

    #[test]
    fn every_key_is_read() {
        let text = "name = 'atc'\nmain = 'src/main.cmsl'\nhosts = 5\nextern = 'src/feed.rs'\n\
                    [dependencies]\nrs1090 = { version = '0.7', default-features = false }\n\
                    mine = { path = 'mine' }";
        let settings = read(text).unwrap();
        assert_eq!(settings.name.as_deref(), Some("atc"));
        assert_eq!(settings.hosts, Some(5));
        assert_eq!(settings.extern_file.as_deref(), Some("src/feed.rs"));
        let path = |name: &str, key: &str| settings.dependencies[name][key].clone();
        assert_eq!(path("rs1090", "version").as_str(), Some("0.7"));
        assert_eq!(path("mine", "path").as_str(), Some("/p/mine"));
    }

    #[test]
    fn mistakes_name_their_line_and_what_to_write() {
        let cases = [
            (
                "main = 'm.cmsl'\nhostz = 3",
                "/p/cmsl.toml:2: unknown key `hostz`; did you mean `hosts`?",
            ),
            (
                "main = 'm.cmsl'\nwhatever = 3",
                "unknown key `whatever`; the keys are name, main,",
            ),
            ("hosts = 3", "`main` is missing"),
            (
                "main = 'm'\n\nhosts = 0",
                "/p/cmsl.toml:3: `hosts` must be a number from 1 to 64",
            ),
            ("main = 3", "/p/cmsl.toml:1: `main` must be a text"),
            ("main = 'm'\nextern = ['a.rs']", "`extern` must be a text"),
            (
                "main = 'm'\n[dependencies]\nx = 3",
                "/p/cmsl.toml:3: dependency `x` must be",
            ),
            ("main = \n", "/p/cmsl.toml:1: "),
            (
                "name = atc\nmain = 'm'",
                "/p/cmsl.toml:1: a text stands in quotes: `name = \"atc\"`",
            ),
            (
                "main = src/m.cmsl",
                "/p/cmsl.toml:1: a text stands in quotes: `main = \"src/m.cmsl\"`",
            ),
            (
                "name = 'my atc'\nmain = 'm'",
                "/p/cmsl.toml:1: `name` must be a letter, then",
            ),
        ];
        for (text, expected) in cases {
            let message = read(text).unwrap_err();
            assert!(message.contains(expected), "{text:?}\n  gives {message}");
        }
    }
}
