//! Items.

use std::sync::Arc;

use super::{Builder, Pair, Parts};
use crate::Span;
use crate::ast::{
    BaseCall, Contract, ContractKind, Declarator, Enum, EnumValue, Extern, Function, Import, Item,
    ItemKind, Module, Parameter, Type, Typedef, Using, Variables,
};
use crate::diagnostic::{
    DECLARATION_FORM, Diagnostic, EXTERN_LANGUAGE, RESULT_MISSING, UNEXPECTED,
};
use crate::parse::grammar::Rule;

impl<'a> Builder<'a> {
    pub(super) fn items(&mut self, parts: Parts<'a>) -> Vec<Arc<Item>> {
        let mut items = Vec::new();
        for part in parts {
            match part.rule() {
                Rule::EOI => {}
                Rule::missing_end => {
                    if let Some(before) = items.last().map(|item: &Arc<Item>| item.span) {
                        self.end_missing(before);
                    }
                }
                _ => items.push(Arc::new(self.item(part))),
            }
        }
        items
    }

    fn item(&mut self, pair: Pair<'a>) -> Item {
        let span = self.span(pair);
        let doc = self.doc(span.start);
        if pair.parts().any(|part| part.rule() == Rule::missing_end) {
            self.end_missing(span);
        }
        let kind = match pair.rule() {
            Rule::import => self.import(pair),
            Rule::using => {
                let path = pair.parts().find(|part| part.rule() == Rule::path);
                path.map_or(ItemKind::Error, |path| {
                    ItemKind::Using(Using {
                        module: self.path(path),
                    })
                })
            }
            Rule::module => self.module(pair),
            Rule::class => ItemKind::Class(self.class(pair, crate::ast::Access::Private)),
            Rule::enum_item => self.enum_item(pair),
            Rule::typedef => self.typedef(pair),
            Rule::function => ItemKind::Function(Box::new(self.free_function(pair))),
            Rule::variables => ItemKind::Variables(self.variables(pair)),
            Rule::extern_block => self.extern_block(pair),
            _ => {
                self.skipped(pair);
                ItemKind::Error
            }
        };
        Item { doc, kind, span }
    }

    /// Reports that no `;` stands behind a declaration.
    pub(super) fn end_missing(&mut self, declaration: Span) {
        let text = self.text.get(declaration.range()).unwrap_or_default();
        let last = text.chars().next_back().map_or(0, char::len_utf8);
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let word = text.get(text.trim_end_matches(is_word).len()..);
        let help = match word.filter(|word| !word.is_empty()) {
            Some(word) => format!("write `{word};`"),
            None => "end the declaration with `;`".to_owned(),
        };
        let end = declaration.end as usize;
        let span = crate::parse::span(self.file, end - last, end);
        self.error(UNEXPECTED, span, "expected `;` behind this", &help);
    }

    fn import(&mut self, pair: Pair<'a>) -> ItemKind {
        let path = pair.parts().required();
        ItemKind::Import(Import {
            path: self.string(path),
            path_span: self.span(path),
        })
    }

    fn module(&mut self, pair: Pair<'a>) -> ItemKind {
        let mut parts = pair.parts();
        parts.optional(Rule::module_word);
        let name = parts.required();
        ItemKind::Module(Module {
            name: self.name(name),
            items: self.items(parts),
        })
    }

    fn enum_item(&mut self, pair: Pair<'a>) -> ItemKind {
        let mut parts = pair.parts();
        parts.optional(Rule::enum_word);
        let name = parts.required();
        let name = self.name(name);
        let mut values = Vec::new();
        for part in parts {
            let doc = self.doc(self.span(part).start);
            let mut parts = part.parts();
            let name = parts.required();
            let name = self.name(name);
            let value = parts.optional(Rule::expr).map(|value| self.expr(value));
            values.push(EnumValue { doc, name, value });
        }
        ItemKind::Enum(Enum { name, values })
    }

    fn typedef(&mut self, pair: Pair<'a>) -> ItemKind {
        let mut parts = pair.parts();
        parts.optional(Rule::typedef_word);
        let ty = parts.required();
        let ty = self.ty(ty);
        let name = parts.required();
        ItemKind::Typedef(Typedef {
            ty,
            name: self.name(name),
        })
    }

    fn extern_block(&mut self, pair: Pair<'a>) -> ItemKind {
        let mut parts = pair.parts();
        let language = parts.required();
        let language_span = self.span(language);
        let language: Arc<str> = self.string(language);
        if &*language != "rust" {
            let message = format!("no code in `{language}` can be used");
            self.error(
                EXTERN_LANGUAGE,
                language_span,
                message,
                "write `extern \"rust\"`",
            );
        }
        let mut items = Vec::new();
        for part in parts {
            let span = self.span(part);
            let doc = self.doc(span.start);
            let kind = match part.rule() {
                Rule::class => ItemKind::Class(self.class(part, crate::ast::Access::Public)),
                Rule::function => ItemKind::Function(Box::new(self.free_function(part))),
                _ => {
                    self.skipped(part);
                    ItemKind::Error
                }
            };
            self.without_bodies(&kind);
            items.push(Arc::new(Item { doc, kind, span }));
        }
        ItemKind::Extern(Extern {
            language,
            language_span,
            items,
        })
    }

    fn without_bodies(&mut self, kind: &ItemKind) {
        let mut found = Vec::new();
        match kind {
            ItemKind::Function(function) => found.extend(function.body.as_ref()),
            ItemKind::Class(class) => {
                let members = class.members.iter().flatten();
                found.extend(members.filter_map(|member| member.kind.function()?.body.as_ref()));
            }
            _ => {}
        }
        for span in found
            .into_iter()
            .map(|body| body.span)
            .collect::<Vec<Span>>()
        {
            let message = "what is `extern` has its body in Rust";
            let span = Span::new(span.file, span.start, span.start + 1);
            self.error(
                DECLARATION_FORM,
                span,
                message,
                "write `;` in place of the body",
            );
        }
    }

    pub(super) fn variables(&mut self, pair: Pair<'a>) -> Variables {
        let mut parts = pair.parts();
        let constant = parts.optional(Rule::const_word).map(|word| self.span(word));
        let ty = parts.required();
        let ty = self.ty(ty);
        self.declarators(constant, ty, parts)
    }

    /// The names behind a type.
    pub(super) fn declarators(
        &mut self,
        constant: Option<Span>,
        ty: Type,
        parts: Parts<'a>,
    ) -> Variables {
        let mut declarators = Vec::with_capacity(1);
        for part in parts {
            declarators.push(self.declarator(part));
        }
        Variables {
            constant,
            ty,
            declarators,
        }
    }

    fn declarator(&mut self, pair: Pair<'a>) -> Declarator {
        let span = self.span(pair);
        let mut parts = pair.parts();
        let name = parts.required();
        let name = self.name(name);
        let size = parts.optional(Rule::index).map(|size| self.index(size));
        let value = parts.optional(Rule::expr).map(|value| self.expr(value));
        Declarator {
            name,
            size,
            value,
            span,
        }
    }

    /// A function outside of a class: a constructor or method is qualified there.
    fn free_function(&mut self, pair: Pair<'a>) -> Function {
        let function = self.function(pair);
        if function.result.is_none() && function.name.qualifiers.is_empty() {
            self.result_missing(&function);
        }
        function
    }

    pub(super) fn result_missing(&mut self, function: &Function) {
        let name = &function.name;
        let message = format!("`{name}` does not say what it returns");
        let help = format!("write a type before the name, or `void {name} (…)`");
        self.report(Diagnostic::new(RESULT_MISSING, name.span, message).help(help));
    }

    pub(super) fn function(&mut self, pair: Pair<'a>) -> Function {
        let mut parts = pair.parts();
        let head = parts.required();
        let mut function = self.head(head);
        function.body = parts.optional(Rule::block).map(|block| self.block(block));
        let wrong = match (&function.result, &function.base_call, function.constant) {
            (Some(_), Some(call), _) => {
                Some((call.span, "only a constructor calls a base's constructor"))
            }
            (None, _, Some(word)) => Some((word, "a constructor is never `const`")),
            _ => None,
        };
        if let Some((span, message)) = wrong {
            self.error(DECLARATION_FORM, span, message, "remove it");
        }
        function
    }

    fn head(&mut self, pair: Pair<'a>) -> Function {
        let head = self.span(pair);
        let mut parts = pair.parts();
        let first = parts.required();
        let (result, name) = if parts.peek() == Some(Rule::path) {
            (Some(self.result(first)), parts.required())
        } else {
            (None, first)
        };
        let name = self.path(name);
        let mut parameters = Vec::new();
        for parameter in parts.required().parts() {
            parameters.push(self.parameter(parameter));
        }
        let mut function = Function {
            result,
            name,
            parameters,
            constant: None,
            contracts: Vec::new(),
            base_call: None,
            body: None,
            head,
        };
        for part in parts {
            match part.rule() {
                Rule::const_word => function.constant = Some(self.span(part)),
                Rule::contract => function.contracts.push(self.contract(part)),
                _ => function.base_call = Some(self.base_call(part)),
            }
        }
        function
    }

    fn parameter(&mut self, pair: Pair<'a>) -> Parameter {
        let span = self.span(pair);
        let mut parts = pair.parts();
        let ty = parts.required();
        let ty = self.ty(ty);
        let name = parts.optional(Rule::ident).map(|name| self.name(name));
        let size = parts.optional(Rule::index).map(|size| self.index(size));
        Parameter {
            ty,
            name,
            size,
            span,
        }
    }

    fn contract(&mut self, pair: Pair<'a>) -> Contract {
        let span = self.span(pair);
        let mut parts = pair.parts();
        let word = parts.required();
        let kind = if word.text() == "pre" {
            ContractKind::Pre
        } else {
            ContractKind::Post
        };
        let condition = parts.required();
        Contract {
            kind,
            condition: self.expr(condition),
            span,
        }
    }

    fn base_call(&mut self, pair: Pair<'a>) -> BaseCall {
        let mut parts = pair.parts();
        let class = parts.required();
        let class = self.path(class);
        let list = parts.required();
        let span = class.span.to(self.span(list));
        let (arguments, _) = self.arguments(list);
        BaseCall {
            class,
            arguments,
            span,
        }
    }
}
