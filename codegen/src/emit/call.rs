//! Calls of functions, methods and constructors, and templates. The context is the last argument everywhere.

use super::body::BodyEmitter;
use super::code::{Code, Cx};
use crate::format::{Name, Tokens, commas, rust, string};
use crate::ir::{
    ClassId, ClassKind, ConstructorId, Dispatch, Expr, ExprKind, GlobalId, MethodId, Template,
    TemplatePiece, Type,
};
use crate::planted::{Mutant, is};

/// The most values that one `format!` shows.
const FORMATTED_MAX: usize = 64;

impl BodyEmitter<'_> {
    pub(super) fn call(&mut self, expr: &Expr) -> Code {
        match &expr.kind {
            ExprKind::Call(function, arguments) => {
                let declared = self.program().function(*function);
                let name = self.emitter.names.function(*function);
                if declared.is_external {
                    return self.external_function(*function, arguments);
                }
                let mut prefix = self.emitter.prefix(declared.module, self.here);
                if prefix.is_empty() && self.hides(name) {
                    prefix = rust!(self::);
                }
                let (arguments, _) = self.arguments(arguments);
                Code::fallible(rust!(#prefix #name(#(#arguments,)* cx)), Cx::Writes)
            }
            ExprKind::CallMethod {
                object,
                method,
                arguments,
                dispatch,
            } => self.method(object, *method, arguments, *dispatch),
            ExprKind::New {
                constructor,
                arguments,
                size,
            } => self.new_object(*constructor, arguments, size.as_deref()),
            _ => Code::atom(rust!(), Cx::Unused),
        }
    }

    /// Whether a variable of this body may stand before a function of its name.
    fn hides(&self, function: &Name) -> bool {
        let plain = |name: &Name| name.as_str().trim_start_matches('_').to_owned();
        let names = || self.locals.iter().map(plain).collect();
        let plain = plain(function);
        super::reserved::is_printed_local(&plain)
            || self.local_names.get_or_init(names).contains(&plain)
    }

    /// The object of a call as `&Ref<the method's class>`: one object, which is there.
    pub(super) fn object_for(&mut self, object: &Expr, class: ClassId) -> Code {
        let place = match object.kind {
            ExprKind::This if object.ty == Type::Class(class) => {
                return Code::atom(rust!(this), Cx::Unused);
            }
            ExprKind::This => Code::atom(rust!(this), Cx::Unused),
            ExprKind::New { size: None, .. } => self.place(object),
            _ => {
                let place = self.place(object);
                let (cx, receiver) = (place.cx, place.receiver());
                Code::fallible(rust!(#receiver.one()), cx)
            }
        };
        let (cx, receiver) = (place.cx, place.receiver());
        if object.ty == Type::Class(class) {
            return Code::atom(rust!(&#receiver), cx);
        }
        let class = self.emitter.class_path(class, self.here);
        Code::atom(rust!(&#receiver.upcast::<#class>()), cx)
    }

    fn method(
        &mut self,
        object: &Expr,
        method: MethodId,
        arguments: &[Expr],
        dispatch: Dispatch,
    ) -> Code {
        let declared = self.program().method(method);
        if self.emitter.is_external(declared.class) {
            return self.external_method(object, method, arguments);
        }
        let class = self.emitter.class_path(declared.class, self.here);
        let name = match dispatch {
            Dispatch::Exact if self.emitter.has_entry(method) => self.emitter.names.exact(method),
            Dispatch::Virtual if self.emitter.has_entry(method) && !declared.is_overridden => {
                self.emitter.names.exact(method)
            }
            Dispatch::Virtual if self.emitter.has_entry(method) && is(Mutant::VirtualCallsBase) => {
                self.emitter.names.exact(method)
            }
            Dispatch::Exact | Dispatch::Virtual | Dispatch::MaybeServer => {
                self.emitter.names.method(method).clone()
            }
        };
        let object = self.object_for(object, declared.class).value();
        let (arguments, _) = self.arguments(arguments);
        Code::fallible(
            rust!(#class::#name(#object, #(#arguments,)* cx)),
            Cx::Writes,
        )
    }

    fn new_object(
        &mut self,
        constructor: ConstructorId,
        arguments: &[Expr],
        size: Option<&Expr>,
    ) -> Code {
        let declared = self.program().constructor(constructor);
        if self.emitter.is_external(declared.class) {
            return self.external_new(constructor, arguments);
        }
        let class = self.emitter.class_path(declared.class, self.here);
        let (new, _) = &self.emitter.names.constructors[constructor.index()];
        if let ClassKind::Predefined(_) = self.program().class(declared.class).kind {
            return self.predefined_exception(class, arguments);
        }
        let (arguments, _) = self.arguments(arguments);
        let Some(size) = size else {
            return Code::fallible(rust!(#class::#new(#(#arguments,)* cx)), Cx::Writes);
        };
        let size = self.owned(size).value();
        if arguments.is_empty() {
            return Code::fallible(rust!(several(#size, #class::#new, cx)), Cx::Writes);
        }
        let mut before = rust!();
        let mut names = Vec::new();
        let types = self.program().constructor(constructor).body.locals.iter();
        for ((argument, local), number) in arguments.into_iter().zip(types).zip(1..) {
            let name = &super::name::ident(&format!("argument_{number}"));
            before.append(rust!(let #name = #argument;));
            names.push(if super::ty::is_copy(local.ty) {
                rust!(#name)
            } else {
                rust!(#name.clone())
            });
        }
        let outcome = rust!({
            #before
            several(#size, |cx| #class::#new(#(#names,)* cx), cx)
        });
        Code::fallible(outcome, Cx::Writes)
    }

    /// `new exception ()` and `new exception (message)`, and the errors likewise.
    fn predefined_exception(&mut self, class: Tokens, arguments: &[Expr]) -> Code {
        match arguments {
            [] => Code::fallible(rust!(#class::new(cx)), Cx::Writes),
            [message, ..] => {
                let message = self.borrowed_from_outside(message).value();
                Code::fallible(rust!(#class::new_with_message(#message, cx)), Cx::Writes)
            }
        }
    }

    pub(super) fn global(&mut self, id: GlobalId) -> Code {
        let global = self.program().global(id);
        if global.is_const {
            let prefix = self.emitter.prefix(global.module, self.here);
            let name = self.emitter.names.global(id);
            return match self.emitter.constant_kind(id) {
                super::item::ConstantKind::Value => Code::atom(rust!(#prefix #name), Cx::Unused),
                super::item::ConstantKind::Text => {
                    Code::atom(rust!(Text::from(#prefix #name)), Cx::Unused)
                }
                super::item::ConstantKind::Computed => {
                    let function = self.emitter.constant_function(id);
                    Code::fallible(rust!(#prefix #function(cx)), Cx::Writes)
                }
            };
        }
        let field = self.emitter.names.global_field(id);
        let clone = (!super::ty::is_copy(global.ty)).then(|| rust!(.clone()));
        let root = self.emitter.root();
        Code::atom(
            rust!(cx.globals::<#root Globals>()?.read(cx)?.#field #clone),
            Cx::Writes,
        )
    }

    pub(super) fn template(
        &mut self,
        template: Template,
        pieces: &[TemplatePiece],
        arguments: &[Expr],
    ) -> Code {
        // Arguments are evaluated left to right; one inside the heap is copied when a later one may change it.
        let mut later = Cx::Unused;
        let mut shown = Vec::new();
        for argument in arguments.iter().rev() {
            let code = if later == Cx::Writes {
                self.owned(argument)
            } else {
                self.place(argument)
            };
            let cx = code.cx;
            // A reference to a number inside the heap would keep the context borrowed; its value does not.
            let value = if later == Cx::Writes && super::ty::is_copy(argument.ty) {
                let tokens = code.value();
                rust!(&{ #tokens })
            } else {
                code.reference()
            };
            later = later.max(cx);
            shown.push(rust!(show(#value)));
        }
        if is(Mutant::TemplateBackwards) {
            shown.reverse();
        }
        shown.reverse();
        let text = formatted(pieces, shown);
        match template {
            Template::Format => Code::fallible(rust!(Text::new(#text)), later),
            Template::Print => Code::atom(rust!(print(#text, cx)), Cx::Writes),
            Template::Println => Code::atom(rust!(println(#text, cx)), Cx::Writes),
        }
    }
}

/// The text that a template gives. One with very many values is put together of several, each of them short enough for
/// the Rust compiler, which takes the square of the time for a long one.
fn formatted(pieces: &[TemplatePiece], values: Vec<Tokens>) -> Tokens {
    if values.is_empty() {
        return string(&pieces.iter().map(text_of).collect::<String>());
    }
    let mut values = values.into_iter();
    let mut parts = Vec::new();
    let (mut format, mut shown) = (String::new(), Vec::new());
    for piece in pieces {
        match piece {
            TemplatePiece::Text(text) => {
                format.push_str(&text.replace('{', "{{").replace('}', "}}"));
            }
            TemplatePiece::Argument => {
                if shown.len() == FORMATTED_MAX {
                    let shown = std::mem::take(&mut shown);
                    parts.push(format_of(&std::mem::take(&mut format), shown));
                }
                format.push_str("{}");
                shown.extend(values.next());
            }
        }
    }
    let last = format_of(&format, shown);
    if parts.is_empty() {
        return last;
    }
    parts.push(last);
    let parts = commas(parts);
    rust!([#parts].concat())
}

fn format_of(format: &str, shown: Vec<Tokens>) -> Tokens {
    let arguments = commas(std::iter::once(string(format)).chain(shown));
    rust!(format!(#arguments))
}

fn text_of(piece: &TemplatePiece) -> &str {
    match piece {
        TemplatePiece::Text(text) => text,
        TemplatePiece::Argument => "",
    }
}
