//! Servers beside the one that main calls: one that it calls itself, and an array of them with several calls at a time.

use super::Generator;
use super::ty::Ty;

impl Generator {
    fn ledger(&self) -> String {
        format!("ledger_{}", self.seed)
    }

    /// A server class, and one that derives from it.
    pub fn ledgers(&mut self) {
        let name = self.ledger();
        let thing = self.name_of(&Ty::Class(0));
        self.open(&format!("server class {name}"));
        self.line("public:");
        self.line(&format!("{name} (int start) {{ total = start; }}"));
        let fields = [
            ("total".to_owned(), Ty::Int),
            ("kept".to_owned(), Ty::Class(0)),
            ("text".to_owned(), Ty::Text),
        ];
        let outer = self.scope.len();
        self.enter(&fields);
        self.open("int add (int by)");
        self.line("total += by;");
        self.own_statements("by", &Ty::Int);
        let modulus = self.random.between(2, 6);
        self.line(&format!(
            "if (total % {modulus} == 1) throw new failure (total);"
        ));
        self.line("return total;");
        self.close();
        // Loops that are split call what never raises: calls behind one that raises may have been sent.
        self.line("int tally (int by) { if (total < 60) total += by; return total; }");
        self.open(&format!("{thing} keep ({thing} given)"));
        self.line(&format!("{thing} former = kept;"));
        self.line("kept = given;");
        self.line("if (given != null) given->tag += 1;");
        self.own_statements("given", &Ty::Class(0));
        self.line("return former;");
        self.close();
        self.open("string show () const");
        self.line("return format (\"{}/{}/{}\", total, tag_of (kept), text);");
        self.close();
        self.line("private:");
        for (field, ty) in &fields {
            let word = if matches!(ty, Ty::Class(_)) {
                "relation"
            } else {
                "attribute"
            };
            let declared = self.declared(ty, field);
            self.line(&format!("{word} {declared};"));
        }
        self.scope.truncate(outer);
        self.close();
        if self.seed % 2 == 1 {
            self.strict_ledger(&name);
        }
    }

    fn strict_ledger(&mut self, base: &str) {
        self.open(&format!(
            "server class strict_{} : public {base}",
            self.seed
        ));
        self.line("public:");
        self.line(&format!(
            "strict_{} (int start) : {base} (start + 1) {{ }}",
            self.seed
        ));
        let factor = self.random.between(1, 3);
        self.open("int add (int by)");
        self.line("sum += by;");
        self.line(&format!("return {base}::add (by * {factor}) * 100 + sum;"));
        self.close();
        self.line("private:");
        self.line("attribute int sum;");
        self.close();
    }

    /// A statement or two of a method with one parameter, of whose type it returns a value.
    fn own_statements(&mut self, parameter: &str, ty: &Ty) {
        let result = std::mem::replace(&mut self.result, ty.clone());
        let outer = self.scope.len();
        self.declare(parameter, ty);
        let count = 1 + self.random.below(2);
        self.body(count, 1);
        self.scope.truncate(outer);
        self.result = result;
    }

    /// A statement of the store that calls the server it knows.
    pub fn nested_call(&mut self) {
        let value = self.expr(&Ty::Int, 1);
        match self.random.below(6) {
            0 if self.loops == 0 => {
                let object = self.stored(&Ty::Class(0));
                let object = object.unwrap_or_else(|| "null".to_owned());
                let former = self.fresh("k");
                let class = self.name_of(&Ty::Class(0));
                self.line(&format!("{class} {former} = book->keep ({object});"));
                self.declare(&former, &Ty::Class(0));
            }
            1 if self.loops == 0 => {
                let name = self.fresh("i");
                self.line(&format!(
                    "for every {name}, 0 <= {name} < 2, book->tally ({name});"
                ));
            }
            2 if self.loops == 0 => {
                let future = self.fresh("f");
                self.line(&format!(
                    "future<int> {future} = invoke book->add ({value});"
                ));
                self.line(&format!("count += {future}->result;"));
            }
            3 => {
                self.open("try");
                self.line(&format!("count += book->add ({value});"));
                self.close();
                self.line("catch (failure x) { count += x->code; }");
            }
            4 => self.line(&format!("count += book->add ({value});")),
            _ => self.line("if (length (book->show ()) > 12) count -= 1;"),
        }
    }

    /// `array`, which makes several calls at a time.
    pub fn array_calls(&mut self) {
        let ledger = self.ledger();
        let add = self.random.between(0, 9);
        self.open(&format!("void array ({ledger} shelf)"));
        self.line("int n = length (shelf);");
        for _ in 0..1 + self.random.below(2) {
            match self.random.below(3) {
                0 => self.all_then_each(add),
                1 => self.every_server(),
                _ => self.objects_to_each(),
            }
            self.line("for every i, 0 <= i < n, print (\"{} \", shelf[i]->show ());");
            self.line("println (\"\");");
        }
        self.close();
    }

    /// Futures of all, accepted in whatever order they come.
    fn all_then_each(&mut self, add: i64) {
        let (all, order) = (self.fresh("all"), self.fresh("order"));
        self.line(&format!("future<int> {all}[3];"));
        self.line(&format!("int {order} = 0;"));
        self.line(&format!(
            "for every i, 0 <= i < n, {all}[i] = invoke shelf[i]->add (i * 3 + {add});"
        ));
        self.open("try");
        self.line(&format!(
            "for (int i = 0; i <= n; i++) {order} += 10 + accept ({all}, n);"
        ));
        self.close();
        self.line(&format!(
            "catch (exception x) {{ println (\"{{}} {{}}\", {order}, kind_of (x)); }}"
        ));
        self.open("for (int i = 0; i < n; i++)");
        self.line(&format!(
            "try {{ println (\"{{}}: {{}}\", i, {all}[i]->result); }}"
        ));
        self.line("catch (exception x) { println (\"{}: {}\", i, kind_of (x)); }");
        self.close();
    }

    /// A loop that the compiler may split into calls and replies.
    fn every_server(&mut self) {
        let (sum, by) = (self.fresh("sum"), self.random.between(1, 6));
        self.line(&format!("int {sum} = 0;"));
        self.open("try");
        let line = match self.random.below(3) {
            0 => format!("for every i, 0 <= i < n, shelf[i]->tally (i * {by});"),
            1 => format!("for every i, 0 <= i < n, {sum} += shelf[i]->tally (i + {by});"),
            _ => format!(
                "for every i, 0 <= i < n, {{ int r = shelf[i]->tally ({by}); println (\"{{}}\", r); {sum} -= r; }}"
            ),
        };
        self.line(&line);
        self.close();
        self.line(&format!(
            "catch (exception x) {{ println (\"{{}} {{}}\", {sum}, kind_of (x)); }}"
        ));
        self.line(&format!("println (\"{{}}\", {sum});"));
    }

    /// An object that each server gets a copy of.
    fn objects_to_each(&mut self) {
        let object = self.fresh("o");
        let class = self.name_of(&Ty::Class(0));
        let made = self.new_object_of(&Ty::Class(0));
        self.line(&format!("{class} {object} = {made};"));
        self.open("try");
        self.line(&format!(
            "for (int i = 0; i < n; i++) println (\"{{}}\", tag_of (shelf[i]->keep ({object})));"
        ));
        self.line(&format!("{object}->tag = 40;"));
        self.line(&format!(
            "println (\"{{}} {{}}\", shelf[n - 1]->show (), tag_of ({object}));"
        ));
        self.close();
        self.line("catch (exception x) { println (\"{}\", kind_of (x)); }");
    }
}
