//! Creation of objects and servers, and finding servers.

use cmsl_parser::{Diagnostic, Span, ast};

use super::{Call, Lower, Receiver, poison, typed};
use crate::check::{classes, names, servers, unsupported};
use crate::index::Area;
use crate::ir::{
    CallTarget, ClassId, ClassKind, ConstructorId, Expr, ExprKind, FaultModel, Literal, Protocol,
    ServerCreation, Type,
};

impl<'a> Lower<'_, 'a> {
    /// `new C (a) [n]`
    pub fn new_object(&mut self, new: &'a ast::New, span: Span) -> Expr {
        let class = self.checker.class_named(&new.class, self.scope);
        let values = self.arguments(&new.arguments);
        let size = self.size(new.size.as_ref());
        let Some(class) = class else {
            return poison(span);
        };
        self.note_creation(class, span);
        let ty = Type::Class(class);
        let Some((constructor, arguments)) =
            self.constructor(class, values, span.to(new.class.span))
        else {
            return typed(poison(span).kind, ty, span);
        };
        let kind = ExprKind::New {
            constructor,
            arguments,
            size: size.map(Box::new),
        };
        typed(kind, ty, span)
    }

    /// Objects could be servers.
    fn note_creation(&mut self, class: ClassId, span: Span) {
        let kind = self.checker.program.class(class).kind;
        if matches!(kind, ClassKind::Server | ClassKind::Ordinary)
            && let Some(index) = &mut self.checker.index
        {
            index.creations.push(Area { span, of: class });
        }
    }

    fn size(&mut self, size: Option<&'a ast::Expr>) -> Option<Expr> {
        let size = self.expect(size?, Type::Long, "a number of objects");
        if let Ok(Some(Literal::Integer(number))) = self.checker.evaluate(&size)
            && number < 1
        {
            let message = format!("{number} objects cannot be made");
            self.report(
                Diagnostic::new(classes::BAD_NEW, size.span, message)
                    .help("the number is at least 1"),
            );
        }
        Some(size)
    }

    /// The constructor that a creation means.
    pub fn constructor(
        &mut self,
        class: ClassId,
        arguments: Vec<Expr>,
        span: Span,
    ) -> Option<(ConstructorId, Vec<Expr>)> {
        let name = self.checker.class_name(class).to_owned();
        let candidates: Vec<CallTarget> = self
            .checker
            .program
            .class(class)
            .constructors
            .iter()
            .map(|&id| CallTarget::Constructor(id))
            .collect();
        let (target, arguments) = self.choose(&name, &candidates, arguments, span)?;
        let CallTarget::Constructor(id) = target else {
            return None;
        };
        let constructor = self.checker.program.constructor(id);
        if !constructor.is_public && self.class != Some(class) {
            let declared = constructor.span;
            self.report(names::private(&name, &name, span, declared));
        }
        if self.checker.program.class(class).kind == ClassKind::External {
            self.facts.effects.embedded = true;
            self.facts.effects.embedded_objects = true;
        }
        self.facts.calls.push(Call {
            target,
            receiver: Receiver::Fresh,
            may_be_remote: false,
            is_invoke: false,
            span,
        });
        Some((id, arguments))
    }

    /// The class of `server`, `find` or `delete`; reports if it is none of servers.
    fn server_class(&mut self, class: ClassId, span: Span, what: &str) -> Option<ClassId> {
        let declared = self.checker.program.class(class);
        if declared.kind == ClassKind::Server {
            return Some(class);
        }
        let (name, declared) = (declared.name.clone(), declared.span);
        let message = format!("`{name}` is not a server class");
        let mut diagnostic = Diagnostic::new(servers::NOT_A_SERVER_CLASS, span, message)
            .note(what)
            .help(format!("declare it as `server class {name}`"));
        if declared != Span::default() {
            diagnostic = diagnostic.label(declared, "declared here");
        }
        self.report(diagnostic);
        None
    }

    /// `find<C> (name)`
    pub fn find(&mut self, class: &'a ast::Type, arguments: &'a [ast::Expr], span: Span) -> Expr {
        let ty = self.checker.value_type(class, self.scope);
        let values = self.arguments(arguments);
        let name = self.convert_all("find", values, &[Type::String], span);
        self.facts.effects.manages_servers = true;
        let Type::Class(id) = ty else {
            if ty != Type::Poison {
                let message = format!("`{}` is no class", self.show(ty));
                self.report(Diagnostic::new(names::WRONG_KIND, class.span, message));
            }
            return poison(span);
        };
        let known = self.server_class(id, class.span, "only servers can be found");
        let name = name.and_then(|mut values| values.pop());
        let (Some(id), Some(name)) = (known, name) else {
            return typed(poison(span).kind, ty, span);
        };
        typed(ExprKind::Find(id, Box::new(name)), ty, span)
    }

    /// `delete s;`
    pub fn delete(&mut self, target: &'a ast::Expr) -> Option<Expr> {
        let value = self.value(target);
        self.facts.effects.manages_servers = true;
        match value.ty {
            Type::Poison => None,
            Type::Class(class) if self.checker.program.class(class).may_be_server => Some(value),
            Type::Class(class) => {
                let name = self.checker.class_name(class);
                let message = format!("`{name}` is not a server class");
                self.report(
                    Diagnostic::new(servers::NOT_A_SERVER_CLASS, value.span, message)
                        .note("only servers are deleted")
                        .help("remove it: objects go by themselves when nothing refers to them"),
                );
                None
            }
            ty => {
                let message = format!("`{}` is no server", self.show(ty));
                self.report(
                    Diagnostic::new(servers::NOT_A_SERVER_CLASS, value.span, message)
                        .note("only servers are deleted"),
                );
                None
            }
        }
    }

    /// `server C (a) [n] property*`
    pub fn server(&mut self, server: &'a ast::Server, span: Span) -> Expr {
        let class = self.checker.class_named(&server.class, self.scope);
        let values = self.arguments(&server.arguments);
        let size = self.size(server.size.as_ref());
        self.facts.effects.manages_servers = true;
        let known = class.and_then(|class| {
            self.server_class(
                class,
                server.class.span,
                "servers are made of server classes",
            )
        });
        let Some(class) = known else {
            self.properties(&server.properties, None, span);
            return class.map_or(poison(span), |class| {
                typed(poison(span).kind, Type::Class(class), span)
            });
        };
        let head = span.to(server.class.span);
        let constructed = self.constructor(class, values, server.class.span);
        let creation = ServerCreation {
            class,
            constructor: ConstructorId(0),
            arguments: Vec::new(),
            size,
            replicas: None,
            tolerance: None,
            replicas_known: None,
            model: FaultModel::Correct,
            hosts: Vec::new(),
            disjoint: false,
            priority: None,
            protocol: None,
            name: None,
            durable: None,
        };
        let creation = self.properties(&server.properties, Some(creation), head);
        if let Some(class) = self.checker.class_mut(class) {
            class.is_created_as_server = true;
        }
        let ty = Type::Class(class);
        match (creation, constructed) {
            (Some(mut creation), Some((constructor, arguments))) => {
                creation.constructor = constructor;
                creation.arguments = arguments;
                typed(ExprKind::Server(Box::new(creation)), ty, span)
            }
            _ => typed(poison(span).kind, ty, span),
        }
    }

    /// Checks the properties, and writes them down if there is a creation to write to.
    fn properties(
        &mut self,
        properties: &'a [ast::Property],
        creation: Option<ServerCreation>,
        span: Span,
    ) -> Option<ServerCreation> {
        let wanted = creation.is_some();
        let mut creation = creation.unwrap_or(ServerCreation {
            class: ClassId(0),
            constructor: ConstructorId(0),
            arguments: Vec::new(),
            size: None,
            replicas: None,
            tolerance: None,
            replicas_known: None,
            model: FaultModel::Correct,
            hosts: Vec::new(),
            disjoint: false,
            priority: None,
            protocol: None,
            name: None,
            durable: None,
        });
        let mut seen: Vec<(std::mem::Discriminant<ast::PropertyKind>, Span)> = Vec::new();
        for property in properties {
            let kind = std::mem::discriminant(&property.kind);
            if let Some(&(_, first)) = seen.iter().find(|(other, _)| *other == kind) {
                let message = format!("`{}` is given twice", property.name);
                self.report(
                    Diagnostic::new(servers::DUPLICATE_PROPERTY, property.span, message)
                        .label(first, "first given here")
                        .help("remove one of them"),
                );
                continue;
            }
            seen.push((kind, property.span));
            self.property(property, &mut creation);
        }
        if !wanted {
            return None;
        }
        creation.replicas_known = self.fault_budget(&creation, properties, span);
        Some(creation)
    }

    fn property(&mut self, property: &'a ast::Property, creation: &mut ServerCreation) {
        match &property.kind {
            ast::PropertyKind::Replicas(value) => {
                creation.replicas = Some(self.property_value(property, value, Type::Long));
            }
            ast::PropertyKind::Tolerance(value) => {
                creation.tolerance = Some(self.property_value(property, value, Type::Long));
            }
            ast::PropertyKind::Priority(value) => {
                creation.priority = Some(self.property_value(property, value, Type::Long));
            }
            ast::PropertyKind::Name(value) => {
                let before = self.checker.diagnostics.len();
                creation.name = Some(self.property_value(property, value, Type::String));
                if let (ast::ExprKind::Path(path), Some(wrong)) =
                    (&value.kind, self.checker.diagnostics.get_mut(before))
                {
                    let help = format!("the name of a server is a text: write `name (\"{path}\")`");
                    wrong.help = Some(help);
                }
            }
            ast::PropertyKind::Durable(None) => {
                let on = ExprKind::Literal(Literal::Boolean(true));
                creation.durable = Some(typed(on, Type::Boolean, property.span));
            }
            ast::PropertyKind::Durable(Some(value)) => {
                creation.durable = Some(self.property_value(property, value, Type::Boolean));
            }
            ast::PropertyKind::Model(model) => {
                creation.model = match model {
                    ast::FailureModel::Correct => FaultModel::Correct,
                    ast::FailureModel::Crash => FaultModel::Crash,
                    ast::FailureModel::Byzantine => FaultModel::Byzantine,
                };
            }
            ast::PropertyKind::Disjoint => creation.disjoint = true,
            ast::PropertyKind::Protocol(name) => creation.protocol = self.protocol(name),
            ast::PropertyKind::Hosts(hosts) => {
                creation.hosts = self.hosts(hosts, property);
            }
            ast::PropertyKind::Error => {}
        }
    }

    fn property_value(&mut self, property: &ast::Property, value: &'a ast::Expr, ty: Type) -> Expr {
        let value = self.value(value);
        if value.ty == Type::Poison {
            return value;
        }
        if self.fit(&value, ty).is_some() {
            return self.convert(value, ty, "");
        }
        let wanted = match ty {
            Type::Long => "an integer".to_owned(),
            ty => format!("a `{}`", self.show(ty)),
        };
        let message = format!(
            "`{}` takes {wanted}, not `{}`",
            property.name,
            self.show(value.ty)
        );
        self.report(Diagnostic::new(servers::PROPERTY_TYPE, value.span, message));
        poison(value.span)
    }

    fn protocol(&mut self, name: &ast::Name) -> Option<Protocol> {
        const LATER: [&str; 7] = [
            "logical", "timed", "view", "register", "backoff", "bft", "vr",
        ];
        if name.as_str() == "executive" {
            return Some(Protocol::Executive);
        }
        let diagnostic = if LATER.contains(&name.as_str()) {
            let message = format!("protocol `{name}` is not supported yet");
            Diagnostic::new(unsupported::PROTOCOL, name.span, message)
                .help("leave `protocol` out, or write `protocol executive`")
        } else {
            let message = format!("unknown protocol `{name}`");
            Diagnostic::new(names::UNKNOWN_NAME, name.span, message)
                .help("write `protocol executive`, or leave it out")
        };
        self.report(diagnostic);
        None
    }
}
