//! The parts of a program in their order.

use super::ty::{INTEGERS, Ty};
use super::{Generator, Signature};

/// Says which class an exception has.
const KIND_OF: &str = r#"string kind_of (exception e)
{
    try { throw e; }
    catch (arithmetic_error x) { return "arithmetic"; }
    catch (index_out_of_range x) { return "index"; }
    catch (null_reference x) { return "null"; }
    catch (no_such_element x) { return "element"; }
    catch (assertion_failed x) { return "assertion"; }
    catch (bad_cast x) { return "cast"; }
    catch (precondition_failed x) { return "pre " + x->message; }
    catch (postcondition_failed x) { return "post " + x->message; }
    catch (invariant_failed x) { return "invariant " + x->message; }
    catch (worse x) { return format ("worse {}", x->code); }
    catch (failure x) { return format ("failure {}", x->code); }
    catch (exception x) { return "other"; }
}

class failure : public exception {
  public:
    attribute int code;
    failure (int c) : exception ("failed") { code = c; }
}

class worse : public failure {
  public:
    worse (int c) : failure (c) { message += " badly"; }
}
"#;

impl Generator {
    pub fn program(&mut self) {
        let seed = self.seed;
        self.line(&format!("// The program of the seed {seed}."));
        for number in 0..2 {
            let name = format!("enum_{number}");
            let count = 2 + self.random.below(3);
            let values: Vec<String> = (0..count).map(|one| format!("e{number}_{one}")).collect();
            self.line(&format!("enum {name} {{ {} }};", values.join(", ")));
            self.enums.push((name, values));
        }
        for ty in [Ty::Int, Ty::Long, Ty::Text] {
            let name = self.fresh("limit");
            let value = match ty {
                Ty::Text => "\"fixed\"".to_owned(),
                _ => self.random.between(2, 40).to_string(),
            };
            let declared = self.declared(&ty, &name);
            self.line(&format!("const {declared} = {value};"));
            self.declare(&name, &ty);
            if let Some(constant) = self.scope.last_mut() {
                constant.is_constant = true;
            }
        }
        self.text.push_str(KIND_OF);
        self.function();
        self.classes();
        self.limit = usize::MAX;
        self.function();
        self.overloads();
        self.has_ledgers = self.random.percent(55);
        if self.has_ledgers {
            self.ledgers();
        }
        let public = self.server_class();
        self.calls(&public);
        if self.has_ledgers {
            self.array_calls();
        }
        self.main();
        self.helpers();
    }

    fn function(&mut self) {
        let count = 1 + self.random.below(2);
        let signature = Signature {
            name: self.fresh("f"),
            parameters: (0..count).map(|_| self.passed()).collect(),
            result: self.passed(),
            pure: self.random.percent(50),
        };
        self.write_function(&signature);
    }

    fn write_function(&mut self, signature: &Signature) {
        let (head, names) = self.head(signature);
        let outer = self.scope.len();
        for (name, ty) in names.iter().zip(&signature.parameters) {
            self.declare(name, ty);
        }
        let contract = self.contract("pre");
        self.scope.truncate(outer);
        self.open(&format!("{head}{contract}"));
        let size = 1 + self.random.below(3);
        self.routine(signature, &names, size);
        self.functions.push(signature.clone());
    }

    /// Functions of one name, told apart by types.
    fn overloads(&mut self) {
        let name = self.fresh("over");
        let first = self.random.of(&INTEGERS).clone();
        let result = self.simple();
        for parameters in [
            vec![first],
            vec![Ty::Double],
            vec![Ty::Text],
            vec![Ty::Text, Ty::Int],
        ] {
            if self.random.percent(35) {
                self.write_function(&Signature {
                    name: name.clone(),
                    parameters,
                    result: result.clone(),
                    pure: true,
                });
            }
        }
    }

    fn main(&mut self) {
        let store = format!("store_{}", self.seed);
        let start = self.random.between(0, 9);
        let (book, uses) = match self.has_ledgers {
            true => (", b", "use (s, b);"),
            false => ("", "use (s);"),
        };
        self.open("int main (list<string> args)");
        self.line(&format!("{store} s;"));
        if self.has_ledgers {
            self.line(&format!("ledger_{0} b, shelf;", self.seed));
        }
        self.open("try");
        self.open("if (args.first () == \"server\")");
        self.other_servers("server");
        self.line(&format!(
            "s = server {store} ({start}{book}) replicas (3) tolerance (1) model crash;"
        ));
        self.close();
        self.open("else");
        self.other_servers("new");
        self.line(&format!("s = new {store} ({start}{book});"));
        self.close();
        self.close();
        self.line("catch (exception e) { println (\"no store: {}\", kind_of (e)); return 3; }");
        if self.has_ledgers {
            self.line("array (shelf);");
        }
        self.line(uses);
        let status = self.random.below(3);
        self.line(&format!("return {status};"));
        self.close();
    }

    /// The server that the store knows, and an array.
    fn other_servers(&mut self, word: &str) {
        if !self.has_ledgers {
            return;
        }
        let seed = self.seed;
        // The same for both ways to run.
        let class = if seed.is_multiple_of(2) {
            "ledger"
        } else {
            "strict"
        };
        let length = 2 + seed % 3 / 2;
        let properties = match word {
            "server" if seed % 5 < 2 => " replicas (3) tolerance (1) model crash",
            _ => "",
        };
        self.line(&format!("b = {word} ledger_{seed} (2){properties};"));
        self.line(&format!(
            "shelf = {word} {class}_{seed} (3) [{length}]{properties};"
        ));
    }
}
