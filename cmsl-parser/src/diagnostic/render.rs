//! Diagnostics as text.

use std::ops::Range;

use codespan_reporting::diagnostic as codespan;
use codespan_reporting::files::{Error, Files};
use codespan_reporting::term::termcolor::Buffer;
use codespan_reporting::term::{self, Config};

use super::{Diagnostic, Severity};
use crate::{FileId, Sources, Span};

/// Whether text carries the colour codes of a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colours {
    /// Plain text.
    Off,
    /// ANSI escape sequences.
    Ansi,
}

/// All diagnostics as the user sees them, one after the other, each with its source line, the span
/// underlined and its help.
#[must_use]
pub fn render(sources: &Sources, diagnostics: &[Diagnostic], colours: Colours) -> String {
    let config = Config::default();
    let mut buffer = match colours {
        Colours::Off => Buffer::no_color(),
        Colours::Ansi => Buffer::ansi(),
    };
    for diagnostic in diagnostics {
        let written =
            term::emit_to_write_style(&mut buffer, &config, sources, &convert(diagnostic));
        if written.is_err() {
            // A span outside its file: the message itself must still reach the user.
            let line = format!("{diagnostic}\n");
            std::io::Write::write_all(&mut buffer, line.as_bytes())
                .expect("a buffer takes every write");
        }
    }
    String::from_utf8_lossy(buffer.as_slice()).into_owned()
}

fn convert(diagnostic: &Diagnostic) -> codespan::Diagnostic<FileId> {
    let severity = match diagnostic.severity() {
        Severity::Error => codespan::Severity::Error,
        Severity::Warning => codespan::Severity::Warning,
    };
    let place = |span: Span| (span.file, span.range());
    let (file, range) = place(diagnostic.span);
    let mut labels = vec![codespan::Label::primary(file, range).with_message(&diagnostic.note)];
    labels.extend(diagnostic.labels.iter().map(|label| {
        let (file, range) = place(label.span);
        codespan::Label::secondary(file, range).with_message(&label.message)
    }));
    codespan::Diagnostic::new(severity)
        .with_code(diagnostic.code.as_str())
        .with_message(&diagnostic.message)
        .with_labels(labels)
        .with_notes(
            diagnostic
                .help
                .iter()
                .map(|help| format!("help: {help}"))
                .collect(),
        )
}

impl<'a> Files<'a> for Sources {
    type FileId = FileId;
    type Name = &'a str;
    type Source = &'a str;

    fn name(&'a self, file: FileId) -> Result<&'a str, Error> {
        Ok(Sources::source(self, file).name())
    }

    fn source(&'a self, file: FileId) -> Result<&'a str, Error> {
        Ok(Sources::source(self, file).text())
    }

    fn line_index(&'a self, file: FileId, byte_index: usize) -> Result<usize, Error> {
        Ok(Sources::source(self, file).line_index(byte_index))
    }

    fn line_range(&'a self, file: FileId, line: usize) -> Result<Range<usize>, Error> {
        let source = Sources::source(self, file);
        let start = source.line_start(line);
        match (start, source.line_start(line + 1)) {
            (Some(start), Some(end)) => Ok(start..end),
            _ => Err(Error::LineTooLarge {
                given: line,
                max: source.line_index(usize::MAX),
            }),
        }
    }
}
