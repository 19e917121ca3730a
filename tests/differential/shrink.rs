//! Smaller programs that still differ: parts are left out as long as the compiler has nothing against what remains.

use cmsl_parser::Span;
use cmsl_parser::ast::{Block, File, ItemKind, MemberKind, Stmt, StmtKind};

use super::compare::{Difference, Subject, differences, load};

/// Candidates that are built at a time.
const AT_ONCE: usize = 12;

/// The most rounds of building.
const ROUNDS_MAX: usize = 12;

/// A small program with a difference, made of one.
#[must_use]
pub fn shrink(mut found: Difference) -> Difference {
    let mut from = 0;
    for round in 0..ROUNDS_MAX {
        let mut parts = parts(&found.text);
        parts.sort_by_key(|span| std::cmp::Reverse(span.end - span.start));
        let mut candidates = Vec::new();
        let mut next = from;
        while let Some(span) = parts.get(next)
            && candidates.len() < AT_ONCE
        {
            next += 1;
            let name = format!("less_{round}_{next}");
            let text = without(&found.text, *span);
            // Servers of one cluster have different names.
            let text = renamed(&text, &name);
            candidates.extend(Subject::of_text(name, text));
        }
        if candidates.is_empty() && next >= parts.len() {
            break;
        }
        // The largest part that can be missed comes first.
        let smaller = differences("differential-less", candidates)
            .into_iter()
            .next();
        match smaller {
            Some(smaller) => found = smaller,
            None => from = next,
        }
    }
    found
}

fn without(text: &str, span: Span) -> String {
    let (before, after) = (
        text.get(..span.start as usize),
        text.get(span.end as usize..),
    );
    [before.unwrap_or(""), after.unwrap_or("")].concat()
}

/// The text with another name for its server class.
fn renamed(text: &str, name: &str) -> String {
    let Some(at) = text.find("server class store_") else {
        return text.to_owned();
    };
    let old: String = text
        .chars()
        .skip(text.get(..at).unwrap_or("").chars().count() + "server class ".len())
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect();
    text.replace(&old, &format!("store_{name}"))
}

/// Everything that could be left out.
fn parts(text: &str) -> Vec<Span> {
    let loaded = load("less.cmsl", text);
    let mut found = Vec::new();
    for file in &loaded.files {
        of_file(file, &mut found);
    }
    found
}

fn of_file(file: &File, found: &mut Vec<Span>) {
    for item in &file.items {
        found.push(item.span);
        match &item.kind {
            ItemKind::Function(function) => of_body(function.body.as_ref(), found),
            ItemKind::Class(class) => {
                for member in class.members.iter().flatten() {
                    found.push(member.span);
                    if let MemberKind::Constructor(function) | MemberKind::Method(function) =
                        &member.kind
                    {
                        found.extend(function.contracts.iter().map(|contract| contract.span));
                        of_body(function.body.as_ref(), found);
                    }
                }
            }
            _ => {}
        }
    }
}

fn of_body(body: Option<&Block>, found: &mut Vec<Span>) {
    for stmt in body.iter().flat_map(|body| &body.statements) {
        of_stmt(stmt, found);
    }
}

fn of_stmt(stmt: &Stmt, found: &mut Vec<Span>) {
    found.push(stmt.span);
    match &stmt.kind {
        StmtKind::Block(block) => of_body(Some(block), found),
        StmtKind::If { arms, otherwise } => {
            arms.iter().for_each(|arm| of_stmt(&arm.body, found));
            otherwise.iter().for_each(|body| of_stmt(body, found));
        }
        StmtKind::While { body, .. } | StmtKind::DoWhile { body, .. } => of_stmt(body, found),
        StmtKind::For(item) => of_stmt(&item.body, found),
        StmtKind::ForIn(item) => of_stmt(&item.body, found),
        StmtKind::ForEvery(item) => of_stmt(&item.body, found),
        StmtKind::Switch(switch) => {
            for section in &switch.sections {
                section
                    .statements
                    .iter()
                    .for_each(|stmt| of_stmt(stmt, found));
            }
        }
        StmtKind::Try { body, catches } => {
            of_body(Some(body), found);
            catches.iter().for_each(|catch| found.push(catch.span));
            catches
                .iter()
                .for_each(|catch| of_body(Some(&catch.body), found));
        }
        _ => {}
    }
}
