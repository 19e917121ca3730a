//! The classes that exist in each program: `exception` and the errors that derive from it.

use cmsl_parser::Span;

use super::{Checker, ClassSource, Member, Scope, Source, Symbol};
use crate::ir::{
    Body, ClassId, ClassKind, Constructor, ConstructorId, Effects, Field, FieldId, Local, ModuleId,
    Multiplicity, PredefinedClass, Type,
};
use crate::lower::Facts;

impl Checker<'_> {
    /// Declares the predefined classes; they come first among the classes.
    pub fn declare_predefined(&mut self) {
        let root = ModuleId(0);
        for predefined in PredefinedClass::ALL {
            let source = ClassSource {
                class: None,
                scope: Scope::default(),
            };
            let kind = ClassKind::Predefined(predefined);
            let id = self.add_class(predefined.name(), Span::default(), root, kind, source);
            if predefined == PredefinedClass::Exception {
                self.add_message(id);
            } else {
                self.set_base(id, ClassId(0));
            }
            self.add_predefined_constructor(id, None);
            self.add_predefined_constructor(id, Some("message"));
            if let Some(module) = self.modules.first_mut() {
                module
                    .names
                    .insert(predefined.name(), (Symbol::Class(id), Span::default()));
            }
        }
    }

    fn add_message(&mut self, class: ClassId) {
        let field = FieldId::at(self.program.fields.len());
        self.program.fields.push(Field {
            name: "message".to_owned(),
            span: Span::default(),
            class,
            ty: Type::String,
            length: None,
            init: None,
            is_public: true,
            inverse: None,
            multiplicity: Multiplicity::One,
            documentation: Vec::new(),
        });
        self.field_sources.push(None);
        if let Some(class) = self.program.classes.get_mut(class.index()) {
            class.fields.push(field);
        }
        if let Some(members) = self.members.get_mut(class.index()) {
            members.names.insert("message", Member::Field(field));
        }
    }

    fn add_predefined_constructor(&mut self, class: ClassId, parameter: Option<&str>) {
        let id = ConstructorId::at(self.program.constructors.len());
        let locals: Vec<Local> = parameter
            .map(|name| Local {
                name: name.to_owned(),
                span: Span::default(),
                ty: Type::String,
                is_parameter: true,
                is_mutable: false,
                is_used: true,
            })
            .into_iter()
            .collect();
        let overload = u32::from(parameter.is_some());
        self.program.constructors.push(Constructor {
            class,
            span: Span::default(),
            overload,
            is_public: true,
            is_implied: true,
            pre: Vec::new(),
            post: Vec::new(),
            base_call: None,
            body: Body {
                parameters: locals.len(),
                locals,
                ..Body::default()
            },
            effects: Effects::default(),
            documentation: Vec::new(),
        });
        self.constructor_sources.push(Source::none());
        self.constructor_facts.push(Facts::default());
        if let Some(class) = self.program.classes.get_mut(class.index()) {
            class.constructors.push(id);
        }
    }
}
