//! Servers: creation, `find`, `invoke`, `accept`, replies.

use super::arguments::values;
use super::body::BodyEmitter;
use super::code::{Code, Cx};
use crate::format::{Tokens, commas, rust};
use crate::ir::{Accept, Expr, ExprKind, FaultModel, MethodId, ServerCreation};
use crate::planted::{Mutant, is};

impl BodyEmitter<'_> {
    pub(super) fn communication(&mut self, expr: &Expr) -> Code {
        match &expr.kind {
            ExprKind::Server(creation) => self.server(creation),
            ExprKind::Find(class, name) => {
                let class = self.emitter.class_path(*class, self.here);
                let name = self.borrowed_from_outside(name).value();
                Code::fallible(rust!(find_server::<#class>(#name, cx)), Cx::Writes)
            }
            ExprKind::Invoke {
                object,
                method,
                arguments,
            } => self.invoke(object, *method, arguments),
            ExprKind::Accept(accept) => self.accept(accept),
            ExprKind::FutureResult(future) => {
                let future = self.borrowed_from_outside(future).value();
                Code::fallible(rust!(result(#future, cx)), Cx::Writes)
            }
            _ => Code::atom(rust!(), Cx::Unused),
        }
    }

    fn server(&mut self, creation: &ServerCreation) -> Code {
        let class = self.emitter.class_path(creation.class, self.here);
        let call = self.emitter.constructor_call(creation.constructor);
        let (arguments, _) = self.arguments(&creation.arguments);
        if creation.size.is_none() && is(Mutant::ServerIsLocal) {
            let (new, _) = &self.emitter.names.constructors[creation.constructor.index()];
            return Code::fallible(rust!(#class::#new(#(#arguments,)* cx)), Cx::Writes);
        }
        let mut options: Vec<Tokens> = Vec::new();
        let mut option = |name: &str, value: Tokens| {
            let name = super::name::ident(name);
            options.push(rust!(#name: #value));
        };
        if let Some(size) = &creation.size {
            let size = self.owned(size).value();
            option("size", rust!(Some(#size)));
        }
        if let Some(replicas) = &creation.replicas {
            option("replicas", self.owned(replicas).value());
        }
        if let Some(tolerance) = &creation.tolerance
            && !is(Mutant::ToleranceForgotten)
        {
            option("tolerance", self.owned(tolerance).value());
        }
        match creation.model {
            FaultModel::Correct => {}
            FaultModel::Crash => option("model", rust!(Model::Crash)),
            FaultModel::Byzantine => option("model", rust!(Model::Byzantine)),
        }
        if !creation.hosts.is_empty() {
            let (hosts, _) = self.arguments(&creation.hosts);
            let hosts = commas(hosts);
            option("hosts", rust!(vec![#hosts]));
        }
        if creation.disjoint {
            option("disjoint", rust!(true));
        }
        if let Some(priority) = &creation.priority {
            option("priority", self.owned(priority).value());
        }
        if let Some(name) = &creation.name {
            let name = self.owned(name).value();
            option("name", rust!(Some(#name)));
        }
        if let Some(durable) = &creation.durable {
            let durable = self.owned(durable).value();
            option("durable", rust!(Some(#durable)));
        }
        let arguments = values(arguments);
        let options = if options.is_empty() {
            rust!(ServerOptions::default())
        } else {
            rust!(ServerOptions { #(#options,)* ..ServerOptions::default() })
        };
        let served = class.clone();
        Code::fallible(
            rust!(start_server::<#served, _>(#class::#call, #arguments, #options, cx)),
            Cx::Writes,
        )
    }

    fn invoke(&mut self, object: &Expr, method: MethodId, arguments: &[Expr]) -> Code {
        let declared = self.program().method(method);
        let class = self.emitter.class_path(declared.class, self.here);
        let call = self.emitter.method_call(method);
        let entry = self.emitter.names.method(method);
        let mut names = super::name::locals(&declared.body);
        names.truncate(declared.body.parameters);
        let object = self.object_for(object, declared.class).value();
        let (arguments, _) = self.arguments(arguments);
        let (arguments, pattern) = (values(arguments), values(&names));
        let called = class.clone();
        Code::fallible(
            rust!(invoke(
                #object,
                #class::#call,
                #arguments,
                |object, #pattern, cx| #called::#entry(object, #(#names,)* cx),
                cx
            )),
            Cx::Writes,
        )
    }

    fn accept(&mut self, accept: &Accept) -> Code {
        let futures = self.borrowed_from_outside(&accept.futures).value();
        let count = self.owned(&accept.count).value();
        let Some(timeout) = &accept.timeout else {
            return Code::fallible(rust!(accept(#futures, #count, cx)), Cx::Writes);
        };
        let seconds = self.owned(&timeout.seconds).value();
        let within = rust!(accept_within(#futures, #count, #seconds, cx));
        match &timeout.block {
            None => Code::fallible(rust!(or_timeout(#within)), Cx::Writes),
            Some(block) => {
                let nobody = (!self.never_ends(block)).then(|| rust!(-1));
                let block = self.block(block);
                // What follows is the expression that this stands in, again.
                let position = self.position(accept.count.span);
                Code::new(
                    rust!(match #within? {
                        Some(index) => index,
                        None => {
                            #block
                            #position
                            #nobody
                        }
                    }),
                    super::code::Level::Block,
                    Cx::Writes,
                )
            }
        }
    }
}
