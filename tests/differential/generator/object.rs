//! Objects and calls in expressions.

use super::ty::Ty;
use super::{Generator, Signature};

impl Generator {
    /// `new C (…)` with one of its constructors.
    pub fn new_object(&mut self, id: usize, depth: usize) -> String {
        let name = self.classes[id].name.clone();
        let constructors = self.classes[id].constructors.clone();
        let parameters = self.random.of(&constructors).clone();
        let arguments: Vec<String> = parameters
            .iter()
            .map(|ty| match ty {
                Ty::Class(_) => self.stored(ty).unwrap_or_else(|| "null".to_owned()),
                other => self.expr(other, depth),
            })
            .collect();
        format!("new {name} ({})", arguments.join(", "))
    }

    pub fn new_object_of(&mut self, ty: &Ty) -> String {
        match ty {
            Ty::Class(id) => format!("({})", self.new_object(*id, 0)),
            _ => self.leaf(ty),
        }
    }

    /// The classes that derive from one, itself included.
    fn derived(&self, id: usize) -> Vec<usize> {
        let mut found = vec![id];
        for (candidate, shape) in self.classes.iter().enumerate() {
            if shape.base.is_some_and(|base| found.contains(&base)) {
                found.push(candidate);
            }
        }
        found
    }

    /// A reference to an object, or to several.
    pub fn object(&mut self, ty: &Ty, depth: usize) -> String {
        let Ty::Class(id) = ty else {
            return self.leaf(ty);
        };
        let derived = self.derived(*id);
        match self.random.below(8) {
            0..3 => {
                let class = *self.random.of(&derived);
                self.new_object(class, depth - 1)
            }
            3 => {
                let class = *self.random.of(&derived);
                let count = 1 + self.random.below(3);
                format!("{} [{count}]", self.new_object(class, 0))
            }
            4 => {
                // A cast to a class that the object may not have.
                let mut root = *id;
                while let Some(base) = self.classes[root].base {
                    root = base;
                }
                let value = self.stored(&Ty::Class(root));
                match value {
                    Some(value) => format!("({}) ({value})", self.name_of(ty)),
                    None => self.leaf(ty),
                }
            }
            5 => match self.variable(ty) {
                Some(name) => format!("{name}[{}]", self.index()),
                None => self.leaf(ty),
            },
            _ => {
                let class = *self.random.of(&derived);
                self.stored(&Ty::Class(class))
                    .unwrap_or_else(|| self.leaf(ty))
            }
        }
    }

    /// A call with the result, if there is something to call.
    pub fn call_of(&mut self, ty: &Ty, depth: usize) -> Option<String> {
        if self.loops > 1 {
            return None;
        }
        let pure = self.pure;
        let fits = |one: &Signature| one.result == *ty && (one.pure || !pure);
        let mut ways: Vec<(String, Signature)> = Vec::new();
        for function in self
            .functions
            .iter()
            .chain(&self.own)
            .filter(|one| fits(one))
        {
            ways.push((String::new(), function.clone()));
        }
        if let Some((name, id)) = self.class_variable() {
            for (index, method) in self.classes[id].methods.iter().enumerate() {
                if index < self.limit && fits(method) {
                    ways.push((format!("{name}->"), method.clone()));
                }
            }
        }
        if ways.is_empty() {
            return None;
        }
        let (object, signature) = self.random.of(&ways).clone();
        Some(format!("{object}{}", self.call(&signature, depth)))
    }

    /// `f (a, b)`
    pub fn call(&mut self, signature: &Signature, depth: usize) -> String {
        let is_overloaded = signature.name.starts_with("over");
        let arguments: Vec<String> = signature
            .parameters
            .iter()
            .map(|ty| {
                let value = self.expr(ty, depth);
                if is_overloaded && ty.is_number() {
                    format!("({}) ({value})", self.name_of(ty))
                } else if is_overloaded && *ty == Ty::Text {
                    format!("({value} + \"\")")
                } else {
                    value
                }
            })
            .collect();
        format!("{} ({})", signature.name, arguments.join(", "))
    }

    /// The function that gives an empty value of a type.
    pub fn empty_of(&mut self, ty: &Ty) -> String {
        let known = self.empties.iter().position(|known| known == ty);
        let index = known.unwrap_or_else(|| {
            self.empties.push(ty.clone());
            self.empties.len() - 1
        });
        format!("empty_{index}")
    }

    /// What shows a value.
    pub fn show(&mut self, value: &str, ty: &Ty) -> String {
        if ty.is_simple() || *ty == Ty::Boolean {
            return value.to_owned();
        }
        if let Ty::Class(_) = ty {
            return format!("tag_of ({value})");
        }
        if let Ty::Array(of, size) = ty {
            let parts: Vec<String> = (0..*size)
                .map(|index| self.show(&format!("{value}[{index}]"), of))
                .collect();
            let holes = vec!["{}"; *size].join(",");
            return format!("format (\"{holes}\", {})", parts.join(", "));
        }
        let known = self.shown.iter().position(|known| known == ty);
        let index = known.unwrap_or_else(|| {
            self.shown.push(ty.clone());
            self.shown.len() - 1
        });
        format!("show_{index} ({value})")
    }

    /// The functions that were asked for; showing one collection may need another's.
    pub fn helpers(&mut self) {
        for index in 0..self.empties.len() {
            let name = self.name_of(&self.empties[index].clone());
            self.open(&format!("{name} empty_{index} ()"));
            self.line(&format!("{name} empty;"));
            self.line("return empty;");
            self.close();
        }
        let mut index = 0;
        while let Some(ty) = self.shown.get(index).cloned() {
            let name = self.name_of(&ty);
            self.open(&format!("string show_{index} ({name} all)"));
            match &ty {
                Ty::Error => self.line("return format (\"{}:{}\", all.code, all.message);"),
                Ty::Map(key, of) => {
                    let (first, second) = (self.show("key", key), self.show("all[key]", of));
                    self.shown_parts(key, "key", &format!("{{}}={{}},\", {first}, {second}"));
                }
                Ty::List(of) | Ty::Set(of) | Ty::Bag(of) => {
                    let part = self.show("one", of);
                    self.shown_parts(of, "one", &format!("{{}},\", {part}"));
                }
                _ => self.line("return \"\";"),
            }
            self.close();
            index += 1;
        }
    }

    fn shown_parts(&mut self, of: &Ty, name: &str, template: &str) {
        self.line("string text;");
        let of = self.name_of(of);
        self.line(&format!(
            "for ({of} {name} : all) text += format (\"{template});"
        ));
        self.line("return \"[\" + text + \"]\";");
    }
}
