//! What is open in the editor, and how its names for files and ours belong together.

use super::text::Text;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// An open document. It stands before the file of its path.
#[derive(Debug, Clone)]
pub struct Document {
    /// The editor's name for it.
    pub uri: String,
    /// The editor's count of its changes.
    pub version: Option<i64>,
    /// Its present text.
    pub text: Arc<Text>,
}

/// All open documents, by the paths of their files.
pub type Documents = BTreeMap<PathBuf, Document>;

/// The path of a document. What is in no file has a made-up one.
pub fn path(uri: &str) -> PathBuf {
    let Some(rest) = uri.strip_prefix("file://") else {
        return PathBuf::from(uri);
    };
    let encoded = rest.strip_prefix("localhost").unwrap_or(rest);
    let path = PathBuf::from(decoded(encoded));
    std::fs::canonicalize(&path).unwrap_or(path)
}

/// The editor's name for the file of a path.
pub fn uri(path: &Path, documents: &Documents) -> String {
    if let Some(document) = documents.get(path) {
        return document.uri.clone();
    }
    let mut uri = String::from("file://");
    for byte in path.to_string_lossy().bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut ahead = rest.clone();
        let digits = [ahead.next(), ahead.next()];
        let number = digits
            .into_iter()
            .try_fold(0, |sum, digit| {
                Some(sum * 16 + char::from(digit?).to_digit(16)?)
            })
            .and_then(|number| u8::try_from(number).ok());
        match number {
            Some(number) => {
                bytes.push(number);
                rest = ahead;
            }
            None => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_uris_belong_together() {
        let uri_of = |path: &str| uri(Path::new(path), &Documents::new());
        assert_eq!(uri_of("/no/ä b.cmsl"), "file:///no/%C3%A4%20b.cmsl");
        assert_eq!(
            path("file:///no/%C3%A4%20b.cmsl"),
            Path::new("/no/ä b.cmsl")
        );
        assert_eq!(path("file://localhost/no/x%"), Path::new("/no/x%"));
        assert_eq!(path("untitled:one"), Path::new("untitled:one"));
    }
}
