//! What was found out about bodies, kept from one version of a program to the next.
//!
//! It holds for as long as the declarations of the program are the same, so that each id means what it meant, and
//! the text of the body stands where it stood.

use std::collections::BTreeMap;

use cmsl_parser::{Diagnostic, Span, ast};

use crate::index::{Area, Use};
use crate::ir::{Block, Body, CallTarget, ClassId};
use crate::lower::Facts;
use crate::resolve::{Checker, Source};

/// The bodies of a program, by whose they are.
#[derive(Debug, Default)]
pub(crate) struct Bodies {
    known: BTreeMap<CallTarget, Known>,
    next: BTreeMap<CallTarget, Known>,
    checked: usize,
}

#[derive(Debug)]
struct Known {
    places: Places,
    /// The variables; the code is not kept.
    body: Body,
    facts: Facts,
    diagnostics: Vec<Diagnostic>,
    uses: Vec<Use>,
    creations: Vec<Area<ClassId>>,
    replicated: Vec<(ClassId, Span)>,
    /// What all this says about places elsewhere.
    elsewhere: Vec<Span>,
}

/// Where a declaration and a definition stand.
type Places = [Option<Span>; 2];

/// How much of everything there was before a body was checked.
pub(crate) struct Mark {
    diagnostics: usize,
    uses: usize,
    creations: usize,
    replicated: usize,
}

impl Bodies {
    /// Those of the next version, of which some places are gone.
    pub fn kept(self, lives: impl Fn(Span) -> bool) -> Self {
        let mut known = self.next;
        known.retain(|_, body| body.elsewhere.iter().all(|&span| lives(span)));
        Self {
            known,
            ..Self::default()
        }
    }

    /// Forgets what is known.
    pub fn forget(&mut self) {
        self.known.clear();
    }

    /// How many were checked for this version.
    pub fn checked(&self) -> usize {
        self.checked
    }
}

fn all(function: &ast::Function) -> Span {
    let block = function.body.as_ref();
    block.map_or(function.head, |block| function.head.to(block.span))
}

fn places(source: &Source<'_>) -> Places {
    [source.declaration.map(all), source.definition.map(all)]
}

impl Checker<'_> {
    /// Takes what is known of a body; or says what to compare with when it has been checked.
    pub fn recall(&mut self, target: CallTarget, source: &Source<'_>) -> Option<Mark> {
        let mark = self.mark();
        let Some(bodies) = &mut self.bodies else {
            return Some(mark);
        };
        let known = bodies.known.remove(&target);
        let Some(known) = known.filter(|known| known.places == places(source)) else {
            return Some(mark);
        };
        self.diagnostics.extend(known.diagnostics.iter().cloned());
        self.replicated.extend(&known.replicated);
        if let Some(index) = &mut self.index {
            index.recall(&known.uses, &known.creations);
        }
        if let Some(body) = self.program.body_of_mut(target) {
            *body = known.body.clone();
        }
        if let Some(facts) = self.facts_mut(target) {
            *facts = known.facts.clone();
        }
        if let Some(bodies) = &mut self.bodies {
            bodies.next.insert(target, known);
        }
        None
    }

    /// Forgets what was found out about a body since a mark, but for whom its names stand for: its text is wrong, and
    /// so this may be, too.
    pub fn disown(&mut self, target: CallTarget, mark: &Mark) {
        self.diagnostics.truncate(mark.diagnostics);
        self.replicated.truncate(mark.replicated);
        if let Some(facts) = self.facts_mut(target) {
            *facts = Facts::default();
        }
    }

    /// Takes all back that was found out about a body since a mark; facts are again what they were.
    pub fn retract(&mut self, target: CallTarget, mark: &Mark, facts: Facts) {
        self.disown(target, mark);
        if let Some(slot) = self.facts_mut(target) {
            *slot = facts;
        }
        if let Some(index) = &mut self.index {
            index.truncate(mark.uses, mark.creations);
        }
        if let Some(body) = self.program.body_of_mut(target) {
            body.locals.truncate(body.parameters);
        }
    }

    /// Keeps what was found out about a body since a mark.
    pub fn remember(&mut self, target: CallTarget, source: &Source<'_>, mark: &Mark) {
        if self.bodies.is_none() {
            return;
        }
        let places = places(source);
        let body = self.program.body_of(target);
        let body = Body {
            locals: body.locals.clone(),
            parameters: body.parameters,
            block: Block::default(),
            recurses: false,
        };
        let facts = self.facts_mut(target).cloned().unwrap_or_default();
        let since = |from: usize, diagnostics: &[Diagnostic]| {
            diagnostics.get(from..).unwrap_or_default().to_vec()
        };
        let diagnostics = since(mark.diagnostics, &self.diagnostics);
        let replicated = self.replicated.get(mark.replicated..).unwrap_or_default();
        let index = self.index.as_ref();
        let (uses, creations) = index
            .map(|index| index.since(mark.uses, mark.creations))
            .unwrap_or_default();
        let mut known = Known {
            places,
            body,
            facts,
            diagnostics,
            uses,
            creations,
            replicated: replicated.to_vec(),
            elsewhere: Vec::new(),
        };
        known.elsewhere = known.elsewhere();
        if let Some(bodies) = &mut self.bodies {
            bodies.checked += 1;
            bodies.next.insert(target, known);
        }
    }

    fn mark(&self) -> Mark {
        let (uses, creations) = self
            .index
            .as_ref()
            .map(|index| index.len())
            .unwrap_or((0, 0));
        Mark {
            diagnostics: self.diagnostics.len(),
            uses,
            creations,
            replicated: self.replicated.len(),
        }
    }

    pub fn facts_mut(&mut self, target: CallTarget) -> Option<&mut Facts> {
        match target {
            CallTarget::Function(id) => self.function_facts.get_mut(id.index()),
            CallTarget::Method(id) => self.method_facts.get_mut(id.index()),
            CallTarget::Constructor(id) => self.constructor_facts.get_mut(id.index()),
        }
    }
}

impl Known {
    fn elsewhere(&self) -> Vec<Span> {
        let said = self.diagnostics.iter().flat_map(|wrong| {
            let labels = wrong.labels.iter().map(|label| label.span);
            std::iter::once(wrong.span).chain(labels)
        });
        let facts = &self.facts;
        let writes = facts.writes.iter().map(|write| write.span);
        let calls = facts.calls.iter().map(|call| call.span);
        let globals = facts.globals.iter().map(|global| global.1);
        let locals = self.body.locals.iter().map(|local| local.span);
        let mut spans: Vec<Span> = said
            .chain(writes)
            .chain(calls)
            .chain(globals)
            .chain(locals)
            .chain(self.uses.iter().map(|known| known.span))
            .filter(|&span| span != Span::default() && !self.is_here(span))
            .collect();
        spans.sort_unstable();
        spans.dedup();
        spans
    }

    fn is_here(&self, span: Span) -> bool {
        self.places.iter().flatten().any(|place| {
            place.file == span.file && place.start <= span.start && span.end <= place.end
        })
    }
}
