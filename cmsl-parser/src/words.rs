//! The words of the language that are no names, as the grammar has them.

/// Those that are no types, in order.
pub const KEYWORDS: [&str; 37] = [
    "accept",
    "assert",
    "attribute",
    "break",
    "case",
    "catch",
    "class",
    "const",
    "continue",
    "default",
    "delete",
    "do",
    "else",
    "enum",
    "extern",
    "false",
    "for",
    "if",
    "import",
    "invariant",
    "invoke",
    "module",
    "new",
    "null",
    "private",
    "public",
    "relation",
    "return",
    "server",
    "switch",
    "this",
    "throw",
    "true",
    "try",
    "typedef",
    "using",
    "while",
];

/// The types that are words, in order.
pub const TYPES: [&str; 11] = [
    "boolean", "char", "double", "float", "int", "long", "octet", "short", "string", "unsigned",
    "void",
];

/// The types that take others; without `<` behind them they are names.
pub const GENERIC_TYPES: [&str; 5] = ["bag", "future", "list", "map", "set"];

/// Words in [`KEYWORDS`] that an item begins with.
pub(crate) const ITEMS: [&str; 9] = [
    "class", "const", "enum", "extern", "import", "module", "server", "typedef", "using",
];

/// Whether a word cannot be a name.
#[must_use]
pub fn is_keyword(word: &str) -> bool {
    is_no_type(word) || is_type(word)
}

/// Whether it is one of [`KEYWORDS`].
#[must_use]
pub fn is_no_type(word: &str) -> bool {
    KEYWORDS.binary_search(&word).is_ok()
}

/// Whether it is one of [`TYPES`].
#[must_use]
pub fn is_type(word: &str) -> bool {
    TYPES.binary_search(&word).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// The words in quotes of the rules whose names begin so.
    fn of_rules(prefixes: &[&str]) -> BTreeSet<&'static str> {
        include_str!("cmsl.pest")
            .lines()
            .filter(|line| {
                prefixes.iter().any(|prefix| line.starts_with(prefix)) && line.contains("= ")
            })
            .flat_map(|line| line.split('"').skip(1).step_by(2))
            .filter(|word| word.starts_with(|c: char| c.is_ascii_lowercase()))
            .collect()
    }

    #[test]
    fn the_words_are_those_of_the_grammar() {
        let rules = [
            "keyword_a ",
            "keyword_d ",
            "keyword_i ",
            "keyword_r ",
            "type_",
        ];
        let words = KEYWORDS.iter().chain(&TYPES).copied().collect();
        assert_eq!(of_rules(&rules), words);
        let generic = GENERIC_TYPES.iter().copied().collect();
        assert_eq!(of_rules(&["generic_word "]), generic);
    }

    #[test]
    fn the_words_are_in_order() {
        assert!(KEYWORDS.is_sorted() && TYPES.is_sorted());
    }

    #[test]
    fn items_begin_with_keywords() {
        assert!(ITEMS.iter().all(|word| KEYWORDS.contains(word)));
    }
}
