//! What the grammar would have taken at the furthest position.

use pest::error::Error;

use crate::parse::grammar::Rule;

/// The tokens that would have fitted, put into the words of a message.
pub(super) struct Expected {
    tokens: Vec<String>,
}

/// Punctuation in the order in which a message names it.
const PUNCTUATION: [&str; 10] = [";", ">", ",", ")", "]", "}", "{", "(", ":", "="];

/// The words of `begin_word` in the grammar.
const BEGINNINGS: [&str; 25] = [
    "attribute",
    "boolean",
    "char",
    "class",
    "const",
    "double",
    "enum",
    "extern",
    "float",
    "import",
    "int",
    "invariant",
    "long",
    "module",
    "octet",
    "private",
    "public",
    "relation",
    "server",
    "short",
    "string",
    "typedef",
    "unsigned",
    "using",
    "void",
];

impl Expected {
    pub fn of(error: Option<&Error<Rule>>) -> Self {
        let attempts = error.and_then(Error::parse_attempts);
        let tokens = attempts
            .map(|attempts| attempts.expected_tokens())
            .unwrap_or_default();
        Self {
            tokens: tokens.iter().map(ToString::to_string).collect(),
        }
    }

    pub fn has(&self, token: &str) -> bool {
        self.tokens.iter().any(|expected| expected == token)
    }

    /// Whether an operand could begin here.
    pub fn expression(&self) -> bool {
        self.has("this") && self.has("\"")
    }

    /// Whether an operand ended here.
    pub fn operator(&self) -> bool {
        self.has("?") || self.has("(..(")
    }

    pub fn name(&self) -> bool {
        self.has("_.._") && self.has("A..Z") && !self.expression() && !self.has("unsigned")
    }

    /// Whether the letters that would have fitted may go on with the word before.
    pub fn goes_on(&self) -> bool {
        self.has("0..9") && !self.expression()
    }

    /// Whether only the letters of a longer word would have fitted: the word before is a keyword where
    /// none can stand.
    pub fn only_more_letters(&self) -> bool {
        self.has("_.._")
            && self
                .tokens
                .iter()
                .all(|token| matches!(token.as_str(), "_.._" | "0..9" | "A..Z" | "a..z"))
    }

    /// What would have fitted, most helpful first.
    pub fn words(&self) -> Vec<String> {
        let mut words = Vec::new();
        if self.expression() {
            words.push("an expression".to_owned());
        } else if self.has("unsigned") {
            words.push("a type".to_owned());
        } else if self.has("_.._") && self.has("A..Z") {
            words.push("a name".to_owned());
        }
        let begins_more = self.expression() || self.operator() || self.has(",");
        let in_expression = self.expression() || self.operator();
        let punctuation = PUNCTUATION.iter().filter(|token| match **token {
            "(" | "=" | "[" => self.has(token) && !begins_more,
            ">" => self.has(token) && !in_expression,
            _ => self.has(token),
        });
        words.extend(punctuation.map(|token| format!("`{token}`")));
        if !self.expression() && !self.has("unsigned") {
            // What begins the next declaration is said of no `;` that is missing.
            let is_next = |token: &String| self.has(";") && BEGINNINGS.contains(&token.as_str());
            let is_word = |token: &String| {
                let is_lower = token.bytes().all(|byte| byte.is_ascii_lowercase());
                token.len() > 1 && is_lower && !is_next(token)
            };
            words.extend(
                self.tokens
                    .iter()
                    .filter(|t| is_word(t))
                    .map(|t| format!("`{t}`")),
            );
        }
        if !self.expression() && self.has("\"") {
            words.push("a string".to_owned());
        }
        words
    }
}
