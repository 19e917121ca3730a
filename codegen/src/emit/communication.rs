//! Servers: creation, `find`, `invoke`, `accept`, replies.

use proc_macro2::TokenStream;
use quote::quote;

use super::body::BodyEmitter;
use super::code::{Code, Cx};
use crate::ir::{Accept, Expr, ExprKind, FaultModel, MethodId, ServerCreation};

impl BodyEmitter<'_> {
    pub(super) fn communication(&mut self, expr: &Expr) -> Code {
        match &expr.kind {
            ExprKind::Server(creation) => self.server(creation),
            ExprKind::Find(class, name) => {
                let class = self.emitter.class_path(*class, self.here);
                let name = self.borrowed_from_outside(name).tokens;
                Code::fallible(quote!(find_server::<#class>(#name, cx)), Cx::Writes)
            }
            ExprKind::Invoke {
                object,
                method,
                arguments,
            } => self.invoke(object, *method, arguments),
            ExprKind::Accept(accept) => self.accept(accept),
            ExprKind::FutureResult(future) => {
                let future = self.borrowed_from_outside(future).tokens;
                Code::fallible(quote!(result(#future, cx)), Cx::Writes)
            }
            _ => Code::atom(TokenStream::new(), Cx::Unused),
        }
    }

    fn server(&mut self, creation: &ServerCreation) -> Code {
        let class = self.emitter.class_path(creation.class, self.here);
        let call = self.emitter.constructor_call(creation.constructor);
        let (arguments, _) = self.arguments(&creation.arguments);
        let mut options: Vec<TokenStream> = Vec::new();
        let mut option = |name: &str, value: TokenStream| {
            let name = super::name::ident(name);
            options.push(quote!(#name: #value));
        };
        if let Some(size) = &creation.size {
            let size = self.owned(size).tokens;
            option("size", quote!(Some(#size)));
        }
        if let Some(replicas) = &creation.replicas {
            option("replicas", self.owned(replicas).tokens);
        }
        if let Some(tolerance) = &creation.tolerance {
            option("tolerance", self.owned(tolerance).tokens);
        }
        match creation.model {
            FaultModel::Correct => {}
            FaultModel::Crash => option("model", quote!(Model::Crash)),
            FaultModel::Byzantine => option("model", quote!(Model::Byzantine)),
        }
        if !creation.hosts.is_empty() {
            let (hosts, _) = self.arguments(&creation.hosts);
            option("hosts", quote!(vec![#(#hosts),*]));
        }
        if creation.disjoint {
            option("disjoint", quote!(true));
        }
        if let Some(priority) = &creation.priority {
            option("priority", self.owned(priority).tokens);
        }
        if let Some(name) = &creation.name {
            let name = self.owned(name).tokens;
            option("name", quote!(Some(#name)));
        }
        if let Some(durable) = &creation.durable {
            let durable = self.owned(durable).tokens;
            option("durable", quote!(Some(#durable)));
        }
        Code::fallible(
            quote!(start_server::<#class, _>(
                #class::#call,
                (#(#arguments,)*),
                ServerOptions { #(#options,)* ..ServerOptions::default() },
                cx
            )),
            Cx::Writes,
        )
    }

    fn invoke(&mut self, object: &Expr, method: MethodId, arguments: &[Expr]) -> Code {
        let declared = self.program().method(method);
        let class = self.emitter.class_path(declared.class, self.here);
        let call = self.emitter.method_call(method);
        let entry = self.emitter.names.method(method);
        let names: Vec<_> = declared
            .body
            .parameter_ids()
            .map(|id| super::name::locals(&declared.body)[id.index()].clone())
            .collect();
        let object = self.object_for(object, declared.class).tokens;
        let (arguments, _) = self.arguments(arguments);
        Code::fallible(
            quote!(invoke(
                #object,
                #class::#call,
                (#(#arguments,)*),
                |object, (#(#names,)*), cx| #class::#entry(object, #(#names,)* cx),
                cx
            )),
            Cx::Writes,
        )
    }

    fn accept(&mut self, accept: &Accept) -> Code {
        let futures = self.borrowed_from_outside(&accept.futures).tokens;
        let count = self.owned(&accept.count).tokens;
        let Some(timeout) = &accept.timeout else {
            return Code::fallible(quote!(accept(#futures, #count, cx)), Cx::Writes);
        };
        let seconds = self.owned(&timeout.seconds).tokens;
        let within = quote!(accept_within(#futures, #count, #seconds, cx));
        match &timeout.block {
            None => Code::fallible(quote!(or_timeout(#within)), Cx::Writes),
            Some(block) => {
                let block = self.block(block);
                Code::new(
                    quote!(match #within? {
                        Some(index) => index,
                        None => {
                            #block
                            -1
                        }
                    }),
                    super::code::Level::Block,
                    Cx::Writes,
                )
            }
        }
    }
}
