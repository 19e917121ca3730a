//! The names that a declaration which cannot be read may have declared.
//!
//! Where a declaration is broken, it is not known what it says. It is guessed from the words: a name behind a type or
//! behind `class` is likely declared there, and whatever is found elsewhere under that name may not be what is meant.
//! Any other word of the text may be declared there, too, if it is nowhere else.

use cmsl_parser::words;
use std::collections::BTreeSet;

/// A broken declaration that is longer is not read: it may declare anything.
const READ_BYTES_MAX: usize = 256 << 10;

/// What a broken declaration declares.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Declares {
    /// The names that were found in it.
    These,
    /// One that was lost.
    Another,
    /// What a file or module declares.
    Imports,
}

/// The names of broken declarations.
#[derive(Debug, Default)]
pub(super) struct Names {
    declared: BTreeSet<String>,
    mentioned: BTreeSet<String>,
}

impl Names {
    /// Adds those of a text, given what are types there.
    pub fn read(&mut self, text: &str, is_type: impl Fn(&str) -> bool) -> Declares {
        if text.len() > READ_BYTES_MAX {
            return Declares::Another;
        }
        let (mut is_known, mut is_empty, mut is_whole) = (false, true, true);
        let mut reader = Reader::default();
        let mut tokens = tokens(text.as_bytes()).peekable();
        while let Some(token) = tokens.next() {
            let next = tokens.peek().copied().unwrap_or_default();
            if is_word(token) {
                is_empty = false;
                if matches!(token, "import" | "using") {
                    return Declares::Imports;
                }
                let declares = reader.declares(token, next);
                if declares {
                    self.declared.insert(token.to_owned());
                }
                // What stands in parentheses are parameters, or declared elsewhere.
                if declares || (reader.parentheses == 0 && is_name(token)) {
                    self.mentioned.insert(token.to_owned());
                }
                // A type behind which no name follows has lost it.
                let is_nameless = next == "(" && reader.begins() && is_type(token);
                is_known |= declares && reader.braces == 0 && !is_nameless;
                is_whole &= !(is_nameless && reader.braces == 0);
            }
            // A literal without an end: words may be text, and text words. A size may have become part of a name.
            is_whole &= !reader.lacks_name(token) && !matches!(token, "\"" | "'");
            is_whole &= token != "]" || reader.brackets > 0;
            reader.step(token);
        }
        // Parameters alone belonged to something, and a text alone may have been imported.
        if is_whole && (is_known || (is_empty && !text.contains(['"', '(']))) {
            Declares::These
        } else if is_empty && text.contains('"') {
            Declares::Imports
        } else {
            Declares::Another
        }
    }

    /// Whether a name is likely declared.
    pub fn declares(&self, name: &str) -> bool {
        self.declared.contains(name)
    }

    /// Whether a name occurs.
    pub fn mentions(&self, name: &str) -> bool {
        self.mentioned.contains(name)
    }
}

/// Reads the tokens of a text one after another.
#[derive(Default)]
struct Reader<'t> {
    before: &'t str,
    braces: u32,
    parentheses: u32,
    angles: u32,
    brackets: u32,
    /// Between `attribute`, `relation` or `typedef` and its end.
    is_field: bool,
    /// In the braces of an enumeration.
    is_enum: bool,
    /// The last `:` stood behind parameters: a base call follows.
    is_base_call: bool,
}

impl<'t> Reader<'t> {
    /// Whether the next word is likely declared.
    fn declares(&self, word: &str, next: &str) -> bool {
        if matches!(self.before, "class" | "enum" | "module") {
            return true;
        }
        if self.parentheses > 0 || !is_name(word) {
            return false;
        }
        let is_typed = self.before == ">" || is_type(self.before);
        let begins = self.begins();
        match (self.before, next) {
            // The class before the name of what is defined outside of it.
            (_, ":") => false,
            (_, "(") => is_typed || (begins && self.braces == 0),
            (before, _) => {
                let is_another = before == "," && self.angles == 0;
                (is_typed || is_another) && (self.is_field || self.braces == 0)
            }
        }
    }

    /// Whether a declaration may begin with the next word.
    fn begins(&self) -> bool {
        matches!(self.before, "" | ";" | "{" | "}") || (self.before == ":" && !self.is_base_call)
    }

    /// Whether a value of an enumeration has no name.
    fn lacks_name(&self, token: &str) -> bool {
        let is_value = self.is_enum && matches!(self.before, "{" | ",");
        is_value && !is_word(token) && token != "}"
    }

    fn step(&mut self, token: &'t str) {
        match token {
            "{" => self.braces += 1,
            "}" => self.braces = self.braces.saturating_sub(1),
            "(" => self.parentheses += 1,
            ")" => self.parentheses = self.parentheses.saturating_sub(1),
            "[" => self.brackets += 1,
            "]" => self.brackets = self.brackets.saturating_sub(1),
            "<" => self.angles += 1,
            ">" => self.angles = self.angles.saturating_sub(1),
            "attribute" | "relation" | "typedef" => self.is_field = true,
            "enum" => self.is_enum = true,
            _ => {}
        }
        if token == ":" {
            self.is_base_call = self.before == ")";
        }
        if matches!(token, "{" | "}" | ";") {
            self.parentheses = 0;
            self.angles = 0;
            self.is_field = false;
            self.is_enum &= token != "}";
        }
        // The `>` of an arrow is no end of a type.
        self.before = if (self.before, token) == ("-", ">") {
            "->"
        } else {
            token
        };
    }
}

fn is_word(token: &str) -> bool {
    token.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
}

fn is_type(token: &str) -> bool {
    is_word(token) && !is_no_name(token)
}

fn is_name(word: &str) -> bool {
    !is_no_name(word) && !words::is_type(word) && !words::GENERIC_TYPES.contains(&word)
}

/// Whether a word is neither a type nor a name.
fn is_no_name(word: &str) -> bool {
    words::is_no_type(word) || matches!(word, "inverse" | "post" | "pre")
}

/// The words of a text.
pub(super) fn words(text: &[u8]) -> impl Iterator<Item = &str> {
    tokens(text).filter(|token| is_word(token))
}

/// The words that stand in backquotes.
pub(super) fn quoted(message: &str) -> impl Iterator<Item = &str> {
    let quoted = message.split('`').skip(1).step_by(2);
    quoted.flat_map(|text| words(text.as_bytes()))
}

/// Words and single other characters, without comments and literals that have an end.
fn tokens(text: &[u8]) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let length = match rest {
                [] => return None,
                [b'/', b'/', ..] => line(rest),
                [b'/', b'*', body @ ..] => {
                    let end = body.windows(2).position(|pair| pair == b"*/");
                    end.map_or(2, |end| end + 4)
                }
                [quote @ (b'"' | b'\''), body @ ..] if literal(*quote, body) > 0 => {
                    literal(*quote, body) + 1
                }
                [byte, ..] if byte.is_ascii_alphanumeric() || *byte == b'_' => {
                    let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'_';
                    let (word, after) = rest.split_at(rest.iter().take_while(is_part).count());
                    rest = after;
                    return std::str::from_utf8(word).ok();
                }
                [byte, after @ ..] if byte.is_ascii_graphic() => {
                    let (token, _) = rest.split_at(1);
                    rest = after;
                    return std::str::from_utf8(token).ok();
                }
                _ => 1,
            };
            rest = rest.get(length..).unwrap_or_default();
        }
    })
}

/// How long the line is.
fn line(text: &[u8]) -> usize {
    let end = text.iter().position(|&byte| byte == b'\n');
    end.unwrap_or(text.len())
}

/// How far it is to the end of a literal behind its quote; nothing if it does not end on its line.
fn literal(quote: u8, body: &[u8]) -> usize {
    let mut escaped = false;
    for (at, &byte) in body.iter().enumerate() {
        match byte {
            b'\n' => break,
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            byte if byte == quote => return at + 1,
            _ => {}
        }
    }
    0
}

#[cfg(test)]
mod tests {
    use super::{Declares, Names};

    fn declared(text: &str) -> Vec<String> {
        let mut names = Names::default();
        names.read(text, |_| false);
        names.declared.into_iter().collect()
    }

    #[test]
    fn names_behind_types_are_declared() {
        assert_eq!(
            declared("int f (int a, track b { int c = d; return e (c); }"),
            ["f"]
        );
        assert_eq!(declared("attribute list<int> a b, c;"), ["a", "b", "c"]);
        assert_eq!(
            declared("clas a { attribute int b; int c () { d = e; } }"),
            ["a", "b", "c"]
        );
        assert_eq!(declared("track (int a { b = a; }"), ["track"]);
        assert_eq!(declared("public class a { }"), ["a"]);
        assert_eq!(declared("typedef map<a, b c;"), ["c"]);
    }

    #[test]
    fn a_text_without_its_name_may_have_declared_any() {
        let read = |text| Names::default().read(text, |word| word == "track");
        let is_known = |text| read(text) == Declares::These;
        assert!(is_known("int f (int x {") && is_known(". ;"));
        assert!(read("attribute b ;") == Declares::Another);
        assert!(read("import a;") == Declares::Imports && read("\"a\"") == Declares::Imports);
        assert!(is_known("enum a { b, c; }") && !is_known("enum a { , c }"));
        assert!(!is_known("class { attribute int a; }") && !is_known("int a:: () {}"));
        assert!(!is_known("track (int n) { }") && is_known("make (int n) { }"));
        assert!(!is_known("(int n) : base (n) { }") && !is_known("() { }"));
        assert!(is_known("attribute int a [4] b;") && !is_known("attribute int a4];"));
    }

    #[test]
    fn what_is_said_in_literals_and_comments_is_no_name() {
        let mut names = Names::default();
        let text = "a \"b\" // c\n /* d */ 'e' \"f\ng /* h";
        assert_eq!(names.read(text, |_| false), Declares::Another);
        let names: Vec<&str> = names.mentioned.iter().map(String::as_str).collect();
        assert_eq!(names, ["a", "f", "g", "h"]);
    }
}
