//! The members of classes: ids, types and signatures.

use cmsl_parser::{Diagnostic, ast};

use super::signatures::OVERLOADS_MAX;
use super::{Checker, Member, Scope, Source, documentation};
use crate::check::{classes, names};
use crate::ir::{
    Class, ClassId, ClassKind, Constructor, ConstructorId, Effects, Field, FieldId, Method,
    MethodId, Multiplicity, Type,
};
use crate::lower::Facts;

impl<'a> Checker<'a> {
    /// Declares the members of all classes.
    pub fn resolve_members(&mut self) {
        for index in 0..self.class_sources.len() {
            let Some(&source) = self.class_sources.get(index) else {
                continue;
            };
            let Some(members) = source.class.and_then(|class| class.members.as_ref()) else {
                continue;
            };
            let id = ClassId::at(index);
            for member in members {
                self.declare_member(id, member, source.scope);
            }
        }
    }

    fn declare_member(&mut self, class: ClassId, member: &'a ast::Member, scope: Scope) {
        let is_public = member.access == ast::Access::Public;
        match &member.kind {
            ast::MemberKind::Field(field) => {
                for declarator in &field.variables.declarators {
                    self.declare_field(class, field, declarator, member, scope);
                }
            }
            ast::MemberKind::Constructor(function) => {
                self.declare_constructor(class, function, member.doc.as_ref(), is_public, scope);
            }
            ast::MemberKind::Method(function) => {
                self.declare_method(class, function, member.doc.as_ref(), is_public, scope);
            }
            // Invariants are expressions: they are lowered with the bodies.
            ast::MemberKind::Invariant(_) | ast::MemberKind::Error => {}
        }
    }

    fn declare_field(
        &mut self,
        class: ClassId,
        field: &'a ast::Field,
        declarator: &'a ast::Declarator,
        member: &'a ast::Member,
        scope: Scope,
    ) {
        let mut ty = self.value_type(field.ty(), scope);
        if self.program.class(class).kind == ClassKind::External {
            let message = "classes of the embedding Rust code have methods only";
            self.report(Diagnostic::new(
                classes::BAD_MEMBER,
                declarator.span,
                message,
            ));
            return;
        }
        if self.program.class(class).kind == ClassKind::Server && self.mentions_future(ty) {
            let message = "an attribute of a server cannot hold a future";
            self.report(
                Diagnostic::new(classes::FUTURE_ATTRIBUTE, field.ty().span, message)
                    .help("keep futures in local variables, and their results in attributes"),
            );
            ty = Type::Poison;
        }
        if declarator.size.is_some() {
            ty = self.array_of(ty, declarator.span);
        }
        let id = FieldId::at(self.program.fields.len());
        let multiplicity = match ty {
            Type::Set(_) | Type::Bag(_) | Type::List(_) => Multiplicity::Many,
            _ => Multiplicity::One,
        };
        self.program.fields.push(Field {
            name: declarator.name.as_str().to_owned(),
            span: declarator.name.span,
            class,
            ty,
            length: None,
            init: None,
            is_public: member.access == ast::Access::Public,
            inverse: None,
            multiplicity,
            documentation: documentation(member.doc.as_ref()),
        });
        self.field_sources.push(Some((field, declarator, scope)));
        if let Some(class) = self.class_mut(class) {
            class.fields.push(id);
        }
        self.bind_member(class, &declarator.name, Member::Field(id));
    }

    /// Whether a type is a future or holds some.
    pub fn mentions_future(&self, ty: Type) -> bool {
        match ty {
            Type::Future(_) => true,
            Type::Set(id) | Type::Bag(id) | Type::List(id) | Type::Array(id) => {
                self.mentions_future(self.program.types.at(id))
            }
            Type::Map(_, id) => self.mentions_future(self.program.types.at(id)),
            _ => false,
        }
    }

    fn declare_method(
        &mut self,
        class: ClassId,
        function: &'a ast::Function,
        doc: Option<&'a ast::Doc>,
        is_public: bool,
        scope: Scope,
    ) {
        let id = MethodId::at(self.program.methods.len());
        let result = match &function.result {
            Some(ty) => self.ty(ty, scope),
            None => Type::Poison,
        };
        let body = self.parameters(function, scope);
        self.program.methods.push(Method {
            name: function.name.name.as_str().to_owned(),
            span: function.name.span,
            class,
            overload: 0,
            result,
            body,
            is_public,
            is_const: function.constant.is_some(),
            overrides: None,
            is_overridden: false,
            pre: Vec::new(),
            post: Vec::new(),
            effects: Effects::default(),
            documentation: documentation(doc),
        });
        self.method_sources.push(Source::of(function, scope));
        self.method_facts.push(Facts::default());
        if let Some(class) = self.class_mut(class) {
            class.methods.push(id);
        }
        self.bind_member(class, &function.name.name, Member::Methods(vec![id]));
    }

    fn declare_constructor(
        &mut self,
        class: ClassId,
        function: &'a ast::Function,
        doc: Option<&'a ast::Doc>,
        is_public: bool,
        scope: Scope,
    ) {
        if function.name.name.as_str() != self.class_name(class) {
            let name = self.class_name(class);
            let message = format!("`{}` has no result type", function.name.name);
            let help = format!("write its result before it, or `{name}` for a constructor");
            self.report(
                Diagnostic::new(classes::BAD_MEMBER, function.name.span, message).help(help),
            );
            return;
        }
        let id = self.add_constructor(class, function.name.span, is_public);
        let body = self.parameters(function, scope);
        let earlier: Vec<ConstructorId> = self.program.class(class).constructors.clone();
        if earlier.len() >= OVERLOADS_MAX {
            let name = &function.name;
            self.report(names::too_many_overloads(name.name.as_str(), name.span));
            return;
        }
        let types: Vec<Type> = body.locals.iter().map(|local| local.ty).collect();
        let twin = earlier.iter().find(|&&other| {
            let other = &self.program.constructor(other).body;
            other
                .locals
                .iter()
                .map(|local| local.ty)
                .eq(types.iter().copied())
        });
        if let Some(&twin) = twin {
            let first = self.program.constructor(twin).span;
            let duplicate =
                names::duplicate(function.name.name.as_str(), function.name.span, first);
            self.report(duplicate);
        }
        if let Some(constructor) = self.program.constructors.get_mut(id.index()) {
            constructor.body = body;
            constructor.documentation = documentation(doc);
        }
        if let Some(source) = self.constructor_sources.get_mut(id.index()) {
            *source = Source::of(function, scope);
        }
        if let Some(class) = self.class_mut(class) {
            class.constructors.push(id);
        }
    }

    /// A constructor without parameters; it is not yet among its class's.
    fn add_constructor(
        &mut self,
        class: ClassId,
        span: cmsl_parser::Span,
        is_public: bool,
    ) -> ConstructorId {
        let id = ConstructorId::at(self.program.constructors.len());
        let overload = self.program.class(class).constructors.len();
        self.program.constructors.push(Constructor {
            class,
            span,
            overload: u32::try_from(overload).unwrap_or(u32::MAX),
            is_public,
            is_implied: false,
            pre: Vec::new(),
            post: Vec::new(),
            base_call: None,
            body: crate::ir::Body::default(),
            effects: Effects::default(),
            documentation: Vec::new(),
        });
        self.constructor_sources.push(Source::none());
        self.constructor_facts.push(Facts::default());
        id
    }

    /// Gives classes that declare no constructor an empty one.
    pub fn imply_constructors(&mut self) {
        for index in 0..self.program.classes.len() {
            let id = ClassId::at(index);
            let class = self.program.class(id);
            if !class.constructors.is_empty() {
                continue;
            }
            let span = class.span;
            let constructor = self.add_constructor(id, span, true);
            if let Some(constructor) = self.program.constructors.get_mut(constructor.index()) {
                constructor.is_implied = true;
            }
            if let Some(source) = self.constructor_sources.get_mut(constructor.index()) {
                let scope = self.class_sources.get(index).map(|source| source.scope);
                source.scope = scope.unwrap_or_default();
                source.body_scope = source.scope;
            }
            if let Some(class) = self.class_mut(id) {
                class.constructors.push(constructor);
            }
        }
    }

    pub fn class_mut(&mut self, id: ClassId) -> Option<&mut Class> {
        self.program.classes.get_mut(id.index())
    }

    /// Gives a name its meaning in a class; methods of one name may differ in their parameters.
    fn bind_member(&mut self, class: ClassId, name: &'a ast::Name, member: Member) {
        let first = self
            .members
            .get(class.index())
            .and_then(|members| members.names.get(name.as_str()))
            .cloned();
        if let (Some(Member::Methods(known)), Member::Methods(_)) = (&first, &member)
            && known.len() >= OVERLOADS_MAX
        {
            self.report(names::too_many_overloads(name.as_str(), name.span));
            return;
        }
        let clash = match (&first, &member) {
            (None, _) => None,
            (Some(Member::Methods(known)), Member::Methods(new)) => {
                let parameters = |id: MethodId| {
                    let body = &self.program.method(id).body;
                    body.locals.iter().map(|local| local.ty)
                };
                known
                    .iter()
                    .copied()
                    .find(|&id| new.iter().any(|&new| parameters(id).eq(parameters(new))))
                    .map(|id| self.program.method(id).span)
            }
            (Some(Member::Methods(known)), Member::Field(_)) => {
                known.first().map(|&id| self.program.method(id).span)
            }
            (Some(Member::Field(field)), _) => Some(self.program.field(*field).span),
        };
        if let Some(first) = clash {
            self.report(names::duplicate(name.as_str(), name.span, first));
            return;
        }
        let Some(members) = self.members.get_mut(class.index()) else {
            return;
        };
        match (members.names.get_mut(name.as_str()), member) {
            (Some(Member::Methods(known)), Member::Methods(new)) => known.extend(new),
            (_, member) => {
                members.names.insert(name.as_str(), member);
            }
        }
    }
}
