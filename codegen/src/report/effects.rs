//! The table of effects: for each function, method and constructor what running it may do.

use cmsl_parser::Span;

use crate::ir::{CallTarget, ClassKind, ConstructorId, Effects, FunctionId, MethodId, Program};

/// Whether a method promises to change nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Constness {
    /// It is declared `const`, and was checked.
    Declared,
    /// It changes nothing, and is treated as if it were declared `const`.
    Inferred,
    /// It may change state.
    Absent,
}

impl Constness {
    /// A word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Declared => "declared",
            Self::Inferred => "inferred",
            Self::Absent => "no",
        }
    }
}

/// One line of the table.
#[derive(Clone, Debug)]
pub struct EffectRow {
    /// As the source has it: `airspace::track::add (point)`.
    pub signature: String,
    /// Where its name is declared.
    pub span: Span,
    /// Whether it changes nothing.
    pub constness: Constness,
    /// What it may do.
    pub effects: Effects,
}

/// The effects of all that has code, in the order of the source.
#[must_use]
pub fn effects(program: &Program) -> Vec<EffectRow> {
    let functions = (0..program.functions.len()).map(FunctionId::at);
    let functions = functions.filter(|&id| {
        let function = program.function(id);
        !function.is_forward && !function.is_external
    });
    let functions =
        functions.map(|id| (CallTarget::Function(id), program.function(id).span, false));
    let methods = (0..program.methods.len()).map(MethodId::at).map(|id| {
        let method = program.method(id);
        (CallTarget::Method(id), method.span, method.is_const)
    });
    let constructors = (0..program.constructors.len()).map(ConstructorId::at);
    let constructors = constructors.filter(|&id| !program.constructor(id).is_implied);
    let constructors = constructors.map(|id| {
        (
            CallTarget::Constructor(id),
            program.constructor(id).span,
            false,
        )
    });
    let mut rows: Vec<EffectRow> = functions
        .chain(methods)
        .chain(constructors)
        .filter(|&(target, ..)| has_code(program, target))
        .map(|(target, span, declared)| row(program, target, span, declared))
        .collect();
    rows.sort_by_key(|row| row.span);
    rows
}

fn has_code(program: &Program, target: CallTarget) -> bool {
    let class = match target {
        CallTarget::Function(_) => return true,
        CallTarget::Method(id) => program.method(id).class,
        CallTarget::Constructor(id) => program.constructor(id).class,
    };
    matches!(
        program.class(class).kind,
        ClassKind::Ordinary | ClassKind::Server
    )
}

fn row(program: &Program, target: CallTarget, span: Span, declared: bool) -> EffectRow {
    let effects = program.effects_of(target);
    let is_method = matches!(target, CallTarget::Method(_));
    let constness = match (declared, is_method && !effects.writes_state()) {
        (true, _) => Constness::Declared,
        (false, true) => Constness::Inferred,
        (false, false) => Constness::Absent,
    };
    EffectRow {
        signature: program.signature(target),
        span,
        constness,
        effects,
    }
}

const HEADS: [&str; 10] = [
    "", "const", "state", "servers", "time", "random", "place", "extern", "order", "prints",
];

/// The table as aligned text.
#[must_use]
pub fn effects_table(rows: &[EffectRow]) -> String {
    let lines: Vec<[String; 10]> = std::iter::once(HEADS.map(str::to_owned))
        .chain(rows.iter().map(cells))
        .collect();
    let mut widths = [0; 10];
    for line in &lines {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = cell.chars().count().max(*width);
        }
    }
    let mut text = String::new();
    for line in &lines {
        let padded: Vec<String> = line
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        text.push_str(padded.join("  ").trim_end());
        text.push('\n');
    }
    text
}

fn cells(row: &EffectRow) -> [String; 10] {
    let effects = row.effects;
    let mark = |is: bool| if is { "yes" } else { "-" };
    let constness = match row.constness {
        Constness::Absent => "-",
        known => known.as_str(),
    };
    let state = match (
        effects.reads_state,
        effects.writes_this,
        effects.writes_others,
    ) {
        (_, _, true) => "writes others",
        (_, true, false) => "writes",
        (true, false, false) => "reads",
        (false, false, false) => "-",
    };
    let servers = match (effects.calls_servers, effects.manages_servers) {
        (true, true) => "calls, manages",
        (true, false) => "calls",
        (false, true) => "manages",
        (false, false) => "-",
    };
    [
        &row.signature,
        constness,
        state,
        servers,
        mark(effects.time),
        mark(effects.randomness),
        mark(effects.surroundings),
        mark(effects.embedded),
        mark(effects.reply_order),
        mark(effects.output),
    ]
    .map(str::to_owned)
}
