//! Looking names up.

use std::collections::BTreeMap;

use cmsl_parser::{Diagnostic, FileId, Span, ast};

use super::{Checker, Member, Scope, Symbol};
use crate::check::names;
use crate::index::Entity;
use crate::ir::{ClassId, FieldId, MethodId, ModuleId};

/// The most modules that are opened for one place, in its module and those around.
const OPENED_MAX: usize = 256;

/// The most names that are looked at for one that could have been meant.
const CANDIDATES_MAX: usize = 5_000;

/// What looking a path up gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// One thing.
    Symbol(Symbol),
    /// Nothing; not reported.
    Nothing,
    /// It has been reported.
    Reported,
}

impl<'a> Checker<'a> {
    pub fn module_names(&self, module: ModuleId) -> &BTreeMap<&'a str, (Symbol, Span)> {
        static EMPTY: BTreeMap<&str, (Symbol, Span)> = BTreeMap::new();
        self.modules
            .get(module.index())
            .map_or(&EMPTY, |scope| &scope.names)
    }

    /// Opens the modules that `using` names.
    pub fn resolve_usings(&mut self) {
        for (scope, path) in std::mem::take(&mut self.usings) {
            match self.find_path(path, scope) {
                Found::Symbol(Symbol::Module(module)) => self.open(module, scope, path),
                Found::Reported => {}
                Found::Nothing => {
                    let modules: Vec<&str> = self
                        .module_names(scope.module)
                        .iter()
                        .filter(|(_, (symbol, _))| matches!(symbol, Symbol::Module(_)))
                        .map(|(name, _)| *name)
                        .collect();
                    let name = path.to_string();
                    let unknown = names::unknown("module", &name, path.span, modules);
                    self.report(unknown);
                }
                Found::Symbol(_) => {
                    let message = format!("`{path}` is no module");
                    self.report(Diagnostic::new(names::WRONG_KIND, path.span, message));
                }
            }
        }
    }

    fn open(&mut self, module: ModuleId, scope: Scope, path: &ast::Path) {
        let mut seen = 0;
        let mut around = Some(scope.module);
        while let Some(id) = around {
            seen += self.opened.get(&(id, scope.file)).map_or(0, Vec::len);
            around = self.program.module(id).parent;
        }
        if seen >= OPENED_MAX {
            let message = format!("more than {OPENED_MAX} modules are opened here");
            let diagnostic = Diagnostic::new(names::TOO_MANY, path.span, message);
            self.report(diagnostic.help("write the module before its names: `module::name`"));
            return;
        }
        let opened = self.opened.entry((scope.module, scope.file)).or_default();
        opened.push(module);
    }

    /// The modules that `using` opens in a module itself, in one file.
    fn opened_in(&self, module: ModuleId, file: FileId) -> &[ModuleId] {
        let opened = self.opened.get(&(module, file));
        opened.map_or(&[][..], Vec::as_slice)
    }

    /// What a single name means in a module, its enclosing ones, or those that are opened there.
    pub fn find_name(&mut self, name: &ast::Name, scope: Scope) -> Found {
        let mut module = Some(scope.module);
        while let Some(id) = module {
            if let Some(&(symbol, _)) = self.module_names(id).get(name.as_str()) {
                return self.found(name, symbol);
            }
            let mut found: Option<(Symbol, ModuleId)> = None;
            for &opened in self.opened_in(id, scope.file) {
                let Some(&(symbol, _)) = self.module_names(opened).get(name.as_str()) else {
                    continue;
                };
                match found {
                    Some((first, other)) if first != symbol => {
                        let (one, two) = (self.module_path(other), self.module_path(opened));
                        let message = format!("`{name}` is in `{one}` and in `{two}`");
                        self.report(
                            Diagnostic::new(names::AMBIGUOUS_NAME, name.span, message)
                                .help(format!("write `{one}::{name}` or `{two}::{name}`")),
                        );
                        return Found::Reported;
                    }
                    _ => found = Some((symbol, opened)),
                }
            }
            if let Some((symbol, _)) = found {
                return self.found(name, symbol);
            }
            module = self.program.module(id).parent;
        }
        Found::Nothing
    }

    /// A name that was found. Which function of several it is, the call says later.
    fn found(&mut self, name: &ast::Name, symbol: Symbol) -> Found {
        let entity = match symbol {
            Symbol::Module(id) => Some(Entity::Module(id)),
            Symbol::Class(id) => Some(Entity::Class(id)),
            Symbol::Enum(id) => Some(Entity::Enum(id)),
            Symbol::Variant(id, position) => Some(Entity::Variant(id, position)),
            Symbol::Variants => None,
            Symbol::Typedef(index) => Some(Entity::Typedef(index)),
            Symbol::Functions(set) => self
                .function_sets
                .get(set)
                .and_then(|set| set.first())
                .map(|&id| Entity::Function(id)),
            Symbol::Global(id) => Some(Entity::Global(id)),
        };
        if let Some(entity) = entity {
            self.note(name.span, entity);
        }
        Found::Symbol(symbol)
    }

    /// What a path means. Members of classes are not looked up here: a path through a class is nothing.
    pub fn find_path(&mut self, path: &ast::Path, scope: Scope) -> Found {
        if path.qualifiers.is_empty() {
            return self.find_name(&path.name, scope);
        }
        match self.find_qualifier(path, scope) {
            Found::Symbol(symbol) => self.step_into(symbol, &path.name),
            other => other,
        }
    }

    /// What a path means, if that is one thing; nothing is said or noted of it.
    pub fn peek_path(&self, path: &ast::Path, scope: Scope) -> Option<Symbol> {
        let mut names = path.qualifiers.iter().chain([&path.name]);
        let mut symbol = self.peek_name(names.next()?.as_str(), scope)?;
        for name in names {
            let Symbol::Module(module) = symbol else {
                return None;
            };
            (symbol, _) = *self.module_names(module).get(name.as_str())?;
        }
        Some(symbol)
    }

    fn peek_name(&self, name: &str, scope: Scope) -> Option<Symbol> {
        let around = |id: &ModuleId| self.program.module(*id).parent;
        std::iter::successors(Some(scope.module), around).find_map(|id| {
            let opened = self.opened_in(id, scope.file).iter();
            let mut seen = std::iter::once(&id).chain(opened);
            seen.find_map(|&module| self.module_names(module).get(name))
                .map(|&(symbol, _)| symbol)
        })
    }

    /// What stands before the last `::` of a path; nothing if it has none.
    pub fn find_qualifier(&mut self, path: &ast::Path, scope: Scope) -> Found {
        let Some((first, rest)) = path.qualifiers.split_first() else {
            return Found::Nothing;
        };
        let mut found = self.find_name(first, scope);
        for name in rest {
            found = match found {
                Found::Symbol(symbol) => self.step_into(symbol, name),
                other => return other,
            };
        }
        found
    }

    fn step_into(&mut self, symbol: Symbol, name: &ast::Name) -> Found {
        match symbol {
            Symbol::Module(module) => self.find_in_module(module, name),
            Symbol::Enum(id) => {
                let positions = self.variants.get(id.index());
                let position = positions.and_then(|positions| positions.get(name.as_str()));
                if let Some(&position) = position {
                    return self.found(name, Symbol::Variant(id, position));
                }
                let item = self.program.enumeration(id);
                let candidates = item.variants.iter().map(|v| v.name.as_str());
                let candidates = candidates.take(self.candidates_max());
                let unknown =
                    names::unknown_member(&item.name, name.as_str(), name.span, candidates);
                self.report(unknown);
                Found::Reported
            }
            _ => Found::Nothing,
        }
    }

    fn find_in_module(&mut self, module: ModuleId, name: &ast::Name) -> Found {
        if let Some(&(symbol, _)) = self.module_names(module).get(name.as_str()) {
            return self.found(name, symbol);
        }
        let candidates = self.module_names(module).keys().copied();
        let candidates = candidates.take(self.candidates_max());
        let what = format!("name in module `{}`:", self.module_path(module));
        let unknown = names::unknown(&what, name.as_str(), name.span, candidates);
        self.report(unknown);
        Found::Reported
    }

    /// A module's name with those around it.
    pub fn module_path(&self, module: ModuleId) -> String {
        let this = self.program.module(module);
        match this.parent {
            Some(parent) if parent != ModuleId(0) => {
                format!("{}::{}", self.module_path(parent), this.name)
            }
            _ => this.name.clone(),
        }
    }

    /// How many names to look at for one that could have been meant: none once nobody would hear of it.
    pub fn candidates_max(&self) -> usize {
        if self.hears_more() { CANDIDATES_MAX } else { 0 }
    }

    /// The names that can be seen from a scope, for suggestions.
    pub fn visible_names(&self, scope: Scope, wanted: impl Fn(Symbol) -> bool) -> Vec<&'a str> {
        let mut visible = Vec::new();
        let most = self.candidates_max();
        let mut module = Some(scope.module).filter(|_| most > 0);
        while let Some(id) = module {
            let opened = self.opened_in(id, scope.file).iter().copied();
            for seen in std::iter::once(id).chain(opened) {
                let names = self.module_names(seen).iter();
                let wanted = names.filter(|(_, (symbol, _))| wanted(*symbol));
                visible.extend(wanted.map(|(name, _)| *name).take(most - visible.len()));
            }
            module = self.program.module(id).parent;
        }
        visible
    }

    /// The attribute of a class or its bases.
    pub fn find_field(&self, class: ClassId, name: &str) -> Option<FieldId> {
        self.program.ancestry(class).find_map(|id| {
            match self.members.get(id.index())?.names.get(name)? {
                Member::Field(field) => Some(*field),
                Member::Methods(_) => None,
            }
        })
    }

    /// The methods of a name of a class and its bases; those that are overridden are left out.
    pub fn find_methods(&self, class: ClassId, name: &str) -> Vec<MethodId> {
        let mut found: Vec<MethodId> = Vec::new();
        for id in self.program.ancestry(class) {
            let member = self
                .members
                .get(id.index())
                .and_then(|members| members.names.get(name));
            let Some(Member::Methods(methods)) = member else {
                continue;
            };
            for &method in methods {
                if !found
                    .iter()
                    .any(|&known| self.program.overrides(known, method))
                {
                    found.push(method);
                }
            }
        }
        found
    }

    /// The names of the members of a class and its bases, for suggestions.
    pub fn member_names(&self, class: ClassId) -> Vec<&'a str> {
        self.program
            .ancestry(class)
            .filter_map(|id| self.members.get(id.index()))
            .flat_map(|members| members.names.keys().copied())
            .take(self.candidates_max())
            .collect()
    }
}
