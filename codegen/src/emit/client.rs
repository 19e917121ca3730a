//! Asynchronous clients of server classes, for the Rust code around a program.
//!
//! A client's method takes and gives what Rust has: strings, vectors, numbers, plain copies of objects, other clients.
//! It runs the class's own method on a thread of the cluster's sessions. What Rust has nothing for (hosts, futures,
//! objects of the embedding code) has no place in a signature: methods with such are left out, and the client's
//! documentation says which.

use std::collections::BTreeSet;

use super::Emitter;
use super::arguments::values;
use super::external::elsewhere;
use super::name::{ident, snake};
use crate::format::{Name, Printer, Tokens, commas, documentation, rust};
use crate::ir::{Body, ClassId, ClassKind, ConstructorId, MethodId, Type};

/// The functions that each client has.
const OWN: &[&str] = &["create", "find", "delete", "clone", "of"];
/// What the printed bodies name themselves.
const LOCALS: &[&str] = &["cluster", "options", "cx", "this", "value"];

/// Parameters of a client's function.
#[derive(Default)]
struct Parameters {
    /// As they are declared.
    declared: Vec<Tokens>,
    /// What makes them ready to be sent to another thread.
    before: Tokens,
    /// What makes them the program's values there.
    converted: Tokens,
    names: Vec<Name>,
}

impl Emitter<'_> {
    /// The module of all clients.
    pub(super) fn client_module(&self, printer: &mut Printer) {
        printer.begin_module(&rust! {
            /// Asynchronous clients of the server classes.
            pub mod client
        });
        let root = &self.root();
        printer.items(&rust! {
            use cmsl_runtime::embed;
            use cmsl_runtime::embed::Client;
            pub use cmsl_runtime::embed::Cluster;
            use cmsl_runtime::embed::Connect;
            use cmsl_runtime::embed::Creation;
            pub use cmsl_runtime::embed::Failure;
            pub use cmsl_runtime::embed::Model;
            use cmsl_runtime::prelude::*;

            /// Runs this process as a host of the program if it was started as one (`kernel …`), and then does not
            /// return. Belongs at the beginning of `main`: the executable is its own hosts.
            pub fn host_if_asked() {
                embed::host_if_asked(&#root PROGRAM);
            }

            /// Connects to the cluster that `CMSL_CLUSTER` names; without that, starts one on loopback addresses,
            /// which ends with this process. What is to be otherwise goes before `.await`.
            pub fn cluster() -> Connect {
                Connect::new(&#root PROGRAM, &#root CODE)
            }
        });
        for id in self.server_classes() {
            printer.items(&self.client(id));
        }
        printer.end_module();
    }

    /// Adds the classes whose objects go through clients as plain copies.
    pub(super) fn want_of_clients(&self, wanted: &mut BTreeSet<ClassId>) {
        for id in self.server_classes() {
            for method in self.client_methods(id) {
                let method = self.program.method(method);
                self.want_native(method.result, wanted);
                self.want_parameters(&method.body, wanted);
            }
            for constructor in self.client_constructors(id) {
                self.want_parameters(&self.program.constructor(constructor).body, wanted);
            }
        }
    }

    fn want_parameters(&self, body: &Body, wanted: &mut BTreeSet<ClassId>) {
        for local in body.locals.iter().take(body.parameters) {
            self.want_native(local.ty, wanted);
        }
    }

    fn want_native(&self, ty: Type, wanted: &mut BTreeSet<ClassId>) {
        if self.served_class(ty).is_none() {
            self.want(ty, wanted);
        }
    }

    fn server_classes(&self) -> Vec<ClassId> {
        let all = (0..self.program.classes.len()).map(ClassId::at);
        all.filter(|&id| self.program.class(id).kind == ClassKind::Server)
            .collect()
    }

    fn client_constructors(&self, id: ClassId) -> Vec<ConstructorId> {
        let all = self.program.class(id).constructors.iter().copied();
        all.filter(|&id| {
            let constructor = self.program.constructor(id);
            constructor.is_public && self.has_native_parameters(&constructor.body)
        })
        .collect()
    }

    fn client_methods(&self, id: ClassId) -> Vec<MethodId> {
        let mut methods = self.public_methods(id);
        methods.retain(|&id| self.is_client_method(id));
        methods
    }

    fn is_client_method(&self, id: MethodId) -> bool {
        let method = self.program.method(id);
        self.is_native(method.result) && self.has_native_parameters(&method.body)
    }

    fn has_native_parameters(&self, body: &Body) -> bool {
        let mut parameters = body.locals.iter().take(body.parameters);
        parameters.all(|local| self.is_native(local.ty))
    }

    /// Whether Rust has something for a type.
    fn is_native(&self, ty: Type) -> bool {
        self.served_class(ty).is_some() || (self.is_plain(ty) && !self.holds_server(ty))
    }

    /// Whether values of a type consist of servers, as far as its elements say.
    fn holds_server(&self, ty: Type) -> bool {
        match self.program.types.element(ty) {
            Some(inner) => self.holds_server(inner),
            None => self.served_class(ty).is_some(),
        }
    }

    /// The class, if the type is that of a server class.
    fn served_class(&self, ty: Type) -> Option<ClassId> {
        match ty {
            Type::Class(id) if self.program.class(id).kind == ClassKind::Server => Some(id),
            _ => None,
        }
    }

    fn client_name(&self, id: ClassId) -> Name {
        ident(&format!("{}Client", self.names.plain(id).as_str()))
    }

    fn client(&self, id: ClassId) -> Tokens {
        let class = self.program.class(id);
        let path = &self.class_path(id, elsewhere());
        let name = &self.client_name(id);
        let about = self.about_client(id);
        let created: Tokens = self
            .client_constructors(id)
            .into_iter()
            .map(|constructor| self.client_create(path, constructor))
            .collect();
        let mut taken: Vec<String> = OWN.iter().map(|&name| name.to_owned()).collect();
        taken.extend(class.constructors.iter().map(|&id| self.create_name(id)));
        let methods: Tokens = self
            .client_methods(id)
            .into_iter()
            .map(|method| self.client_method(id, method, &mut taken))
            .collect();
        rust! {
            #about
            #[derive(Clone, Debug)]
            pub struct #name {
                cluster: Cluster,
                server: Ref<#path>,
            }

            impl Client for #name {
                type Class = #path;

                fn of(cluster: Cluster, server: Ref<#path>) -> Self {
                    Self { cluster, server }
                }
            }

            impl #name {
                #created

                /// The running server that was created with this name, if there is one.
                pub async fn find(cluster: &Cluster, name: impl AsRef<str>) -> Result<Option<Self>, Failure> {
                    embed::find(cluster, name.as_ref()).await
                }

                /// Stops the server; calls to it fail from then on.
                pub async fn delete(self) -> Result<(), Failure> {
                    self.cluster.run(move |cx| delete(&self.server, cx)).await
                }

                #methods
            }
        }
    }

    /// What stands before a client.
    fn about_client(&self, id: ClassId) -> Tokens {
        let class = self.program.class(id);
        let mut lines = class.documentation.clone();
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.push(format!("A client of a server of class `{}`.", class.name));
        let missing: Vec<String> = self
            .public_methods(id)
            .into_iter()
            .filter(|&id| !self.is_client_method(id))
            .map(|id| format!("`{}`", self.program.method(id).name))
            .collect();
        if !missing.is_empty() {
            lines.push(String::new());
            lines.push(format!(
                "Not here, because Rust has nothing for some of their types: {}.",
                missing.join(", ")
            ));
        }
        documentation(lines.iter().map(String::as_str))
    }

    fn create_name(&self, id: ConstructorId) -> String {
        match self.program.constructor(id).overload {
            0 => "create".to_owned(),
            other => format!("create_{}", other + 1),
        }
    }

    fn client_create(&self, path: &Tokens, id: ConstructorId) -> Tokens {
        let constructor = self.program.constructor(id);
        let Parameters {
            declared,
            before,
            converted,
            names,
        } = self.client_parameters(&constructor.body);
        let call = self.constructor_call(id);
        let name = ident(&self.create_name(id));
        let docs = super::item::documentation(&constructor.documentation);
        let arguments = values(&names);
        let declared = commas([rust!(cluster: &Cluster)].into_iter().chain(declared));
        rust! {
            /// Creates a server; its properties go before `.await`.
            #docs
            pub fn #name(#declared) -> Creation<Self> {
                #before
                Creation::new(cluster, move |options, cx| {
                    #converted
                    start_server(#path::#call, #arguments, options, cx)
                })
            }
        }
    }

    fn client_method(&self, class: ClassId, id: MethodId, taken: &mut Vec<String>) -> Tokens {
        let method = self.program.method(id);
        let Parameters {
            declared,
            before,
            converted,
            names,
        } = self.client_parameters(&method.body);
        let called = self.names.method(id);
        let name = match method.overload {
            0 => snake(&method.name),
            other => format!("{}_{}", snake(&method.name), other + 1),
        };
        let name = &ident(&unique(&name, taken));
        let owner = &self.class_path(method.class, elsewhere());
        let docs = super::item::documentation(&method.documentation);
        let this = if method.class == class {
            rust!(self.server.clone())
        } else {
            rust!(self.server.upcast::<#owner>())
        };
        let declared = commas([rust!(&self)].into_iter().chain(declared));
        let call = rust!(#owner::#called(&this, #(#names,)* cx));
        let (cluster, result, answer) = self.client_answer(method.result, call);
        rust! {
            #docs
            pub async fn #name(#declared) -> Result<#result, Failure> {
                let this = #this;
                #cluster
                #before
                self.cluster.run(move |cx| { #converted #answer }).await
            }
        }
    }

    /// Of a call with this result: what it needs before, its Rust type, and the end of the closure.
    fn client_answer(&self, ty: Type, call: Tokens) -> (Tokens, Tokens, Tokens) {
        match ty {
            Type::Void => (rust!(), rust!(()), call),
            Type::Class(id) if self.served_class(ty).is_some() => {
                let client = self.client_name(id);
                let answer = rust!(let value = #call?; embed::client(&cluster, &value));
                let before = rust!(let cluster = self.cluster.clone(););
                (before, rust!(Option<#client>), answer)
            }
            Type::Class(_) => {
                let data = self.data_type(ty);
                let copied = self.to_data(ty, rust!(value), rust!(0), 0);
                let answer = rust! {
                    let value = #call?;
                    if value.is_null() {
                        return Ok(None);
                    }
                    Ok(Some(#copied))
                };
                (rust!(), rust!(Option<#data>), answer)
            }
            _ if self.is_same_in_rust(ty) => (rust!(), self.data_type(ty), call),
            _ => {
                let copied = self.to_data(ty, rust!(value), rust!(0), 0);
                let answer = rust!(let value = #call?; Ok(#copied));
                (rust!(), self.data_type(ty), answer)
            }
        }
    }

    /// Whether values need no conversion.
    fn is_same_in_rust(&self, ty: Type) -> bool {
        ty.is_number() || matches!(ty, Type::Boolean | Type::Char | Type::Enum(_))
    }

    fn client_parameters(&self, body: &Body) -> Parameters {
        let mut parameters = Parameters::default();
        let mut taken: Vec<String> = LOCALS.iter().map(|&name| name.to_owned()).collect();
        for local in body.locals.iter().take(body.parameters) {
            let name = ident(&unique(&snake(&local.name), &mut taken));
            self.client_parameter(&name, local.ty, &mut parameters);
            parameters.names.push(name);
        }
        parameters
    }

    fn client_parameter(&self, name: &Name, ty: Type, parameters: &mut Parameters) {
        let data = self.data_type(ty);
        match ty {
            Type::Class(id) if self.served_class(ty).is_some() => {
                let client = self.client_name(id);
                parameters.declared.push(rust!(#name: &#client));
                let before = rust!(let #name = #name.server.clone(););
                parameters.before.append(before);
            }
            Type::Class(_) => {
                let declared = rust!(#name: impl Into<Option<#data>>);
                parameters.declared.push(declared);
                let data = self.data_type(ty);
                let before = rust!(let #name: Option<#data> = #name.into(););
                parameters.before.append(before);
                parameters.converted.append(rust! {
                    let #name = match #name {
                        Some(data) => data.make(cx)?,
                        None => Ref::null(),
                    };
                });
            }
            Type::String => {
                parameters.declared.push(rust!(#name: impl Into<String>));
                let before = rust!(let #name: String = #name.into(););
                parameters.before.append(before);
                let converted = rust!(let #name = Text::from(#name););
                parameters.converted.append(converted);
            }
            _ => {
                parameters.declared.push(rust!(#name: #data));
                if !self.is_same_in_rust(ty) {
                    let value = self.of_data(ty, rust!(#name));
                    parameters.converted.append(rust!(let #name = #value;));
                }
            }
        }
    }
}

/// The name, or with an underscore or more behind it.
fn unique(name: &str, taken: &mut Vec<String>) -> String {
    let mut name = name.to_owned();
    while taken.contains(&name) {
        name.push('_');
    }
    taken.push(name.clone());
    name
}
