//! Statements.

use super::Generator;
use super::ty::Ty;

/// The most elements that a collection gets.
const LENGTH_MAX: usize = 9;

impl Generator {
    /// Some statements in a scope of their own.
    pub fn body(&mut self, count: usize, depth: usize) {
        let outer = self.scope.len();
        for _ in 0..count {
            self.stmt(depth);
        }
        self.scope.truncate(outer);
    }

    fn few(&mut self) -> usize {
        1 + self.random.below(2)
    }

    /// One statement, with so many more levels below it.
    pub fn stmt(&mut self, depth: usize) {
        if self.books && !self.pure && self.loops < 2 && self.random.percent(9) {
            return self.nested_call();
        }
        if depth == 0 {
            return self.plain();
        }
        match self.random.below(30) {
            0..14 => self.plain(),
            14..17 => self.conditional(depth),
            17 | 18 => self.counted(depth),
            19 => self.through(depth),
            20 => self.every(depth),
            21 => self.whiles(depth),
            22..24 => self.switch(depth),
            24..27 => self.attempt(depth),
            27 => {
                self.open("");
                let count = self.few();
                self.body(count, depth - 1);
                self.close();
            }
            28 => self.leave(),
            _ => self.throw(),
        }
    }

    /// A statement without others below it.
    fn plain(&mut self) {
        match self.random.below(22) {
            0..5 => self.declaration(),
            5..11 => self.assignment(),
            11 | 12 => self.step(),
            13..16 => self.mutation(),
            16 | 17 => self.field_assignment(),
            18 => self.call_statement(),
            19 => {
                let condition = self.expr(&Ty::Boolean, 1);
                let truth = self.random_truth();
                self.line(&format!("assert ({condition} || {truth});"));
            }
            _ => self.print(),
        }
    }

    /// A condition that mostly holds.
    fn random_truth(&mut self) -> &'static str {
        if self.random.percent(85) {
            "true"
        } else {
            "false"
        }
    }

    fn declaration(&mut self) {
        let ty = self.any();
        let name = match self.variable(&ty) {
            // Inner blocks may hide outer variables.
            Some(name) if self.random.percent(8) && self.loops + self.catches > 0 => {
                self.fresh(&format!("{name}_"))
            }
            _ => self.fresh("v"),
        };
        let declared = self.declared(&ty, &name);
        let is_bare = matches!(ty, Ty::Array(..)) || self.random.percent(20);
        if is_bare {
            self.line(&format!("{declared};"));
        } else {
            let value = self.expr(&ty, 2);
            self.line(&format!("{declared} = {value};"));
        }
        self.declare(&name, &ty);
    }

    fn assignment(&mut self) {
        let Some(found) = self.changeable(|ty| !matches!(ty, Ty::Array(..))) else {
            return self.declaration();
        };
        let (name, ty) = (found.name, found.ty);
        let compound = self.random.percent(40);
        match &ty {
            Ty::Text => {
                // What grows is kept short.
                let value = self.expr(&ty, 2);
                let op = if compound { "+=" } else { "=" };
                self.line(&format!("if (length ({name}) < 30) {name} {op} {value};"));
            }
            integer if integer.is_integer() && compound => {
                let op = *self
                    .random
                    .of(&["+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>"]);
                let value = match op {
                    "<<" | ">>" => self.random.below(9).to_string(),
                    _ => self.expr(&ty, 2),
                };
                self.line(&format!("{name} {op}= {value};"));
            }
            number if number.is_number() && compound => {
                let op = *self.random.of(&["+", "-", "*", "/"]);
                let value = self.expr(&ty, 1);
                self.line(&format!("{name} {op}= {value};"));
            }
            Ty::Error if compound => {
                let code = self.expr(&Ty::Int, 1);
                self.line(&format!("{name}.code = {code};"));
            }
            _ => {
                let value = self.expr(&ty, 2);
                self.line(&format!("{name} = {value};"));
            }
        }
    }

    fn step(&mut self) {
        let Some(found) = self.changeable(Ty::is_number) else {
            return self.print();
        };
        let name = found.name;
        if let Some(target) = self.changeable(|ty| *ty == found.ty)
            && self.random.percent(40)
        {
            let value = match self.random.below(4) {
                0 => format!("{name}++"),
                1 => format!("--{name}"),
                2 => format!("{name}--"),
                _ => format!("++{name}"),
            };
            return self.line(&format!("{} = {value};", target.name));
        }
        let op = *self.random.of(&["++", "--"]);
        if self.random.percent(50) {
            self.line(&format!("{name}{op};"));
        } else {
            self.line(&format!("{op}{name};"));
        }
    }

    /// A change of a collection or of an element.
    fn mutation(&mut self) {
        let found = self.changeable(|ty| {
            matches!(
                ty,
                Ty::List(_) | Ty::Set(_) | Ty::Bag(_) | Ty::Map(..) | Ty::Array(..)
            )
        });
        let Some(found) = found else {
            return self.assignment();
        };
        let name = found.name;
        let room = format!("if (length ({name}) < {LENGTH_MAX}) ");
        match &found.ty {
            Ty::List(of) => {
                let (value, index) = (self.expr(of, 1), self.index());
                let line = match self.random.below(8) {
                    0..4 => format!("{room}{name}.append ({value});"),
                    4 => format!("{room}{name}.insert ({index}, {value});"),
                    5 => format!("{name}.remove ({index});"),
                    6 => format!("{name}[{index}] = {value};"),
                    _ if self.random.percent(20) => format!("{name}.clear ();"),
                    _ => format!("{room}{name}.append ({value});"),
                };
                self.line(&line);
            }
            Ty::Set(of) | Ty::Bag(of) => {
                let value = self.expr(of, 1);
                let line = match self.random.below(5) {
                    0 => format!("{name}.remove ({value});"),
                    _ => format!("{room}{name}.insert ({value});"),
                };
                self.line(&line);
            }
            Ty::Map(key, of) => {
                let key = if self.random.percent(60) {
                    self.leaf_of_key(key)
                } else {
                    self.expr(key, 1)
                };
                let value = self.expr(of, 1);
                let line = match self.random.below(6) {
                    0 => format!("{name}.remove ({key});"),
                    1 | 2 => format!("{room}{name}.set ({key}, {value});"),
                    3 if of.is_number() => format!("{name}[{key}] += {value};"),
                    _ => format!("{room}{name}[{key}] = {value};"),
                };
                self.line(&line);
            }
            Ty::Array(of, _) => {
                let (value, index) = (self.expr(of, 2), self.index());
                let op = if of.is_number() && self.random.percent(30) {
                    "+="
                } else {
                    "="
                };
                self.line(&format!("{name}[{index}] {op} {value};"));
            }
            _ => {}
        }
    }

    fn field_assignment(&mut self) {
        let found = self.class_variable();
        let Some((name, id)) = found.filter(|_| !self.pure) else {
            return self.assignment();
        };
        let fields = self.classes[id].fields.clone();
        let (field, ty) = self.random.of(&fields).clone();
        let place = format!("{name}->{field}");
        let room = format!("if (length ({place}) < {LENGTH_MAX}) ");
        match &ty {
            Ty::Text => {
                let value = self.expr(&ty, 1);
                self.line(&format!("if (length ({place}) < 30) {place} = {value};"));
            }
            Ty::Array(of, _) => {
                let (value, index) = (self.expr(of, 1), self.index());
                self.line(&format!("{place}[{index}] = {value};"));
            }
            Ty::List(of) if self.random.percent(75) => {
                let value = self.expr(of, 1);
                self.line(&format!("{room}{place}.append ({value});"));
            }
            Ty::Set(of) if self.random.percent(75) => {
                let value = self.expr(of, 1);
                let method = *self.random.of(&["insert", "insert", "remove"]);
                self.line(&format!("{room}{place}.{method} ({value});"));
            }
            number if number.is_number() && self.random.percent(40) => {
                let value = self.expr(&ty, 1);
                self.line(&format!("{place} += {value};"));
            }
            _ => {
                let value = self.expr(&ty, 1);
                self.line(&format!("{place} = {value};"));
            }
        }
    }

    fn call_statement(&mut self) {
        let ty = self.simple();
        for ty in [Ty::Void, ty] {
            if let Some(call) = self.call_of(&ty, 1) {
                return self.line(&format!("{call};"));
            }
        }
        self.assignment();
    }

    fn print(&mut self) {
        let (a, b) = (self.simple(), self.any());
        let first = self.expr(&a, 2);
        let second = match &b {
            simple if simple.is_simple() || *simple == Ty::Boolean => self.expr(&b, 2),
            Ty::Array(..) => "\"-\"".to_owned(),
            other => {
                let value = self.leaf(other);
                self.show(&value, other)
            }
        };
        let method = *self.random.of(&["println", "println", "print"]);
        self.line(&format!("{method} (\"{{}} {{}};\", {first}, {second});"));
    }
}
