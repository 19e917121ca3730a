//! Who derives from whom, and what overrides what.

use cmsl_parser::{Diagnostic, ast};

use super::{Checker, Member};
use crate::check::classes;
use crate::ir::{ClassId, ClassKind, MethodId};

/// The most classes above one: what is printed of it nests as deep.
const BASES_MAX: usize = ast::NESTING_MAX;

impl Checker<'_> {
    /// Resolves the bases of all classes; afterwards there are no cycles.
    pub fn resolve_bases(&mut self) {
        for index in 0..self.class_sources.len() {
            let id = ClassId::at(index);
            let Some(&source) = self.class_sources.get(index) else {
                continue;
            };
            let Some(path) = source.class.and_then(|class| class.base.as_ref()) else {
                continue;
            };
            let Some(base) = self.class_named(path, source.scope) else {
                continue;
            };
            if let Some(problem) = self.base_problem(id, base) {
                let message = format!("`{}` cannot be a base of `{}`", path, self.class_name(id));
                let declared = self.program.class(base).span;
                let mut diagnostic =
                    Diagnostic::new(classes::BAD_BASE, path.span, message).help(problem);
                if declared != cmsl_parser::Span::default() {
                    diagnostic = diagnostic.label(declared, "the base is declared here");
                }
                self.report(diagnostic);
                continue;
            }
            if self.program.derives_from(base, id) {
                let message = format!("class `{}` derives from itself", self.class_name(id));
                self.report(
                    Diagnostic::new(classes::INHERITANCE_CYCLE, path.span, message)
                        .help("remove one of the bases of the circle"),
                );
                continue;
            }
            self.set_base(id, base);
        }
        self.cut_hierarchy();
        self.spread_along_hierarchy();
    }

    /// Bases that are declared behind what derives from them were not counted yet.
    fn cut_hierarchy(&mut self) {
        for index in 0..self.program.classes.len() {
            let above = self.program.ancestry(ClassId::at(index)).skip(BASES_MAX);
            let [last, base] = above.take(2).collect::<Vec<_>>()[..] else {
                continue;
            };
            if let Some(class) = self.program.classes.get_mut(last.index()) {
                class.base = None;
            }
            if let Some(class) = self.program.classes.get_mut(base.index()) {
                class.derived.retain(|&id| id != last);
            }
            let message = format!(
                "too many classes lie above `{}`",
                self.class_name(ClassId::at(index))
            );
            let span = self.program.class(last).span;
            let diagnostic = Diagnostic::new(classes::BAD_BASE, span, message)
                .help("no more than 256 classes may lie above one");
            self.report(diagnostic);
        }
    }

    pub fn set_base(&mut self, id: ClassId, base: ClassId) {
        if let Some(class) = self.program.classes.get_mut(id.index()) {
            class.base = Some(base);
        }
        if let Some(class) = self.program.classes.get_mut(base.index()) {
            class.derived.push(id);
        }
    }

    fn base_problem(&self, id: ClassId, base: ClassId) -> Option<&'static str> {
        let server = |id| self.program.class(id).kind == ClassKind::Server;
        let external = |id| self.program.class(id).kind == ClassKind::External;
        if external(base) || external(id) {
            return Some("classes of the embedding Rust code neither derive nor are derived from");
        }
        if self.program.ancestry(base).nth(BASES_MAX - 1).is_some() {
            return Some("no more than 256 classes may lie above one");
        }
        if server(base) && !server(id) {
            return Some("what derives from a server class is one: write `server class`");
        }
        None
    }

    /// A class may be a server if one that derives from it is; it is an exception if its base is.
    fn spread_along_hierarchy(&mut self) {
        let all = self.base_first();
        for &id in &all {
            let base = self.program.class(id).base;
            let exception = base.is_some_and(|base| self.program.class(base).is_exception);
            if let Some(class) = self.class_mut(id) {
                class.is_exception |= exception;
            }
        }
        for &id in all.iter().rev() {
            let class = self.program.class(id);
            if let (true, Some(base)) = (class.may_be_server, class.base)
                && let Some(base) = self.class_mut(base)
            {
                base.may_be_server = true;
            }
        }
    }

    /// All classes, each after its base.
    pub fn base_first(&self) -> Vec<ClassId> {
        let roots = (0..self.program.classes.len())
            .map(ClassId::at)
            .filter(|&id| self.program.class(id).base.is_none());
        roots.flat_map(|root| self.program.family(root)).collect()
    }

    /// Finds for each method what it overrides, and numbers overloads.
    pub fn resolve_overrides(&mut self) {
        for class in self.base_first() {
            for method in self.program.class(class).methods.clone() {
                self.resolve_override(class, method);
            }
        }
    }

    fn resolve_override(&mut self, class: ClassId, id: MethodId) {
        let name = self.program.method(id).name.clone();
        let mut overridden = None;
        let mut next = 0;
        let ancestry: Vec<ClassId> = self.program.ancestry(class).collect();
        for &ancestor in &ancestry {
            let member = self
                .members
                .get(ancestor.index())
                .and_then(|members| members.names.get(name.as_str()));
            let Some(Member::Methods(methods)) = member else {
                continue;
            };
            for &other in methods {
                let earlier = ancestor != class || other < id;
                if !earlier {
                    continue;
                }
                next = next.max(self.program.method(other).overload + 1);
                if ancestor != class && overridden.is_none() && self.same_parameters(id, other) {
                    overridden = Some(other);
                }
            }
        }
        let overload = overridden.map_or(next, |other| self.program.method(other).overload);
        if let Some(method) = self.program.methods.get_mut(id.index()) {
            method.overrides = overridden;
            method.overload = overload;
        }
        if let Some(overridden) = overridden {
            self.check_override(id, overridden);
            let mut above = Some(overridden);
            while let Some(method) = above.and_then(|id| self.program.methods.get_mut(id.index())) {
                method.is_overridden = true;
                above = method.overrides;
            }
        }
    }

    fn same_parameters(&self, a: MethodId, b: MethodId) -> bool {
        let types = |id| {
            let body = &self.program.method(id).body;
            body.locals
                .iter()
                .take(body.parameters)
                .map(|local| local.ty)
        };
        types(a).eq(types(b))
    }

    fn check_override(&mut self, id: MethodId, overridden: MethodId) {
        let (method, base) = (self.program.method(id), self.program.method(overridden));
        if method.result == base.result
            || method.result == crate::ir::Type::Poison
            || base.result == crate::ir::Type::Poison
        {
            return;
        }
        let message = format!(
            "`{}` returns `{}`, but `{}` of `{}`, which it overrides, returns `{}`",
            method.name,
            self.show(method.result),
            base.name,
            self.class_name(base.class),
            self.show(base.result),
        );
        let diagnostic = Diagnostic::new(classes::OVERRIDE, method.span, message)
            .label(base.span, "overridden here")
            .help("give it the same result, or another name");
        self.report(diagnostic);
    }
}
