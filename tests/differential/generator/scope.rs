//! What can be named where an expression stands.

use super::Generator;
use super::ty::Ty;

/// A variable, parameter, attribute of `this` or constant.
#[derive(Clone, Debug)]
pub struct Variable {
    pub name: String,
    pub ty: Ty,
    pub is_field: bool,
    pub is_constant: bool,
}

impl Generator {
    pub fn declare(&mut self, name: &str, ty: &Ty) {
        self.scope.push(Variable {
            name: name.to_owned(),
            ty: ty.clone(),
            is_field: false,
            is_constant: false,
        });
    }

    /// The variables that are not hidden by inner ones.
    fn visible(&self) -> Vec<Variable> {
        let mut visible: Vec<Variable> = Vec::new();
        for variable in self.scope.iter().rev() {
            if !visible.iter().any(|known| known.name == variable.name) {
                visible.push(variable.clone());
            }
        }
        visible
    }

    fn pick(&mut self, fits: impl Fn(&Variable) -> bool) -> Option<Variable> {
        let fitting: Vec<Variable> = self.visible().into_iter().filter(fits).collect();
        (!fitting.is_empty()).then(|| self.random.of(&fitting).clone())
    }

    /// A variable of exactly the type.
    pub fn variable(&mut self, ty: &Ty) -> Option<String> {
        self.pick(|variable| variable.ty == *ty)
            .map(|found| found.name)
    }

    /// A variable that may be changed here.
    pub fn changeable(&mut self, fits: impl Fn(&Ty) -> bool) -> Option<Variable> {
        let pure = self.pure;
        self.pick(|one| {
            let fixed = one.is_constant || (pure && one.is_field);
            !fixed && fits(&one.ty)
        })
    }

    /// A variable of the type, or a part of one.
    pub fn stored(&mut self, ty: &Ty) -> Option<String> {
        let mut ways: Vec<(String, Option<Ty>)> = Vec::new();
        let mut fields: Vec<String> = Vec::new();
        for variable in self.visible() {
            let name = &variable.name;
            match &variable.ty {
                own if own == ty => ways.push((name.clone(), None)),
                Ty::List(of) | Ty::Array(of, _) if **of == *ty => {
                    ways.push((name.clone(), Some(Ty::Void)));
                }
                Ty::Map(key, of) if **of == *ty => {
                    ways.push((name.clone(), Some((**key).clone())));
                }
                Ty::Class(id) => {
                    for (field, of) in &self.classes[*id].fields {
                        if of == ty {
                            fields.push(format!("{name}->{field}"));
                        }
                    }
                }
                Ty::Error if *ty == Ty::Int => fields.push(format!("{name}.code")),
                Ty::Error if *ty == Ty::Text => fields.push(format!("{name}.message")),
                _ => {}
            }
        }
        if !fields.is_empty() && (ways.is_empty() || self.random.percent(35)) {
            return Some(self.random.of(&fields).clone());
        }
        if ways.is_empty() {
            return None;
        }
        let (name, key) = self.random.of(&ways).clone();
        Some(match key {
            None => name,
            Some(Ty::Void) => match self.random.below(5) {
                _ if !self.is_list(&name) => format!("{name}[{}]", self.index()),
                0 => format!("{name}.first ()"),
                1 => format!("{name}.last ()"),
                _ => format!("{name}[{}]", self.index()),
            },
            Some(key) => {
                let key = self.leaf_of_key(&key);
                match self.random.below(2) {
                    0 => format!("{name}[{key}]"),
                    _ => format!("{name}.get ({key})"),
                }
            }
        })
    }

    fn is_list(&self, name: &str) -> bool {
        let variable = self.scope.iter().rev().find(|one| one.name == name);
        variable.is_some_and(|one| matches!(one.ty, Ty::List(_)))
    }

    /// A key that a map may have: no part of anything, so that this ends.
    pub fn leaf_of_key(&mut self, ty: &Ty) -> String {
        match self.variable(ty) {
            Some(name) if self.random.percent(50) => name,
            _ => match ty {
                Ty::Int => self.random.between(0, 3).to_string(),
                Ty::Text => format!("\"{}\"", self.random.of(&["a", "bc", "grün"])),
                Ty::Char => format!("'{}'", self.random.of(&['a', 'z', 'ö'])),
                Ty::Enum(id) => {
                    let values = self.enums[*id].1.clone();
                    self.random.of(&values).clone()
                }
                other => format!("({}) {}", self.name_of(other), self.random.between(0, 3)),
            },
        }
    }

    /// Something that `length` counts.
    pub fn countable(&mut self) -> Option<String> {
        let found = self.pick(|one| {
            matches!(
                one.ty,
                Ty::List(_) | Ty::Set(_) | Ty::Bag(_) | Ty::Map(..) | Ty::Array(..) | Ty::Class(_)
            )
        });
        found.map(|found| found.name)
    }

    /// Something that `contains`, and what of.
    pub fn holder(&mut self) -> Option<(String, Ty)> {
        let found =
            self.pick(|one| matches!(one.ty, Ty::List(_) | Ty::Set(_) | Ty::Bag(_) | Ty::Map(..)))?;
        let of = match &found.ty {
            Ty::List(of) | Ty::Set(of) | Ty::Bag(of) => (**of).clone(),
            Ty::Map(key, _) => (**key).clone(),
            other => other.clone(),
        };
        Some((found.name, of))
    }

    /// A variable with a class.
    pub fn class_variable(&mut self) -> Option<(String, usize)> {
        let found = self.pick(|one| matches!(one.ty, Ty::Class(_)))?;
        match found.ty {
            Ty::Class(id) => Some((found.name, id)),
            _ => None,
        }
    }

    /// Something a loop may go through, and what of.
    pub fn iterable(&mut self) -> Option<(String, Ty)> {
        let found = self.pick(|one| {
            matches!(
                one.ty,
                Ty::List(_)
                    | Ty::Set(_)
                    | Ty::Bag(_)
                    | Ty::Map(..)
                    | Ty::Array(..)
                    | Ty::Class(_)
                    | Ty::Text
            )
        })?;
        let of = match &found.ty {
            Ty::List(of) | Ty::Set(of) | Ty::Bag(of) | Ty::Array(of, _) => (**of).clone(),
            Ty::Map(key, _) => (**key).clone(),
            Ty::Text => Ty::Char,
            other => other.clone(),
        };
        Some((found.name, of))
    }
}
