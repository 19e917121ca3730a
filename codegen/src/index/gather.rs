//! The declarations of an index, from the tables of a program that was checked.

use cmsl_parser::{Span, ast};

use super::{Area, Code, Entity, Index, Use, Variable};
use crate::ir::{
    Body, ClassId, ConstructorId, EnumId, FieldId, FunctionId, GlobalId, MethodId, Program,
};
use crate::resolve::{Checker, Source};

impl Index {
    /// Completes what was noted on the way.
    pub(crate) fn gather(mut self, checker: &Checker<'_>, files: &[ast::File]) -> Self {
        self.opened = checker
            .opened
            .iter()
            .flat_map(|(&(module, file), opened)| opened.iter().map(move |&id| (module, file, id)))
            .collect();
        self.declarations(&checker.program);
        self.code(checker);
        self.bodies.sort_by_key(|body| body.span);
        self.variables.sort_by_key(|variable| variable.span);
        self.variables.dedup_by_key(|variable| variable.span);
        self.settle();
        for file in files {
            self.areas(&file.items);
        }
        self
    }

    /// Sorts; of several notes on one name the last one stays.
    fn settle(&mut self) {
        self.uses.retain(|known| known.span != Span::default());
        self.uses.reverse();
        self.uses.sort_by_key(|known| known.span);
        self.uses.dedup_by_key(|known| known.span);
    }

    fn named(&self, span: Span) -> Option<Entity> {
        let place = self.uses.binary_search_by_key(&span, |known| known.span);
        self.uses.get(place.ok()?).map(|known| known.entity)
    }

    fn declarations(&mut self, program: &Program) {
        let mut note = |span, entity| self.uses.push(Use { span, entity });
        for (index, class) in program.classes.iter().enumerate() {
            note(class.span, Entity::Class(ClassId::at(index)));
        }
        for constructor in program.constructors.iter().filter(|made| !made.is_implied) {
            note(constructor.span, Entity::Class(constructor.class));
        }
        for (index, field) in program.fields.iter().enumerate() {
            note(field.span, Entity::Field(FieldId::at(index)));
        }
        for (index, method) in program.methods.iter().enumerate() {
            note(method.span, Entity::Method(MethodId::at(index)));
        }
        for (index, function) in program.functions.iter().enumerate() {
            if !function.is_forward {
                note(function.span, Entity::Function(FunctionId::at(index)));
            }
        }
        for (index, global) in program.globals.iter().enumerate() {
            note(global.span, Entity::Global(GlobalId::at(index)));
        }
        for (index, item) in program.typedefs.iter().enumerate() {
            note(item.span, Entity::Typedef(index));
        }
        for (index, item) in program.enums.iter().enumerate() {
            let id = EnumId::at(index);
            note(item.span, Entity::Enum(id));
            for (variant, place) in item.variants.iter().zip(0..) {
                note(variant.span, Entity::Variant(id, place));
            }
        }
    }

    fn code(&mut self, checker: &Checker<'_>) {
        let program = &checker.program;
        for (source, function) in checker.function_sources.iter().zip(&program.functions) {
            self.body(checker, source, &function.body, None);
        }
        for (source, method) in checker.method_sources.iter().zip(&program.methods) {
            self.body(checker, source, &method.body, Some(method.class));
        }
        for index in 0..program.constructors.len() {
            let id = ConstructorId::at(index);
            let constructor = program.constructor(id);
            let source = checker.constructor_source(id);
            self.body(checker, &source, &constructor.body, Some(constructor.class));
        }
    }

    fn body(
        &mut self,
        checker: &Checker<'_>,
        source: &Source<'_>,
        body: &Body,
        class: Option<ClassId>,
    ) {
        for local in &body.locals {
            // Parameters without a name have a made-up one.
            if local.span == Span::default() || checker.sources.slice(local.span) != local.name {
                continue;
            }
            self.note(local.span, Entity::Local(local.span));
            self.variables.push(Variable {
                span: local.span,
                name: local.name.clone(),
                ty: local.ty,
            });
        }
        if let (Some(declaration), Some(definition)) = (source.declaration, source.definition) {
            self.parameters(declaration, definition);
        }
        if let Some(function) = source.with_body()
            && let Some(block) = &function.body
        {
            self.bodies.push(Area {
                span: function.head.to(block.span),
                of: Code {
                    name: function.name.name.span,
                    class,
                },
            });
        }
    }

    /// The parameters of a declaration are those of its definition, where they have the same names.
    fn parameters(&mut self, declaration: &ast::Function, definition: &ast::Function) {
        for (declared, defined) in declaration.parameters.iter().zip(&definition.parameters) {
            if let (Some(one), Some(two)) = (&declared.name, &defined.name)
                && one.text == two.text
            {
                self.note(one.span, Entity::Local(two.span));
            }
        }
    }

    fn areas(&mut self, items: &[std::sync::Arc<ast::Item>]) {
        for item in items {
            match &item.kind {
                ast::ItemKind::Module(module) => {
                    if let Some(Entity::Module(of)) = self.named(module.name.span) {
                        let span = item.span;
                        self.modules.push(Area { span, of });
                    }
                    self.areas(&module.items);
                }
                ast::ItemKind::Class(class) => {
                    if let Some(Entity::Class(of)) = self.named(class.name.span) {
                        let span = item.span;
                        self.classes.push(Area { span, of });
                    }
                }
                _ => {}
            }
        }
    }
}
