//! All diagnostic codes of the compiler, and the page that each has.
//!
//! A page is the doc comment of its rule: rule, message and page cannot drift apart.

use crate::failure::Failure;
use cmsl_parser::diagnostic::{self, Code, Severity};
use std::fmt::Write as _;

/// What the numbers of a family stand for.
const FAMILIES: [(&str, &str); 8] = [
    ("E01", "Syntax"),
    ("E02", "Names"),
    ("E03", "Types"),
    ("E04", "Classes"),
    ("E05", "Servers and communication"),
    ("E06", "Not supported yet"),
    ("E07", "Rust code behind extern"),
    ("W", "Warnings"),
];

/// The codes in order.
fn catalogue() -> Vec<Code> {
    let mut codes: Vec<Code> = diagnostic::SYNTAX.to_vec();
    codes.extend(cmsl_codegen::RULES.iter().copied().flatten());
    codes.sort();
    codes
}

/// The page of a code.
pub fn explanation(code: &str) -> Result<String, Failure> {
    let wanted = code.trim().to_ascii_uppercase();
    let codes = catalogue();
    if let Some(code) = codes.iter().find(|code| code.as_str() == wanted) {
        return Ok(page(*code));
    }
    let advice = match diagnostic::nearest(&wanted, codes.iter().map(|code| code.as_str())) {
        Some(nearest) => format!("; did you mean {nearest}?"),
        None => "; `cmsl explain` lists all codes".to_owned(),
    };
    Err(Failure::Usage(format!(
        "there is no diagnostic `{code}`{advice}"
    )))
}

/// All codes with a line each, by family.
pub fn codes() -> String {
    let codes = catalogue();
    let mut text = String::new();
    for (prefix, title) in FAMILIES {
        let family: Vec<&Code> = codes
            .iter()
            .filter(|code| code.as_str().starts_with(prefix))
            .collect();
        if !family.is_empty() {
            let _ = writeln!(text, "{title}");
        }
        for code in family {
            let _ = writeln!(text, "  {code}  {}", code.title());
        }
    }
    text
}

fn page(code: Code) -> String {
    let note = match code.severity() {
        Severity::Error => "",
        Severity::Warning => "A warning: the program is compiled nevertheless.\n\n",
    };
    format!("# {code}: {}\n\n{note}{}", code.title(), code.explanation())
}

/// The pages as the documentation has them: file name and text, the list of all first.
pub fn pages() -> Vec<(String, String)> {
    let codes = catalogue();
    let mut list = String::from(
        "# Diagnostics\n\nOne page a code, as `cmsl explain CODE` prints it. The pages are made from the \
         rules' own doc\ncomments; a test holds them current.\n",
    );
    for (prefix, title) in FAMILIES {
        let family = codes
            .iter()
            .filter(|code| code.as_str().starts_with(prefix));
        for (index, code) in family.enumerate() {
            if index == 0 {
                let _ = write!(list, "\n## {title}\n\n");
            }
            let _ = writeln!(list, "- [{code}]({code}.md): {}", code.title());
        }
    }
    let mut pages = vec![("README.md".to_owned(), list)];
    pages.extend(codes.iter().map(|code| (format!("{code}.md"), page(*code))));
    pages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_code_is_used_twice_and_each_belongs_to_a_family() {
        let codes = catalogue();
        for pair in codes.windows(2) {
            assert_ne!(pair[0], pair[1]);
        }
        for code in codes {
            let families = FAMILIES
                .iter()
                .filter(|(prefix, _)| code.as_str().starts_with(prefix));
            assert_eq!(families.count(), 1, "{code}");
            assert!(!code.explanation().trim().is_empty(), "{code} has no page");
        }
    }

    #[test]
    fn a_code_in_small_letters_is_understood_and_an_unknown_one_answered() {
        assert!(explanation("e0101").unwrap().starts_with("# E0101: "));
        let message = explanation("E0100").unwrap_err().to_string();
        assert!(
            message.contains("there is no diagnostic `E0100`; did you mean E01"),
            "{message}"
        );
    }
}
