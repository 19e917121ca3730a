//! Values outside bodies: of enumerations, constants, variables, attributes, and lengths of arrays.

use std::collections::BTreeMap;

use cmsl_parser::{Diagnostic, Span, ast};

use super::constant::faulty;
use super::{Facts, Lower};
use crate::check::{names, types};
use crate::ir::{Body, ClassId, EnumId, Expr, FieldId, GlobalId, Literal, Type};
use crate::resolve::{Checker, GlobalState, Scope};

impl<'a> Checker<'a> {
    /// An expression outside a body, converted to a type.
    fn loose_value(
        &mut self,
        value: &'a ast::Expr,
        ty: Type,
        scope: Scope,
        note: &str,
    ) -> (Expr, Body, Facts) {
        self.value_of_member(value, ty, scope, note, None)
    }

    /// The same for an attribute of a class.
    fn value_of_member(
        &mut self,
        value: &'a ast::Expr,
        ty: Type,
        scope: Scope,
        note: &str,
        class: Option<ClassId>,
    ) -> (Expr, Body, Facts) {
        let mut lower = Lower::new(self, scope, None);
        lower.initialised = class;
        let value = lower.expect(value, ty, note);
        let mut facts = std::mem::take(&mut lower.facts);
        facts.settle(&lower.fresh);
        let body = Body {
            locals: std::mem::take(&mut lower.locals),
            ..Body::default()
        };
        (value, body, facts)
    }

    /// Computes the numbers of enumerations that give some.
    pub fn lower_enums(&mut self) {
        for index in 0..self.enum_sources.len() {
            let Some(&(item, scope)) = self.enum_sources.get(index) else {
                continue;
            };
            let mut next = 0i64;
            let mut seen: BTreeMap<i64, Span> = BTreeMap::new();
            for (position, value) in item.values.iter().enumerate() {
                if let Some(expr) = &value.value {
                    let note = "the number of an enumeration's value";
                    let (number, ..) = self.loose_value(expr, Type::Long, scope, note);
                    if let Some(Literal::Integer(number)) = self.constant(&number, note) {
                        next = i64::try_from(number).unwrap_or(next);
                    }
                }
                if let Some(&first) = seen.get(&next) {
                    let message = format!("the number {next} is taken");
                    self.report(
                        Diagnostic::new(names::DUPLICATE_NAME, value.name.span, message)
                            .label(first, "by this value"),
                    );
                }
                seen.entry(next).or_insert(value.name.span);
                let item = self.program.enums.get_mut(EnumId::at(index).index());
                if let Some(variant) = item.and_then(|item| item.variants.get_mut(position)) {
                    variant.value = next;
                }
                next = next.saturating_add(1);
            }
        }
    }

    /// Lowers a constant or variable if that has not happened yet.
    pub fn ensure_global(&mut self, id: GlobalId) {
        let Some(source) = self.global_sources.get_mut(id.index()) else {
            return;
        };
        match source.state {
            GlobalState::Done => return,
            GlobalState::Lowering => {
                let name = &source.declarator.name;
                let message = format!("the value of `{name}` needs itself");
                let diagnostic = Diagnostic::new(types::NOT_CONSTANT, name.span, message);
                source.state = GlobalState::Done;
                self.report(diagnostic);
                return;
            }
            GlobalState::Waiting if self.globals_open >= ast::NESTING_MAX => {
                let name = &source.declarator.name;
                let message = "constants need one another too deeply";
                let diagnostic = Diagnostic::new(types::NOT_CONSTANT, name.span, message)
                    .help("write the value of one of them as a literal");
                source.state = GlobalState::Done;
                self.report(diagnostic);
                return;
            }
            GlobalState::Waiting => source.state = GlobalState::Lowering,
        }
        let source = *source;
        self.globals_open += 1;
        self.lower_global(id, source.declarator, source.scope);
        self.globals_open -= 1;
        if let Some(source) = self.global_sources.get_mut(id.index()) {
            source.state = GlobalState::Done;
        }
    }

    fn lower_global(&mut self, id: GlobalId, declarator: &'a ast::Declarator, scope: Scope) {
        let global = self.program.global(id);
        let (ty, is_const) = (global.ty, global.is_const);
        let length = self.fixed_length(declarator.size.as_ref(), scope);
        let lowered = declarator.value.as_ref().map(|value| {
            let note = format!("the value of `{}`", declarator.name);
            self.loose_value(value, ty, scope, &note)
        });
        let mut known = None;
        if let Some((init, ..)) = &lowered {
            match self.evaluate(init) {
                Ok(value) => known = value,
                Err(fault) => {
                    self.report(faulty(init.span, fault));
                }
            }
        }
        if is_const {
            match &lowered {
                None => {
                    let message = format!("the constant `{}` has no value", declarator.name);
                    self.report(Diagnostic::new(
                        types::NOT_CONSTANT,
                        declarator.span,
                        message,
                    ));
                }
                Some((init, _, facts)) => {
                    let pure = facts.globals.is_empty()
                        && facts.effects == crate::ir::Effects::default()
                        && facts.writes.is_empty()
                        && facts.calls.is_empty();
                    if known.is_none() && !pure && init.ty != Type::Poison {
                        let message = "a constant is made of literals, constants and operators";
                        let span = init.span;
                        self.report(Diagnostic::new(types::NOT_CONSTANT, span, message));
                    }
                }
            }
        }
        let Some(global) = self.program.globals.get_mut(id.index()) else {
            return;
        };
        global.length = length;
        if is_const {
            global.value = known;
        }
        if let Some((init, body, _)) = lowered {
            global.init = Some(init);
            global.body = body;
        }
    }

    fn fixed_length(&mut self, size: Option<&'a ast::Expr>, scope: Scope) -> Option<u64> {
        let (size, ..) = self.loose_value(size?, Type::Long, scope, "the length of an array");
        let value = self.constant(&size, "the length of an array outside functions")?;
        let Literal::Integer(number) = value else {
            return None;
        };
        let length = u64::try_from(number).ok();
        if length.is_none() {
            let message = "the length of an array is negative";
            self.report(Diagnostic::new(types::BAD_LENGTH, size.span, message));
        }
        length
    }

    /// Lowers lengths and initial values of attributes.
    pub fn lower_fields(&mut self) {
        for index in 0..self.field_sources.len() {
            let Some(&Some((_, declarator, scope))) = self.field_sources.get(index) else {
                continue;
            };
            let id = FieldId::at(index);
            let (ty, class) = (self.program.field(id).ty, self.program.field(id).class);
            let length = self.fixed_length(declarator.size.as_ref(), scope);
            let init = declarator.value.as_ref().map(|value| {
                let note = format!("the value of `{}`", declarator.name);
                let (init, _, facts) = self.value_of_member(value, ty, scope, &note, Some(class));
                self.add_class_facts(class, facts);
                init
            });
            if let Some(field) = self.program.fields.get_mut(index) {
                field.length = length;
                field.init = init;
            }
        }
    }

    /// What attributes and invariants do is done by constructors.
    pub fn add_class_facts(&mut self, class: crate::ir::ClassId, facts: Facts) {
        let Some(&first) = self.program.class(class).constructors.first() else {
            return;
        };
        if let Some(all) = self.constructor_facts.get_mut(first.index()) {
            all.effects = all.effects.union(facts.effects);
            all.globals.extend(facts.globals);
            all.calls.extend(facts.calls);
        }
    }
}
