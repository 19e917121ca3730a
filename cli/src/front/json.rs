//! Diagnostics and reports as JSON: one object a line, with the field names of rustc, so that what reads
//! rustc's messages reads ours.

use cmsl_codegen::ir::ServerLoop;
use cmsl_codegen::report::EffectRow;
use cmsl_parser::diagnostic::{Colours, Diagnostic, render};
use cmsl_parser::{Sources, Span};
use serde_json::{Value, json};

/// A diagnostic.
pub fn diagnostic(sources: &Sources, diagnostic: &Diagnostic) -> Value {
    let mut spans = vec![span(sources, diagnostic.span, &diagnostic.note, true)];
    let labels = diagnostic.labels.iter();
    spans.extend(labels.map(|label| span(sources, label.span, &label.message, false)));
    let children: Vec<Value> = diagnostic.help.iter().map(|help| child(help)).collect();
    json!({
        "$message_type": "diagnostic",
        "message": diagnostic.message,
        "code": {
            "code": diagnostic.code.as_str(),
            "explanation": diagnostic.code.explanation(),
        },
        "level": diagnostic.severity().to_string(),
        "spans": spans,
        "children": children,
        "rendered": render(sources, std::slice::from_ref(diagnostic), Colours::Off),
    })
}

fn child(help: &str) -> Value {
    json!({
        "message": help,
        "code": null,
        "level": "help",
        "spans": [],
        "children": [],
        "rendered": null,
    })
}

/// Lines and columns count from 1, columns in characters; the end column is behind the span.
fn span(sources: &Sources, span: Span, label: &str, is_primary: bool) -> Value {
    let source = sources.source(span.file);
    let (start, end) = (source.position(span.start), source.position(span.end));
    let lines = (start.line..=end.line).map(|line| {
        let text = source.text().lines().nth(line as usize - 1).unwrap_or("");
        let first = if line == start.line { start.column } else { 1 };
        let last = if line == end.line {
            end.column
        } else {
            u32::try_from(text.chars().count()).unwrap_or(u32::MAX) + 1
        };
        json!({ "text": text, "highlight_start": first, "highlight_end": last })
    });
    json!({
        "file_name": source.name(),
        "byte_start": span.start,
        "byte_end": span.end,
        "line_start": start.line,
        "line_end": end.line,
        "column_start": start.column,
        "column_end": end.column,
        "is_primary": is_primary,
        "text": lines.collect::<Vec<Value>>(),
        "label": (!label.is_empty()).then_some(label),
        "suggested_replacement": null,
        "suggestion_applicability": null,
        "expansion": null,
    })
}

/// The effects of one function, method or constructor.
pub fn effects(sources: &Sources, row: &EffectRow) -> Value {
    let effects = row.effects;
    let position = sources.position(row.span);
    json!({
        "$message_type": "effects",
        "name": row.signature,
        "file_name": sources.source(row.span.file).name(),
        "line_start": position.line,
        "column_start": position.column,
        "const": row.constness.as_str(),
        "read_only": effects.is_read_only(),
        "reads_state": effects.reads_state,
        "writes_state": effects.writes_state(),
        "writes_others": effects.writes_others,
        "calls_servers": effects.calls_servers,
        "waits": effects.waits,
        "manages_servers": effects.manages_servers,
        "time": effects.time,
        "random": effects.randomness,
        "place": effects.surroundings,
        "extern": effects.embedded,
        "reply_order": effects.reply_order,
        "prints": effects.output,
    })
}

/// What became of a loop that calls servers.
pub fn server_loop(sources: &Sources, item: &ServerLoop) -> Value {
    let obstacle = item.obstacle.as_ref();
    json!({
        "$message_type": "loop",
        "spans": [span(sources, item.span, "", true)],
        "calls": item.calls,
        "parallel": obstacle.is_none(),
        "obstacle": obstacle.map(|obstacle| json!({
            "message": obstacle.message,
            "spans": [span(sources, obstacle.span, "", true)],
        })),
    })
}
