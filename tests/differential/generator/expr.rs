//! Expressions of a type that is asked for.

use super::Generator;
use super::ty::{INTEGERS, Ty};

const WORDS: [&str; 8] = ["", "a", "bc", "grün", "x-y", "Zoo", "ümlaut", "0"];
const CHARS: [char; 6] = ['a', 'z', 'Q', 'ö', '0', '-'];

impl Generator {
    /// An expression of the type, or of one that widens to it.
    pub fn expr(&mut self, ty: &Ty, depth: usize) -> String {
        if depth == 0 || self.random.percent(25) {
            return self.leaf(ty);
        }
        if self.random.percent(12) {
            let condition = self.expr(&Ty::Boolean, depth - 1);
            let (yes, no) = (self.exact(ty, depth - 1), self.exact(ty, depth - 1));
            return format!("({condition} ? {yes} : {no})");
        }
        if self.random.percent(14)
            && let Some(call) = self.call_of(ty, depth - 1)
        {
            return call;
        }
        match ty {
            ty if ty.is_integer() => self.integer(ty, depth),
            Ty::Float | Ty::Double => self.real(ty, depth),
            Ty::Boolean => self.boolean(depth),
            Ty::Text => self.text(depth),
            Ty::Char => match self.random.below(3) {
                0 => format!("({})[{}]", self.expr(&Ty::Text, depth - 1), self.index()),
                1 => format!("(char) ({})", self.expr(&Ty::Int, depth - 1)),
                _ => self.leaf(ty),
            },
            Ty::Enum(id) => match self.random.below(2) {
                0 => {
                    let name = self.enums[*id].0.clone();
                    format!("({name}) ({})", self.expr(&Ty::Int, depth - 1))
                }
                _ => self.leaf(ty),
            },
            Ty::Class(_) => self.object(ty, depth),
            _ => self.leaf(ty),
        }
    }

    /// An expression of exactly the type.
    fn exact(&mut self, ty: &Ty, depth: usize) -> String {
        let value = self.expr(ty, depth);
        if ty.is_number() {
            return format!("({}) ({value})", self.name_of(ty));
        }
        match ty {
            Ty::Class(_) => self.leaf(ty),
            _ => value,
        }
    }

    /// A small index, which is mostly in range.
    pub fn index(&mut self) -> String {
        if self.random.percent(30)
            && let Some(name) = self.variable(&Ty::Int)
        {
            return name;
        }
        match self.random.below(12) {
            0..6 => "0".to_owned(),
            6..9 => "1".to_owned(),
            9 => "2".to_owned(),
            10 => "-1".to_owned(),
            _ => "7".to_owned(),
        }
    }

    fn literal(&mut self, ty: &Ty) -> String {
        let (least, greatest) = ty.range();
        let value = match self.random.below(14) {
            0 => greatest,
            1 if least < 0 => least + 1,
            2 => 0,
            3 => 100,
            _ => self.random.between(0, 12).into(),
        };
        if value < 0 {
            format!("({value})")
        } else {
            value.to_string()
        }
    }

    fn real_literal(&mut self) -> String {
        let all = [
            "0.0",
            "1.0",
            "2.5",
            "0.1",
            "1e10",
            "3.0e-7",
            "123456.789",
            "7.25",
        ];
        (*self.random.of(&all)).to_owned()
    }

    /// A variable, a part of one, or a literal.
    pub fn leaf(&mut self, ty: &Ty) -> String {
        if self.random.percent(65)
            && let Some(name) = self.stored(ty)
        {
            return name;
        }
        match ty {
            Ty::Int | Ty::Long => self.literal(ty),
            ty if ty.is_integer() => format!("({}) {}", self.name_of(ty), self.literal(ty)),
            Ty::Float => format!("(float) {}", self.real_literal()),
            Ty::Double => self.real_literal(),
            Ty::Boolean => if self.random.percent(50) {
                "true"
            } else {
                "false"
            }
            .to_owned(),
            Ty::Char => format!("'{}'", self.random.of(&CHARS)),
            Ty::Text => format!("\"{}\"", self.random.of(&WORDS)),
            Ty::Error if self.random.percent(40) => "ok".to_owned(),
            Ty::Error => {
                let word = *self.random.of(&WORDS);
                format!("error ({}, \"{word}\")", self.literal(&Ty::Octet))
            }
            Ty::Enum(id) => {
                let values = self.enums[*id].1.clone();
                self.random.of(&values).clone()
            }
            Ty::Class(id) => {
                if self.random.percent(8) {
                    return "null".to_owned();
                }
                self.new_object(*id, 0)
            }
            // A collection has no literal: an empty one is a function's.
            other => {
                let name = self.empty_of(other);
                format!("{name} ()")
            }
        }
    }

    /// A binary operator on whole numbers, and what else gives one.
    fn integer(&mut self, ty: &Ty, depth: usize) -> String {
        let depth = depth - 1;
        match self.random.below(16) {
            0..8 => {
                let op = *self
                    .random
                    .of(&["+", "-", "*", "/", "%", "&", "|", "^", "+", "-"]);
                let (a, b) = (self.operand(ty, depth), self.operand(ty, depth));
                format!("({a} {op} {b})")
            }
            8 => {
                let op = if self.random.percent(50) { "<<" } else { ">>" };
                let a = self.operand(ty, depth);
                let bits = match self.random.below(6) {
                    0 => self.expr(&Ty::Int, depth),
                    _ => self.random.below(18).to_string(),
                };
                format!("({a} {op} {bits})")
            }
            9 => {
                let (least, _) = ty.range();
                let op = match self.random.below(3) {
                    0 if least < 0 => "-",
                    1 => "+",
                    _ => "~",
                };
                let value = self.stored(ty).unwrap_or_else(|| self.leaf(ty));
                format!("({op}({value}))")
            }
            10 | 11 => {
                let from = match self.random.below(4) {
                    0 => Ty::Double,
                    1 => Ty::Char,
                    2 => Ty::Enum(self.random.below(self.enums.len())),
                    _ => self.random.of(&INTEGERS).clone(),
                };
                let value = self.expr(&from, depth);
                format!("({}) ({value})", self.name_of(ty))
            }
            12 => {
                let function = *self.random.of(&["min", "max"]);
                let (a, b) = (self.operand(ty, depth), self.operand(ty, depth));
                format!("{function} ({a}, {b})")
            }
            13 if matches!(ty, Ty::Int | Ty::Long) => {
                let text = self.expr(&Ty::Text, depth);
                format!("length ({text})")
            }
            14 if matches!(ty, Ty::Int | Ty::Long) => match self.countable() {
                Some(name) => format!("length ({name})"),
                None => self.leaf(ty),
            },
            15 => format!("abs ({})", self.operand(ty, depth)),
            _ => self.leaf(ty),
        }
    }

    /// An operand that meets the others in a type that widens to this one.
    fn operand(&mut self, ty: &Ty, depth: usize) -> String {
        let narrower = ty.narrower();
        if !narrower.is_empty() && self.random.percent(30) {
            let ty = self.random.of(narrower).clone();
            if let Some(name) = self.stored(&ty) {
                return name;
            }
        }
        self.expr(ty, depth)
    }

    fn real(&mut self, ty: &Ty, depth: usize) -> String {
        let depth = depth - 1;
        match self.random.below(8) {
            0..5 => {
                let op = *self.random.of(&["+", "-", "*", "/"]);
                let (a, b) = (self.expr(ty, depth), self.operand(ty, depth));
                // Whole numbers alone would divide as such, and meet in what does not widen.
                let name = self.name_of(ty);
                format!("(({name}) ({a}) {op} ({name}) ({b}))")
            }
            5 if *ty == Ty::Double => {
                let function = *self.random.of(&["sqrt", "floor", "ceil", "round", "trunc"]);
                format!("{function} ({})", self.expr(&Ty::Double, depth))
            }
            6 => {
                let from = self.random.of(&INTEGERS).clone();
                format!("({}) ({})", self.name_of(ty), self.expr(&from, depth))
            }
            _ => self.leaf(ty),
        }
    }

    fn boolean(&mut self, depth: usize) -> String {
        let depth = depth - 1;
        match self.random.below(12) {
            0..5 => {
                let ty = self.simple();
                let op = *self.random.of(&["<", "<=", ">", ">=", "==", "!="]);
                let (a, b) = (self.exact(&ty, depth), self.exact(&ty, depth));
                format!("({a} {op} {b})")
            }
            5 | 6 => {
                let op = *self.random.of(&["&&", "||", "&", "|", "^"]);
                let (a, b) = (
                    self.expr(&Ty::Boolean, depth),
                    self.expr(&Ty::Boolean, depth),
                );
                format!("({a} {op} {b})")
            }
            7 => format!("!({})", self.expr(&Ty::Boolean, depth)),
            8 if !self.classes.is_empty() => {
                let class = self.class_type();
                let (a, b) = (self.leaf(&class), self.leaf(&class));
                let b = if self.random.percent(40) {
                    "null".to_owned()
                } else {
                    b
                };
                format!(
                    "({} == {b})",
                    if a == "null" {
                        self.new_object_of(&class)
                    } else {
                        a
                    }
                )
            }
            9 => {
                let (a, b) = (self.expr(&Ty::Text, depth), self.leaf(&Ty::Text));
                let method = *self.random.of(&["contains", "starts_with", "ends_with"]);
                format!("({a}).{method} ({b})")
            }
            10 => match self.holder() {
                Some((name, key)) => {
                    let key = self.expr(&key, depth);
                    format!("{name}.contains ({key})")
                }
                None => self.leaf(&Ty::Boolean),
            },
            _ => format!("is_nan ({})", self.expr(&Ty::Double, depth)),
        }
    }

    fn text(&mut self, depth: usize) -> String {
        let depth = depth - 1;
        match self.random.below(10) {
            0..3 => {
                let (a, b) = (self.expr(&Ty::Text, depth), self.leaf(&Ty::Text));
                format!("({a} + {b})")
            }
            3..6 => {
                let (a, b) = (self.simple(), self.simple());
                let (a, b) = (self.expr(&a, depth), self.expr(&b, depth));
                format!("format (\"{{}}/{{}}\", {a}, {b})")
            }
            6 => {
                let text = self.expr(&Ty::Text, depth);
                format!("({text}).substring ({}, {})", self.index(), self.index())
            }
            7 => {
                let method = *self.random.of(&["upper", "lower", "trim"]);
                format!("({}).{method} ()", self.expr(&Ty::Text, depth))
            }
            8 => {
                let ty = self.simple();
                format!("to_string ({})", self.expr(&ty, depth))
            }
            _ => self.leaf(&Ty::Text),
        }
    }
}
