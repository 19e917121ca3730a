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

/// Longer lines are not shown.
const LINE_BYTES_MAX: usize = 4_000;

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
        // Neither may a span outside its file keep the message from the user, nor a line that fills the
        // screen.
        let written = are_lines_legible(sources, diagnostic)
            && term::emit_to_write_style(&mut buffer, &config, sources, &convert(diagnostic))
                .is_ok();
        if !written {
            let text = without_lines(sources, diagnostic);
            std::io::Write::write_all(&mut buffer, text.as_bytes())
                .expect("a buffer takes every write");
        }
    }
    String::from_utf8_lossy(buffer.as_slice()).into_owned()
}

/// Whether the lines that would be shown can be read.
fn are_lines_legible(sources: &Sources, diagnostic: &Diagnostic) -> bool {
    let others = diagnostic.labels.iter().map(|label| label.span);
    std::iter::once(diagnostic.span).chain(others).all(|span| {
        let source = sources.source(span.file);
        [span.start, span.end].into_iter().all(|offset| {
            let line = source.line_index(offset as usize);
            let start = source.line_start(line).unwrap_or_default();
            let end = source.line_start(line + 1).unwrap_or(start);
            end - start <= LINE_BYTES_MAX
        })
    })
}

fn without_lines(sources: &Sources, diagnostic: &Diagnostic) -> String {
    let name = sources.source(diagnostic.span.file).name();
    let position = sources.position(diagnostic.span);
    let help = diagnostic
        .help
        .as_deref()
        .unwrap_or("the line is too long to be shown");
    format!("{diagnostic}\n  ┌─ {name}:{position}\n  = help: {help}\n\n")
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
