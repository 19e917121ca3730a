//! Control flow, and bodies of functions.

use super::ty::Ty;
use super::{Generator, Signature};

/// The exceptions that catches name, most of them predefined.
const CAUGHT: [&str; 9] = [
    "arithmetic_error",
    "index_out_of_range",
    "null_reference",
    "no_such_element",
    "assertion_failed",
    "bad_cast",
    "worse",
    "failure",
    "exception",
];

impl Generator {
    pub fn conditional(&mut self, depth: usize) {
        let condition = self.expr(&Ty::Boolean, 2);
        self.open(&format!("if ({condition})"));
        self.body(1, depth - 1);
        self.close();
        if self.random.percent(30) {
            let condition = self.expr(&Ty::Boolean, 1);
            self.open(&format!("else if ({condition})"));
            self.body(1, depth - 1);
            self.close();
        }
        if self.random.percent(50) {
            self.open("else");
            self.body(1, depth - 1);
            self.close();
        }
    }

    /// A body that is repeated; what leaves loops may stand in it.
    fn repeated(&mut self, depth: usize) {
        let leaves = std::mem::replace(&mut self.leaves, true);
        self.loops += 1;
        let count = 1 + self.random.below(2);
        self.body(count, if self.loops > 1 { 0 } else { depth - 1 });
        self.loops -= 1;
        self.leaves = leaves;
        self.close();
    }

    /// Declares a variable that must not change.
    fn fixed(&mut self, name: &str, ty: &Ty) {
        self.declare(name, ty);
        if let Some(variable) = self.scope.last_mut() {
            variable.is_constant = true;
        }
    }

    pub fn counted(&mut self, depth: usize) {
        let name = self.fresh("i");
        let count = 1 + self.random.below(4);
        let outer = self.scope.len();
        self.open(&format!("for (int {name} = 0; {name} < {count}; {name}++)"));
        self.fixed(&name, &Ty::Int);
        self.repeated(depth);
        self.scope.truncate(outer);
    }

    pub fn every(&mut self, depth: usize) {
        let name = self.fresh("i");
        let low = self.random.between(-1, 1);
        let high = self.random.between(0, 4);
        let (first, second) = (*self.random.of(&["<", "<="]), *self.random.of(&["<", "<="]));
        let outer = self.scope.len();
        self.open(&format!(
            "for every {name}, {low} {first} {name} {second} {high},"
        ));
        self.fixed(&name, &Ty::Int);
        self.repeated(depth);
        self.scope.truncate(outer);
    }

    pub fn through(&mut self, depth: usize) {
        let Some((collection, of)) = self.iterable() else {
            return self.counted(depth);
        };
        let name = self.fresh("e");
        let outer = self.scope.len();
        let declared = self.declared(&of, &name);
        self.open(&format!("for ({declared} : {collection})"));
        self.fixed(&name, &of);
        self.repeated(depth);
        self.scope.truncate(outer);
    }

    pub fn whiles(&mut self, depth: usize) {
        let name = self.fresh("n");
        let count = 1 + self.random.below(4);
        let outer = self.scope.len();
        self.line(&format!("int {name} = {count};"));
        self.fixed(&name, &Ty::Int);
        let is_do = self.random.percent(40);
        if is_do {
            self.open("do");
        } else {
            self.open(&format!("while ({name} > 0)"));
        }
        self.line(&format!("{name}--;"));
        self.repeated(depth);
        if is_do {
            self.line(&format!("while ({name} > 0);"));
        }
        self.scope.truncate(outer);
    }

    pub fn switch(&mut self, depth: usize) {
        let (ty, labels): (Ty, Vec<String>) = match self.random.below(4) {
            0 => {
                let id = self.random.below(self.enums.len());
                (Ty::Enum(id), self.enums[id].1.clone())
            }
            1 => {
                let labels = ["\"\"", "\"a\"", "\"grün\"", "\"bc\""];
                (Ty::Text, labels.map(str::to_owned).to_vec())
            }
            2 => {
                let labels = ["'a'", "'z'", "'ö'"];
                (Ty::Char, labels.map(str::to_owned).to_vec())
            }
            _ => (Ty::Int, (0..4).map(|n| n.to_string()).collect()),
        };
        let subject = match ty {
            Ty::Int => format!("({}) % 4", self.expr(&Ty::Int, 1)),
            _ => self.expr(&ty, 1),
        };
        self.open(&format!("switch ({subject})"));
        let leaves = std::mem::replace(&mut self.leaves, false);
        let default = self.random.below(labels.len() + 1);
        for (position, label) in labels.iter().enumerate() {
            if position == default {
                self.section("default:", depth);
            }
            self.section(&format!("case {label}:"), depth);
        }
        self.leaves = leaves;
        self.close();
    }

    fn section(&mut self, label: &str, depth: usize) {
        self.line(label);
        self.indent += 1;
        if self.random.percent(80) {
            self.open("");
            self.body(1, depth - 1);
            self.close();
            if self.random.percent(60) {
                self.line("break;");
            }
        }
        self.indent -= 1;
    }

    pub fn attempt(&mut self, depth: usize) {
        self.open("try");
        let count = 1 + self.random.below(3);
        self.body(count, depth - 1);
        self.close();
        let mut next = 0;
        let mut caught = 0;
        while next < CAUGHT.len() && caught < 3 {
            next += self.random.below(5);
            let Some(class) = CAUGHT.get(next) else { break };
            self.caught(class, depth);
            next += 1;
            caught += 1;
        }
        if caught == 0 {
            self.caught("exception", depth);
        }
    }

    fn caught(&mut self, class: &str, depth: usize) {
        let name = self.fresh("x");
        self.open(&format!("catch ({class} {name})"));
        match class {
            "failure" => self.line(&format!(
                "println (\"failure {{}} {{}}\", {name}->code, {name}->message);"
            )),
            _ => self.line(&format!("println (\"{class} {{}}\", kind_of ({name}));")),
        }
        self.catches += 1;
        self.body(1, depth - 1);
        self.catches -= 1;
        if self.random.percent(12) {
            self.line("throw;");
        }
        self.close();
    }

    pub fn throw(&mut self) {
        let condition = self.expr(&Ty::Boolean, 1);
        let code = self.expr(&Ty::Int, 1);
        let class = *self.random.of(&["failure", "worse", "failure", "bad_cast"]);
        let argument = if class == "bad_cast" {
            "\"own\"".to_owned()
        } else {
            code
        };
        self.line(&format!("if ({condition}) throw new {class} ({argument});"));
    }

    /// `break`, `continue` or `return`, in some cases only, so that what follows can be reached.
    pub fn leave(&mut self) {
        let condition = self.expr(&Ty::Boolean, 1);
        let what = match self.random.below(3) {
            0 if self.leaves => "break".to_owned(),
            1 if self.leaves => "continue".to_owned(),
            _ if self.result == Ty::Void => "return".to_owned(),
            _ => {
                let result = self.result.clone();
                format!("return {}", self.expr(&result, 1))
            }
        };
        self.line(&format!("if ({condition}) {what};"));
    }

    /// A routine with a body; the line that opens it is written already.
    pub fn routine(&mut self, signature: &Signature, names: &[String], size: usize) {
        let outer = self.scope.len();
        let pure = std::mem::replace(&mut self.pure, signature.pure);
        let result = std::mem::replace(&mut self.result, signature.result.clone());
        for (name, ty) in names.iter().zip(&signature.parameters) {
            self.declare(name, ty);
        }
        for _ in 0..size {
            let depth = 1 + self.random.below(2);
            self.stmt(depth);
        }
        if signature.result != Ty::Void {
            let value = self.expr(&signature.result, 2);
            self.line(&format!("return {value};"));
        }
        self.scope.truncate(outer);
        self.pure = pure;
        self.result = result;
        self.close();
    }

    /// `int f (int p, string q)`, with the names of the parameters.
    pub fn head(&mut self, signature: &Signature) -> (String, Vec<String>) {
        let names: Vec<String> = signature
            .parameters
            .iter()
            .map(|_| self.fresh("p"))
            .collect();
        let typed: Vec<String> = names
            .iter()
            .zip(&signature.parameters)
            .map(|(name, ty)| self.declared(ty, name))
            .collect();
        let result = self.name_of(&signature.result);
        let head = format!("{result} {} ({})", signature.name, typed.join(", "));
        (head, names)
    }

    /// A condition of a contract that mostly holds.
    pub fn contract(&mut self, kind: &str) -> String {
        if !self.random.percent(25) {
            return String::new();
        }
        let pure = std::mem::replace(&mut self.pure, true);
        let condition = match self.changeable(|ty| *ty == Ty::Int) {
            Some(found) => format!("{} < 10", found.name),
            None => match self.variable(&Ty::Int) {
                Some(name) => format!("{name} != 3"),
                None => self.expr(&Ty::Boolean, 1),
            },
        };
        self.pure = pure;
        format!(" {kind} ({condition})")
    }
}
