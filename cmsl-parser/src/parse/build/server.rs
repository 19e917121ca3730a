//! `new` and `server`.

use super::{Builder, Pair, Parts};
use crate::Span;
use crate::ast::{Expr, ExprKind, FailureModel, Name, New, Property, PropertyKind, Server};
use crate::diagnostic::{Diagnostic, PROPERTY_FORM, UNKNOWN_PROPERTY, nearest};
use crate::parse::grammar::Rule;

const PROPERTIES: [&str; 10] = [
    "replicas",
    "tolerance",
    "tolerate",
    "model",
    "hosts",
    "disjoint",
    "priority",
    "protocol",
    "name",
    "durable",
];

const MODELS: [&str; 3] = ["correct", "crash", "byzantine"];

impl<'a> Builder<'a> {
    pub(super) fn new_object(&mut self, pair: Pair<'a>, span: Span) -> Expr {
        let mut parts = pair.parts();
        parts.optional(Rule::new_word);
        let class = parts.required();
        let class = self.path(class);
        let (arguments, size, height) = self.creation(&mut parts);
        self.node(
            ExprKind::New(Box::new(New {
                class,
                arguments,
                size,
            })),
            span,
            height,
        )
    }

    pub(super) fn server(&mut self, pair: Pair<'a>, span: Span) -> Expr {
        let mut parts = pair.parts();
        parts.optional(Rule::server_word);
        let class = parts.required();
        let class = self.path(class);
        let (arguments, size, mut height) = self.creation(&mut parts);
        let mut properties = Vec::new();
        for part in parts {
            let (property, of_property) = self.property(part, properties.last());
            height = height.max(of_property);
            properties.push(property);
        }
        let server = Server {
            class,
            arguments,
            size,
            properties,
        };
        self.node(ExprKind::Server(Box::new(server)), span, height)
    }

    fn creation(&mut self, parts: &mut Parts<'a>) -> (Vec<Expr>, Option<Expr>, u16) {
        let (arguments, height) = match parts.optional(Rule::arguments) {
            Some(arguments) => self.arguments(arguments),
            None => (Vec::new(), 0),
        };
        let size = parts.optional(Rule::index).map(|size| self.index(size));
        let height = size.as_ref().map_or(height, |size| height.max(size.height));
        (arguments, size, height)
    }

    fn property(&mut self, pair: Pair<'a>, before: Option<&Property>) -> (Property, u16) {
        let span = self.span(pair);
        let known = pair.rule() == Rule::property;
        let mut parts = pair.parts();
        let word = parts.required();
        let name = self.name(word);
        if !known {
            self.unknown_property(&name, before);
            return (
                Property {
                    kind: PropertyKind::Error,
                    name,
                    span,
                },
                0,
            );
        }
        if let Some(value) = parts.optional(Rule::ident) {
            let value = self.name(value);
            let kind = self.named_property(&name, value);
            return (Property { kind, name, span }, 0);
        }
        let (arguments, height) = match parts.optional(Rule::arguments) {
            Some(arguments) => {
                let (arguments, height) = self.arguments(arguments);
                (Some(arguments), height)
            }
            None => (None, 0),
        };
        let kind = self.plain_property(&name, arguments, span);
        (Property { kind, name, span }, height)
    }

    fn unknown_property(&mut self, name: &Name, before: Option<&Property>) {
        let message = format!("servers have no property `{name}`");
        let switch = before.filter(|before| {
            let is_switch = matches!(before.name.as_str(), "durable" | "disjoint");
            is_switch && matches!(name.as_str(), "on" | "off" | "yes" | "no")
        });
        let help = match nearest(name.as_str(), PROPERTIES) {
            _ if let Some(switch) = switch => switch_help(switch.name.as_str()),
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the properties are `{}`", PROPERTIES.join("`, `")),
        };
        self.report(Diagnostic::new(UNKNOWN_PROPERTY, name.span, message).help(help));
    }

    fn named_property(&mut self, property: &Name, value: Name) -> PropertyKind {
        if property.as_str() == "protocol" {
            return PropertyKind::Protocol(value);
        }
        let model = match value.as_str() {
            "correct" => FailureModel::Correct,
            "crash" => FailureModel::Crash,
            "byzantine" => FailureModel::Byzantine,
            unknown => {
                let message = format!("there is no failure model `{unknown}`");
                let help = match nearest(unknown, MODELS) {
                    Some(near) => format!("did you mean `model {near}`?"),
                    None => "write `model correct`, `model crash` or `model byzantine`".to_owned(),
                };
                self.report(Diagnostic::new(UNKNOWN_PROPERTY, value.span, message).help(help));
                return PropertyKind::Error;
            }
        };
        PropertyKind::Model(model)
    }

    fn plain_property(
        &mut self,
        name: &Name,
        arguments: Option<Vec<Expr>>,
        span: Span,
    ) -> PropertyKind {
        let count = arguments.as_ref().map_or(0, Vec::len);
        let mut list = arguments.unwrap_or_default();
        let (form, kind) = match name.as_str() {
            "disjoint" => ("disjoint", (count == 0).then_some(PropertyKind::Disjoint)),
            "hosts" => {
                let kind = (count > 0).then(|| PropertyKind::Hosts(std::mem::take(&mut list)));
                ("hosts (h1, h2)", kind)
            }
            "durable" => {
                let kind = (count < 2).then(|| PropertyKind::Durable(list.pop()));
                ("durable` or `durable (condition)", kind)
            }
            word => {
                let value = (count == 1).then(|| list.pop()).flatten();
                match word {
                    "replicas" => ("replicas (n)", value.map(PropertyKind::Replicas)),
                    "priority" => ("priority (p)", value.map(PropertyKind::Priority)),
                    "name" => ("name (\"…\")", value.map(PropertyKind::Name)),
                    _ => ("tolerance (t)", value.map(PropertyKind::Tolerance)),
                }
            }
        };
        kind.unwrap_or_else(|| {
            let message = format!("`{name}` does not take {count} arguments");
            self.error(PROPERTY_FORM, span, message, &format!("write `{form}`"));
            PropertyKind::Error
        })
    }
}

/// How a property is written that is on where it is written.
pub(in crate::parse) fn switch_help(name: &str) -> String {
    match name {
        "durable" => "`durable` alone switches it on, and `durable (false)` off".to_owned(),
        word => format!("`{word}` alone switches it on; leave it out for off"),
    }
}
