//! The server class, and the calls that main makes of it.

use super::ty::Ty;
use super::{Generator, Signature};

impl Generator {
    /// The class; gives its public methods.
    pub fn server_class(&mut self) -> Vec<Signature> {
        let name = format!("store_{}", self.seed);
        self.open(&format!("server class {name}"));
        self.line("public:");
        let mut fields = vec![("count".to_owned(), Ty::Int)];
        let mut declared = vec!["attribute int count;".to_owned()];
        for _ in 0..3 + self.random.below(3) {
            let ty = self.any();
            let field = self.fresh("s");
            let word = if matches!(ty, Ty::Class(_)) {
                "relation"
            } else {
                "attribute"
            };
            declared.push(format!("{word} {};", self.declared(&ty, &field)));
            fields.push((field, ty));
        }
        let outer = self.scope.len();
        self.enter(&fields);
        if self.has_ledgers {
            declared.push(format!("relation ledger_{} book;", self.seed));
        }
        self.constructor(&name);
        self.books = self.has_ledgers;
        // Helpers come first, so that methods may call them; they stand behind `private:`.
        let mut private = Vec::new();
        for _ in 0..self.random.below(2) {
            private.push(self.server_signature("helper"));
        }
        let mut public = Vec::new();
        let own: Vec<Signature> = private.clone();
        for _ in 0..2 + self.random.below(2) {
            self.own = own.clone();
            let signature = self.server_signature("call");
            self.server_method(&signature);
            public.push(signature);
        }
        self.server_show(&fields);
        self.line("private:");
        self.own = Vec::new();
        for signature in &private {
            self.server_method(signature);
        }
        for line in declared {
            self.line(&line);
        }
        if self.random.percent(35) {
            self.line("invariant (count < 60);");
        }
        self.books = false;
        self.scope.truncate(outer);
        self.close();
        public
    }

    fn constructor(&mut self, name: &str) {
        let signature = Signature {
            name: name.to_owned(),
            parameters: vec![Ty::Int],
            result: Ty::Void,
            pure: false,
        };
        if self.has_ledgers {
            self.open(&format!("{name} (int start, ledger_{} b)", self.seed));
            self.line("book = b;");
        } else {
            self.open(&format!("{name} (int start)"));
        }
        self.line("count = start;");
        // One that raises leaves nothing to call.
        let size = if self.random.percent(10) { 2 } else { 0 };
        if size == 0 {
            let outer = self.scope.len();
            self.declare("start", &Ty::Int);
            self.open("try");
            self.body(3, 1);
            self.close();
            self.line("catch (exception x) { println (\"started {}\", kind_of (x)); }");
            self.scope.truncate(outer);
        }
        self.routine(&signature, &["start".to_owned()], size);
    }

    fn server_signature(&mut self, prefix: &str) -> Signature {
        let count = self.random.below(4);
        Signature {
            name: self.fresh(prefix),
            parameters: (0..count).map(|_| self.passed()).collect(),
            result: if self.random.percent(25) {
                Ty::Void
            } else {
                self.passed()
            },
            pure: self.random.percent(20),
        }
    }

    fn server_method(&mut self, signature: &Signature) {
        let (head, names) = self.head(signature);
        let outer = self.scope.len();
        for (name, ty) in names.iter().zip(&signature.parameters) {
            self.declare(name, ty);
        }
        let pre = self.contract("pre");
        let post = self.contract("post");
        self.scope.truncate(outer);
        let constant = if signature.pure { " const" } else { "" };
        self.open(&format!("{head}{constant}{pre}{post}"));
        if !signature.pure {
            let by = self.random.between(0, 9);
            self.line(&format!("count += {by};"));
        }
        let size = 1 + self.random.below(3);
        self.routine(signature, &names, size);
    }

    fn server_show(&mut self, fields: &[(String, Ty)]) {
        self.open("string show () const");
        let values: Vec<String> = fields
            .iter()
            .map(|(name, ty)| match ty {
                Ty::Class(_) => format!("({name} == null ? -1 : {name}->tag)"),
                _ => self.show(name, ty),
            })
            .collect();
        let holes = vec!["{}"; fields.len()].join(" ");
        self.line(&format!(
            "return format (\"{holes}\", {});",
            values.join(", ")
        ));
        self.close();
    }

    /// `use`, which makes the same calls whatever the variable holds.
    pub fn calls(&mut self, public: &[Signature]) {
        let outer = self.scope.len();
        let book = match self.has_ledgers {
            true => format!(", ledger_{} b", self.seed),
            false => String::new(),
        };
        self.open(&format!("void use (store_{} s{book})", self.seed));
        for _ in 0..2 {
            let ty = self.class_type();
            let name = self.fresh("o");
            let declared = self.declared(&ty, &name);
            let value = self.new_object_of(&ty);
            self.line(&format!("{declared} = {value};"));
            self.declare(&name, &ty);
        }
        for number in 0..4 + self.random.below(4) {
            let signature = self.random.of(public).clone();
            self.guarded(number, &signature);
        }
        if self.random.percent(25) {
            let signature = self.random.of(public).clone();
            let call = self.call(&signature, 1);
            self.line(&format!("s->{call};"));
        }
        self.scope.truncate(outer);
        self.close();
    }

    /// A call whose outcome is shown, be it an exception, and then the state of the server.
    fn guarded(&mut self, number: usize, signature: &Signature) {
        self.open("try");
        let outer = self.scope.len();
        let call = self.call(signature, 1);
        if self.random.percent(25) {
            let future = self.fresh("f");
            let result = self.name_of(&signature.result);
            self.line(&format!("future<{result}> {future} = invoke s->{call};"));
            if self.random.percent(50) {
                self.line(&format!(
                    "println (\"{number} accept {{}}\", accept ({future}, 1));"
                ));
            }
            if signature.result == Ty::Void {
                self.line(&format!("{future}->result;"));
            } else {
                self.line(&format!("{result} r{number} = {future}->result;"));
                let shown = self.show(&format!("r{number}"), &signature.result);
                self.line(&format!("println (\"{number} future {{}}\", {shown});"));
            }
        } else if signature.result == Ty::Void {
            self.line(&format!("s->{call};"));
            self.line(&format!("println (\"{number} done\");"));
        } else {
            let result = self.name_of(&signature.result);
            self.line(&format!("{result} r{number} = s->{call};"));
            let shown = self.show(&format!("r{number}"), &signature.result);
            self.line(&format!("println (\"{number} {{}}\", {shown});"));
        }
        self.scope.truncate(outer);
        self.close();
        self.line(&format!(
            "catch (failure x) {{ println (\"{number} failure {{}} {{}}\", x->code, x->message); }}"
        ));
        self.line(&format!(
            "catch (exception x) {{ println (\"{number} {{}}\", kind_of (x)); }}"
        ));
        self.line("println (\"  {}\", s->show ());");
        if self.has_ledgers {
            self.line("println (\"  {}\", b->show ());");
        }
        let objects: Vec<String> = self
            .scope
            .iter()
            .filter(|one| matches!(one.ty, Ty::Class(_)))
            .map(|one| format!("tag_of ({})", one.name))
            .collect();
        let holes = vec!["{}"; objects.len()].join(" ");
        self.line(&format!("println (\"  {holes}\", {});", objects.join(", ")));
    }
}
